package verify

import (
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/forest"
)

// maxParents is up to how many nodes a tree's parents are listed; above it, a node that the walk by numbers does not find
// is left alone.
const maxParents = 1 << 22

// pather finds the way from a tree's root to a node, and the values that a row must have to go it.
type pather struct {
	f       *forest.Forest
	tree    *forest.Tree
	parents []int32 // of tree; nil: not listed yet
	path    []int32 // from the root to the node, both included

	// What the path asks of each feature: lo < x <= hi, or NaN. Only those in touched differ from anything goes.
	lo, hi  []float64
	nan     []bool
	touched []int32
	sets    map[int32][]inSet // of features that splits by categories ask for
}

// inSet is that a value must be, or must not be, one of a set's categories.
type inSet struct {
	set []float64
	in  bool
}

func newPather(f *forest.Forest) *pather {
	p := &pather{f: f, lo: make([]float64, f.Features), hi: make([]float64, f.Features), nan: make([]bool, f.Features)}
	for j := range p.lo {
		p.lo[j], p.hi[j], p.nan[j] = math.Inf(-1), math.Inf(1), true
	}
	return p
}

// to finds the path to a node of a tree.
func (p *pather) to(tree *forest.Tree, node int32) bool {
	if p.tree != tree {
		p.tree, p.parents = tree, nil
	}
	if p.byNumber(node) {
		return true
	}
	if tree.Len() > maxParents {
		return false
	}
	if p.parents == nil {
		p.parents = make([]int32, tree.Len())
		for i := range int32(tree.Len()) {
			if !tree.IsLeaf(i) {
				p.parents[tree.Left[i]], p.parents[tree.Right[i]] = i, i
			}
		}
	}
	p.path = append(p.path[:0], node)
	for i := node; i != 0; {
		i = p.parents[i]
		p.path = append(p.path, i)
	}
	for a, b := 0, len(p.path)-1; a < b; a, b = a+1, b-1 {
		p.path[a], p.path[b] = p.path[b], p.path[a]
	}
	return true
}

// byNumber walks down in a tree that was numbered depth first, as scikit-learn numbers trees unless max_leaf_nodes is
// set: what stands under the left child has smaller numbers than the right child.
func (p *pather) byNumber(node int32) bool {
	t, i := p.tree, int32(0)
	p.path = append(p.path[:0], 0)
	for i != node {
		if t.IsLeaf(i) || i > node {
			return false
		}
		l, r := t.Left[i], t.Right[i]
		if l < r && node < r || l > r && node >= l {
			i = l
		} else {
			i = r
		}
		p.path = append(p.path, i)
	}
	return true
}

// bounds sets what the path asks of each feature.
func (p *pather) bounds() {
	for _, f := range p.touched {
		p.lo[f], p.hi[f], p.nan[f] = math.Inf(-1), math.Inf(1), true
	}
	p.touched = p.touched[:0]
	p.sets = nil
	for k := 0; k+1 < len(p.path); k++ {
		i := p.path[k]
		f, left := p.tree.Feature[i], p.tree.Left[i] == p.path[k+1]
		p.touched = append(p.touched, f)
		if set := p.tree.Set(i); set != nil {
			if p.sets == nil {
				p.sets = map[int32][]inSet{}
			}
			p.sets[f] = append(p.sets[f], inSet{set, left})
		} else if left {
			p.hi[f] = min(p.hi[f], p.tree.Threshold[i])
		} else {
			p.lo[f] = max(p.lo[f], p.tree.Threshold[i])
		}
		p.nan[f] = p.nan[f] && left == p.tree.MissingLeft(i)
	}
}

// allows tells whether a row with value v for feature f goes the path.
func (p *pather) allows(f int32, v float64) bool {
	v = p.f.Input.Round(v)
	if v != v {
		return p.nan[f] && !p.f.RefusesNaN
	}
	for _, s := range p.sets[f] {
		if _, in := slices.BinarySearch(s.set, v); in != s.in {
			return false
		}
	}
	// Minus infinity is on the left of everything, but not above lo = -infinity.
	return (v > p.lo[f] || math.IsInf(p.lo[f], -1)) && v <= p.hi[f]
}

// choose is a value that the path allows; where the tree rounds rows to float32, one that rounding leaves alone. NaN is
// chosen only where no number will do.
func (p *pather) choose(f int32) (float64, bool) {
	lo, hi := p.lo[f], p.hi[f]
	var middle float64
	switch {
	case math.IsInf(lo, -1) && math.IsInf(hi, 1):
	case math.IsInf(lo, -1):
		middle = hi - 1
	case math.IsInf(hi, 1):
		middle = lo + 1
	default:
		middle = lo/2 + hi/2
	}
	for _, s := range p.sets[f] {
		for _, v := range aroundSet(s.set) {
			if p.allows(f, v) {
				return v, true
			}
		}
	}
	for _, v := range [...]float64{middle, hi, floor32(hi), math.Nextafter(lo, math.Inf(1)), math.NaN()} {
		if v = p.f.Input.Round(v); p.allows(f, v) {
			return v, true
		}
	}
	return 0, false
}

// floor32 is the largest float32 that is not above v.
func floor32(v float64) float64 {
	f := float32(v)
	if float64(f) > v {
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return float64(f)
}
