package onnx

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"sync"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
)

// treeEnsemble5 reads a TreeEnsemble of ai.onnx.ml 5. Nodes are numbered anew, in the order in which the tree is walked. Trees that
// equal those of want take their arrays. The columns from half on, if half is not 0, are those before negated.
func (d *decoder) treeEnsemble5(n *node, half int, want *forest.Forest) (*forest.Forest, error) {
	if _, ok := n.attrs["membership_values"]; ok {
		return nil, fault.Unsupportedf(fault.Where{}, "splits by membership")
	}
	aggregate, err1 := n.int("aggregate_function", 1)
	post, err2 := n.int("post_transform", 0)
	outputs, err3 := n.int("n_targets", 0)
	if err1 != nil || err2 != nil || err3 != nil || aggregate > 1 || aggregate < 0 || post != 0 {
		return nil, fault.Unsupportedf(fault.Where{}, "aggregate_function %d, post_transform %d", aggregate, post)
	}
	if outputs < 1 || outputs > 1<<24 {
		return nil, fmt.Errorf("n_targets %d", outputs)
	}
	f := &forest.Forest{Outputs: int(outputs), Features: 1}
	if aggregate == 0 {
		f.Combine = forest.Mean
	}
	c, err := readColumns5(n, f)
	if err != nil {
		return nil, err
	}
	c.half = half
	if err := checkOutputs(f.Outputs, c.targets.len()); err != nil {
		return nil, err
	}
	roots, err := n.ints("tree_roots").uint32s()
	if err != nil {
		return nil, err
	}
	if len(roots) > c.nodes {
		return nil, fmt.Errorf("%d roots of %d nodes", len(roots), c.nodes)
	}
	where := fault.In("node " + n.op)
	if err := cmp.Or(d.budget.Trees(where, len(roots)), d.budget.Nodes(where, 2*c.nodes+len(roots))); err != nil { // leaves included
		return nil, err
	}
	f.Trees = make([]forest.Tree, len(roots))
	apart := c.apart(roots) && c.treesApart(f, roots, want) == nil
	if !apart {
		if err := c.trees(f, roots); err != nil {
			return nil, err
		}
	}
	if half > 0 {
		if f.Features > 2*half {
			return nil, fmt.Errorf("uses %d columns of %d", f.Features, 2*half)
		}
		f.Features = min(f.Features, half)
	}
	if apart && len(f.Trees) > 0 {
		return f, nil // each tree was checked, or found equal to one that was
	}
	return f, f.Check("ensemble")
}

// columns5 are the lists of a TreeEnsemble: one item per inner node, and one per leaf. Those of integers are decoded tree by tree.
type columns5 struct {
	input                   forest.Precision
	half                    int
	nodes                   int
	features, trues, falses *list
	trueLeafs, falseLeafs   []byte // 0: the child is an inner node
	modes                   []byte
	missing                 []byte // nil: all zero
	splits, weights         numbers
	targets                 targets
}

// targets are the outputs that leaves add to, as bytes of the file where none is larger than 127.
type targets struct {
	small []byte
	large []uint32
}

func readTargets(n *node) (t targets, err error) {
	if t.small, err = n.ints("leaf_targetids").flags(); err != nil {
		t.small = nil
		t.large, err = n.ints("leaf_targetids").uint32s()
	}
	return t, err
}

func (t *targets) len() int { return len(t.small) + len(t.large) }

func (t *targets) at(i int) uint32 {
	if t.large != nil {
		return t.large[i]
	}
	return uint32(t.small[i])
}

