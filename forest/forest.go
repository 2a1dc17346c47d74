// Package forest says what a tree ensemble is and what it predicts. Its Predict is the reference: every other answer
// (another format, a runtime, the original) is held against it.
package forest

import (
	"math"
	"slices"
)

// Precision is a width of floating point numbers.
type Precision uint8

const (
	Float64 Precision = iota
	Float32
)

func (p Precision) String() string {
	if p == Float32 {
		return "float32"
	}
	return "float64"
}

// Round is x rounded to the precision, to nearest even as every runtime's cast does.
func (p Precision) Round(x float64) float64 {
	if p == Float32 {
		return float64(float32(x))
	}
	return x
}

// Combine says how the trees' answers become one.
type Combine uint8

const (
	Sum  Combine = iota // added in the order of the trees
	Mean                // the sum, divided by the number of trees
)

// Forest is an ensemble of binary trees over rows of numbers.
type Forest struct {
	Features int       // width of a row of X
	Outputs  int       // width of an answer
	Input    Precision // X is rounded to this before it is compared with a threshold
	Acc      Precision // leaf values are added in this precision
	Trees    []Tree
	Combine  Combine
	// Base is where the sum starts (width Outputs). nil: with the first tree's own values, so that one tree answers what
	// stands in its leaf, a negative zero included.
	Base []float64
	// Values may be the list of which each tree's Value is a part, one tree after the other; nil says nothing. Joined answers it.
	Values []float64
	// Near is set where the base or leaf values were computed from what the original holds through log or exp, so that they may
	// be a step or two off those of the original's library. It is no part of what the forest is: Equal does not ask for it.
	Near bool
	// RefusesNaN is set where the original raises an error on a NaN instead of routing it.
	RefusesNaN bool
	// RefusesInf is set where the original raises an error on what is infinite once it is rounded to Input.
	RefusesInf bool
}

// Flags of a node.
const (
	// MissingLeft sends a NaN to the left child; without it a NaN goes right.
	MissingLeft uint8 = 1 << iota
)

// Leaf is the Feature of a leaf.
const Leaf = -1

// Tree is one binary tree. Feature, Left, Right, Threshold and Flags have one entry per node; node 0 is the root and the
// numbers of the nodes are the original's, so that a leaf's number is what scikit-learn's apply answers.
type Tree struct {
	Feature []int32 // column of X that is compared; Leaf for a leaf
	// Left and Right are the children: Left where x <= threshold. Of a leaf, Left is its row in Value and Right means nothing.
	Left, Right []int32
	Threshold   []float64 // means nothing in a leaf; +infinity is legal ("has a value")
	Flags       []uint8   // means nothing in a leaf; nil: all zero
	// Category says of each node which of Sets its split asks for, NoSet where it compares with the threshold; nil: no split
	// asks for categories. A row whose value equals a category of the set goes left, a NaN as MissingLeft says, everything
	// else right.
	Category []int32
	Sets     [][]float64 // each in rising order
	// Value holds the leaf rows one after another, each Forest.Outputs wide (one wide where Output says a column). Leaves
	// may share a row.
	Value []float64
	// Output is the only column of the answer that this tree adds to, or AllOutputs.
	Output int32
}

// NoSet is the Category of a split that compares with its threshold.
const NoSet = -1

// AllOutputs is the Output of a tree whose leaf rows are as wide as the answer.
const AllOutputs = -1

// Len is the number of nodes.
func (t *Tree) Len() int { return len(t.Feature) }

// IsLeaf tells whether node i is a leaf.
func (t *Tree) IsLeaf(i int32) bool { return t.Feature[i] < 0 }

// MissingLeft tells whether a NaN goes left at node i.
func (t *Tree) MissingLeft(i int32) bool { return t.Flags != nil && t.Flags[i]&MissingLeft != 0 }

// Set is the categories that the split of node i sends left, or nil where it compares with its threshold.
func (t *Tree) Set(i int32) []float64 {
	if t.Category == nil || t.Category[i] == NoSet {
		return nil
	}
	return t.Sets[t.Category[i]]
}

// Member tells whether v is one of a set's categories.
func Member(set []float64, v float64) bool {
	_, is := slices.BinarySearch(set, v)
	return is
}

// Leaf is the number of the leaf that the row x falls into. x must have been rounded to the forest's Input precision.
func (t *Tree) Leaf(x []float64) int32 {
	if t.Category != nil {
		return t.leafByCategories(x)
	}
	var i int32
	for {
		f := t.Feature[i]
		if f < 0 {
			return i
		}
		v := x[f]
		switch {
		case v <= t.Threshold[i]:
			i = t.Left[i]
		case v != v && t.MissingLeft(i):
			i = t.Left[i]
		default:
			i = t.Right[i]
		}
	}
}

// leafByCategories is Leaf for a tree with categories, which the usual tree shall not pay for.
func (t *Tree) leafByCategories(x []float64) int32 {
	var i int32
	for !t.IsLeaf(i) {
		v := x[t.Feature[i]]
		left := v <= t.Threshold[i]
		if set := t.Set(i); set != nil {
			left = Member(set, v)
		}
		if left || v != v && t.MissingLeft(i) {
			i = t.Left[i]
		} else {
			i = t.Right[i]
		}
	}
	return i
}

