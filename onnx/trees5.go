package onnx

import (
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/forest"
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
			var nodes [64]int32
			for word := r.from / 64; word*64 < r.to; word++ {
				b = put(b, n, t, n.nodesIn(word, false, r, &nodes))
			}
			return b
		})
	}
	leaf := func(put func(b []byte, t *forest.Tree, nodes []int32) []byte) pieces {
		return all.render(func(r run, b []byte) []byte {
			t, n := &f.Trees[r.tree], &numbers[r.tree]
			var nodes [64]int32
			for word := r.from / 64; word*64 < r.to; word++ {
				b = put(b, t, n.nodesIn(word, true, r, &nodes))
			}
			return b
		})
	}
	innerNodes, leaves, targets := 0, 0, 0
	for k := range numbers {
		innerNodes += numbers[k].inners()
		leaves += numbers[k].leaves
		targets += numbers[k].leaves * protowire.SizeVarint(uint64(f.Trees[k].Output))
	}
	// children are the numbers of each inner node's children on one side, and whether each is a leaf.
	children := func(names, leafs string, side func(t *forest.Tree, i int32) int32) (*message, *message) {
		return intsAttr(names, inner(func(b []byte, n *numbering, t *forest.Tree, nodes []int32) []byte {
				for _, i := range nodes {
					b = appendVarint(b, uint64(n.of(side(t, i))))
				}
				return b
			})), intsOfSize(leafs, innerNodes, inner(func(b []byte, n *numbering, t *forest.Tree, nodes []int32) []byte {
				for _, i := range nodes {
					b = append(b, n.leafBit(side(t, i)))
				}
				return b
			}))
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
	elem, size, number := int64(elemFloat), 4, appendFloat
	if f.Input == forest.Float64 {
		elem, size, number = elemDouble, 8, appendDouble
	}
	trues, trueLeafs := children("nodes_truenodeids", "nodes_trueleafs", f.whenTrue)
	falses, falseLeafs := children("nodes_falsenodeids", "nodes_falseleafs", f.whenFalse)
	attrs := []*message{
		intsAttr("tree_roots", cut(len(numbers), func(from, to int, b []byte) []byte {
			for k := from; k < to; k++ {
				b = appendVarint(b, uint64(numbers[k].of(0)))
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

// numbering gives the nodes of one tree their numbers in TreeEnsemble's two lists, of inner nodes and of leaves. It takes a fifth
// of a byte per node.
type numbering struct {
	isLeaf []uint64 // one bit per node
	before []int32  // leaves of the tree before each word of isLeaf
	leaves int
	nodes  int
	// firstInner and firstLeaf are how many the trees before have.
	firstInner, firstLeaf int
	// a and b are two leaves that change places; 0 and 0 (the root, which is no leaf then): none do.
	a, b int32
}

func (n *numbering) inners() int { return n.nodes - n.leaves }

// of is the number of node i, in the list that it stands in.
func (n *numbering) of(i int32) int {
	if i == n.a || i == n.b {
		i = n.other(i)
	}
	word, bit := n.isLeaf[i/64], uint(i%64)
	rank := int(n.before[i/64]) + bits.OnesCount64(word&(1<<bit-1))
	number := n.firstInner + int(i) - rank
	if leaf := n.firstLeaf + rank; word>>bit&1 != 0 { // no branch: half of the nodes are leaves, and no processor guesses which
		number = leaf
	}
	return number
}

// leafBit is 1 for a leaf.
func (n *numbering) leafBit(i int32) byte { return byte(n.isLeaf[i/64] >> (i % 64) & 1) }

// nodesIn lists the leaves, or the inner nodes, of a run among 64 nodes, in the order of their numbers.
func (n *numbering) nodesIn(word int32, leaves bool, r run, nodes *[64]int32) []int32 {
	set := n.isLeaf[word]
	if !leaves {
		set = ^set
	}
	first := word * 64
	if r.from > first {
		set &^= 1<<(r.from-first) - 1
	}
	if r.to < first+64 {
		set &= 1<<(r.to-first) - 1
	}
	k := 0
	for ; set != 0; set &= set - 1 {
		nodes[k&63] = first + int32(bits.TrailingZeros64(set))
		k++
	}
	if leaves && n.a != n.b {
		for k, i := range nodes[:k] {
			nodes[k] = n.other(i)
		}
	}
	return nodes[:k]
}

// other is the leaf that stands in the place of leaf i, nearly always i.
func (n *numbering) other(i int32) int32 {
	switch i {
	case n.a:
		return n.b
	case n.b:
		return n.a
	}
	return i
}

// number5 counts in the order of the nodes, with one exception: some onnxruntimes take a root for a leaf if its
// children have the same number, even where one is a leaf and the other is not (onnxruntime issue 24679, releases 1.21 on). There the root's
// leaf changes places with another leaf of its tree.
func number5(f *forest.Forest) []numbering {
	words := 0
	for k := range f.Trees {
		words += (f.Trees[k].Len() + 63) / 64
	}
	all, isLeaf, before := make([]numbering, len(f.Trees)), make([]uint64, words), make([]int32, words)
	inner, leaves := 0, 0
	for k := range f.Trees {
		t, n := &f.Trees[k], &all[k]
		words := (t.Len() + 63) / 64
		*n = numbering{isLeaf: isLeaf[:words:words], before: before[:words:words], nodes: t.Len(), firstInner: inner, firstLeaf: leaves}
		isLeaf, before = isLeaf[words:], before[words:]
		for i, feature := range t.Feature {
			if i%64 == 0 {
				n.before[i/64] = int32(n.leaves)
			}
			if feature < 0 {
				n.isLeaf[i/64] |= 1 << (i % 64)
				n.leaves++
			}
		}
		inner, leaves = inner+n.inners(), leaves+n.leaves
		if t.Len() > 1 && n.of(t.Left[0]) == n.of(t.Right[0]) {
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
	for i := range int32(n.nodes) {
		if t.IsLeaf(i) && i != a {
			n.a, n.b = a, i
			return
		}
	}
}
