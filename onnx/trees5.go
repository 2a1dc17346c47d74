package onnx

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
)

// treeEnsemble5 are the attributes of TreeEnsemble (ai.onnx.ml 5), which lists inner nodes and leaves apart, both over all
// trees. Numbers are in float64 where the forest compares in it, else in float32.
func treeEnsemble5(f splits) []*message {
	all := runsOf(f.Forest)
	numbers := number5(f.Forest)
	// inner renders something of inner nodes, leaf of leaves, a few nodes at a time.
	inner := func(put func(b []byte, n *numbering, t *forest.Tree, nodes []int32) []byte) pieces {
		return all.render(func(r run, b []byte) []byte {
			t, n := &f.Trees[r.tree], &numbers[r.tree]
			n.eachInner(r, func(nodes []int32) { b = put(b, n, t, nodes) })
			return b
		})
	}
	leaf := func(put func(b []byte, t *forest.Tree, nodes []int32) []byte) pieces {
		return all.render(func(r run, b []byte) []byte {
			t, n := &f.Trees[r.tree], &numbers[r.tree]
			n.eachLeaf(r, func(nodes []int32) { b = put(b, t, nodes) })
			return b
		})
	}
	innerNodes, leaves, targets := 0, 0, 0
	for k := range numbers {
		innerNodes += len(numbers[k].of) - numbers[k].leaves
		leaves += numbers[k].leaves
		targets += numbers[k].leaves * protowire.SizeVarint(uint64(f.Trees[k].Output))
	}
	features := inner(func(b []byte, _ *numbering, t *forest.Tree, nodes []int32) []byte {
		for _, i := range nodes {
			b = appendVarint(b, uint64(f.feature(t, i)))
		}
		return b
	})
	featuresSize := innerNodes
	if f.Features > 64 {
		featuresSize = features.size()
	}
	// children are the numbers of each inner node's children on one side, and whether each is a leaf.
	children := func(names, leafs string, size int, side func(t *forest.Tree, i int32) int32) (*message, *message) {
		return intsOfSize(names, size, inner(func(b []byte, n *numbering, t *forest.Tree, nodes []int32) []byte {
				for _, i := range nodes {
					b = appendVarint(b, uint64(n.of[side(t, i)]>>1))
				}
				return b
			})), intsOfSize(leafs, innerNodes, inner(func(b []byte, n *numbering, t *forest.Tree, nodes []int32) []byte {
				for _, i := range nodes {
					b = append(b, byte(n.of[side(t, i)]&1))
				}
				return b
			}))
	}
	truesSize, falsesSize := childrenSizes(f, all, numbers)
	elem, size, number := int64(elemFloat), 4, appendFloat
	if f.Input == forest.Float64 {
		elem, size, number = elemDouble, 8, appendDouble
	}
	trues, trueLeafs := children("nodes_truenodeids", "nodes_trueleafs", truesSize, f.whenTrue)
	falses, falseLeafs := children("nodes_falsenodeids", "nodes_falseleafs", falsesSize, f.whenFalse)
	attrs := []*message{
		intsAttr("tree_roots", cut(len(numbers), func(from, to int, b []byte) []byte {
			for k := from; k < to; k++ {
				b = appendVarint(b, uint64(numbers[k].of[0]>>1))
			}
			return b
		})),
		intAttr("n_targets", int64(f.Outputs)),
		intsOfSize("nodes_featureids", featuresSize, features),
		trues, trueLeafs, falses, falseLeafs,
		// 0 is BRANCH_LEQ.
		tensorAttr("nodes_modes", listTensor(elemUint8, innerNodes, 1, cut(innerNodes, func(from, to int, b []byte) []byte {
			return append(b, make([]byte, to-from)...)
		}))),
		tensorAttr("nodes_splits", listTensor(elem, innerNodes, size, inner(func(b []byte, _ *numbering, t *forest.Tree, nodes []int32) []byte {
			for _, i := range nodes {
				b = number(b, f.threshold(t, i))
			}
			return b
		}))),
		intsOfSize("leaf_targetids", targets, leaf(func(b []byte, t *forest.Tree, nodes []int32) []byte {
			for range nodes {
				b = appendVarint(b, uint64(t.Output))
			}
			return b
		})),
		tensorAttr("leaf_weights", listTensor(elem, leaves, size, leaf(func(b []byte, t *forest.Tree, nodes []int32) []byte {
			for _, i := range nodes {
				b = number(b, t.Value[t.Left[i]])
			}
			return b
		}))),
	}
	if !f.mirrored && routesMissing(f.Forest) {
		attrs = append(attrs, intsOfSize("nodes_missing_value_tracks_true", innerNodes, inner(func(b []byte, _ *numbering, t *forest.Tree, nodes []int32) []byte {
			for _, i := range nodes {
				b = append(b, byte(missingLeft(t, i)))
			}
			return b
		})))
	}
	return attrs
}

