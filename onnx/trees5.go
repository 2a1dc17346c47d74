package onnx

import (
	"math"

	"github.com/seed-2867d59c/treeport/forest"
)

// treeEnsemble5 are the attributes of TreeEnsemble (ai.onnx.ml 5), which lists inner nodes and leaves apart, both over all
// trees. Numbers are in float64 where the forest compares in it, else in float32.
func treeEnsemble5(f *forest.Forest) []*message {
	n := number5(f)
	eachInner := func(do func(k int, t *forest.Tree, i int32)) {
		eachNode(f, func(k int, t *forest.Tree, i int32) {
			if !t.IsLeaf(i) {
				do(k, t, i)
			}
		})
	}
	innerInts := func(name string, of func(k int, t *forest.Tree, i int32) int) *message {
		return intsAttr(name, func(put func(uint64)) {
			eachInner(func(k int, t *forest.Tree, i int32) { put(uint64(of(k, t, i))) })
		})
	}
	isLeaf := func(child func(t *forest.Tree) []int32) func(int, *forest.Tree, int32) int {
		return func(_ int, t *forest.Tree, i int32) int {
			if t.IsLeaf(child(t)[i]) {
				return 1
			}
			return 0
		}
	}
	left := func(t *forest.Tree) []int32 { return t.Left }
	right := func(t *forest.Tree) []int32 { return t.Right }
	elem, size, put := int64(elemFloat), 4, func(s *stream, v float64) { s.fixed32(float32(v)) }
	if f.Input == forest.Float64 {
		elem, size, put = elemDouble, 8, (*stream).double
	}
	attrs := []*message{
		intsAttr("tree_roots", func(put func(uint64)) {
			for k := range f.Trees {
				put(uint64(n.of[k][0]))
			}
		}),
		intAttr("n_targets", int64(f.Outputs)),
		innerInts("nodes_featureids", func(_ int, t *forest.Tree, i int32) int { return int(t.Feature[i]) }),
		innerInts("nodes_truenodeids", func(k int, t *forest.Tree, i int32) int { return int(n.of[k][t.Left[i]]) }),
		innerInts("nodes_trueleafs", isLeaf(left)),
		innerInts("nodes_falsenodeids", func(k int, t *forest.Tree, i int32) int { return int(n.of[k][t.Right[i]]) }),
		innerInts("nodes_falseleafs", isLeaf(right)),
		// 0 is BRANCH_LEQ.
		tensorAttr("nodes_modes", listTensor(elemUint8, n.inner, 1, func(s *stream) { s.zeros(n.inner) })),
		tensorAttr("nodes_splits", listTensor(elem, n.inner, size, func(s *stream) {
			eachInner(func(_ int, t *forest.Tree, i int32) { put(s, t.Threshold[i]) })
		})),
		intsAttr("leaf_targetids", func(put func(uint64)) {
			for k := range f.Trees {
				for range n.order[k] {
					put(uint64(f.Trees[k].Output))
				}
			}
		}),
		tensorAttr("leaf_weights", listTensor(elem, n.leaves, size, func(s *stream) {
			for k := range f.Trees {
				t := &f.Trees[k]
				for _, i := range n.order[k] {
					put(s, t.Value[t.Left[i]])
				}
			}
		})),
	}
	if routesMissing(f) {
		attrs = append(attrs, innerInts("nodes_missing_value_tracks_true", func(_ int, t *forest.Tree, i int32) int {
			if t.MissingLeft(i) {
				return 1
			}
			return 0
		}))
	}
	return attrs
}

// numbering gives nodes and leaves of all trees their numbers in TreeEnsemble's two lists.
type numbering struct {
	of            [][]int32 // of[k][i]: node i of tree k, in the list of inner nodes or of leaves
	order         [][]int32 // order[k]: the leaves of tree k in the order of the list
	inner, leaves int
}

// number5 counts in the order of the nodes, with one exception: some onnxruntimes take a root for a leaf if its
// children have the same number, even where one is a leaf and the other is not (onnxruntime issue 24679, releases 1.21 on). There the root's
// leaf changes places with another leaf of its tree.
func number5(f *forest.Forest) *numbering {
	n := &numbering{of: make([][]int32, len(f.Trees)), order: make([][]int32, len(f.Trees))}
	for k := range f.Trees {
		t := &f.Trees[k]
		first := n.leaves
		of := make([]int32, t.Len())
		var order []int32
		for i, feature := range t.Feature {
			if feature < 0 {
				of[i] = int32(n.leaves)
				order = append(order, int32(i))
				n.leaves++
			} else {
				of[i] = int32(n.inner)
				n.inner++
			}
		}
		if a, b := t.Left[0], t.Right[0]; t.Len() > 1 && of[a] == of[b] {
			if !t.IsLeaf(a) {
				a = b
			}
			other := order[0]
			if other == a {
				other = order[1]
			}
			of[a], of[other] = of[other], of[a]
			order[of[a]-int32(first)], order[of[other]-int32(first)] = a, other
		}
		n.of[k], n.order[k] = of, order
	}
	return n
}

func (s *stream) double(v float64) { s.fixed64(math.Float64bits(v)) }

func (s *stream) zeros(n int) {
	for range n {
		s.byte(0)
	}
}
