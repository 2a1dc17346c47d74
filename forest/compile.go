package forest

import (
	"math"
	"slices"
)

// split is an inner node of a compiled tree, 16 bytes where rows are float32 and 24 where they are float64. Leaves are no nodes.
type split[K key] struct {
	limit  K        // a row goes left where its key is not above this
	column int32    // of the row's keys
	child  [2]int32 // left and right: the place of a split, or ^end of a leaf
}

// program is a forest whose splits stand in one list, tree by tree. Every split compares with a limit: a NaN that goes left is a key
// of its own, in a second set of columns, and a set of categories is a small search tree.
type program[K key] struct {
	keying[K]
	input  Precision
	splits []split[K]
	roots  []int32 // of each tree, as a child
	// Columns of keys: the row's; where some split sends NaN left, once more with NaN as the smallest.
	features, columns int
}

// end says what stands for a leaf.
type end func(t *Tree, leaf int32) int32

func endRow(t *Tree, leaf int32) int32  { return t.Left[leaf] }
func endLeaf(_ *Tree, leaf int32) int32 { return leaf }

// compile is nil where the program would be larger than 32 bits can number or, through sets that many splits share, than the forest
// gives reason for.
func compile[K key](f *Forest, as keying[K], end end) *program[K] {
	p := &program[K]{keying: as, input: f.Input, features: f.Features, columns: f.Features}
	splits, inSets := 0, 0
	for k := range f.Trees {
		t := &f.Trees[k]
		splits += t.Len() - t.Leaves()
		for _, set := range t.Sets {
			inSets += len(set)
		}
	}
	most := splits + 4*inSets
	if most > math.MaxInt32 || 2*f.Features > math.MaxInt32 {
		return nil
	}
	p.splits = make([]split[K], 0, splits)
	p.roots = make([]int32, len(f.Trees))
	var places []int32
	for k := range f.Trees {
		if places = p.add(&f.Trees[k], end, places[:0], most); places == nil {
			return nil
		}
		p.roots[k] = places[0]
	}
	return p
}

// add appends a tree's splits in the order of its nodes. places is room for each node's place among them; nil comes back where there
// would be more splits than most.
func (p *program[K]) add(t *Tree, end end, places []int32, most int) []int32 {
	own := len(p.splits)
	next := int32(own)
	for i, feature := range t.Feature {
		if feature < 0 {
			places = append(places, ^end(t, int32(i)))
		} else {
			places = append(places, next)
			next++
		}
	}
	p.splits = slices.Grow(p.splits, int(next)-own)[:next] // search trees stand behind the tree's own
	for i, feature := range t.Feature {
		if feature < 0 {
			continue
		}
		s := split[K]{column: feature, child: [2]int32{places[t.Left[i]], places[t.Right[i]]}}
		missingLeft := t.MissingLeft(int32(i))
		if missingLeft {
			s.column += int32(p.features)
			p.columns = 2 * p.features
		}
		if set := t.Set(int32(i)); set == nil {
			s.limit = p.limit(t.Threshold[i])
		} else if s = p.search(s, p.ranges(set, missingLeft, s.child)); len(p.splits) > most {
			return nil
		}
		p.splits[own] = s
		own++
	}
	return places
}

// span is a run of keys, from behind the span before it up to limit, that go one way.
type span[K key] struct {
	limit K
	child int32
}

// ranges are the spans of all keys in turn: those of a set's categories go to child[0], what lies between them to child[1].
func (p *program[K]) ranges(set []float64, missingLeft bool, child [2]int32) []span[K] {
	var spans []span[K]
	if missingLeft {
		spans = append(spans, span[K]{p.first, child[0]})
	}
	for _, v := range set {
		if p.input.Round(v) != v {
			continue // no row equals it
		}
		k := p.limit(v)
		spans = append(spans, span[K]{k - 1, child[1]}, span[K]{k, child[0]}) // the first is empty between neighbours
	}
	return append(spans, span[K]{p.last, child[1]})
}

// search is the split that s becomes to find the span of a key by halves; further ones are appended.
func (p *program[K]) search(s split[K], spans []span[K]) split[K] {
	half := (len(spans) - 1) / 2
	s.limit = spans[half].limit
	s.child = [2]int32{p.find(s, spans[:half+1]), p.find(s, spans[min(half+1, len(spans)-1):])}
	return s
}

// find is a child from which a key's span is found.
func (p *program[K]) find(s split[K], spans []span[K]) int32 {
	if len(spans) == 1 {
		return spans[0].child
	}
	at := len(p.splits)
	p.splits = append(p.splits, s)
	p.splits[at] = p.search(s, spans) // which may move the list
	return int32(at)
}
