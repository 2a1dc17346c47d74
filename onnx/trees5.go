package onnx

import (
	"encoding/binary"
	"math"
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
			all[i].add(f, &numbers[r.tree], r, missing)
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

// add renders a run of nodes; missing says whether it is written where NaN goes. It takes up to 64 nodes at a time, inner nodes and leaves
// apart, and goes through them list by list: so a processor has what it needs in its registers, and nothing to guess.
func (l *lists5) add(f splits, n *numbering, r run, missing bool) {
	t := &f.Trees[r.tree]
	var nodes [64]int32
	for from := r.from; from < r.to; {
		inner, leaves, next := n.word(from, r.to)
		l.addInner(f, t, n, numbersIn(inner, from&^63, &nodes), missing)
		l.addLeaves(f, t, n, numbersIn(leaves, from&^63, &nodes))
		from = next
	}
}

// numbersIn lists the bits of a word, from a number on.
func numbersIn(word uint64, from int32, room *[64]int32) []int32 {
	m := 0
	for ; word != 0; word &= word - 1 {
		room[m&63] = from + int32(bits.TrailingZeros64(word))
		m++
	}
	return room[:m]
}

func (l *lists5) addInner(f splits, t *forest.Tree, n *numbering, nodes []int32, missing bool) {
	var room [64]int32
	turns := room[:len(nodes)] // 0, or all bits where a split is mirrored
	if f.mirrored && t.Flags != nil {
		for k, i := range nodes {
			turns[k] = -int32(t.Flags[i] & forest.MissingLeft)
		}
	}
	list := l.features
	for k, i := range nodes {
		list = appendVarint(list, uint64(t.Feature[i]+int32(f.Features)&turns[k]))
	}
	l.features, list = list, l.splits
	if f.Input == forest.Float32 {
		for k, i := range nodes {
			list = binary.LittleEndian.AppendUint32(list, mirroredFloat(math.Float32bits(float32(t.Threshold[i])), uint32(turns[k])))
		}
	} else {
		for k, i := range nodes {
			list = binary.LittleEndian.AppendUint64(list, mirroredDouble(math.Float64bits(t.Threshold[i]), uint64(turns[k])))
		}
	}
	l.splits = list
	var yes, no [64]uint32 // codes
	for k, i := range nodes {
		left, right := t.Left[i], t.Right[i]
		swap := (left ^ right) & turns[k]
		yes[k], no[k] = n.code(n.other(left^swap)), n.code(n.other(right^swap))
	}
	l.trues, l.trueLeafs = appendCodes(l.trues, l.trueLeafs, yes[:len(nodes)])
	l.falses, l.falseLeafs = appendCodes(l.falses, l.falseLeafs, no[:len(nodes)])
	if missing {
		for _, i := range nodes {
			l.missing = append(l.missing, byte(missingLeft(t, i)))
		}
	}
}

// appendCodes appends the numbers and the kinds of what codes say. There must be room for eight bytes more.
func appendCodes(numbers, leafs []byte, codes []uint32) (_, _ []byte) {
	at, room := len(numbers), numbers[:cap(numbers)]
	for _, c := range codes {
		leafs = append(leafs, byte(c&1))
		v := c >> 1
		if v >= 1<<28 {
			at = len(appendVarint(room[:at], uint64(v)))
			continue
		}
		// Four varint bytes at once, of which those count that are needed.
		size := (bits.Len32(v|1) + 6) / 7
		more := uint32(0x80808080) & (1<<(8*size-8) - 1)
		binary.LittleEndian.PutUint32(room[at:], v&0x7f|v<<1&0x7f00|v<<2&0x7f0000|v<<3&0x7f000000|more)
		at += size
	}
	return room[:at], leafs
}

func (l *lists5) addLeaves(f splits, t *forest.Tree, n *numbering, leaves []int32) {
	list := l.targets
	for range leaves {
		list = appendVarint(list, uint64(t.Output))
	}
	l.targets, list = list, l.weights
	wide := f.Input == forest.Float64
	for _, i := range leaves {
		list = appendNumber(list, t.Value[t.Left[n.other(i)]], wide)
	}
	l.weights = list
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
	room := func(b *[]byte, n int) { *b = make([]byte, 0, n+8) } // as appendCodes needs it
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
	code := n.code(n.other(i))
	return code >> 1, byte(code & 1)
}

// code is twice the number of node i, and one more for a leaf, if no leaves change places.
func (n *numbering) code(i int32) uint32 {
	at, bit := uint32(i)/64, uint32(i)%64
	word := n.isLeaf[at]
	rank, leaf := n.before[at]+uint32(bits.OnesCount64(word&(1<<bit-1))), uint32(word>>bit)&1
	inner := n.inner + uint32(i) - rank
	// No branch: half of the nodes are leaves, and no processor guesses which.
	return (inner^(inner^(n.leaf+rank))&-leaf)<<1 | leaf
}

// word is the inner nodes and the leaves among those from a number on, up to the next multiple of 64 or to; node i is bit i%64. So they
// are gone through apart: half of the nodes are leaves, and no processor guesses which.
func (n *numbering) word(from, to int32) (inner, leaves uint64, next int32) {
	next = min(to, from|63+1)
	those := ^uint64(0) << (from % 64) & (^uint64(0) >> (63 - (next-1)%64))
	word := n.isLeaf[from/64]
	return ^word & those, word & those, next
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

// number5 numbers the nodes of all trees.
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
			b, _ := n.of(t.Right[0])
			n.a, n.b = exchanged(t, a, b)
		}
	}
	return all
}

