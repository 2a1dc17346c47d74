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
// trees. Numbers are in float64 where the forest compares in it, else in float32. Which nodes are the children of which is rendered at
// once and held, about four bytes a node, since nobody knows before how long it is; all else as it is written.
func treeEnsemble5(f splits) []*message {
	e := ensemble5{splits: f, numbers: number5(f.Forest), runs: runsOf(f.Forest)}
	held := make([]children5, len(e.runs))
	_ = parallel.Each(len(held), func(i int) error {
		held[i] = e.children(i)
		return nil
	})
	var sum children5
	for i := range held {
		sum.inner, sum.leaves = sum.inner+held[i].inner, sum.leaves+held[i].leaves
		sum.features, sum.targets = sum.features+held[i].features, sum.targets+held[i].targets
	}
	list := func(render func(i int, b []byte) []byte) pieces { return pieces{n: len(held), render: render} }
	ints := func(name string, of func(c *children5) []byte) *message {
		size := 0
		for i := range held {
			size += len(of(&held[i]))
		}
		return intsOfSize(name, size, list(func(i int, b []byte) []byte { return append(b, of(&held[i])...) }))
	}
	elem, itemSize := int64(elemFloat), 4
	if f.Input == forest.Float64 {
		elem, itemSize = elemDouble, 8
	}
	attrs := []*message{
		intsAttr("tree_roots", cut(len(e.numbers), func(from, to int, b []byte) []byte {
			for k := from; k < to; k++ {
				b = appendVarint(b, uint64(e.numbers[k].code(0)>>1))
			}
			return b
		})),
		intAttr("n_targets", int64(f.Outputs)),
		intsOfSize("nodes_featureids", sum.features, list(e.features)),
		ints("nodes_truenodeids", func(c *children5) []byte { return c.trues }),
		ints("nodes_trueleafs", func(c *children5) []byte { return c.trueLeafs }),
		ints("nodes_falsenodeids", func(c *children5) []byte { return c.falses }),
		ints("nodes_falseleafs", func(c *children5) []byte { return c.falseLeafs }),
		// 0 is BRANCH_LEQ.
		tensorAttr("nodes_modes", listTensor(elemUint8, sum.inner, 1, cut(sum.inner, func(from, to int, b []byte) []byte {
			return append(b, make([]byte, to-from)...)
		}))),
		tensorAttr("nodes_splits", listTensor(elem, sum.inner, itemSize, list(e.thresholds))),
		intsOfSize("leaf_targetids", sum.targets, list(e.targets)),
		tensorAttr("leaf_weights", listTensor(elem, sum.leaves, itemSize, list(e.weights))),
	}
	if !f.mirrored && routesMissing(f.Forest) {
		attrs = append(attrs, intsOfSize("nodes_missing_value_tracks_true", sum.inner, list(e.missing)))
	}
	return attrs
}

// ensemble5 renders the lists of a TreeEnsemble, of one piece of its nodes after the other. It takes up to 64 nodes at a time, inner nodes and
// leaves apart: so a processor has what it needs in its registers, and nothing to guess.
type ensemble5 struct {
	splits
	numbers []numbering
	runs    runs
}

// children5 is what is held of a piece.
type children5 struct {
	trues, trueLeafs, falses, falseLeafs []byte
	inner, leaves                        int // nodes
	features, targets                    int // bytes
}

// inner goes through the inner nodes of a piece. turns says of each whether it is mirrored, by all bits or none.
func (e *ensemble5) inner(piece int, do func(t *forest.Tree, n *numbering, nodes, turns []int32)) {
	var nodes, turns [64]int32
	for _, r := range e.runs[piece] {
		t, n := &e.Trees[r.tree], &e.numbers[r.tree]
		for from := r.from; from < r.to; {
			inner, _, next := n.word(from, r.to)
			these := numbersIn(inner, from&^63, &nodes)
			if e.mirrored && t.Flags != nil {
				for k, i := range these {
					turns[k] = -int32(t.Flags[i] & forest.MissingLeft)
				}
			} else {
				clear(turns[:])
			}
			do(t, n, these, turns[:len(these)])
			from = next
		}
	}
}

