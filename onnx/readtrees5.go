package onnx

import (
	"fmt"
	"math"
	"slices"
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
	if c.half = half; half > 0 {
		if f.Features > 2*half {
			return nil, fmt.Errorf("uses %d columns of %d", f.Features, 2*half)
		}
		f.Features = min(f.Features, half)
	}
	if err := checkOutputs(f.Outputs, len(c.targets)); err != nil {
		return nil, err
	}
	roots, err := n.ints("tree_roots").uint32s()
	if err != nil {
		return nil, err
	}
	if len(roots) > len(c.features) {
		return nil, fmt.Errorf("%d roots of %d nodes", len(roots), len(c.features))
	}
	f.Trees = make([]forest.Tree, len(roots))
	if !c.apart(roots) || c.treesApart(f, roots, want) != nil {
		if err := c.trees(f, roots); err != nil {
			return nil, err
		}
	}
	return f, f.Check("ensemble")
}

// columns5 are the lists of a TreeEnsemble: one item per inner node, and one per leaf.
type columns5 struct {
	input                 forest.Precision
	half                  int
	features              []uint32
	trues, falses         []uint32
	trueLeafs, falseLeafs []byte // 0: the child is an inner node
	modes                 []byte
	missing               []byte // nil: all zero
	splits, weights       numbers
	targets               []uint32
}