func readColumns5(n *node, f *forest.Forest) (*columns5, error) {
	c := &columns5{features: n.ints("nodes_featureids"), trues: n.ints("nodes_truenodeids"), falses: n.ints("nodes_falsenodeids")}
	var reads []func() error
	flags := func(to *[]byte, name string) {
		reads = append(reads, func() (err error) { *to, err = n.ints(name).flags(); return err })
	}
	tensors := func(name string, read func(l *list) error) {
		reads = append(reads, func() error {
			l, err := n.tensorList(name)
			if err == nil {
				err = read(l)
			}
			return err
		})
	}
	reads = append(reads, func() (err error) { c.targets, err = readTargets(n); return err })
	flags(&c.trueLeafs, "nodes_trueleafs")
	flags(&c.falseLeafs, "nodes_falseleafs")
	flags(&c.missing, "nodes_missing_value_tracks_true")
	tensors("nodes_splits", func(l *list) (err error) { c.splits, err = l.numbers(); return err })
	tensors("leaf_weights", func(l *list) (err error) { c.weights, err = l.numbers(); return err })
	tensors("nodes_modes", func(l *list) (err error) { c.modes, err = l.flags(); return err })
	if err := parallel.Each(len(reads), func(i int) error { return reads[i]() }); err != nil {
		return nil, err
	}
	c.nodes = c.splits.len()
	if len(c.trueLeafs) != c.nodes || len(c.falseLeafs) != c.nodes || len(c.modes) != c.nodes || c.missing != nil && len(c.missing) != c.nodes {
		return nil, errLengths
	}
	if c.weights.len() != c.targets.len() {
		return nil, fmt.Errorf("%d leaves with %d weights", c.targets.len(), c.weights.len())
	}
	if c.splits.size == 4 {
		f.Input, f.Acc = forest.Float32, forest.Float32
	}
	c.input = f.Input
	for i := range c.targets.len() {
		if target := c.targets.at(i); int64(target) >= int64(f.Outputs) {
			return nil, fmt.Errorf("leaf %d: target %d of %d", i, target, f.Outputs)
		}
	}
	return c, nil
}

// apart tells whether the roots are in rising order, from the first node on, so that each tree may be the nodes between its root
// and the next.
func (c *columns5) apart(roots []uint32) bool {
	for k, root := range roots {
		if int(root) >= c.nodes || k > 0 && root <= roots[k-1] || k == 0 && root != 0 {
			return false
		}
	}
	return true
}

// treesApart reads trees that lie one after the other, on all cores. The error says that they do not.
func (c *columns5) treesApart(f *forest.Forest, roots []uint32, want *forest.Forest) error {
	if want != nil && len(want.Trees) != len(roots) {
		want = nil
	}
	starts := [3][]int{}
	lists := [3]*list{c.features, c.trues, c.falses}
	if err := parallel.Each(len(lists), func(i int) (err error) { starts[i], err = lists[i].starts(roots); return err }); err != nil {
		return err
	}
	features := make([]int, len(roots)) // of each tree
	walkers := sync.Pool{New: func() any { return &walker5{columns5: c} }}
	err := parallel.Each(len(roots), func(k int) (err error) {
		w := walkers.Get().(*walker5)
		defer walkers.Put(w)
		w.from, w.to = roots[k], uint32(c.nodes)
		if k+1 < len(roots) {
			w.to = roots[k+1]
		}
		for i, to := range []*[]uint32{&w.features, &w.trues, &w.falses} {
			if *to, err = lists[i].between((*to)[:0], starts[i][k], starts[i][k+1]); err != nil {
				return err
			}
		}
		if features[k], err = w.check(); err != nil {
			return err
		}
		if want != nil && w.equals(k, &want.Trees[k]) {
			f.Trees[k] = want.Trees[k]
			return nil
		}
		w.used, w.t = make([]bool, w.to-w.from), newTree5(int(w.to-w.from))
		if err = w.walk(roots[k]); err == nil && w.t.Len() != 2*int(w.to-w.from)+1 {
			err = errUnreached
		}
		if err == nil {
			err = w.t.Check(features[k], 1)
		}
		f.Trees[k], w.t = w.t, forest.Tree{}
		return err
	})
	for _, n := range features {
		f.Features = max(f.Features, n)
	}
	return err
}

// trees reads trees that lie anyhow.
func (c *columns5) trees(f *forest.Forest, roots []uint32) error {
	w := &walker5{columns5: c, to: uint32(c.nodes), used: make([]bool, c.nodes)}
	var err1, err2, err3 error
	w.features, err1 = c.features.uint32s()
	w.trues, err2 = c.trues.uint32s()
	w.falses, err3 = c.falses.uint32s()
	if err := cmp.Or(err1, err2, err3); err != nil {
		return err
	}
	features, err := w.check()
	if err != nil {
		return err
	}
	f.Features = max(1, features)
	reached := 0
	for k, root := range roots {
		w.t = forest.Tree{}
		if err := w.walk(root); err != nil {
			return err
		}
		f.Trees[k] = w.t
		reached += w.t.Len()
	}
	if reached != 2*c.nodes+len(roots) {
		return errUnreached
	}
	return nil
}

