package onnx

import (
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// plain refuses settings that change what an ensemble answers and that no step of ours can say.
func (n *node) plain() error {
	for name := range n.attrs {
		switch name {
		case "base_values", "base_values_as_tensor":
			return fault.Unsupportedf(fault.Where{}, "base values")
		case "membership_values":
			return fault.Unsupportedf(fault.Where{}, "splits by membership")
		}
	}
	return nil
}

// treeEnsemble reads a TreeEnsembleRegressor (prefix target) or TreeEnsembleClassifier (prefix class), of ai.onnx.ml 1 or 3.
func (d *decoder) treeEnsemble(n *node, prefix string) (*forest.Forest, error) {
	if err := n.plain(); err != nil {
		return nil, err
	}
	aggregate, err1 := n.text("aggregate_function", "SUM")
	post, err2 := n.text("post_transform", "NONE")
	if err1 != nil || err2 != nil || aggregate != "SUM" && aggregate != "AVERAGE" || post != "NONE" {
		return nil, fault.Unsupportedf(fault.Where{}, "aggregate_function %s, post_transform %s", aggregate, post)
	}
	f := &forest.Forest{Input: forest.Float32, Acc: forest.Float32}
	if aggregate == "AVERAGE" {
		f.Combine = forest.Mean
	}
	values, err := n.floats("nodes_values", "_as_tensor")
	if err != nil {
		return nil, err
	}
	if values != nil && values.size == 8 {
		f.Input = forest.Float64
	}
	r := &nodeReader{f: f, ids: map[[2]uint64]int32{}}
	if err := r.nodes(n, values); err != nil {
		return nil, err
	}
	if prefix == "target" {
		v, err := n.int("n_targets", 0)
		if err != nil || v < 1 || v > 1<<24 {
			return nil, fmt.Errorf("n_targets %d", v)
		}
		f.Outputs = int(v)
	}
	if err := r.weights(n, prefix); err != nil {
		return nil, err
	}
	if err := checkOutputs(f.Outputs, len(r.entries)); err != nil {
		return nil, err
	}
	return f, r.finish()
}

// idleOutputs is how many outputs may be declared that no leaf adds to: an answer takes memory for each.
const idleOutputs = 1 << 12

func checkOutputs(outputs, weights int) error {
	if outputs > weights+idleOutputs {
		return fault.TooBigf(fault.Where{}, "", "%d outputs, to which %d leaves add", outputs, weights)
	}
	return nil
}

// nodeReader builds trees from lists in which nodes have any order and any numbers.
type nodeReader struct {
	f      *forest.Forest
	ids    map[[2]uint64]int32 // (tree, node) -> place in its tree, only where a node's number is not its place
	treeOf map[uint64]int
	// children are Left and Right of each tree, kept apart until no more nodes are looked for.
	children [][2][]int32
	entries  []weight
}

// weight is what a leaf adds to an output.
type weight struct {
	tree, leaf, output int32
	value              float64
}

// find is the tree and place of a node.
func (r *nodeReader) find(tree, id uint64) (k int, at int32, ok bool) {
	k, ok = r.treeOf[tree]
	if !ok {
		return 0, 0, false
	}
	if at, ok := r.ids[[2]uint64{tree, id}]; ok {
		return k, at, true
	}
	// Where the number is the place, nothing was stored.
	if id < uint64(r.f.Trees[k].Len()) && r.f.Trees[k].Right[id] == isPlace {
		return k, int32(id), true
	}
	return 0, 0, false
}

// isPlace marks, in Right, a node whose number is its place, until children are known.
const isPlace = math.MinInt32

func (r *nodeReader) nodes(n *node, values *list) error {
	r.treeOf = map[uint64]int{}
	treeIDs, nodeIDs, features := n.ints("nodes_treeids"), n.ints("nodes_nodeids"), n.ints("nodes_featureids")
	missing := n.ints("nodes_missing_value_tracks_true")
	modes := &modeList{list: n.list("nodes_modes", attrStrings, 0)}
	type swapped struct {
		k  int
		at int32
	}
	swaps := map[swapped]bool{}
	for {
		tree, ok := treeIDs.next()
		if !ok {
			break
		}
		id, ok1 := nodeIDs.next()
		feature, ok2 := features.next()
		value, ok3 := values.number()
		mode, ok4 := modes.next()
		if !ok1 || !ok2 || !ok3 || !ok4 || feature > math.MaxInt32-1 {
			return fmt.Errorf("the lists of its nodes differ in length")
		}
		k, known := r.treeOf[tree]
		if !known {
			k = len(r.f.Trees)
			r.treeOf[tree] = k
			r.f.Trees = append(r.f.Trees, forest.Tree{Output: forest.AllOutputs})
		}
		t := &r.f.Trees[k]
		at := int32(t.Len())
		if _, _, twice := r.find(tree, id); twice {
			return fmt.Errorf("node %d of tree %d stands twice", id, tree)
		}
		mark := int32(isPlace)
		if id != uint64(at) {
			r.ids[[2]uint64{tree, id}] = at
			mark = 0
		}
		tracks, _ := missing.next()
		leaf, swap := false, false
		switch mode {
		case "BRANCH_LEQ":
		case "BRANCH_LT":
			value = below(value, r.f.Input)
		case "BRANCH_GT":
			swap = true
		case "BRANCH_GTE":
			value, swap = below(value, r.f.Input), true
		case "LEAF":
			leaf = true
		default:
			return fault.Unsupportedf(fault.Where{}, "nodes of mode %q", mode)
		}
		column := int32(forest.Leaf)
		if !leaf {
			column = int32(feature)
			r.f.Features = max(r.f.Features, int(feature)+1)
			if math.IsNaN(value) {
				return fmt.Errorf("node %d of tree %d: its threshold is NaN", id, tree)
			}
		}
		t.Feature = append(t.Feature, column)
		t.Left, t.Right = append(t.Left, 0), append(t.Right, mark)
		t.Threshold = append(t.Threshold, value)
		if swap {
			swaps[swapped{k, at}] = true
		}
		if left := (tracks == 1) != swap && !leaf; left || t.Flags != nil {
			for len(t.Flags) < len(t.Feature) {
				t.Flags = append(t.Flags, 0)
			}
			if left {
				t.Flags[at] = forest.MissingLeft
			}
		}
	}
	// All numbers are known now; children first into lists of their own, as find still needs the marks.
	trues, falses := n.ints("nodes_truenodeids"), n.ints("nodes_falsenodeids")
	treeIDs = n.ints("nodes_treeids")
	next := make([]int32, len(r.f.Trees))
	children := make([][2][]int32, len(r.f.Trees))
	for k := range children {
		size := r.f.Trees[k].Len()
		children[k] = [2][]int32{make([]int32, size), make([]int32, size)}
	}
	for {
		tree, ok := treeIDs.next()
		if !ok {
			break
		}
		a, ok1 := trues.next()
		b, ok2 := falses.next()
		if !ok1 || !ok2 {
			return fmt.Errorf("the lists of its nodes differ in length")
		}
		k := r.treeOf[tree]
		t, at := &r.f.Trees[k], next[k]
		next[k]++
		if t.IsLeaf(at) {
			continue
		}
		_, left, ok1 := r.find(tree, a)
		_, right, ok2 := r.find(tree, b)
		if !ok1 || !ok2 {
			return fmt.Errorf("tree %d has no node %d or %d", tree, a, b)
		}
		if swaps[swapped{k, at}] {
			left, right = right, left
		}
		children[k][0][at], children[k][1][at] = left, right
	}
	r.children = children
	return nil
}

// below is the largest number of a precision that is smaller than v: x < v asks what x <= below(v) asks.
func below(v float64, p forest.Precision) float64 {
	if p == forest.Float32 {
		return float64(math.Nextafter32(float32(v), float32(math.Inf(-1))))
	}
	return math.Nextafter(v, math.Inf(-1))
}

// weights reads what the leaves add.
func (r *nodeReader) weights(n *node, prefix string) error {
	trees, nodes, ids := n.ints(prefix+"_treeids"), n.ints(prefix+"_nodeids"), n.ints(prefix+"_ids")
	values, err := n.floats(prefix+"_weights", "_as_tensor")
	if err != nil {
		return err
	}
	for {
		tree, ok := trees.next()
		if !ok {
			return nil
		}
		id, ok1 := nodes.next()
		output, ok2 := ids.next()
		value, ok3 := values.number()
		if !ok1 || !ok2 || !ok3 {
			return fmt.Errorf("the lists of its leaves differ in length")
		}
		k, at, ok := r.find(tree, id)
		if !ok || !r.f.Trees[k].IsLeaf(at) {
			return fmt.Errorf("a weight for node %d of tree %d, which is no leaf", id, tree)
		}
		if prefix == "class" {
			r.f.Outputs = max(r.f.Outputs, int(min(output, 1<<24))+1)
		}
		if output >= 1<<24 || int(output) >= r.f.Outputs {
			return fmt.Errorf("a weight for output %d of %d", output, r.f.Outputs)
		}
		r.entries = append(r.entries, weight{tree: int32(k), leaf: at, output: int32(output), value: value})
	}
}

// finish gives each tree its children and leaf rows. A tree whose leaves all add to the same output, once each, is one of
// single values; else leaf rows are as wide as the answer.
func (r *nodeReader) finish() error {
	f := r.f
	if len(f.Trees) == 0 {
		return fmt.Errorf("an ensemble without trees")
	}
	f.Features = max(f.Features, 1)
	slices.SortStableFunc(r.entries, func(a, b weight) int { return int(a.tree) - int(b.tree) })
	for k := range f.Trees {
		t := &f.Trees[k]
		t.Left, t.Right = r.children[k][0], r.children[k][1]
		n := 0
		for n < len(r.entries) && r.entries[n].tree == int32(k) {
			n++
		}
		entries := r.entries[:n]
		r.entries = r.entries[n:]
		if err := fillLeaves(f, t, entries); err != nil {
			return err
		}
	}
	return f.Check("ensemble")
}

// widestRows is the most numbers that leaf rows may take beyond what the file lists: rows are filled up with zeros.
const widestRows = 1 << 28

func fillLeaves(f *forest.Forest, t *forest.Tree, entries []weight) error {
	leaves := t.Leaves()
	single := len(entries) == leaves
	seen := make([]bool, t.Len())
	for _, e := range entries {
		single = single && e.output == entries[0].output && !seen[e.leaf]
		seen[e.leaf] = true
	}
	width := 1
	if single {
		t.Output = entries[0].output
	} else if width = f.Outputs; leaves > widestRows/width {
		return fault.TooBigf(fault.Where{}, "", "%d leaves of %d values", leaves, width)
	}
	t.Value = make([]float64, leaves*width)
	row := int32(0)
	for i := range t.Feature {
		if t.IsLeaf(int32(i)) {
			t.Left[i] = row
			row++
		}
	}
	for _, e := range entries {
		at := int(t.Left[e.leaf]) * width
		if !single {
			at += int(e.output)
		}
		if t.Value[at] != 0 {
			return fault.Unsupportedf(fault.Where{}, "a leaf that adds to an output twice")
		}
		t.Value[at] = e.value
	}
	return nil
}

// modeList reads the modes of nodes, which are strings.
type modeList struct {
	*list
}

func (m *modeList) next() (string, bool) {
	if m.list == nil {
		return "", false
	}
	for len(m.data) > 0 && !m.bad {
		n, typ, size := protowire.ConsumeTag(m.data)
		if size < 0 {
			m.bad = true
			break
		}
		if n == attrStrings && typ == bytesT {
			b, used := protowire.ConsumeBytes(m.data[size:])
			if used < 0 {
				m.bad = true
				break
			}
			m.data = m.data[size+used:]
			return internMode(b), true
		}
		used := protowire.ConsumeFieldValue(n, typ, m.data[size:])
		if used < 0 {
			m.bad = true
			break
		}
		m.data = m.data[size+used:]
	}
	return "", false
}

// internMode spares an allocation for each node of a usual mode.
func internMode(b []byte) string {
	switch string(b) {
	case "LEAF":
		return "LEAF"
	case "BRANCH_LEQ":
		return "BRANCH_LEQ"
	}
	return string(b)
}

// treeEnsemble5 reads a TreeEnsemble of ai.onnx.ml 5. Nodes are numbered anew, in the order in which the tree is walked.
func (d *decoder) treeEnsemble5(n *node) (*forest.Forest, error) {
	if err := n.plain(); err != nil {
		return nil, err
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
	for roots := n.ints("tree_roots"); ; {
		root, ok := roots.next()
		if !ok {
			break
		}
		t, err := walk5(root, roots.peek(uint64(len(nodes))), nodes, leaves, used)
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