// exchanged are two leaves of a tree that change places, 0 and 0 if none do. Nodes are numbered in their order, with one exception: some
// onnxruntimes take a root for a leaf if its children have the same number, even where one is a leaf and the other is not (onnxruntime
// issue 24679, releases 1.21 on). There the root's leaf changes places with the tree's first leaf, or with the second where it is the first.
// left and right are the numbers of the root's children.
func exchanged(t *forest.Tree, left, right uint32) (a, b int32) {
	if left != right {
		return 0, 0
	}
	if a = t.Left[0]; !t.IsLeaf(a) {
		a = t.Right[0]
	}
	for i := range int32(t.Len()) {
		if t.IsLeaf(i) && i != a {
			return a, i
		}
	}
	return 0, 0
}

// order5 is how the nodes of one tree are numbered, as a numbering does it, but quicker and larger.
type order5 struct {
	// inners and leaves are the nodes in the order of their numbers.
	inners, leaves []int32
	// codes are twice the number of each node, and one more for a leaf.
	codes []uint32
}

// number numbers the nodes of a tree; inner and leaf are how many the trees before have. It is false where the tree does not have one leaf more
// than inner nodes, or numbers are too large for codes.
func (o *order5) number(t *forest.Tree, inner, leaf uint32) bool {
	n := t.Len()
	if uint64(max(inner, leaf))+uint64(n) > math.MaxInt32 || n != 2*t.Leaves()-1 {
		return false
	}
	if cap(o.codes) < n {
		o.codes, o.inners, o.leaves = make([]uint32, n), make([]int32, n/2+2), make([]int32, n/2+2) // of either one more is written
	}
	o.codes = o.codes[:n]
	inners, leaves := 0, 0
	for i, feature := range t.Feature {
		isLeaf := int(uint32(feature) >> 31)
		number := inner + uint32(inners)
		if isLeaf != 0 { // no branch in machine code
			number = leaf + uint32(leaves)
		}
		o.codes[i] = number<<1 | uint32(isLeaf)
		o.inners[inners], o.leaves[leaves] = int32(i), int32(i)
		inners, leaves = inners+1-isLeaf, leaves+isLeaf
	}
	if inners > 0 {
		if a, b := exchanged(t, o.codes[t.Left[0]]>>1, o.codes[t.Right[0]]>>1); a != b {
			at, to := &o.codes[a], &o.codes[b]
			o.leaves[*at>>1-leaf], o.leaves[*to>>1-leaf] = b, a
			*at, *to = *to, *at
		}
	}
	return true
}
