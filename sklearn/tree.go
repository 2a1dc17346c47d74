package sklearn

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// tree is the Cython class sklearn.tree._tree.Tree as a pickle holds it:
//
//	Tree(n_features, n_classes [n_outputs], n_outputs), state {max_depth, node_count, nodes, values}
//
// nodes is an array of records (left_child, right_child, feature, threshold, impurity, n_node_samples,
// weighted_n_node_samples; from 1.3 missing_go_to_left), values float64 of shape [nodes, n_outputs, largest n_classes].
// Source: sklearn/tree/_tree.pyx, Tree.__reduce__ and __getstate__, and _tree.pxd, struct Node.
type tree struct {
	*object
	features int
	classes  []int // per output; 1 in a regressor
	count    int
	nodes    *pickle.NDArray
	values   *pickle.NDArray
	room     []float64 // for its leaf values; nil: none was made
}

var treeClass = pickle.Global{Module: "sklearn.tree._tree", Name: "Tree"}

func readTree(estimator *object) (*tree, error) {
	o, err := estimator.child("tree_")
	if err != nil {
		return nil, err
	}
	if o.Class != treeClass {
		return nil, o.unsupported("a tree of class %v", o.Class)
	}
	if len(o.Args) != 3 {
		return nil, o.broken("made of %d arguments, not 3", len(o.Args))
	}
	if err := o.file.reads(o, weight(o.State, 1)); err != nil {
		return nil, err
	}
	t := &tree{object: o}
	n, ok1 := asInt(o.Args[0])
	outputs, ok2 := asInt(o.Args[2])
	classes, ok3 := o.Args[1].(*pickle.NDArray)
	if !ok1 || !ok2 || !ok3 || n < 1 || n > math.MaxInt32 || outputs != classes.Len() {
		return nil, o.broken("its arguments are not (features, classes, outputs)")
	}
	t.features = n
	sizes, err := classes.Int64s()
	if err != nil {
		return nil, o.broken("n_classes: %v", err)
	}
	for _, k := range sizes {
		if k < 1 || k > math.MaxInt32 {
			return nil, o.broken("%d classes", k)
		}
		if err := o.file.budget.Classes(o.where(), int(k)); err != nil {
			return nil, err
		}
		t.classes = append(t.classes, int(k))
	}
	nodes, ok1 := attrArray(o, "nodes")
	values, ok2 := attrArray(o, "values")
	if !ok1 || !ok2 || len(nodes.Shape) != 1 || len(values.Shape) != 3 {
		return nil, o.broken("its state has no nodes and values")
	}
	t.nodes, t.values, t.count = nodes, values, nodes.Shape[0]
	if nodes.DType.Size == 0 {
		return nil, o.broken("%d nodes of no bytes", t.count)
	}
	if c, ok := o.Attr("node_count"); ok {
		if n, ok := asInt(c); !ok || n != t.count {
			return nil, o.broken("node_count is %v, there are %d nodes", c, t.count)
		}
	}
	widest := 0
	for _, k := range t.classes {
		widest = max(widest, k)
	}
	if values.Shape[0] != t.count || values.Shape[1] != outputs || values.Shape[2] != widest {
		return nil, o.broken("values of shape %v for %d nodes, %d outputs, %d classes", values.Shape, t.count, outputs, widest)
	}
	if values.DType.Kind != 'f' || values.DType.Size != 8 {
		return nil, o.unsupported("values of dtype %v", values.DType)
	}
	return t, o.countTree(t.count)
}

func attrArray(o *object, name string) (*pickle.NDArray, bool) {
	v, _ := o.Attr(name)
	a, ok := v.(*pickle.NDArray)
	return a, ok
}

// splits fills everything but the leaf values. addLeaves appends the rows, width wide, of some leaves, given by their distance to the
// node from, and writes into to which row each one has. Thresholds are rounded down to float32, in which rows are compared:
// x <= threshold asks the same of either.
func (t *tree) splits(out *forest.Tree, width int, addLeaves func(from int, leaves, to []int32)) error {
	records := t.file.thinner.take(t.nodes)
	if records == nil {
		var err error
		if records, err = t.records(); err != nil {
			return err
		}
	}
	left, right, feature, threshold := records.out.Left, records.out.Right, records.out.Feature, records.out.Threshold
	leaves := &records.leaves
	for from := 0; from < t.count; from += nodesAtATime {
		to := min(t.count, from+nodesAtATime)
		if err := records.read(from, to); err != nil {
			return err
		}
		left, right, feature, threshold := left[from:to], right[from:to], feature[from:to], threshold[from:to]
		if i := roundDown(threshold, left, right, records.routes); i >= 0 {
			return t.broken("node %d: its threshold is %v", from+i, threshold[i])
		}
		n, negative := listLeaves(leaves, left, right, feature)
		if negative {
			return t.broken("a node that is no leaf splits by a negative feature")
		}
		for _, i := range leaves[:n] {
			feature[i] = forest.Leaf
		}
		addLeaves(from, leaves[:n], left)
	}
	out.Left, out.Right, out.Feature, out.Threshold, out.Flags = left, right, feature, threshold, records.out.Flags
	if err := out.Check(t.features, width); err != nil {
		return t.broken("%v", err)
	}
	return nil
}

