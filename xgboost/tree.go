package xgboost

import (
	"math"
	"slices"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// tree is one tree while it is read.
type tree struct {
	node
	booster *Booster
	output  int32
	weight  *float32 // dart's

	left, right, feature []int64
	threshold            []float32
	defaultLeft          []bool
	sets                 [][]float64 // of each node; nil: none
	leaves               []float32   // rows, where a leaf has a value for each output
	ofLeaves             bool        // the rows are of leaves, each of which names its own as its right child; else of all nodes

	out         forest.Tree
	numbers     []int64 // XGBoost's number of each node of out; nil: the same
	categorical []int32 // features
}

func itoa(i int) string { return strconv.Itoa(i) }

// noNode is what a leaf has for its children.
const noNode = -1

func (t *tree) read() error {
	n := t.get("left_children").len()
	if n < 1 {
		return t.get("left_children").broken("a tree without nodes")
	}
	if err := t.booster.budget.Nodes(fault.In(t.path), n); err != nil {
		return err
	}
	params := t.get("tree_param")
	if err := params.claims("num_nodes", n); err != nil {
		return err
	}
	if err := params.claims("num_feature", t.booster.Features); err != nil {
		return err
	}
	var err error
	for _, a := range []struct {
		name string
		to   *[]int64
	}{{"left_children", &t.left}, {"right_children", &t.right}, {"split_indices", &t.feature}} {
		if *a.to, err = array(t.get(a.name), n, asInt); err != nil {
			return err
		}
	}
	if t.threshold, err = array(t.get("split_conditions"), n, asFloat); err != nil {
		return err
	}
	if t.defaultLeft, err = array(t.get("default_left"), n, asBool); err != nil {
		return err
	}
	if err := t.readVectors(n); err != nil {
		return err
	}
	if err := t.readCategories(n); err != nil {
		return err
	}
	return t.convert()
}

// readVectors reads the leaf rows of a tree that adds to all outputs (multi_strategy multi_output_tree): base_weights has a
// row for each node or, from 3.2 on, leaf_weights one for each leaf (MultiTargetTree::LoadModel).
func (t *tree) readVectors(n int) error {
	params := t.get("tree_param")
	if !params.has("size_leaf_vector") {
		return nil
	}
	size, err := decimal(params.get("size_leaf_vector"))
	if err != nil || size <= 1 {
		return err
	}
	if size != t.booster.Outputs {
		return params.broken("leaves of %d values for %d outputs", size, t.booster.Outputs)
	}
	t.output = forest.AllOutputs
	rows := t.get("base_weights")
	if t.has("leaf_weights") {
		rows, t.ofLeaves = t.get("leaf_weights"), true
	}
	if rows.len()%size != 0 || !t.ofLeaves && rows.len()/size != n {
		return rows.broken("%d values for %d nodes and %d outputs", rows.len(), n, size)
	}
	t.leaves, err = array(rows, -1, asFloat)
	return err
}

// readCategories reads the sets of the splits by categories: categories from categories_segments on, categories_sizes of
// them, for each of categories_nodes (from 1.3 on, RegTree::LoadCategoricalSplit).
func (t *tree) readCategories(n int) error {
	if t.get("categories_nodes").len() <= 0 {
		return t.onlyNumbers(n)
	}
	nodes, err := array(t.get("categories_nodes"), -1, asInt)
	if err != nil {
		return err
	}
	starts, err := array(t.get("categories_segments"), len(nodes), asInt)
	if err != nil {
		return err
	}
	sizes, err := array(t.get("categories_sizes"), len(nodes), asInt)
	if err != nil {
		return err
	}
	all, err := array(t.get("categories"), -1, asInt)
	if err != nil {
		return err
	}
	t.sets = make([][]float64, n)
	used := 0
	for i, k := range nodes {
		start, size := starts[i], sizes[i]
		if k < 0 || k >= int64(n) || start < 0 || size < 1 || start > int64(len(all)) || size > int64(len(all))-start || t.sets[k] != nil {
			return t.get("categories_nodes").broken("categories of node %d", k)
		}
		if used += int(size); used > len(all) {
			return t.get("categories_sizes").broken("%d categories, %d in all", used, len(all))
		}
		set := make([]float64, 0, size)
		for _, c := range all[start : start+size] {
			if c < 0 || c >= maxCategory {
				return t.get("categories").broken("category %d", c)
			}
			set = append(set, float64(c))
		}
		slices.Sort(set)
		t.sets[k] = slices.Compact(set)
	}
	return t.onlyNumbers(n)
}

// maxCategory is the first category that none may be (src/common/categorical.h, OutOfRangeCat).
const maxCategory = 1 << 24

// onlyNumbers checks that every split by categories has its set. split_type is missing until 1.2.
func (t *tree) onlyNumbers(n int) error {
	types := t.get("split_type")
	if types.v == nil {
		return nil
	}
	categorical, err := array(types, n, asBool)
	if err != nil {
		return err
	}
	for i, is := range categorical {
		if has := t.sets != nil && t.sets[i] != nil; is != has {
			return types.broken("node %d: a split by categories without any, or the other way round", i)
		}
	}
	return nil
}

// convert makes the forest's tree, of the nodes that the root reaches: pruning leaves others behind.
func (t *tree) convert() error {
	n := len(t.left)
	place := make([]int32, n) // of each node in out; -1: not reached
	for i := range place {
		place[i] = -1
	}
	place[0] = 0
	stack := []int64{0}
	reached := 1
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if t.left[i] == noNode {
			continue
		}
		for _, child := range []int64{t.left[i], t.right[i]} {
			if child <= 0 || child >= int64(n) || place[child] >= 0 {
				return t.broken("node %d: child %d of %d nodes, or the child of another", i, child, n)
			}
			place[child] = 0
			reached++
			stack = append(stack, child)
		}
	}
	if reached < n {
		t.numbers = make([]int64, 0, reached)
	}
	next := int32(0)
	for i := range place {
		if place[i] >= 0 {
			place[i] = next
			next++
			if t.numbers != nil {
				t.numbers = append(t.numbers, int64(i))
			}
		}
	}
	o := &t.out
	o.Output = t.output
	o.Feature, o.Left, o.Right = make([]int32, reached), make([]int32, reached), make([]int32, reached)
	o.Threshold, o.Flags = make([]float64, reached), make([]uint8, reached)
	for i := range n {
		k := place[i]
		switch {
		case k < 0:
		case t.left[i] == noNode:
			if err := t.leaf(i, k); err != nil {
				return err
			}
		default:
			if err := t.split(i, k, place); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tree) leaf(i int, k int32) error {
	o := &t.out
	o.Feature[k] = forest.Leaf
	if o.Output != forest.AllOutputs {
		o.Left[k] = int32(len(o.Value))
		return t.value(i, t.threshold[i], int(o.Output))
	}
	size, row := t.booster.Outputs, int64(i)
	if t.ofLeaves {
		row = t.right[i]
	}
	if row < 0 || row >= int64(len(t.leaves)/size) || len(o.Value)+size > len(t.leaves) { // the latter where leaves share rows
		return t.broken("node %d: leaf row %d of %d", i, row, len(t.leaves)/size)
	}
	o.Left[k] = int32(len(o.Value) / size)
	for j, v := range t.leaves[int(row)*size : int(row+1)*size] {
		if err := t.value(i, v, j); err != nil {
			return err
		}
	}
	return nil
}

// value appends what the leaf i adds to an output.
func (t *tree) value(i int, v float32, output int) error {
	v = t.weigh(v, output)
	if v-v != 0 {
		return t.unsupported("node %d: a leaf of %v", i, v)
	}
	t.out.Value = append(t.out.Value, float64(v))
	return nil
}

// weigh is what a leaf's value adds to an output. From 1.4 to 3.2 inplace_predict of dart, which XGBModel.predict uses, took
// each tree's answer with the base in it, took the base off again and weighed the rest; what that rounds off is part of its
// answers.
func (t *tree) weigh(v float32, output int) float32 {
	if t.weight == nil {
		return v
	}
	if b := t.booster; b.by == asEstimator && !b.Version.Before(1, 4) && b.Version.Before(3, 3) {
		base := b.Base[output]
		sum := base + v
		v = sum - base
	}
	return v * *t.weight
}

// split turns "x < t goes left" into "x <= the float32 below t", and "members of the set go right" into the forest's "go left"
// by swapping the children.
func (t *tree) split(i int, k int32, place []int32) error {
	o := &t.out
	if t.feature[i] < 0 || t.feature[i] >= int64(t.booster.Features) {
		return t.broken("node %d: feature %d of %d", i, t.feature[i], t.booster.Features)
	}
	o.Feature[k] = int32(t.feature[i])
	o.Left[k], o.Right[k] = place[t.left[i]], place[t.right[i]]
	missingLeft := t.defaultLeft[i]
	if t.sets == nil || t.sets[i] == nil {
		if o.Category != nil {
			o.Category[k] = forest.NoSet
		}
		if v := float64(t.threshold[i]); math.IsNaN(v) || math.IsInf(v, -1) {
			return t.broken("node %d: threshold %v", i, v)
		}
		o.Threshold[k] = float64(below(t.threshold[i]))
	} else {
		set := t.sets[i]
		if t.booster.Version.strays() && !missingLeft {
			// The others go left only where the set has a bit for them: they are a set too.
			var err error
			if set, err = t.others(set); err != nil {
				return err
			}
		} else {
			o.Left[k], o.Right[k] = o.Right[k], o.Left[k]
			missingLeft = !missingLeft
		}
		if o.Category == nil {
			o.Category = slices.Repeat([]int32{forest.NoSet}, len(o.Feature))
		}
		o.Category[k] = int32(len(o.Sets))
		o.Sets = append(o.Sets, set)
		t.categorical = append(t.categorical, o.Feature[k])
	}
	if missingLeft {
		o.Flags[k] |= forest.MissingLeft
	}
	return nil
}

// strays tells whether what is no category, or beyond the bits of a split's set, goes where NaN goes (Decision in
// src/common/categorical.h of 1.6.0 to 1.7.2). In all other releases it goes where the categories outside of the set go.
func (v Version) strays() bool {
	return !v.Before(1, 6) && (v.Before(1, 7) || v.Major == 1 && v.Minor == 7 && v.Patch < 3)
}

// others are the categories that a set has a bit for, 32 bits to a word, without its own.
func (t *tree) others(set []float64) ([]float64, error) {
	bits := (int(set[len(set)-1])/32 + 1) * 32
	if t.booster.spare.Add(-8*int64(bits)) < 0 {
		return nil, fault.TooBigf(fault.In(t.path), "max-memory", "the categories of its splits")
	}
	others := make([]float64, 0, bits)
	for c := range bits {
		if len(set) > 0 && set[0] == float64(c) {
			set = set[1:]
		} else {
			others = append(others, float64(c))
		}
	}
	return others, nil
}
