package onnx

import (
	"slices"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
)

// treeEnsemble5 are the attributes of TreeEnsemble (ai.onnx.ml 5), which lists inner nodes and leaves apart, both over all
// trees. Numbers are in float64 where the forest compares in it, else in float32. The lists are rendered at once and held, about ten
// bytes a node: going through the nodes once for each of them takes three times as long.
func treeEnsemble5(f splits) []*message {
	numbers := number5(f.Forest)
	nodes := runsOf(f.Forest)
	all := make([]lists5, len(nodes))
	missing := !f.mirrored && routesMissing(f.Forest)
	_ = parallel.Each(len(all), func(i int) error {
		for _, r := range nodes[i] {
			all[i].add(f, numbers, r, missing)
		}
		return nil
	})
	list := func(of func(l *lists5) []byte) (size int, items pieces) {
		for i := range all {
			size += len(of(&all[i]))
		}
		return size, pieces{n: len(all), render: func(i int, b []byte) []byte { return append(b, of(&all[i])...) }}
	}
	ints := func(name string, of func(l *lists5) []byte) *message {
		size, items := list(of)
		return intsOfSize(name, size, items)
	}
	elem, itemSize := int64(elemFloat), 4
	if f.Input == forest.Float64 {
		elem, itemSize = elemDouble, 8
	}
	numbersOf := func(name string, of func(l *lists5) []byte) *message {
		size, items := list(of)
		return tensorAttr(name, listTensor(elem, size/itemSize, itemSize, items))
	}
	inner, _ := list(func(l *lists5) []byte { return l.trueLeafs }) // a byte each
	attrs := []*message{
		intsAttr("tree_roots", cut(len(numbers), func(from, to int, b []byte) []byte {
			for k := from; k < to; k++ {
				b = appendVarint(b, uint64(numbers[k].of[0]>>1))
			}
			return b
		})),
		intAttr("n_targets", int64(f.Outputs)),
		ints("nodes_featureids", func(l *lists5) []byte { return l.features }),
		ints("nodes_truenodeids", func(l *lists5) []byte { return l.trues }),
		ints("nodes_trueleafs", func(l *lists5) []byte { return l.trueLeafs }),
		ints("nodes_falsenodeids", func(l *lists5) []byte { return l.falses }),
		ints("nodes_falseleafs", func(l *lists5) []byte { return l.falseLeafs }),
		// 0 is BRANCH_LEQ.
		tensorAttr("nodes_modes", listTensor(elemUint8, inner, 1, cut(inner, func(from, to int, b []byte) []byte {
			return append(b, make([]byte, to-from)...)
		}))),
		numbersOf("nodes_splits", func(l *lists5) []byte { return l.splits }),
		ints("leaf_targetids", func(l *lists5) []byte { return l.targets }),
		numbersOf("leaf_weights", func(l *lists5) []byte { return l.weights }),
	}
	if missing {
		attrs = append(attrs, ints("nodes_missing_value_tracks_true", func(l *lists5) []byte { return l.missing }))
	}
	return attrs
}

// lists5 are the lists of some nodes, as they are written.
type lists5 struct {
	features, trues, trueLeafs, falses, falseLeafs, splits, missing []byte
	targets, weights                                                []byte
}

// add renders a run of nodes; missing says whether it is written where NaN goes.
func (l *lists5) add(f splits, numbers []numbering, r run, missing bool) {
	t, n := &f.Trees[r.tree], &numbers[r.tree]
	l.reserve(int(r.to-r.from)/2 + 1)
	wide, feature, of := f.Input == forest.Float64, t.Feature, n.of
	to := *l // the lists stay in registers, or near
	for i := r.from; i < r.to; i++ {
		if feature[i] < 0 {
			to.targets = appendVarint(to.targets, uint64(t.Output))
			to.weights = appendNumber(to.weights, t.Value[t.Left[n.other(i)]], wide)
			continue
		}
		feature, threshold, yes, no := f.split(t, i)
		to.features = appendVarint(to.features, uint64(feature))
		to.splits = appendNumber(to.splits, threshold, wide)
		to.trues, to.trueLeafs = appendVarint(to.trues, uint64(of[yes]>>1)), append(to.trueLeafs, byte(of[yes]&1))
		to.falses, to.falseLeafs = appendVarint(to.falses, uint64(of[no]>>1)), append(to.falseLeafs, byte(of[no]&1))
		if missing {
			to.missing = append(to.missing, byte(missingLeft(t, i)))
		}
	}
	*l = to
}

func appendNumber(b []byte, v float64, wide bool) []byte {
	if wide {
		return appendDouble(b, v)
	}
	return appendFloat(b, v)
}

// reserve makes room for as many inner nodes and leaves.
func (l *lists5) reserve(n int) {
	for _, list := range []struct {
		b    *[]byte
		size int
	}{{&l.features, 1}, {&l.trues, 3}, {&l.trueLeafs, 1}, {&l.falses, 3}, {&l.falseLeafs, 1}, {&l.splits, 4}, {&l.targets, 1}, {&l.weights, 4}} {
		*list.b = slices.Grow(*list.b, n*list.size)
	}
}

// numbering gives the nodes of one tree their numbers in TreeEnsemble's two lists, of inner nodes and of leaves.
type numbering struct {
	of          []uint32 // of each node: twice its number, plus 1 for a leaf
	inner, leaf uint32   // the first of each
	// a and b are two leaves that change places; 0 and 0 (the root, which is no leaf then): none do.
	a, b int32
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
	all, of := make([]numbering, len(f.Trees)), make([]uint32, f.Nodes())
	leaves := make([]uint32, len(f.Trees)+1) // of the trees before
	_ = parallel.Each(len(f.Trees), func(k int) error {
		leaves[k+1] = uint32(f.Trees[k].Leaves())
		return nil
	})
	nodes := 0 // of the trees before
	for k := range f.Trees {
		end := nodes + f.Trees[k].Len()
		all[k].of = of[nodes:end:end]
		all[k].inner, all[k].leaf = uint32(nodes)-leaves[k], leaves[k]
		leaves[k+1] += leaves[k]
		nodes = end
	}
	_ = parallel.Each(len(f.Trees), func(k int) error {
		t, n := &f.Trees[k], &all[k]
		inner, leaves := n.inner, n.leaf
		for i, feature := range t.Feature {
			leaf := uint32(feature) >> 31
			number := inner
			if leaf != 0 {
				number = leaves
			}
			n.of[i] = number<<1 | leaf
			inner, leaves = inner+1-leaf, leaves+leaf
		}
		if t.Len() > 1 && n.of[t.Left[0]]>>1 == n.of[t.Right[0]]>>1 {
			n.swap(t)
		}
		return nil
	})
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