// errUnreached is for inner nodes that stand under no root: a tree of n of them has n+1 leaves.
var errUnreached = fault.Brokenf(fault.Where{}, "nodes that no root reaches")

// newTree5 has room for a tree of as many inner nodes.
func newTree5(inner int) forest.Tree {
	size := 2*inner + 1
	return forest.Tree{Feature: make([]int32, 0, size), Threshold: make([]float64, 0, size), Left: make([]int32, 0, size),
		Right: make([]int32, 0, size), Value: make([]float64, 0, inner+1)}
}

// walker5 makes trees, one after the other.
type walker5 struct {
	*columns5
	from, to uint32 // the inner nodes that may belong to the tree
	// features, trues and falses are those of these nodes.
	features, trues, falses []uint32
	plain                   bool   // all of them ask x <= threshold
	o                       order5 // of the tree that is expected
	used                    []bool // those that do; every node may belong to one tree only, which also excludes cycles
	t                       forest.Tree
}

// child5 is a node or leaf under another, by its number in the list it stands in.
type child5 struct {
	at   uint32
	leaf bool
}

// node5 is an inner node, as x <= threshold asks.
type node5 struct {
	feature     int32
	threshold   float64
	missing     bool // goes left
	left, right child5
}

// check tells how many features the nodes compare.
func (w *walker5) check() (features int, err error) {
	size := int(w.to - w.from)
	if len(w.features) != size || len(w.trues) != size || len(w.falses) != size {
		return 0, errLengths
	}
	modes := uint8(0)
	for i, feature := range w.features[:size] {
		if feature >= math.MaxInt32 {
			return 0, fmt.Errorf("node %d: feature %d", int(w.from)+i, feature)
		}
		features = max(features, int(feature)+1)
		mode := w.modes[int(w.from)+i]
		if mode > 3 {
			return 0, fault.Unsupportedf(fault.Where{}, "nodes of mode %d", mode)
		}
		modes |= mode
	}
	w.plain = modes == 0
	return features, nil
}

// take reads an inner node, which nobody may have read before.
func (w *walker5) take(at uint32) (n node5, err error) {
	if at < w.from || at >= w.to || w.used[at-w.from] {
		return n, fmt.Errorf("node %d is not there, or reached twice", at)
	}
	i := at - w.from
	w.used[i] = true
	n = node5{int32(w.features[i]), w.splits.at(int(at)), w.missing != nil && w.missing[at] != 0,
		child5{w.trues[i], w.trueLeafs[at] != 0}, child5{w.falses[i], w.falseLeafs[at] != 0}}
	if n.threshold != n.threshold {
		return n, fmt.Errorf("node %d: its threshold is NaN", at)
	}
	if mode := w.modes[at]; mode != 0 { // BRANCH_LEQ, LT, GTE, GT
		if mode < 3 {
			n.threshold = below(n.threshold, w.input)
		}
		if mode >= 2 {
			n.left, n.right, n.missing = n.right, n.left, !n.missing
		}
	}
	if w.half > 0 && int(n.feature) >= w.half {
		if math.IsInf(n.threshold, 1) {
			return n, fault.Unsupportedf(fault.Where{}, "a split of column %d at %v", n.feature, n.threshold)
		}
		n.feature, n.threshold = n.feature-int32(w.half), mirrored(n.threshold, w.input)
		n.left, n.right, n.missing = n.right, n.left, !n.missing
	}
	return n, nil
}

