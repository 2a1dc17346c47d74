package onnx

import (
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// rowSumNodes are the operators of a sum of rows (see encoder.rowSum), found from the last one backward. cast, flat and back may be
// nil.
type rowSumNodes struct {
	turn, cast, flat, values, turns, running, last, back *node
}

// rowSumBefore finds the operators of the sum of rows that ends with a node, or nil.
func (g makers) rowSumBefore(n *node, consts map[string]*model.Tensor) *rowSumNodes {
	s := &rowSumNodes{last: n}
	if n.op == "Transpose" {
		s.last, s.back = g.before(n, 0, "Gather"), n
	}
	s.running = g.before(s.last, 0, "CumSum")
	s.turns = g.before(s.running, 0, "Reshape")
	if s.turns == nil || len(s.turns.inputs) != 2 {
		return nil
	}
	if shape := consts[s.turns.inputs[1]]; shape == nil || len(shape.Int) != 3 || s.last.op != "Gather" || (s.back == nil) != (shape.Int[2] == 1) {
		return nil
	}
	s.values = g.before(s.turns, 0, "GatherElements", "ArrayFeatureExtractor")
	at, input := s.values, 1
	if s.flat = g.before(at, input, "Reshape"); s.flat != nil {
		at, input = s.flat, 0
	}
	if s.cast = g.before(at, input, "Cast"); s.cast != nil {
		at, input = s.cast, 0
	}
	if s.turn = g.before(at, input, "Transpose"); s.turn == nil {
		return nil
	}
	return s
}

// rowSum adds the step that a node and those before it are.
func (d *decoder) rowSum(n *node, s *rowSumNodes) error {
	x, err := d.value(s.turn.inputs[0])
	if err != nil {
		return err
	}
	table, err1 := d.constant(s.values, 0)
	turns, err2 := d.constant(s.turns, 1)
	axis, err3 := d.oneInt(s.running, 1)
	last, err4 := d.oneInt(s.last, 1)
	lastAxis, err5 := s.last.int("axis", 0)
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			return err
		}
	}
	ok := (s.back == nil || turned(s.back)) && turned(s.turn) && len(s.running.attrs) == 0 && len(s.turns.attrs) == 0 && len(table.Shape) == 2 &&
		len(d.types[x].Row) == 1 && axis >= 0 && axis <= 1 && lastAxis == int64(axis) && int64(last) == turns.Int[axis]-1
	if !ok {
		return errOtherSum
	}
	op := &model.RowSum{X: x, Table: table, Groups: 1}
	if s.values.op == "GatherElements" {
		if s.flat == nil {
			return errOtherSum
		}
		flat, err1 := d.constant(s.flat, 1)
		along, err2 := s.values.int("axis", 0)
		if err1 != nil || err2 != nil {
			return errOtherSum
		}
		ok = along == 1 && axis == 0 && table.Shape[0] == 1 && slices.Equal(flat.Int, []int64{1, -1}) && len(s.flat.attrs) == 0
		if s.back == nil {
			ok = ok && turns.Int[1] == -1
		} else {
			ok = ok && turns.Int[2] == -1
			op.Groups = int(min(max(turns.Int[1], 0), 1<<24))
		}
	} else {
		ok = s.flat == nil && axis == 1 && turns.Int[0] == int64(table.Shape[0]) && turns.Int[2] == -1
	}
	kind := d.types[x].Kind
	if s.cast != nil {
		to, err := s.cast.int("to", 0)
		if err != nil {
			return err
		}
		ok = ok && kind.IsFloat() && (to == elemInt64 || to == elemInt32)
	} else {
		ok = ok && kind == model.Int64
	}
	if !ok || op.Groups < 1 || turns.Int[axis] != int64(d.types[x].Row[0]/op.Groups) {
		return errOtherSum
	}
	return d.make(n, op)
}

var errOtherSum = fault.Unsupportedf(fault.Where{}, "a sum along the rows other than of a table's")

// turned tells whether a Transpose makes rows of columns.
func turned(n *node) bool { return slices.Equal(listOf(n.ints("perm")).Int, []int64{1, 0}) }