// childrenSizes are how many bytes the numbers of all children take that stand where a split is true, and where it is false.
func childrenSizes(f splits, all runs, numbers []numbering) (trues, falses int) {
	sizes := make([][2]int, len(all))
	_ = parallel.Each(len(all), func(i int) error {
		for _, r := range all[i] {
			t, n := &f.Trees[r.tree], &numbers[r.tree]
			n.eachInner(r, func(nodes []int32) {
				for _, node := range nodes {
					sizes[i][0] += protowire.SizeVarint(uint64(n.of[f.whenTrue(t, node)] >> 1))
					sizes[i][1] += protowire.SizeVarint(uint64(n.of[f.whenFalse(t, node)] >> 1))
				}
			})
		}
		return nil
	})
	for _, size := range sizes {
		trues, falses = trues+size[0], falses+size[1]
	}
	return trues, falses
}

// numbering gives the nodes of one tree their numbers in TreeEnsemble's two lists, of inner nodes and of leaves.
type numbering struct {
	of     []uint32 // of each node: twice its number, plus 1 for a leaf
	leaves int
	// a and b are two leaves that change places; 0 and 0 (the root, which is no leaf then): none do.
	a, b int32
}

// eachInner calls do with the inner nodes of a run, a few at a time. Which nodes these are no processor guesses: they are listed
// without a branch.
func (n *numbering) eachInner(r run, do func(nodes []int32)) {
	var nodes [64]int32
	for from := r.from; from < r.to; from += int32(len(nodes)) {
		k := 0
		for i := from; i < min(from+int32(len(nodes)), r.to); i++ {
			nodes[k] = i
			k += int(^n.of[i] & 1)
		}
		do(nodes[:k])
	}
}

// eachLeaf is eachInner for the leaves, in the order of their numbers.
func (n *numbering) eachLeaf(r run, do func(nodes []int32)) {
	var nodes [64]int32
	for from := r.from; from < r.to; from += int32(len(nodes)) {
		k := 0
		for i := from; i < min(from+int32(len(nodes)), r.to); i++ {
			nodes[k] = i
			k += int(n.of[i] & 1)
		}
		for k, i := range nodes[:k] {
			if i == n.a {
				nodes[k] = n.b
			} else if i == n.b {
				nodes[k] = n.a
			}
		}
		do(nodes[:k])
	}
}

// number5 counts in the order of the nodes, with one exception: some onnxruntimes take a root for a leaf if its
// children have the same number, even where one is a leaf and the other is not (onnxruntime issue 24679, releases 1.21 on). There the root's
// leaf changes places with another leaf of its tree.
func number5(f *forest.Forest) []numbering {
	all, of := make([]numbering, len(f.Trees)), make([]uint32, f.Nodes())
	inner, leaves := uint32(0), uint32(0)
	for k := range f.Trees {
		t, n := &f.Trees[k], &all[k]
		n.of, of = of[:t.Len():t.Len()], of[t.Len():]
		first := leaves
		for i, feature := range t.Feature {
			leaf := uint32(feature) >> 31
			number := inner
			if leaf != 0 {
				number = leaves
			}
			n.of[i] = number<<1 | leaf
			inner, leaves = inner+1-leaf, leaves+leaf
		}
		n.leaves = int(leaves - first)
		if t.Len() > 1 && n.of[t.Left[0]]>>1 == n.of[t.Right[0]]>>1 {
			n.swap(t)
		}
	}
	return all
}

// swap makes the root's leaf change places with the tree's first leaf, or with the second where it is the first.
func (n *numbering) swap(t *forest.Tree) {
	a := t.Left[0]
	if !t.IsLeaf(a) {
		a = t.Right[0]
	}
	for i := range int32(t.Len()) {
		if t.IsLeaf(i) && i != a {
			n.a, n.b = a, i
			n.of[a], n.of[i] = n.of[i], n.of[a]
			return
		}
	}
}
