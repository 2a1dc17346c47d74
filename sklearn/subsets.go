package sklearn

import (
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/pickle"
)

// featureSubsets are the columns that each member is given: estimators_features_, of bags and isolation forests.
func featureSubsets(e *object, members int) ([][]int, error) {
	v, err := e.attr("estimators_features_")
	if err != nil {
		return nil, err
	}
	items, ok := asItems(v)
	if !ok || len(items) != members {
		return nil, e.broken("estimators_features_ are not the features of %d members", members)
	}
	in, err := inputsOf(e)
	if err != nil {
		return nil, err
	}
	subsets := make([][]int, members)
	for i, item := range items {
		if subsets[i], err = indices(item, in.features); err != nil {
			return nil, e.broken("estimators_features_[%d]: %v", i, err)
		}
	}
	return subsets, nil
}

// indices are those in an array, all of them from 0 to n-1.
func indices(v pickle.Value, n int) ([]int, error) {
	a, ok := v.(*pickle.NDArray)
	if !ok || len(a.Shape) != 1 {
		return nil, fmt.Errorf("no vector of indices")
	}
	all, err := a.Int64s()
	if err != nil {
		return nil, err
	}
	out := make([]int, len(all))
	for i, j := range all {
		if j < 0 || j >= int64(n) {
			return nil, fmt.Errorf("index %d of %d", j, n)
		}
		out[i] = int(j)
	}
	return out, nil
}

// remap makes a tree over some of the columns one over all.
func (t *tree) remap(out *forest.Tree, columns []int) error {
	if t.features != len(columns) {
		return t.broken("%d features, it is given %d", t.features, len(columns))
	}
	for i, f := range out.Feature {
		if f >= 0 {
			out.Feature[i] = int32(columns[f])
		}
	}
	return nil
}

// union are the columns that stand in at least one of the subsets, in rising order.
func union(subsets [][]int) []int {
	var all []int
	for _, s := range subsets {
		all = append(all, s...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
