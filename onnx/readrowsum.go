package onnx

import (
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// rowSumNodes are the operators of a sum of rows (see encoder.rowSum), found from the last one backward. repeated and back may be
// nil.
type rowSumNodes struct {
	cast, turn, flat, repeated, values, turns, running, last, back *node
}

// rowSumBefore finds the operators of the sum of rows that ends with a node, or nil.
func (g makers) rowSumBefore(n *node, consts map[string]*model.Tensor) *rowSumNodes {
	s := &rowSumNodes{last: n}
	if n.op == "Transpose" {
		s.last, s.back = g.before(n, 0, "Gather"), n
	}
	if s.last == nil || s.last.op != "Gather" {
		return nil
	}
	s.running = g.before(s.last, 0, "CumSum")
	s.turns = g.before(s.running, 0, "Reshape")
	s.values = g.before(s.turns, 0, "GatherElements")
	at, input := s.values, 1
	if s.repeated = g.before(at, input, "Concat"); s.repeated != nil {
		at, input = s.repeated, 0
	}
	s.flat = g.before(at, input, "Reshape")
	s.turn = g.before(s.flat, 0, "Transpose")
	if s.cast = g.before(s.turn, 0, "Cast"); s.cast == nil || len(s.cast.inputs) != 1 || len(s.turns.inputs) != 2 {
		return nil
	}
	// What is turned back is only a part up to there.
	if shape := consts[s.turns.inputs[1]]; shape == nil || len(shape.Int) != 3 || (s.back == nil) != (shape.Int[2] == 1) {
		return nil
	}
	return s
}

// rowSum adds the step that a node and those before it are.
func (d *decoder) rowSum(n *node, s *rowSumNodes) error {
	x, err := d.value(s.cast.inputs[0])
	if err != nil {
		return err
	}
	table, err1 := d.constant(s.values, 0)
	turns, err2 := d.constant(s.turns, 1)
	flat, err3 := d.constant(s.flat, 1)
	axis, err4 := d.oneInt(s.running, 1)
	last, err5 := d.oneInt(s.last, 1)
	lastAxis, err6 := s.last.int("axis", 0)
	along, err7 := s.values.int("axis", 0)
	to, err8 := s.cast.int("to", 0)
	for _, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8} {
		if err != nil {
			return err
		}
	}
	trees := d.types[x].Row
	if len(trees) != 1 || trees[0] < 1 || len(table.Shape) != 2 || along != 1 || to != elemInt32 && to != elemInt64 {
		return errOtherSum
	}
	op := &model.RowSum{X: x, Table: table, Groups: 1}
	if s.back != nil && table.Shape[0] == 1 {
		op.Groups = int(min(max(turns.Int[1], 1), int64(trees[0])))
	}
	steps := trees[0] / op.Groups
	shape, sumAxis := sumShape(table.Shape[0], steps, op.Groups)
	plain := len(s.running.attrs) == 0 && len(s.turns.attrs) == 0 && len(s.flat.attrs) == 0 && turned(s.turn) && (s.back == nil || turned(s.back))
	if !plain || !slices.Equal(turns.Int, shape) || !slices.Equal(flat.Int, []int64{1, -1}) || int64(axis) != sumAxis || lastAxis != sumAxis ||
		last != steps-1 || !s.repeats(table.Shape[0]) {
		return errOtherSum
	}
	return d.make(n, op)
}

var errOtherSum = fault.Unsupportedf(fault.Where{}, "a sum along the rows other than of a table's")

// repeats tells whether the row's numbers are there once for each of as many columns of the table.
func (s *rowSumNodes) repeats(columns int) bool {
	if s.repeated == nil {
		return columns == 1
	}
	axis, err := s.repeated.int("axis", 1)
	first := s.repeated.inputs[0]
	return err == nil && axis == 0 && len(s.repeated.inputs) == columns &&
		!slices.ContainsFunc(s.repeated.inputs, func(name string) bool { return name != first })
}

// turned tells whether a Transpose makes rows of columns.
func turned(n *node) bool { return slices.Equal(listOf(n.ints("perm")).Int, []int64{1, 0}) }