func readColumns5(n *node, f *forest.Forest) (*columns5, error) {
	c := &columns5{}
	var err error
	each := func(read func() error) {
		if err == nil {
			err = read()
		}
	}
	ints := func(to *[]uint32, name string) {
		each(func() (err error) { *to, err = n.ints(name).uint32s(); return err })
	}
	flags := func(to *[]byte, name string) {
		each(func() (err error) { *to, err = n.ints(name).flags(); return err })
	}
	tensors := func(to *numbers, name string) {
		each(func() error {
			l, err := n.tensorList(name)
			if err == nil {
				*to, err = l.numbers()
			}
			return err
		})
	}
	ints(&c.features, "nodes_featureids")
	ints(&c.trues, "nodes_truenodeids")
	ints(&c.falses, "nodes_falsenodeids")
	flags(&c.trueLeafs, "nodes_trueleafs")
	flags(&c.falseLeafs, "nodes_falseleafs")
	flags(&c.missing, "nodes_missing_value_tracks_true")
	ints(&c.targets, "leaf_targetids")
	tensors(&c.splits, "nodes_splits")
	tensors(&c.weights, "leaf_weights")
	each(func() error {
		l, err := n.tensorList("nodes_modes")
		if err == nil {
			c.modes, err = l.flags()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	size := len(c.features)
	if len(c.trues) < size || len(c.falses) < size || len(c.trueLeafs) < size || len(c.falseLeafs) < size || len(c.modes) < size ||
		c.splits.len() < size || c.missing != nil && len(c.missing) < size {
		return nil, fmt.Errorf("the lists of its nodes differ in length")
	}
	if c.weights.len() < len(c.targets) {
		return nil, fmt.Errorf("%d leaves with %d weights", len(c.targets), c.weights.len())
	}
	if c.splits.size == 4 {
		f.Input, f.Acc = forest.Float32, forest.Float32
	}
	c.input = f.Input
	for i, target := range c.targets {
		if int64(target) >= int64(f.Outputs) {
			return nil, fmt.Errorf("leaf %d: target %d of %d", i, target, f.Outputs)
		}
	}
	for i, feature := range c.features {
		if feature >= math.MaxInt32 {
			return nil, fmt.Errorf("node %d: feature %d", i, feature)
		}
		f.Features = max(f.Features, int(feature)+1)
		if c.modes[i] > 3 {
			return nil, fault.Unsupportedf(fault.Where{}, "nodes of mode %d", c.modes[i])
		}
	}
	return c, nil
}

// apart tells whether the roots are in rising order, so that each tree may be the nodes between its root and the next.
func (c *columns5) apart(roots []uint32) bool {
	for k, root := range roots {
		if int(root) >= len(c.features) || k > 0 && root <= roots[k-1] {
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
	walkers := sync.Pool{New: func() any { return &walker5{columns5: c} }}
	return parallel.Each(len(roots), func(k int) error {
		w := walkers.Get().(*walker5)
		defer walkers.Put(w)
		w.from, w.to = roots[k], uint32(len(c.features))
		if k+1 < len(roots) {
			w.to = roots[k+1]
		}
		size := int(w.to - w.from)
		w.used = append(w.used[:0], make([]bool, size)...)
		if want == nil {
			w.t = newTree5(size)
		}
		w.t = emptied(w.t)
		if err := w.walk(roots[k]); err != nil {
			return err
		}
		switch {
		case want == nil:
			f.Trees[k] = w.t
			w.t = forest.Tree{}
		case forest.EqualTrees(&want.Trees[k], &w.t, 1) == nil:
			f.Trees[k] = want.Trees[k]
		default:
			f.Trees[k] = cloned(w.t)
		}
		return nil
	})
}

// trees reads trees that lie anyhow.
func (c *columns5) trees(f *forest.Forest, roots []uint32) error {
	w := &walker5{columns5: c, to: uint32(len(c.features)), used: make([]bool, len(c.features))}
	for k, root := range roots {
		w.t = forest.Tree{}
		if err := w.walk(root); err != nil {
			return err
		}
		f.Trees[k] = w.t
	}
	return nil
}

// newTree5 has room for a tree of as many inner nodes.
func newTree5(inner int) forest.Tree {
	size := 2*inner + 1
	return forest.Tree{Feature: make([]int32, 0, size), Threshold: make([]float64, 0, size), Left: make([]int32, 0, size),
		Right: make([]int32, 0, size), Value: make([]float64, 0, inner+1)}
}

func emptied(t forest.Tree) forest.Tree {
	return forest.Tree{Feature: t.Feature[:0], Threshold: t.Threshold[:0], Left: t.Left[:0], Right: t.Right[:0], Value: t.Value[:0]}
}

func cloned(t forest.Tree) forest.Tree {
	return forest.Tree{Feature: slices.Clone(t.Feature), Threshold: slices.Clone(t.Threshold), Left: slices.Clone(t.Left), Right: slices.Clone(t.Right),
		Value: slices.Clone(t.Value), Flags: t.Flags, Output: t.Output}
}

// walker5 makes trees, one after the other.
type walker5 struct {
	*columns5
	from, to uint32 // the inner nodes that may belong to the tree
	used     []bool // those that do; every node may belong to one tree only, which also excludes cycles
	stack    []step5
	t        forest.Tree
}

type step5 struct {
	at     uint32
	parent int32
	leaf   bool
	right  bool
}

// walk makes the tree under a root.
func (w *walker5) walk(root uint32) error {
	t := &w.t
	t.Output = forest.AllOutputs
	w.stack = append(w.stack[:0], step5{at: root, parent: -1})
	for len(w.stack) > 0 {
		s := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		i := int32(len(t.Feature))
		if s.parent >= 0 && s.right {
			t.Right[s.parent] = i
		} else if s.parent >= 0 {
			t.Left[s.parent] = i
		}
		if s.leaf {
			if int(s.at) >= len(w.targets) {
				return fmt.Errorf("leaf %d of %d", s.at, len(w.targets))
			}
			target := int32(w.targets[s.at])
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
		if s.at < w.from || s.at >= w.to || w.used[s.at-w.from] {
			return fmt.Errorf("node %d is not there, or reached twice", s.at)
		}
		w.used[s.at-w.from] = true
		threshold := w.splits.at(int(s.at))
		if threshold != threshold {
			return fmt.Errorf("node %d: its threshold is NaN", s.at)
		}
		left, right := step5{w.trues[s.at], i, w.trueLeafs[s.at] != 0, false}, step5{w.falses[s.at], i, w.falseLeafs[s.at] != 0, true}
		missing := w.missing != nil && w.missing[s.at] != 0
		if mode := w.modes[s.at]; mode != 0 { // BRANCH_LEQ, LT, GTE, GT
			if mode < 3 {
				threshold = below(threshold, w.input)
			}
			if mode >= 2 {
				left.at, left.leaf, right.at, right.leaf = right.at, right.leaf, left.at, left.leaf
				missing = !missing
			}
		}
		feature := int32(w.features[s.at])
		if w.half > 0 && int(feature) >= w.half {
			if math.IsInf(threshold, 1) {
				return fault.Unsupportedf(fault.Where{}, "a split of column %d at %v", feature, threshold)
			}
			feature, threshold = feature-int32(w.half), mirrored(threshold, w.input)
			left.at, left.leaf, right.at, right.leaf = right.at, right.leaf, left.at, left.leaf
			missing = !missing
		}
		t.Feature, t.Threshold = append(t.Feature, feature), append(t.Threshold, threshold)
		t.Left, t.Right = append(t.Left, 0), append(t.Right, 0)
		if missing || t.Flags != nil {
			for len(t.Flags) < len(t.Feature) {
				t.Flags = append(t.Flags, 0)
			}
			if missing {
				t.Flags[i] = forest.MissingLeft
			}
		}
		w.stack = append(w.stack, right, left)
	}
	return nil
}
