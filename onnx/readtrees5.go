package onnx

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// treeEnsemble5 reads a TreeEnsemble of ai.onnx.ml 5. Nodes are numbered anew, in the order in which the tree is walked.
func (d *decoder) treeEnsemble5(n *node) (*forest.Forest, error) {
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
	splits, err := n.tensorList("nodes_splits")
	if err != nil {
		return nil, err
	}
	weights, err := n.tensorList("leaf_weights")
	if err != nil {
		return nil, err
	}
	modes, err := n.tensorList("nodes_modes")
	if err != nil {
		return nil, err
	}
	if splits != nil && splits.size == 4 {
		f.Input, f.Acc = forest.Float32, forest.Float32
	}
	nodes, err := readNodes5(n, f, splits, modes)
	if err != nil {
		return nil, err
	}
	targets := n.ints("leaf_targetids")
	leaves := make([]leaf5, 0, targets.count())
	for {
		target, ok := targets.next()
		if !ok {
			break
		}
		value, ok := weights.number()
		if !ok || target >= uint64(outputs) {
			return nil, fmt.Errorf("leaf %d: no weight, or target %d of %d", len(leaves), target, outputs)
		}
		leaves = append(leaves, leaf5{int32(target), value})
	}
	if err := checkOutputs(f.Outputs, len(leaves)); err != nil {
		return nil, err
	}
	used := make([]bool, len(nodes))
	unclaimed := len(nodes) // by the sizes that roots tell of their trees: they may tell of all nodes once
	for roots := n.ints("tree_roots"); ; {
		root, ok := roots.next()
		if !ok {
			break
		}
		next := roots.peek(uint64(len(nodes)))
		if next > root && next <= uint64(len(nodes)) {
			if unclaimed -= int(next - root); unclaimed < 0 {
				next = root
			}
		}
		t, err := walk5(root, next, nodes, leaves, used)
		if err != nil {
			return nil, err
		}
		f.Trees = append(f.Trees, *t)
	}
	return f, f.Check("ensemble")
}

type node5 struct {
	left, right         uint32
	feature             int32
	leftLeaf, rightLeaf bool
	missingLeft         bool
	threshold           float64
}

type leaf5 struct {
	target int32
	value  float64
}

func readNodes5(n *node, f *forest.Forest, splits, modes *list) ([]node5, error) {
	features, missing := n.ints("nodes_featureids"), n.ints("nodes_missing_value_tracks_true")
	trues, trueLeafs := n.ints("nodes_truenodeids"), n.ints("nodes_trueleafs")
	falses, falseLeafs := n.ints("nodes_falsenodeids"), n.ints("nodes_falseleafs")
	nodes := make([]node5, 0, features.count())
	for {
		feature, ok := features.next()
		if !ok {
			return nodes, nil
		}
		left, ok1 := trues.next()
		leftLeaf, ok2 := trueLeafs.next()
		right, ok3 := falses.next()
		rightLeaf, ok4 := falseLeafs.next()
		threshold, ok5 := splits.number()
		mode, ok6 := modes.next()
		if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 {
			return nil, fmt.Errorf("the lists of its nodes differ in length")
		}
		if feature > math.MaxInt32-1 || left > math.MaxInt32 || right > math.MaxInt32 || math.IsNaN(threshold) {
			return nil, fmt.Errorf("node %d: feature %d, children %d and %d, threshold %v", len(nodes), feature, left, right, threshold)
		}
		tracks, _ := missing.next()
		nd := node5{left: uint32(left), right: uint32(right), feature: int32(feature), leftLeaf: leftLeaf != 0, rightLeaf: rightLeaf != 0,
			missingLeft: tracks != 0, threshold: threshold}
		switch mode { // BRANCH_LEQ, LT, GTE, GT
		case 0:
		case 1, 2:
			nd.threshold = below(threshold, f.Input)
		case 3:
		default:
			return nil, fault.Unsupportedf(fault.Where{}, "nodes of mode %d", mode)
		}
		if mode == 2 || mode == 3 {
			nd.left, nd.right, nd.leftLeaf, nd.rightLeaf, nd.missingLeft = nd.right, nd.left, nd.rightLeaf, nd.leftLeaf, !nd.missingLeft
		}
		f.Features = max(f.Features, int(feature)+1)
		nodes = append(nodes, nd)
	}
}

// walk5 makes the tree under a root. Every node may belong to one tree only, which also excludes cycles. next is the root
// of the next tree: where trees lie one after the other, as they mostly do, it tells the size.
func walk5(root, next uint64, nodes []node5, leaves []leaf5, used []bool) (*forest.Tree, error) {
	t := &forest.Tree{Output: forest.AllOutputs}
	if next > root && next <= uint64(len(nodes)) {
		inner := int(next - root)
		size := 2*inner + 1
		t.Feature, t.Threshold = make([]int32, 0, size), make([]float64, 0, size)
		t.Left, t.Right = make([]int32, 0, size), make([]int32, 0, size)
		t.Value = make([]float64, 0, inner+1)
	}
	type step struct {
		at     uint32
		leaf   bool
		parent int32
		right  bool
	}
	if root >= uint64(len(nodes)) {
		return nil, fmt.Errorf("root %d of %d nodes", root, len(nodes))
	}
	stack := []step{{at: uint32(root), parent: -1}}
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		i := int32(t.Len())
		if s.parent >= 0 && s.right {
			t.Right[s.parent] = i
		} else if s.parent >= 0 {
			t.Left[s.parent] = i
		}
		if s.leaf {
			if int(s.at) >= len(leaves) {
				return nil, fmt.Errorf("leaf %d of %d", s.at, len(leaves))
			}
			leaf := leaves[s.at]
			if t.Output == forest.AllOutputs {
				t.Output = leaf.target
			}
			if t.Output != leaf.target {
				return nil, fault.Unsupportedf(fault.Where{}, "a tree that adds to several outputs")
			}
			t.Feature, t.Threshold = append(t.Feature, forest.Leaf), append(t.Threshold, 0)
			t.Left, t.Right = append(t.Left, int32(len(t.Value))), append(t.Right, 0)
			t.Value = append(t.Value, leaf.value)
			if t.Flags != nil {
				t.Flags = append(t.Flags, 0)
			}
			continue
		}
		if int(s.at) >= len(nodes) || used[s.at] {
			return nil, fmt.Errorf("node %d of %d is not there, or reached twice", s.at, len(nodes))
		}
		used[s.at] = true
		n := nodes[s.at]
		t.Feature, t.Threshold = append(t.Feature, n.feature), append(t.Threshold, n.threshold)
		t.Left, t.Right = append(t.Left, 0), append(t.Right, 0)
		if n.missingLeft || t.Flags != nil {
			for len(t.Flags) < t.Len() {
				t.Flags = append(t.Flags, 0)
			}
			if n.missingLeft {
				t.Flags[i] = forest.MissingLeft
			}
		}
		stack = append(stack, step{n.right, n.rightLeaf, i, true}, step{n.left, n.leftLeaf, i, false})
	}
	return t, nil
}
