package pmml

import (
	"fmt"
	"math"
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

// follow reads the nodes of the tree whose root's start was read last where they are those of a checked tree: that is faster than to
// read any tree, and then to compare it. It goes through both side by side. False where they differ, or are written otherwise than
// Write does: nothing was read then.
//
// What the children of a Node say depends on their order, since the first whose predicate is true is taken: the children behind
// one that is taken up to a threshold, or above it, stand for the other side of that split.
func (t *treeReader) follow(r *reader, b *body, to *target, e *forest.Tree) bool {
	unusual := b.strategy != "" && b.strategy != "none" || t.keep || r.empty || len(r.attrs) > 0 || len(r.open[len(r.open)-1]) != len(nodeName)
	if unusual || e.Output != forest.AllOutputs || e.Category != nil || r.nodes+e.Len() > r.lim.Nodes || !begins(r.data[r.pos:], alwaysTrue) {
		return false
	}
	const nothing = int32(-1)
	var (
		cells = r.cells
		pos   = r.pos + len(alwaysTrue)
		node  = int32(0) // what the children to come stand for
		alone = true     // none came yet
		outer = t.outer[:0]
	)
	defer func() { t.outer = outer }()
	t.forgetRows(to)
	for len(r.open)+len(outer)+2 <= r.depth {
		rest := r.data[pos:]
		if begins(rest, nodeEnd) {
			if node != nothing {
				return false
			}
			pos += len(nodeEnd)
			last := len(outer) - 1
			if last < 0 {
				r.at, r.pos, r.open = pos-len(nodeEnd), pos, r.open[:len(r.open)-1]
				r.nodes, r.cells = r.nodes+e.Len(), cells
				return true
			}
			node, outer, alone = outer[last], outer[:last], false
			continue
		}
		var k kid
		var value float64
		var class, n int
		ok := true
		leaf := begins(rest, scoredStart)
		if leaf {
			k, value, class, n = t.leafText(r, to, rest)
		} else if begins(rest, nodeStart) {
			k, n, ok = t.quickPredicate(r, rest[len(nodeStart):])
			n += len(nodeStart)
		}
		if n == 0 || !ok || node == nothing {
			return false
		}
		pos += n
		child, others := node, nothing
		if k.predicate == always {
			if alone {
				return false
			}
		} else if child, others = takes(e, node, &k); child == nothing {
			return false
		}
		alone = !leaf
		switch {
		case !leaf:
			outer = append(outer, others)
			node = child
			continue
		case !e.IsLeaf(child):
			return false
		case to.labels == nil:
			if cells++; math.Float64bits(value) != math.Float64bits(e.Row(child, 1)[0]) {
				return false
			}
		default:
			if !t.shares() || !forest.SameBits(t.row, e.Row(child, len(t.row))) {
				return false
			}
			cells += t.newCells(class)
		}
		if node = others; cells > r.lim.Cells {
			return false
		}
	}
	return false
}

// newCells is how many leaf values the row of a leaf of a class adds to those that were read: see counted.
func (t *treeReader) newCells(class int) int {
	if best := model.Largest(t.row); t.lonely(best) && class == best {
		if t.pure[best] >= 0 {
			return 0
		}
		t.pure[best] = 0
	}
	return len(t.row)
}

// takes is where a comparison sends the rows that it is true of, and the others, if it is what a split asks; -1 if it is not.
func takes(e *forest.Tree, split int32, k *kid) (child, others int32) {
	if k.feature != e.Feature[split] || math.Float64bits(k.threshold) != math.Float64bits(e.Threshold[split]) {
		return -1, -1
	}
	above := k.predicate == greaterThan
	if above != e.MissingLeft(split) {
		return -1, -1
	}
	flip := int32(0) // without a branch in machine code, which would be guessed wrongly every other time
	if above {
		flip = -1
	}
	left, right := e.Left[split], e.Right[split]
	swap := (left ^ right) & flip
	return left ^ swap, right ^ swap
}
