package onnx

import (
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"

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
		all[i].reserve(f, numbers, nodes[i], missing)
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
				root, _ := numbers[k].of(0)
				b = appendVarint(b, uint64(root))
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
	wide, feature := f.Input == forest.Float64, t.Feature
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
		number, leaf := n.of(yes)
		to.trues, to.trueLeafs = appendVarint(to.trues, uint64(number)), append(to.trueLeafs, leaf)
		number, leaf = n.of(no)
		to.falses, to.falseLeafs = appendVarint(to.falses, uint64(number)), append(to.falseLeafs, leaf)
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

// reserve makes room for some runs of nodes.
func (l *lists5) reserve(f splits, numbers []numbering, all []run, missing bool) {
	leaves, nodes := 0, 0
	for _, r := range all {
		nodes += int(r.to - r.from)
		for _, feature := range f.Trees[r.tree].Feature[r.from:r.to] {
			leaves += int(uint32(feature) >> 31)
		}
	}
	inner, number, last := nodes-leaves, 4, all[len(all)-1].tree
	if f.Input == forest.Float64 {
		number = 8
	}
	room := func(b *[]byte, n int) { *b = make([]byte, 0, n) }
	largest := protowire.SizeVarint(uint64(max(numbers[last].inner, numbers[last].leaf)) + uint64(f.Trees[last].Len()))
	room(&l.features, inner*protowire.SizeVarint(uint64(2*f.Features)))
	room(&l.trues, inner*largest)
	room(&l.trueLeafs, inner)
	room(&l.falses, inner*largest)
	room(&l.falseLeafs, inner)
	room(&l.splits, inner*number)
	room(&l.targets, leaves*protowire.SizeVarint(uint64(f.Outputs)))
	room(&l.weights, leaves*number)
	if missing {
		room(&l.missing, inner)
	}
}

// numbering gives the nodes of one tree their numbers in TreeEnsemble's two lists, of inner nodes and of leaves. It takes a fifth
// of a byte per node.
type numbering struct {
	isLeaf []uint64 // one bit per node
	before []uint32 // leaves of the tree before each word of isLeaf
	// inner and leaf are how many the trees before have.
	inner, leaf uint32
	// a and b are two leaves that change places; 0 and 0 (the root, which is no leaf then): none do.
	a, b int32
}

// of is the number of node i in the list that it stands in, and 1 for a leaf.
func (n *numbering) of(i int32) (number uint32, leaf byte) {
	if i == n.a || i == n.b {
		i = n.other(i)
	}
	word, bit := n.isLeaf[i/64], uint(i%64)
	rank := n.before[i/64] + uint32(bits.OnesCount64(word&(1<<bit-1)))
	number, leaf = n.inner+uint32(i)-rank, byte(word>>bit&1)
	if leaf != 0 { // no branch in machine code: half of the nodes are leaves, and no processor guesses which
		number = n.leaf + rank
	}
	return number, leaf
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
	all, isLeaf, before := make([]numbering, len(f.Trees)), make([]uint64, words), make([]uint32, words)
	for k := range all {
		words := (f.Trees[k].Len() + 63) / 64
		all[k].isLeaf, isLeaf = isLeaf[:words:words], isLeaf[words:]
		all[k].before, before = before[:words:words], before[words:]
	}
	leaves := make([]uint32, len(f.Trees)) // of each tree
	_ = parallel.Each(len(f.Trees), func(k int) error {
		n := &all[k]
		for i, feature := range f.Trees[k].Feature {
			if i%64 == 0 {
				n.before[i/64] = leaves[k]
			}
			leaf := uint32(feature) >> 31
			n.isLeaf[i/64] |= uint64(leaf) << (i % 64)
			leaves[k] += leaf
		}
		return nil
	})
	inner, leaf := uint32(0), uint32(0)
	for k := range all {
		t, n := &f.Trees[k], &all[k]
		n.inner, n.leaf = inner, leaf
		inner, leaf = inner+uint32(t.Len())-leaves[k], leaf+leaves[k]
		if t.Len() > 1 {
			a, _ := n.of(t.Left[0])
			if b, _ := n.of(t.Right[0]); a == b {
				n.swap(t)
			}
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
			return
		}
	}
}
