package onnx

import (
	"slices"

	"github.com/seed-2867d59c/treeport/model"
)

// A sum of rows is written as operators that keep the trees along an axis before that of the rows of X:
//
//	Cast -> Transpose -> Reshape -> Concat -> GatherElements -> Reshape -> CumSum along the trees -> Gather of the last -> Transpose
//
// so that each running sum adds whole columns, and numbers are looked up one at a time, for each column of the table anew (Concat
// repeats the row's numbers for them). A Gather of rows takes four to ten times as long for each row, and pays off only for wide ones.

// widestSum is the most numbers in a row of a sum of rows.
const widestSum = 4

// rowSum encodes a sum of rows.
func (e *encoder) rowSum(op *model.RowSum, out string) {
	last := e.names[op.X]
	step := func(operator, what string, in []string, attrs ...*message) {
		last = out
		if what != "" {
			last = e.free(out + "." + what)
		}
		e.node("", operator, in, []string{last}, attrs...)
	}
	turn := signedInts("perm", []int64{1, 0})
	width, steps := op.Table.Shape[0], e.types[op.X].Row[0]/op.Groups
	step("Cast", "row", []string{last}, intAttr("to", elemInt32))
	step("Transpose", "trees", []string{last}, turn)
	step("Reshape", "flat", []string{last, e.constant(out, "flat_shape", vector(1, -1))})
	if width > 1 {
		step("Concat", "repeated", slices.Repeat([]string{last}, width), intAttr("axis", 0))
	}
	step("GatherElements", "values", []string{e.constant(out, "table", op.Table), last}, intAttr("axis", 1))
	shape, axis := sumShape(width, steps, op.Groups)
	step("Reshape", "turns", []string{last, e.constant(out, "turns_shape", vector(shape...))})
	step("CumSum", "running", []string{last, e.constant(out, "axis", scalar(model.Int64, float64(axis)))})
	gather := []string{last, e.constant(out, "last", scalar(model.Int64, float64(steps-1)))}
	if shape[2] == 1 { // the sums lie as they should already
		step("Gather", "", gather, intAttr("axis", axis))
		return
	}
	step("Gather", "sums", gather, intAttr("axis", axis))
	step("Transpose", "", []string{last}, turn)
}

// sumShape is the shape of what is added, with -1 for the rows of X, and its axis of trees.
func sumShape(width, steps, groups int) (shape []int64, axis int64) {
	switch {
	case width > 1:
		return []int64{int64(width), int64(steps), -1}, 1
	case groups > 1:
		return []int64{int64(steps), int64(groups), -1}, 0
	}
	return []int64{int64(steps), -1, 1}, 0
}
