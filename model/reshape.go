package model

import "fmt"

// Reshape gives rows another shape of as many items.
type Reshape struct {
	X   Ref
	Row []int
}

func (o *Reshape) Name() string      { return "reshape" }
func (o *Reshape) Reads() []Ref      { return []Ref{o.X} }
func (o *Reshape) Moved(to []Ref) Op { return &Reshape{X: to[o.X], Row: o.Row} }
func (o *Reshape) Equal(other Op) error {
	return equalSlicesOf(o, other, func(o *Reshape) []int { return o.Row })
}

func (o *Reshape) Type(in []Type) (Type, error) {
	if product(in[0].Row) != product(o.Row) {
		return Type{}, fmt.Errorf("no rows of shape %v from %v", o.Row, in[0])
	}
	return Type{Kind: in[0].Kind, Row: o.Row}, nil
}

func (o *Reshape) Eval(in []*Tensor, out *Tensor) error {
	out.copyItems(0, in[0], 0, in[0].Len())
	return nil
}

// Repeat answers the same row, a tensor of one row, for every row of another value.
type Repeat struct {
	Like Ref
	Row  *Tensor
}

func (o *Repeat) Name() string      { return "repeat" }
func (o *Repeat) Reads() []Ref      { return []Ref{o.Like} }
func (o *Repeat) Moved(to []Ref) Op { return &Repeat{Like: to[o.Like], Row: o.Row} }

func (o *Repeat) Type([]Type) (Type, error) {
	if o.Row.Rows() != 1 {
		return Type{}, fmt.Errorf("%d rows to repeat", o.Row.Rows())
	}
	return o.Row.Type(), nil
}

func (o *Repeat) Eval(in []*Tensor, out *Tensor) error {
	width := out.RowLen()
	for i := range out.Rows() {
		out.copyItems(i*width, o.Row, 0, width)
	}
	return nil
}

func (o *Repeat) Equal(other Op) error {
	if p, ok := other.(*Repeat); !ok || !o.Row.Same(p.Row) {
		return differ(o, other)
	}
	return nil
}

// Take takes columns of a matrix by their numbers, in that order, the same one more than once if need be.
type Take struct {
	X       Ref
	Columns []int
}

func (o *Take) Name() string      { return "take" }
func (o *Take) Reads() []Ref      { return []Ref{o.X} }
func (o *Take) Moved(to []Ref) Op { return &Take{X: to[o.X], Columns: o.Columns} }
func (o *Take) Equal(other Op) error {
	return equalSlicesOf(o, other, func(o *Take) []int { return o.Columns })
}

func (o *Take) Type(in []Type) (Type, error) {
	if len(in[0].Row) != 1 || len(o.Columns) == 0 {
		return Type{}, fmt.Errorf("no columns %v of %v", o.Columns, in[0])
	}
	for _, c := range o.Columns {
		if c < 0 || c >= in[0].Row[0] {
			return Type{}, fmt.Errorf("no column %d of %v", c, in[0])
		}
	}
	return Type{Kind: in[0].Kind, Row: []int{len(o.Columns)}}, nil
}

func (o *Take) Eval(in []*Tensor, out *Tensor) error {
	x, width := in[0], len(o.Columns)
	for i := range x.Rows() {
		for j, c := range o.Columns {
			out.copyItems(i*width+j, x, i*x.RowLen()+c, 1)
		}
	}
	return nil
}
