package onnx

import (
	"encoding/binary"
	"maps"
	"math"
	"math/bits"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// members are the splits by categories of a forest, lowered. Sets of a feature that lie in each other, one in the next, share a column behind X,
// which is looked up in a table: it counts down to 0 for what is in none of them, so that the smallest set of three has -3, and is NaN for what
// is missing, if that goes left anywhere. A split then asks whether the column is at most halfway to the next set's number, which every version of
// the tree operators can ask, and routes NaN as before.
type members struct {
	*lowering
	f       *forest.Forest
	x       model.Ref           // what the forest compares, without the columns
	keys    map[int32][]float64 // all categories of each feature, in rising order
	missing bool                // whether a split by categories sends NaN left
	groups  []*memberGroup
}

// memberGroup are features that are looked up together. Row 0 of their tables is that of what is no category.
type memberGroup struct {
	features []int32
	first    []int // row of each feature's first category
	rows     int
	place    model.Ref // the row of each feature's value; -1 until it is made
}

func (l *lowering) membersOf(f *forest.Forest, x model.Ref) *members {
	m := &members{lowering: l, f: f, x: x, keys: map[int32][]float64{}}
	kind := l.to.types[x].Kind
	splits := map[int32]int{}
	for k := range f.Trees {
		t := &f.Trees[k]
		for i := range t.Category {
			i := int32(i)
			if t.IsLeaf(i) || t.Set(i) == nil {
				continue
			}
			feature := t.Feature[i]
			keys := m.keys[feature]
			for _, v := range t.Set(i) {
				if kind != model.Float32 || float64(float32(v)) == v { // else no x equals it
					keys = append(keys, v+0) // -0 is 0
				}
			}
			if len(keys) > 1<<16 {
				keys = distinct(keys)
			}
			m.keys[feature] = keys
			splits[feature]++
			m.missing = m.missing || t.MissingLeft(i)
		}
	}
	for feature, keys := range m.keys {
		m.keys[feature] = distinct(keys)
	}
	m.group(splits)
	return m
}

func distinct(values []float64) []float64 {
	slices.Sort(values)
	return slices.Compact(values)
}

// group puts features together as long as not much is gained by looking up some of them alone: a lookup takes as many categories and columns
// for each feature as for that which has the most.
func (m *members) group(splits map[int32]int) {
	var g *memberGroup
	type counted struct{ keys, splits int }
	var all, most counted // of the group's features
	for _, feature := range slices.Sorted(maps.Keys(m.keys)) {
		own := counted{len(m.keys[feature]), splits[feature]}
		all, most = counted{all.keys + own.keys, all.splits + own.splits}, counted{max(most.keys, own.keys), max(most.splits, own.splits)}
		if g == nil || (len(g.features)+1)*most.keys > 2*all.keys || (len(g.features)+1)*most.splits > 2*all.splits {
			g = &memberGroup{rows: 1, place: -1}
			m.groups = append(m.groups, g)
			all, most = own, own
		}
		g.features, g.first = append(g.features, feature), append(g.first, g.rows)
		g.rows += own.keys
		if m.missing {
			g.rows++
		}
	}
}

// memberColumns say what asks for a feature and set, for some trees: whether the column behind X is at most the threshold.
type memberColumns map[string]memberSplit

type memberSplit struct {
	column    int32
	threshold float64
}

func setKey(feature int32, set []float64) string {
	key := binary.LittleEndian.AppendUint32(nil, uint32(feature))
	for _, v := range set {
		key = binary.LittleEndian.AppendUint64(key, math.Float64bits(v))
	}
	return string(key)
}

// eachSet calls do for each split by categories of a tree.
func eachSet(t *forest.Tree, do func(node int32, key string, set []float64)) {
	for i := range t.Category {
		if i := int32(i); !t.IsLeaf(i) && t.Set(i) != nil {
			do(i, setKey(t.Feature[i], t.Set(i)), t.Set(i))
		}
	}
}

// columns adds the columns for some trees; wide is X with them.
func (m *members) columns(trees []int) (wide model.Ref, columns memberColumns, err error) {
	columns = memberColumns{}
	sets := map[int32][]memberSet{}
	for _, k := range trees {
		t := &m.f.Trees[k]
		eachSet(t, func(i int32, key string, set []float64) {
			if _, known := columns[key]; known {
				return
			}
			feature := t.Feature[i]
			columns[key] = memberSplit{}
			sets[feature] = append(sets[feature], m.setOf(feature, key, set))
		})
	}
	parts := []model.Ref{m.x}
	from := m.f.Features
	for _, g := range m.groups {
		chains := make([][][]memberSet, len(g.features))
		width := 0
		for i, feature := range g.features {
			chains[i] = chainsOf(sets[feature])
			width = max(width, len(chains[i]))
		}
		if width == 0 {
			continue
		}
		for i := range chains {
			for j, chain := range chains[i] {
				for k, set := range chain {
					columns[set.key] = memberSplit{int32(from + i*width + j), float64(k-len(chain)) + 0.5}
				}
			}
		}
		from += len(chains) * width
		part, err := m.looked(g, chains, width)
		if err != nil {
			return 0, nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 1 {
		return m.x, columns, nil
	}
	return m.to.add(&model.Concat{Xs: parts}), columns, nil
}

// largestMembers is the most items of a table of members: as many float64 as a file can hold.
const largestMembers = math.MaxInt32 / 8

// looked looks up the columns of a group: for each feature those of its chains, and zeros up to the width.
func (m *members) looked(g *memberGroup, chains [][][]memberSet, width int) (model.Ref, error) {
	if g.rows >= largestMembers/width || g.rows > largestIndex {
		return 0, fault.TooBigf(fault.Where{}, "", "columns for %d categories of %d features, %d each", g.rows-1, len(g.features), width)
	}
	kind := m.to.types[m.x].Kind
	rows := &model.Tensor{Kind: kind, Shape: []int{g.rows, width}, Float: make([]float64, g.rows*width)}
	for i, feature := range g.features {
		first := rows.Float[g.first[i]*width:]
		for j, chain := range chains[i] {
			for k := len(chain) - 1; k >= 0; k-- { // a smaller set's number stays
				for at, word := range chain[k].bits {
					for ; word != 0; word &= word - 1 {
						first[(at*64+bits.TrailingZeros64(word))*width+j] = float64(k - len(chain))
					}
				}
			}
		}
		if m.missing {
			missing := float64(float32(math.NaN())) // the same bits in either precision
			at := len(m.keys[feature]) * width
			for j := range width {
				first[at+j] = missing
			}
		}
	}
	if g.place < 0 {
		g.place = m.places(g)
	}
	looked := m.to.add(&model.Lookup{X: g.place, Table: rows})
	return m.to.add(&model.Reshape{X: looked, Row: []int{len(g.features) * width}}), nil
}

// places are the rows of a group's values: that of the only category that is equal is the largest of its row and zeros.
func (m *members) places(g *memberGroup) model.Ref {
	kind, n := m.to.types[m.x].Kind, 1
	for _, feature := range g.features {
		n = max(n, len(m.keys[feature]))
	}
	shape := []int{1, len(g.features), n}
	keys := &model.Tensor{Kind: kind, Shape: shape, Float: make([]float64, len(g.features)*n)}
	places := &model.Tensor{Kind: model.Float32, Shape: shape, Float: make([]float64, len(g.features)*n)}
	columns := make([]int, len(g.features))
	whenMissing := make([]float64, len(g.features))
	for i, feature := range g.features {
		columns[i] = int(feature)
		own := m.keys[feature]
		whenMissing[i] = float64(g.first[i] + len(own))
		copy(keys.Float[i*n:], own)
		for k := range own { // behind these the keys are 0, and what equals them is no category
			places.Float[i*n+k] = float64(g.first[i] + k)
		}
	}
	x := m.to.add(&model.Take{X: m.x, Columns: columns})
	upright := m.to.add(&model.Reshape{X: x, Row: []int{len(columns), 1}})
	equal := m.to.add(&model.Binary{Fn: model.Equals, A: model.Value(upright), B: model.Operand{Row: keys}})
	zero := row(model.Type{Kind: model.Float32, Row: []int{1, 1}}, 0)
	place := m.to.add(&model.Reduce{Fn: model.ReduceMax, X: m.choose(equal, model.Operand{Row: places}, zero)})
	place = m.to.add(&model.Cast{X: place, To: model.Int64})
	place = m.to.add(&model.Reshape{X: place, Row: []int{len(columns)}})
	if m.missing {
		missing := &model.Tensor{Kind: model.Int64, Shape: []int{1, len(columns)}}
		for _, v := range whenMissing {
			missing.Int = append(missing.Int, int64(v))
		}
		place = m.choose(m.isNaN(x), model.Operand{Row: missing}, model.Value(place))
	}
	return place
}

// lower puts comparisons in the place of the splits by categories.
func (columns memberColumns) lower(from, to *forest.Tree) {
	if from.Category == nil {
		return
	}
	to.Feature, to.Threshold = slices.Clone(from.Feature), slices.Clone(to.Threshold)
	eachSet(from, func(i int32, key string, _ []float64) {
		split := columns[key]
		to.Feature[i], to.Threshold[i] = split.column, split.threshold
	})
}
