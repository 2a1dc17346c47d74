package model

import (
	"fmt"
	"slices"
)

// RowSum adds what the leaves of many trees hold, in the order of the trees. X says of each tree which row its leaf is, as a whole
// number of any kind; Table holds the rows as columns ([width, rows]), so that a row is one number for each item of the answer.
// With Groups of more than one, the trees take turns in adding to as many sums of one number each: tree i to sum i modulo
// Groups. Every sum starts with its first tree's number.
type RowSum struct {
	X      Ref
	Table  *Tensor
	Groups int
}

func (o *RowSum) Name() string      { return "sum of rows" }
func (o *RowSum) Reads() []Ref      { return []Ref{o.X} }
func (o *RowSum) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *RowSum) Type(in []Type) (Type, error) {
	x, t := in[0], o.Table
	if !x.Kind.IsFloat() && x.Kind != Int64 || len(x.Row) != 1 || !t.Kind.IsFloat() || len(t.Shape) != 2 || t.Shape[0] < 1 ||
		o.Groups < 1 || o.Groups > 1 && t.Shape[0] > 1 || x.Row[0] == 0 || x.Row[0]%o.Groups != 0 {
		return Type{}, fmt.Errorf("no %d sums of rows of a table of shape %v by %v", o.Groups, t.Shape, x)
	}
	return Type{Kind: t.Kind, Row: []int{o.Groups * t.Shape[0]}}, nil
}

func (o *RowSum) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
	items, width, rows := x.RowLen(), out.RowLen(), o.Table.Shape[1]
	acc := precision(out.Kind)
	for i := range x.Rows() {
		sums, group := out.Float[i*width:(i+1)*width], 0
		for k := range items {
			var row int64
			if at := i*items + k; x.Kind == Int64 {
				row = x.Int[at]
			} else {
				row = int64(x.Float[at])
			}
			if row < 0 || row >= int64(rows) {
				return fmt.Errorf("row %d of %d", row, rows)
			}
			for j := range o.Table.Shape[0] {
				v, to := o.Table.Float[j*rows+int(row)], j+group
				if k >= o.Groups {
					v = acc.Round(sums[to] + v)
				}
				sums[to] = v
			}
			if group++; group == o.Groups {
				group = 0
			}
		}
	}
	return nil
}

func (o *RowSum) Equal(other Op) error {
	p, ok := other.(*RowSum)
	if !ok || o.Groups != p.Groups || !slices.Equal(o.Table.Shape, p.Table.Shape) {
		return fmt.Errorf("%s against another step, or one of another shape", o.Name())
	}
	if !o.Table.Same(p.Table) {
		return fmt.Errorf("the tables of %v%v differ", o.Table.Kind, o.Table.Shape)
	}
	return nil
}
