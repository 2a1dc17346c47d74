package forest

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/fault"
)

// Equal tells whether two checked forests are the same: the same trees in the same order, split by split and leaf value
// by leaf value, to the bit. The numbering of nodes and leaf rows is free, since formats number them in their own ways.
// The error is a *fault.Mismatch that names the first difference.
func Equal(a, b *Forest) error {
	switch {
	case a.Features != b.Features:
		return fault.Mismatchf(fault.Where{}, "%d features against %d", a.Features, b.Features)
	case a.Outputs != b.Outputs:
		return fault.Mismatchf(fault.Where{}, "%d outputs against %d", a.Outputs, b.Outputs)
	case a.Input != b.Input:
		return fault.Mismatchf(fault.Where{}, "rows rounded to %v against %v", a.Input, b.Input)
	case a.Acc != b.Acc:
		return fault.Mismatchf(fault.Where{}, "values added in %v against %v", a.Acc, b.Acc)
	case a.Combine != b.Combine:
		return fault.Mismatchf(fault.Where{}, "trees are combined otherwise")
	case a.RefusesNaN != b.RefusesNaN:
		return fault.Mismatchf(fault.Where{}, "NaN is refused by one of the two only")
	case a.RefusesInf != b.RefusesInf:
		return fault.Mismatchf(fault.Where{}, "infinity is refused by one of the two only")
	case !SameBits(a.Base, b.Base):
		return fault.Mismatchf(fault.Where{}, "base values %v against %v", a.Base, b.Base)
	case len(a.Trees) != len(b.Trees):
		return fault.Mismatchf(fault.Where{}, "%d trees against %d", len(a.Trees), len(b.Trees))
	}
	for k := range a.Trees {
		ta, tb := &a.Trees[k], &b.Trees[k]
		if ta.Output != tb.Output {
			return fault.Mismatchf(fault.In(treePath("", k)), "adds to output %d against %d", ta.Output, tb.Output)
		}
		if err := EqualTrees(ta, tb, a.RowWidth(ta)); err != nil {
			return fault.Mismatchf(fault.In(treePath("", k)), "%v", err)
		}
	}
	return nil
}

// EqualTrees is Equal for two checked trees whose leaf rows are as wide. Its error is plain, since only the caller knows where
// they stand.
func EqualTrees(a, b *Tree, rowWidth int) error {
	if a.Output != b.Output || a.Len() != b.Len() {
		return fmt.Errorf("%d nodes against %d, adding to output %d against %d", a.Len(), b.Len(), a.Output, b.Output)
	}
	if a.shares(b) {
		return nil
	}
	type pair struct{ a, b int32 }
	stack := []pair{{}}
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if a.Feature[p.a] != b.Feature[p.b] {
			return fmt.Errorf("node %d: feature %d against %d", p.a, a.Feature[p.a], b.Feature[p.b])
		}
		if a.IsLeaf(p.a) {
			if ra, rb := a.Row(p.a, rowWidth), b.Row(p.b, rowWidth); !SameBits(ra, rb) {
				return fmt.Errorf("leaf %d: %v against %v", p.a, ra, rb)
			}
			continue
		}
		sa, sb := a.Set(p.a), b.Set(p.b)
		if (sa == nil) != (sb == nil) || !SameBits(sa, sb) {
			return fmt.Errorf("node %d: categories %v against %v", p.a, sa, sb)
		}
		if ta, tb := a.Threshold[p.a], b.Threshold[p.b]; sa == nil && math.Float64bits(ta) != math.Float64bits(tb) {
			return fmt.Errorf("node %d: threshold %v against %v", p.a, ta, tb)
		}
		if a.MissingLeft(p.a) != b.MissingLeft(p.b) {
			return fmt.Errorf("node %d: NaN goes another way", p.a)
		}
		stack = append(stack, pair{a.Right[p.a], b.Right[p.b]}, pair{a.Left[p.a], b.Left[p.b]})
	}
	return nil
}

// shares tells whether all arrays of two trees are the very same memory.
func (t *Tree) shares(u *Tree) bool {
	return t.walksLike(u) && same(t.Value, u.Value)
}

// walksLike tells whether all arrays that say where a row ends are the very same memory.
func (t *Tree) walksLike(u *Tree) bool {
	return same(t.Feature, u.Feature) && same(t.Left, u.Left) && same(t.Right, u.Right) && same(t.Threshold, u.Threshold) &&
		same(t.Flags, u.Flags) && same(t.Category, u.Category) && same(t.Sets, u.Sets)
}

func same[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// SameBits tells whether two rows hold the same numbers, to the bit.
func SameBits(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		if math.Float64bits(v) != math.Float64bits(b[i]) {
			return false
		}
	}
	return true
}