// roundDown rounds thresholds down to float32. It answers the first node whose threshold can't be compared with, -1 if there is none:
// features are finite, but for missing ones, which are told apart by infinity where they are routed.
func roundDown(threshold []float64, left, right []int32, routes bool) int {
	if forest.FloorFloat32(threshold) {
		return -1
	}
	for i, v := range threshold {
		if v-v != 0 && !isLeaf(left[i], right[i]) && (v < 0 || !routes) {
			return i
		}
	}
	return -1
}

// listLeaves lists the leaves among some nodes: n of them. Which ones are no processor guesses, so that there is no branch for it.
// negative tells that a node that is none has a negative feature.
func listLeaves(leaves *[nodesAtATime]int32, left, right, feature []int32) (n int, negative bool) {
	right, feature = right[:len(left)], feature[:len(left)]
	bad := int32(0)
	for i, l := range left {
		leaves[n&(nodesAtATime-1)] = int32(i)
		one, inner := 0, int32(-1)
		if l&right[i] == -1 { // both are
			one, inner = 1, 0
		}
		n += one
		bad |= feature[i] & inner
	}
	return n, bad < 0
}

// release tells that the tree was read.
func (t *tree) release() {
	t.file.release(t.nodes)
	t.file.release(t.values)
}

// value is the item of values for a node, an output and a class.
func (t *tree) value(node, output, class int) float64 {
	s := t.values.Shape
	at := class + s[2]*output
	row, ok := t.values.Row(node)
	if t.values.Fortran {
		at = node + s[0]*(output+s[1]*class)
		row, ok = t.values.Bytes()
	}
	if !ok {
		return 0 // and whoever let the row go knows that it was missed
	}
	return t.float(row[8*at:])
}

// plainRows are the values of n nodes, node by node, little-endian; nil where they lie otherwise or not all are there.
func (t *tree) plainRows(from, n int) []byte {
	rows, ok := t.values.Rows(from, from+n)
	if !ok || t.values.DType.BigEndian {
		return nil
	}
	return rows
}

// appendValues appends the values of node from+i: of each output, its classes. plain are the plainRows of the node from and those after it.
func (t *tree) appendValues(out []float64, plain []byte, from, i int) []float64 {
	if plain == nil {
		for k, classes := range t.classes {
			for c := range classes {
				out = append(out, t.value(from+i, k, c))
			}
		}
		return out
	}
	widest := t.values.Shape[2]
	for k, classes := range t.classes {
		for of := plain[8*widest*(i*len(t.classes)+k):][:8*classes]; len(of) > 0; of = of[8:] {
			out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(of)))
		}
	}
	return out
}

func (t *tree) float(bits []byte) float64 {
	if t.values.DType.BigEndian {
		return math.Float64frombits(binary.BigEndian.Uint64(bits))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(bits))
}

// regression reads a regressor's tree: a leaf row is the value of each output.
func (t *tree) regression(out *forest.Tree) error {
	width := len(t.classes)
	if slices.Max(t.classes) != 1 {
		return t.broken("a regressor's tree of %v classes", t.classes)
	}
	out.Output = forest.AllOutputs
	if out.Value = t.room; out.Value == nil {
		out.Value = make([]float64, 0, t.mostLeaves()*width)
	}
	return t.splits(out, width, func(from int, leaves, to []int32) {
		number, values, plain := int32(len(out.Value)/width), out.Value, t.plainRows(from, len(to))
		for _, i := range leaves {
			to[i] = number
			number++
			for k := range width {
				if plain != nil {
					values = append(values, math.Float64frombits(uint64(word(plain, 8*(int(i)*width+k)))))
				} else {
					values = append(values, t.value(from+int(i), k, 0))
				}
			}
		}
		out.Value = values
	})
}

// mostLeaves is how many leaves a tree of so many nodes has, if it is one.
func (t *tree) mostLeaves() int { return (t.count + 1) / 2 }

// shares reads a classifier's tree: a leaf row is the probabilities of each output's classes, one output after the other.
// Before 1.4 the file holds weighted counts, which predict_proba divides by their sum. Equal rows are kept once.
//
// Before 1.4 a lone tree's predict looks for the largest count before they are divided. Where rounding makes the largest
// share another one, ties is set; votes adds a column per output to every row that holds the index of the largest count.
func (t *tree) shares(out *forest.Tree, votes bool) (ties bool, err error) {
	out.Output = forest.AllOutputs
	width := 0
	for _, k := range t.classes {
		width += k
		if votes {
			width++
		}
	}
	row, rows := make([]float64, 0, width), forest.RowSet{Width: width}
	add := func(plain []byte, from, i int) (number int32) {
		row = t.appendValues(row[:0], plain, from, i)
		var largest []int
		at := 0
		for _, classes := range t.classes {
			at += classes
			if share := row[at-classes : at]; !t.rel.has(sharesInLeaves) {
				most := model.Largest(share)
				normalise(share)
				largest = append(largest, most)
				ties = ties || most != model.Largest(share)
			}
		}
		if votes {
			for _, most := range largest {
				row = append(row, float64(most))
			}
		}
		return rows.Add(row)
	}
	err = t.splits(out, width, func(from int, leaves, to []int32) {
		plain := t.plainRows(from, len(to))
		for _, i := range leaves {
			to[i] = add(plain, from, int(i))
		}
		out.Value = rows.Values
	})
	return ties, err
}

// normalise divides by the sum, as DecisionTreeClassifier.predict_proba did until 1.3; a sum of 0 counts as 1.
func normalise(row []float64) {
	sum := 0 + model.PairwiseSum(row, forest.Float64.Round)
	if sum == 0 {
		sum = 1
	}
	for i := range row {
		row[i] /= sum
	}
}
