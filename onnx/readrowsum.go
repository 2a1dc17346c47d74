package onnx

import (
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// rowSumNodes are the operators of a sum of rows (see encoder.rowSum), found from the last one backward. cast and flat may be nil.
type rowSumNodes struct {
	turn, cast, flat, values, turns, running, last *node
}

// rowSumBefore finds the operators of the sum of rows that ends with a node, or nil.
func (g *makers) rowSumBefore(n *node) *rowSumNodes {
	s := &rowSumNodes{}
	s.last = g.before(n, 0, "Gather")
	s.running = g.before(s.last, 0, "CumSum")
	s.turns = g.before(s.running, 0, "Reshape")
	s.values = g.before(s.turns, 0, "GatherElements", "ArrayFeatureExtractor")
	at, input := s.values, 1
	if s.flat = g.before(at, input, "Reshape"); s.flat != nil {
		at, input = s.flat, 0
	}
	if s.cast = g.before(at, input, "Cast"); s.cast != nil {
		at, input = s.cast, 0
	}
	if s.turn = g.before(at, input, "Transpose"); n.op != "Transpose" || s.turn == nil {
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
	ok := turned(n) && turned(s.turn) && len(s.running.attrs) == 0 && len(s.turns.attrs) == 0 && len(turns.Int) == 3 && len(table.Shape) == 2 &&
		len(d.types[x].Row) == 1 && axis >= 0 && axis <= 1 && lastAxis == int64(axis) && int64(last) == turns.Int[axis]-1 && turns.Int[2] == -1
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
		op.Groups = int(min(max(turns.Int[1], 0), 1<<24))
	} else {
		ok = s.flat == nil && axis == 1 && turns.Int[0] == int64(table.Shape[0])
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
