package pmml

import (
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// forestsOf lists a model's ensembles in the order of its steps, which is that of a file.
func forestsOf(m *model.Model) []*forest.Forest {
	if m == nil {
		return nil
	}
	var list []*forest.Forest
	for _, op := range m.Ops {
		if e, ok := op.(*model.Ensemble); ok {
			list = append(list, e.Forest)
		}
	}
	return list
}

// keep is a checked tree that stays: the expected one where they are equal, else a copy.
func (r *reader) keep(tree *forest.Tree, f *forest.Forest, k int) (forest.Tree, error) {
	if expected := r.expect(f, k); expected != nil && forest.EqualTrees(tree, expected, f.Outputs) == nil {
		return *expected, nil // it was checked
	}
	if err := tree.Check(f.Features, f.Outputs); err != nil {
		return forest.Tree{}, fault.Brokenf(fault.In(fmt.Sprintf("target %d.trees[%d]", r.ensembles-1, k)), "%v", err)
	}
	kept := *tree
	kept.Feature, kept.Left, kept.Right = slices.Clone(tree.Feature), slices.Clone(tree.Left), slices.Clone(tree.Right)
	kept.Threshold, kept.Flags, kept.Value = slices.Clone(tree.Threshold), slices.Clone(tree.Flags), slices.Clone(tree.Value)
	return kept, nil
}

// expect is the tree that stands in the place of tree k of the forest that is read; nil: none that could be equal.
func (r *reader) expect(f *forest.Forest, k int) *forest.Tree {
	if r.ensembles > len(r.expected) {
		return nil
	}
	e := r.expected[r.ensembles-1]
	if k >= len(e.Trees) || e.Outputs != f.Outputs {
		return nil
	}
	return &e.Trees[k]
}