// equals tells whether tree k is another one, to the bit, whose nodes are numbered as they are written: each node of that tree is looked up
// where it must stand, and must have as its children what stands where its own children must.
func (w *walker5) equals(k int, t *forest.Tree) bool {
	size := int(w.to - w.from)
	firstLeaf := int(w.from) + k // each tree before has a leaf more than inner nodes
	if t.Category != nil || t.Output == forest.AllOutputs || t.Len() != 2*size+1 || !w.plain || firstLeaf+size+1 > w.targets.len() ||
		!w.o.number(t, w.from, uint32(firstLeaf)) {
		return false
	}
	from, to, codes := int(w.from), int(w.to), w.o.codes
	features, trues, falses, trueLeafs, falseLeafs := w.features, w.trues, w.falses, w.trueLeafs[from:to], w.falseLeafs[from:to]
	half := int32(w.half)
	if half == 0 {
		half = math.MaxInt32
	}
	differs := uint32(0) // 0: no bit does
	for n, i := range w.o.inners[:size] {
		feature, missing := int32(features[n]), uint32(0)
		if w.missing != nil {
			missing = uint32(w.missing[from+n])
		}
		// Every other split may be of a negated column, and no processor guesses which.
		turn := uint32((half - 1 - feature) >> 31) // all bits or none
		feature -= half & int32(turn)
		missing ^= turn & 1
		flag := uint32(0)
		if t.Flags != nil {
			flag = uint32(t.Flags[i] & forest.MissingLeft)
		}
		limit := math.Float64bits(t.Threshold[i])
		if w.splits.size == 4 {
			bits := mirroredFloat(binary.LittleEndian.Uint32(w.splits.data[4*(from+n):]), turn)
			limit ^= math.Float64bits(float64(math.Float32frombits(bits)))
		} else {
			limit ^= mirroredDouble(binary.LittleEndian.Uint64(w.splits.data[8*(from+n):]), uint64(int32(turn)))
		}
		yes, no := trues[n], falses[n]
		large := (yes | no) >> 31
		yes, no = yes<<1|uint32(trueLeafs[n]), no<<1|uint32(falseLeafs[n])
		swap := (yes ^ no) & turn
		differs |= uint32(feature^t.Feature[i]) | uint32(limit) | uint32(limit>>32) | (missing ^ flag) | large |
			(yes ^ swap ^ codes[t.Left[i]]) | (no ^ swap ^ codes[t.Right[i]])
	}
	for n, i := range w.o.leaves[:size+1] {
		value := math.Float64bits(t.Value[t.Left[i]]) ^ math.Float64bits(w.weights.at(firstLeaf+n))
		differs |= (w.targets.at(firstLeaf+n) ^ uint32(t.Output)) | uint32(value) | uint32(value>>32)
	}
	return differs == 0
}

// walk makes the tree under a root.
func (w *walker5) walk(root uint32) error {
	t := &w.t
	t.Output = forest.AllOutputs
	type step struct {
		child5
		parent int32
		right  bool
	}
	stack := []step{{child5{at: root}, -1, false}}
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		i := int32(len(t.Feature))
		if s.parent >= 0 && s.right {
			t.Right[s.parent] = i
		} else if s.parent >= 0 {
			t.Left[s.parent] = i
		}
		if s.leaf {
			if int(s.at) >= w.targets.len() {
				return fmt.Errorf("leaf %d of %d", s.at, w.targets.len())
			}
			target := int32(w.targets.at(int(s.at)))
			if t.Output == forest.AllOutputs {
				t.Output = target
			}
			if t.Output != target {
				return fault.Unsupportedf(fault.Where{}, "a tree that adds to several outputs")
			}
			t.Feature, t.Threshold = append(t.Feature, forest.Leaf), append(t.Threshold, 0)
			t.Left, t.Right = append(t.Left, int32(len(t.Value))), append(t.Right, 0)
			t.Value = append(t.Value, w.weights.at(int(s.at)))
			if t.Flags != nil {
				t.Flags = append(t.Flags, 0)
			}
			continue
		}
		n, err := w.take(s.at)
		if err != nil {
			return err
		}
		t.Feature, t.Threshold = append(t.Feature, n.feature), append(t.Threshold, n.threshold)
		t.Left, t.Right = append(t.Left, 0), append(t.Right, 0)
		if n.missing || t.Flags != nil {
			for len(t.Flags) < len(t.Feature) {
				t.Flags = append(t.Flags, 0)
			}
			if n.missing {
				t.Flags[i] = forest.MissingLeft
			}
		}
		stack = append(stack, step{n.right, i, true}, step{n.left, i, false})
	}
	return nil
}
