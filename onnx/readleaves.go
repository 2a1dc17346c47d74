package onnx

import (
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// Leaves of TreeEnsembleRegressor and TreeEnsembleClassifier: weights in any order, for any output.

// weights reads what the leaves add.
func (r *nodeReader) weights(n *node, prefix string) error {
	trees, nodes, ids := n.ints(prefix+"_treeids"), n.ints(prefix+"_nodeids"), n.ints(prefix+"_ids")
	values, err := n.floats(prefix+"_weights", "_as_tensor")
	if err != nil {
		return err
	}
	for {
		tree, ok := trees.next()
		if !ok {
			if !trees.ended() || !nodes.ended() || !ids.ended() || !values.ended() {
				return fmt.Errorf("the lists of its leaves differ in length")
			}
			return nil
		}
		id, ok1 := nodes.next()
		output, ok2 := ids.next()
		value, ok3 := values.number()
		if !ok1 || !ok2 || !ok3 {
			return fmt.Errorf("the lists of its leaves differ in length")
		}
		k, at, ok := r.find(tree, id)
		if !ok || !r.f.Trees[k].IsLeaf(at) {
			return fmt.Errorf("a weight for node %d of tree %d, which is no leaf", id, tree)
		}
		if prefix == "class" {
			r.f.Outputs = max(r.f.Outputs, int(min(output, 1<<24))+1)
		}
		if output >= 1<<24 || int(output) >= r.f.Outputs {
			return fmt.Errorf("a weight for output %d of %d", output, r.f.Outputs)
		}
		r.entries = append(r.entries, weight{tree: int32(k), leaf: at, output: int32(output), value: value})
	}
}

// finish gives each tree its children and leaf rows. A tree whose leaves all add to the same output, once each, is one of
// single values; else leaf rows are as wide as the answer.
func (r *nodeReader) finish() error {
	f := r.f
	if len(f.Trees) == 0 {
		return fmt.Errorf("an ensemble without trees")
	}
	f.Features = max(f.Features, 1)
	room := spareItems + itemsPerByte*len(r.entries)
	slices.SortStableFunc(r.entries, func(a, b weight) int { return int(a.tree) - int(b.tree) })
	for k := range f.Trees {
		t := &f.Trees[k]
		t.Left, t.Right = r.children[k][0], r.children[k][1]
		n := 0
		for n < len(r.entries) && r.entries[n].tree == int32(k) {
			n++
		}
		entries := r.entries[:n]
		r.entries = r.entries[n:]
		if err := fillLeaves(f, t, entries, room); err != nil {
			return err
		}
		room -= len(t.Value)
	}
	return f.Check("ensemble")
}

// fillLeaves makes a tree's leaf rows, which are filled up with zeros: of up to room numbers.
func fillLeaves(f *forest.Forest, t *forest.Tree, entries []weight, room int) error {
	leaves := t.Leaves()
	single := len(entries) == leaves
	seen := make([]bool, t.Len())
	for _, e := range entries {
		single = single && e.output == entries[0].output && !seen[e.leaf]
		seen[e.leaf] = true
	}
	width := 1
	if single {
		t.Output = entries[0].output
	} else if width = f.Outputs; leaves > room/width {
		return fault.TooBigf(fault.Where{}, "", "%d leaves of %d values", leaves, width)
	}
	t.Value = make([]float64, leaves*width)
	row := int32(0)
	for i := range t.Feature {
		if t.IsLeaf(int32(i)) {
			t.Left[i] = row
			row++
		}
	}
	for _, e := range entries {
		at := int(t.Left[e.leaf]) * width
		if !single {
			at += int(e.output)
		}
		if t.Value[at] != 0 {
			return fault.Unsupportedf(fault.Where{}, "a leaf that adds to an output twice")
		}
		t.Value[at] = e.value
	}
	return nil
}