// leaves goes through the leaves of a piece.
func (e *ensemble5) leaves(piece int, do func(t *forest.Tree, n *numbering, leaves []int32)) {
	var nodes [64]int32
	for _, r := range e.runs[piece] {
		t, n := &e.Trees[r.tree], &e.numbers[r.tree]
		for from := r.from; from < r.to; {
			_, leaves, next := n.word(from, r.to)
			do(t, n, numbersIn(leaves, from&^63, &nodes))
			from = next
		}
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

// children renders which nodes are the children of those of a piece, and measures the lists that are rendered later.
func (e *ensemble5) children(piece int) children5 {
	nodes := 0
	for _, r := range e.runs[piece] {
		nodes += int(r.to - r.from)
	}
	narrow := 2*e.Features <= 0x80
	var c children5
	e.leaves(piece, func(t *forest.Tree, _ *numbering, leaves []int32) {
		c.leaves += len(leaves)
		c.targets += len(leaves) * protowire.SizeVarint(uint64(t.Output))
	})
	c.inner = nodes - c.leaves
	last := &e.numbers[e.runs[piece][len(e.runs[piece])-1].tree]
	largest := protowire.SizeVarint(uint64(max(last.inner, last.leaf)) + uint64(64*len(last.isLeaf)))
	c.trues, c.falses = make([]byte, 0, c.inner*largest+8), make([]byte, 0, c.inner*largest+8) // as appendCodes needs it
	c.trueLeafs, c.falseLeafs = make([]byte, 0, c.inner), make([]byte, 0, c.inner)
	e.inner(piece, func(t *forest.Tree, n *numbering, nodes, turns []int32) {
		var yes, no [64]uint32 // codes
		for k, i := range nodes {
			left, right := t.Left[i], t.Right[i]
			swap := (left ^ right) & turns[k]
			yes[k], no[k] = n.code(n.other(left^swap)), n.code(n.other(right^swap))
		}
		c.trues, c.trueLeafs = appendCodes(c.trues, c.trueLeafs, yes[:len(nodes)])
		c.falses, c.falseLeafs = appendCodes(c.falses, c.falseLeafs, no[:len(nodes)])
		if c.features += len(nodes); !narrow {
			for k, i := range nodes {
				c.features += protowire.SizeVarint(uint64(e.featureOf(t, i, turns[k]))) - 1
			}
		}
	})
	return c
}

func (e *ensemble5) featureOf(t *forest.Tree, i, turn int32) int32 {
	return t.Feature[i] + int32(e.Features)&turn
}

func (e *ensemble5) features(piece int, b []byte) []byte {
	e.inner(piece, func(t *forest.Tree, _ *numbering, nodes, turns []int32) {
		for k, i := range nodes {
			b = appendVarint(b, uint64(e.featureOf(t, i, turns[k])))
		}
	})
	return b
}

func (e *ensemble5) thresholds(piece int, b []byte) []byte {
	e.inner(piece, func(t *forest.Tree, _ *numbering, nodes, turns []int32) {
		to := b
		if e.Input == forest.Float32 {
			for k, i := range nodes {
				to = binary.LittleEndian.AppendUint32(to, mirroredFloat(math.Float32bits(float32(t.Threshold[i])), uint32(turns[k])))
			}
		} else {
			for k, i := range nodes {
				to = binary.LittleEndian.AppendUint64(to, mirroredDouble(math.Float64bits(t.Threshold[i]), uint64(turns[k])))
			}
		}
		b = to
	})
	return b
}

func (e *ensemble5) missing(piece int, b []byte) []byte {
	e.inner(piece, func(t *forest.Tree, _ *numbering, nodes, _ []int32) {
		for _, i := range nodes {
			b = append(b, byte(missingLeft(t, i)))
		}
	})
	return b
}

func (e *ensemble5) targets(piece int, b []byte) []byte {
	e.leaves(piece, func(t *forest.Tree, _ *numbering, leaves []int32) {
		for range leaves {
			b = appendVarint(b, uint64(t.Output))
		}
	})
	return b
}

func (e *ensemble5) weights(piece int, b []byte) []byte {
	e.leaves(piece, func(t *forest.Tree, n *numbering, leaves []int32) {
		to, wide := b, e.Input == forest.Float64
		for _, i := range leaves {
			if v := t.Value[t.Left[n.other(i)]]; wide {
				to = appendDouble(to, v)
			} else {
				to = appendFloat(to, v)
			}
		}
		b = to
	})
	return b
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
		n, before := &all[k], uint32(0)
		for at, rest := 0, f.Trees[k].Feature; len(rest) > 0; at++ {
			word := uint64(0)
			these := rest[:min(64, len(rest))]
			for i, feature := range these {
				word |= uint64(uint32(feature)>>31) << (i & 63)
			}
			n.isLeaf[at], n.before[at] = word, before
			before += uint32(bits.OnesCount64(word))
			rest = rest[len(these):]
		}
		leaves[k] = before
		return nil
	})
	inner, leaf := uint32(0), uint32(0)
	for k := range all {
		t, n := &f.Trees[k], &all[k]
		n.inner, n.leaf = inner, leaf
		inner, leaf = inner+uint32(t.Len())-leaves[k], leaf+leaves[k]
		if t.Len() > 1 {
			n.a, n.b = exchanged(t, n.code(t.Left[0])>>1, n.code(t.Right[0])>>1)
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