// Row is the leaf row of leaf i.
func (t *Tree) Row(i int32, width int) []float64 {
	at := int(t.Left[i]) * width
	return t.Value[at : at+width : at+width]
}

// RowWidth is the width of a tree's leaf rows.
func (f *Forest) RowWidth(t *Tree) int {
	if t.Output == AllOutputs {
		return f.Outputs
	}
	return 1
}

// Predict answers one row. x has Features values, in any precision; the answer has Outputs values and is in out where
// that is large enough. Leaf values are added in the order of the trees, as scikit-learn does with n_jobs=1.
func (f *Forest) Predict(x, out []float64) []float64 {
	if f.Input == Float32 {
		rounded := make([]float64, len(x))
		for i, v := range x {
			rounded[i] = float64(float32(v))
		}
		x = rounded
	}
	return f.PredictRounded(x, out)
}

// PredictRounded is Predict for a row that is already rounded to the Input precision; it allocates nothing.
func (f *Forest) PredictRounded(x, out []float64) []float64 {
	if cap(out) < f.Outputs {
		out = make([]float64, f.Outputs)
	}
	out = out[:f.Outputs]
	started := copy(out, f.Base) > 0
	if !started {
		clear(out)
	}
	for k := range f.Trees {
		t := &f.Trees[k]
		leaf := t.Leaf(x)
		switch {
		case t.Output != AllOutputs:
			out[t.Output] = f.Acc.Round(out[t.Output] + t.Value[t.Left[leaf]])
		case k == 0 && !started:
			copy(out, t.Row(leaf, f.Outputs))
		case f.Acc == Float32:
			for j, v := range t.Row(leaf, f.Outputs) {
				out[j] = float64(float32(out[j] + v))
			}
		default:
			for j, v := range t.Row(leaf, f.Outputs) {
				out[j] += v
			}
		}
	}
	if f.Combine == Mean {
		n := float64(len(f.Trees))
		for j := range out {
			out[j] = f.Acc.Round(out[j] / n)
		}
	}
	return out
}

// Joined are the leaf values of all trees one after another, where they are held so; nil where they are not.
func (f *Forest) Joined() []float64 {
	rest := f.Values
	for k := range f.Trees {
		values := f.Trees[k].Value
		if len(values) == 0 || len(values) > len(rest) || &values[0] != &rest[0] {
			return nil
		}
		rest = rest[len(values):]
	}
	if len(rest) > 0 {
		return nil
	}
	return f.Values
}

// Apply answers the leaf that each tree puts the row into. x must be rounded to the Input precision.
func (f *Forest) Apply(x []float64, out []int64) []int64 {
	out = out[:0]
	for k := range f.Trees {
		out = append(out, int64(f.Trees[k].Leaf(x)))
	}
	return out
}

// FloorFloat32 makes each number the largest float32 that is not above it; finite tells whether all are finite then.
func FloorFloat32(list []float64) (finite bool) {
	const (
		more  = 1<<29 - 1          // the bits that float64 has and float32 has not
		least = 1023 - 126         // the exponent of the least number that float32 holds with all of its bits
		most  = 1023 + 127 - least // and of the largest, from there on
	)
	finite = true
	for i, v := range list {
		b := math.Float64bits(v)
		b = (b + uint64(int64(b)>>63)&more) &^ more // towards zero if v is positive, away from it if it is negative
		if b>>52&0x7FF-least > most {
			v = floorFloat32(v)
			finite = finite && v-v == 0
			b = math.Float64bits(v)
		}
		list[i] = math.Float64frombits(b)
	}
	return finite
}

// floorFloat32 is the largest float32 that is not above v.
func floorFloat32(v float64) float64 {
	f := float32(v)
	if float64(f) > v {
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return float64(f)
}

// Nodes is the number of nodes of all trees.
func (f *Forest) Nodes() int {
	n := 0
	for i := range f.Trees {
		n += f.Trees[i].Len()
	}
	return n
}

// Leaves is the number of leaves of a tree.
func (t *Tree) Leaves() int {
	n := 0
	for _, f := range t.Feature {
		n += int(uint32(f) >> 31)
	}
	return n
}

// Depth is the number of splits on the longest way from the root to a leaf. The tree must be valid.
func (t *Tree) Depth() int {
	depth := make([]int32, t.Len())
	deepest := int32(0)
	for _, i := range t.preorder() {
		if t.IsLeaf(i) {
			deepest = max(deepest, depth[i])
			continue
		}
		depth[t.Left[i]] = depth[i] + 1
		depth[t.Right[i]] = depth[i] + 1
	}
	return int(deepest)
}

// preorder lists the nodes so that a parent stands before its children.
func (t *Tree) preorder() []int32 {
	order := make([]int32, 0, t.Len())
	stack := []int32{0}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		order = append(order, i)
		if !t.IsLeaf(i) {
			stack = append(stack, t.Right[i], t.Left[i])
		}
	}
	return order
}
