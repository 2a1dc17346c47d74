package verify

import (
	"slices"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// origin says where a number in a program comes from: a column of the model's inputs, counted through all inputs, or none
// or several. As is tells that it comes unchanged, but for a rounding.
type origin struct {
	column int
	asIs   bool
}

const (
	several = -1 // columns, or who knows
	nothing = -2 // a constant
)

// and is the origin of what is made of both.
func (a origin) and(b origin) origin {
	switch {
	case a.column == nothing:
		return origin{column: b.column}
	case b.column == nothing, a.column == b.column:
		return origin{column: a.column}
	}
	return origin{column: several}
}

// A probed forest, what it reads, and where its features come from.
type probed struct {
	forest   *forest.Forest
	x        model.Ref
	features []origin
}

// origins are where the items of a row of every value come from.
func origins(m *model.Model, types []model.Type) [][]origin {
	all := make([][]origin, 0, len(types))
	at := 0
	for _, in := range m.Inputs {
		row := make([]origin, in.Width)
		for j := range row {
			row[j] = origin{at + j, true}
		}
		at += in.Width
		all = append(all, row)
	}
	for i, op := range m.Ops {
		t := types[len(m.Inputs)+i]
		row := through(op, all, types, t)
		if n := length(t.Row); len(row) != n { // a step that mixes: all of it comes from all it reads
			whole := origin{column: nothing}
			for _, r := range op.Reads() {
				for _, o := range all[r] {
					whole = whole.and(o)
				}
			}
			row = slices.Repeat([]origin{whole}, n)
		}
		all = append(all, row)
	}
	return all
}

func length(row []int) int {
	n := 1
	for _, d := range row {
		n *= d
	}
	return n
}

// through is where the items of a step's rows come from; nil where the step mixes them.
func through(op model.Op, from [][]origin, types []model.Type, t model.Type) []origin {
	switch op := op.(type) {
	case *model.Cast:
		if t.Kind.IsFloat() && types[op.X].Kind.IsFloat() {
			return from[op.X]
		}
		return changed(from[op.X])
	case *model.Finite:
		return from[op.X]
	case *model.Reshape:
		return from[op.X]
	case *model.Slice:
		return from[op.X][op.From:op.To]
	case *model.Pick:
		width := length(t.Row)
		return from[op.X][op.Index*width : (op.Index+1)*width]
	case *model.Take:
		var row []origin
		for _, c := range op.Columns {
			row = append(row, from[op.X][c])
		}
		return row
	case *model.Concat:
		var row []origin
		for _, x := range op.Xs {
			row = append(row, from[x]...)
		}
		return row
	case *model.Unary:
		return changed(from[op.X])
	case *model.Index:
		return changed(from[op.X])
	case *model.Search:
		return changed(from[op.X])
	case *model.Div:
		return changed(from[op.X])
	case *model.Binary:
		return spread(length(t.Row), side(op.A, from), side(op.B, from))
	case *model.Where:
		return spread(length(t.Row), from[op.Cond], side(op.A, from), side(op.B, from))
	case *model.Lookup:
		var row []origin
		for _, o := range from[op.X] {
			for range op.Table.RowLen() {
				row = append(row, origin{column: o.column})
			}
		}
		return row
	case *model.Repeat:
		return slices.Repeat([]origin{{column: nothing}}, length(t.Row))
	}
	return nil
}

func changed(row []origin) []origin {
	all := make([]origin, len(row))
	for i, o := range row {
		all[i] = origin{column: o.column}
	}
	return all
}

func side(a model.Operand, from [][]origin) []origin {
	if a.Row != nil {
		return []origin{{column: nothing}}
	}
	return from[a.Ref]
}

// spread is the origin of an item by item operation on rows that are n long, or of length 1; nil where they are neither.
func spread(n int, sides ...[]origin) []origin {
	row := make([]origin, n)
	for i := range row {
		row[i] = origin{column: nothing}
		for _, s := range sides {
			switch len(s) {
			case n:
				row[i] = row[i].and(s[i])
			case 1:
				row[i] = row[i].and(s[0])
			default:
				return nil
			}
		}
	}
	return row
}

// forests lists the forests of a model's program, each once.
func forests(m *model.Model) ([]probed, [][]origin, error) {
	types, err := m.Types()
	if err != nil {
		return nil, nil, err
	}
	from := origins(m, types)
	var all []probed
	seen := map[*forest.Forest]bool{}
	for _, op := range m.Ops {
		var f *forest.Forest
		var x model.Ref
		switch op := op.(type) {
		case *model.Ensemble:
			f, x = op.Forest, op.X
		case *model.Leaves:
			f, x = op.Forest, op.X
		}
		if f != nil && !seen[f] {
			seen[f] = true
			all = append(all, probed{f, x, from[x]})
		}
	}
	return all, from, nil
}
