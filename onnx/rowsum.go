package onnx

import "github.com/seed-2867d59c/treeport/model"

// A sum of rows is written as operators that keep the trees along an axis before that of the rows of X:
//
//	Transpose -> Cast -> the row's numbers -> Reshape -> CumSum along the trees -> Gather of the last -> Transpose
//
// so that each running sum adds whole columns, and numbers are looked up one at a time: by GatherElements where a row is one
// number, else by ArrayFeatureExtractor, for each column of the table anew. A Gather of rows takes four to ten times as long for
// each of them, and pays off only for wide ones.

// widestSum is the most numbers in a row of a sum of rows.
const widestSum = 8

// rowSum encodes a sum of rows.
func (e *encoder) rowSum(op *model.RowSum, out string) {
	width, rows := op.Table.Shape[0], op.Table.Shape[1]
	last := out
	link := func(domain, operator, what string, in []string, attrs ...*message) {
		name := out
		if what != "" {
			name = e.free(out + "." + what)
		}
		e.node(domain, operator, in, []string{name}, attrs...)
		last = name
	}
	turn := signedInts("perm", []int64{1, 0})
	steps := e.types[op.X].Row[0] / op.Groups
	shape, axis := []int64{int64(width), int64(steps), -1}, int64(1)
	link("", "Transpose", "trees", []string{e.names[op.X]}, turn)
	table := e.constant(out, "table", &model.Tensor{Kind: op.Table.Kind, Shape: []int{width, rows}, Float: op.Table.Float})
	if width == 1 {
		if e.types[op.X].Kind.IsFloat() {
			link("", "Cast", "row", []string{last}, intAttr("to", elemInt32))
		}
		link("", "Reshape", "flat", []string{last, e.constant(out, "flat_shape", vector(1, -1))})
		link("", "GatherElements", "values", []string{table, last}, intAttr("axis", 1))
		shape, axis = []int64{int64(steps), int64(op.Groups), -1}, 0
		if op.Groups == 1 {
			shape = []int64{int64(steps), -1, 1} // the answer lies as it should
		}
	} else {
		if e.types[op.X].Kind.IsFloat() {
			link("", "Cast", "row", []string{last}, intAttr("to", elemInt64))
		}
		link(mlOpset, "ArrayFeatureExtractor", "values", []string{table, last})
	}
	link("", "Reshape", "turns", []string{last, e.constant(out, "turns_shape", vector(shape...))})
	link("", "CumSum", "running", []string{last, e.constant(out, "axis", scalar(model.Int64, float64(axis)))})
	gather := []string{last, e.constant(out, "last", scalar(model.Int64, float64(steps-1)))}
	if shape[2] == 1 {
		link("", "Gather", "", gather, intAttr("axis", axis))
		return
	}
	link("", "Gather", "sums", gather, intAttr("axis", axis))
	link("", "Transpose", "", []string{last}, turn)
}
