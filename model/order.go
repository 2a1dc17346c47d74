package model

import (
	"fmt"
	"slices"
)

// Order answers each row of a matrix with its columns in the rising order of their items, equal ones in their own order and NaN
// last, as numpy.argsort(kind="stable") does.
type Order struct{ X Ref }

func (o *Order) Name() string         { return "order" }
func (o *Order) Reads() []Ref         { return []Ref{o.X} }
func (o *Order) Moved(to []Ref) Op    { return &Order{X: to[o.X]} }
func (o *Order) Equal(other Op) error { return equalSettings(o, other) }

func (o *Order) Type(in []Type) (Type, error) {
	if !in[0].Kind.IsFloat() || len(in[0].Row) != 1 {
		return Type{}, fmt.Errorf("no order of %v", in[0])
	}
	return Type{Kind: Int64, Row: in[0].Row}, nil
}

func (o *Order) Eval(in []*Tensor, out *Tensor) error {
	x, n := in[0], in[0].RowLen()
	for i := range x.Rows() {
		row, order := x.Float[i*n:(i+1)*n], out.Int[i*n:(i+1)*n]
		for j := range order {
			order[j] = int64(j)
		}
		slices.SortStableFunc(order, func(a, b int64) int { return cmpNaNLast(row[a], row[b]) })
	}
	return nil
}
