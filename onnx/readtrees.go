package onnx

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// treeEnsemble reads a TreeEnsembleRegressor (prefix target) or TreeEnsembleClassifier (prefix class), of ai.onnx.ml 1 or 3. The columns
// from half on, if half is not 0, are those before negated.
func (d *decoder) treeEnsemble(n *node, prefix string, half int) (*forest.Forest, error) {
	aggregate, err := n.text("aggregate_function", "SUM")
	if err != nil {
		return nil, err
	}
	if aggregate != "SUM" && aggregate != "AVERAGE" {
		return nil, fault.Unsupportedf(fault.Where{}, "aggregate_function %s", aggregate)
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
	r := &nodeReader{f: f, budget: d.budget, half: half, ids: map[[2]uint64]int32{}}
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
	budget *forest.Budget
	half   int
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

// swapped marks, in Left, a node whose children change places.
const swapped = 1

func (r *nodeReader) nodes(n *node, values *list) error {
	r.treeOf = map[uint64]int{}
	treeIDs, nodeIDs, features := n.ints("nodes_treeids"), n.ints("nodes_nodeids"), n.ints("nodes_featureids")
	missing := n.ints("nodes_missing_value_tracks_true")
	modes := &modeList{list: n.list("nodes_modes", attrStrings, 0)}
	if err := r.budget.Nodes(fault.In("node "+n.op), treeIDs.rest()); err != nil {
		return err
	}
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
			return errLengths
		}
		k, known := r.treeOf[tree]
		if !known {
			if err := r.budget.Trees(fault.In("node "+n.op), 1); err != nil {
				return err
			}
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
		tracks, ok := missing.next()
		if !ok && missing != nil {
			return errLengths
		}
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
			if r.half > 0 && int(column) >= r.half {
				column -= int32(r.half)
				if int(column) >= r.half || math.IsInf(value, 1) {
					return fault.Unsupportedf(fault.Where{}, "a split of column %d at %v", feature, value)
				}
				value, swap, feature = mirrored(value, r.f.Input), !swap, uint64(column)
			}
			r.f.Features = max(r.f.Features, int(feature)+1)
			if math.IsNaN(value) {
				return fmt.Errorf("node %d of tree %d: its threshold is NaN", id, tree)
			}
		}
		t.Feature = append(t.Feature, column)
		order := int32(0) // of the children, kept in Left until they are known
		if swap {
			order = swapped
		}
		t.Left, t.Right = append(t.Left, order), append(t.Right, mark)
		t.Threshold = append(t.Threshold, value)
		if left := (tracks == 1) != swap && !leaf; left || t.Flags != nil {
			for len(t.Flags) < len(t.Feature) {
				t.Flags = append(t.Flags, 0)
			}
			if left {
				t.Flags[at] = forest.MissingLeft
			}
		}
	}
	if _, more := modes.next(); more || !modes.ended() || !treeIDs.ended() || !nodeIDs.ended() || !features.ended() || !values.ended() || !missing.ended() {
		return errLengths
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
			return errLengths
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
		if t.Left[at] == swapped {
			left, right = right, left
		}
		children[k][0][at], children[k][1][at] = left, right
	}
	if !trues.ended() || !falses.ended() {
		return errLengths
	}
	r.children = children
	return nil
}

var errLengths = fault.Brokenf(fault.Where{}, "the lists of its nodes differ in length")

// below is the largest number of a precision that is smaller than v: x < v asks what x <= below(v) asks.
func below(v float64, p forest.Precision) float64 {
	if p == forest.Float32 {
		return float64(math.Nextafter32(float32(v), float32(math.Inf(-1))))
	}
	return math.Nextafter(v, math.Inf(-1))
}

// regressor is a TreeEnsembleRegressor: the ensemble, to whose sums base values may be added.
func (d *decoder) regressor(n *node, x model.Ref, half int) error {
	f, err := d.treeEnsemble(n, "target", half)
	if err != nil {
		return err
	}
	if post, err := n.text("post_transform", "NONE"); err != nil || post != "NONE" {
		return fault.Unsupportedf(fault.Where{}, "post_transform %s", post)
	}
	if err := d.widen(f, x); err != nil {
		return err
	}
	sums, err := d.based(n, &model.Ensemble{X: x, Forest: f})
	if err != nil {
		return err
	}
	if len(n.outputs) != 1 {
		return fmt.Errorf("%d outputs", len(n.outputs))
	}
	d.values[n.outputs[0]] = sums
	return nil
}

// based adds an ensemble, and its base values where it has any: runtimes add them after the sums.
func (d *decoder) based(n *node, op *model.Ensemble) (model.Ref, error) {
	sums, err := d.step(op)
	if err != nil {
		return 0, err
	}
	l, err := n.floats("base_values", "_as_tensor")
	if err != nil {
		return 0, err
	}
	var base []float64
	for v, ok := l.number(); ok; v, ok = l.number() {
		base = append(base, v)
	}
	switch {
	case len(base) == 0:
		return sums, nil
	case len(base) != op.Forest.Outputs || op.Forest.Acc != forest.Float32 || l.size != 4:
		return 0, fault.Unsupportedf(fault.Where{}, "%d base values for %d outputs in %v", len(base), op.Forest.Outputs, op.Forest.Acc)
	}
	row := &model.Tensor{Kind: model.Float32, Shape: []int{1, len(base)}, Float: base}
	return d.step(&model.Binary{Fn: model.Add, A: model.Value(sums), B: model.Operand{Row: row}})
}
