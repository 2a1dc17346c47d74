package table

import (
	"slices"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// Tensor is the table as one tensor of rows: its columns' common kind, or float64 where they are numbers of several
// kinds. One column makes a value per row (an empty row shape). Text beside numbers, and an integer that is missing, are a
// *fault.Unsupported.
func (t *Table) Tensor() (*model.Tensor, error) {
	if len(t.Columns) == 0 {
		return nil, fault.Brokenf(fault.Where{}, "a table without columns")
	}
	kind := t.Columns[0].Kind
	for i := range t.Columns[1:] {
		switch other := t.Columns[i+1].Kind; {
		case other == kind:
		case other == model.String || kind == model.String:
			return nil, fault.Unsupportedf(fault.Where{}, "columns of text beside columns of numbers do not make one answer")
		default:
			kind = model.Float64
		}
	}
	typ := model.Type{Kind: kind}
	if len(t.Columns) > 1 {
		typ.Row = []int{len(t.Columns)}
	}
	out := model.NewTensor(typ, t.rows)
	for j := range t.Columns {
		if err := t.Columns[j].into(out, j, len(t.Columns)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FromTensor makes columns of a tensor: one of name where a row is one value, else name_0, name_1, ...
func FromTensor(name string, x *model.Tensor) []Column {
	width := x.RowLen()
	columns := make([]Column, width)
	for j := range columns {
		c := Column{Name: name, Kind: x.Kind}
		if width > 1 {
			c.Name += "_" + strconv.Itoa(j)
		}
		switch {
		case x.Kind.IsFloat():
			c.Float = every(x.Float, j, width)
		case x.Kind == model.String:
			c.Text = every(x.Text, j, width)
		default:
			c.Int = every(x.Int, j, width)
		}
		columns[j] = c
	}
	return columns
}

// every is each step-th item from j on.
func every[T any](items []T, j, step int) []T {
	if step == 1 {
		return slices.Clone(items)
	}
	out := make([]T, 0, len(items)/step)
	for ; j < len(items); j += step {
		out = append(out, items[j])
	}
	return out
}
