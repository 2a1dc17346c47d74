package model

import "fmt"

// Slice takes the columns From to To-1 of a matrix.
type Slice struct {
	X        Ref
	From, To int
}

func (o *Slice) Name() string      { return "slice" }
func (o *Slice) Reads() []Ref      { return []Ref{o.X} }
func (o *Slice) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *Slice) Type(in []Type) (Type, error) {
	if len(in[0].Row) != 1 || o.From < 0 || o.From >= o.To || o.To > in[0].Row[0] {
		return Type{}, fmt.Errorf("no columns %d to %d in %v", o.From, o.To, in[0])
	}
	return Type{Kind: in[0].Kind, Row: []int{o.To - o.From}}, nil
}

func (o *Slice) Eval(in []*Tensor, out *Tensor) error {
	x, width := in[0], o.To-o.From
	for i := range x.Rows() {
		out.copyItems(i*width, x, i*x.RowLen()+o.From, width)
	}
	return nil
}

func (o *Slice) Equal(other Op) error { return equalSettings(o, other) }

// Pick takes one entry of the rows' first axis: of a matrix a single column, of rows of shape [trees, outputs] one tree's.
type Pick struct {
	X     Ref
	Index int
}

func (o *Pick) Name() string      { return "pick" }
func (o *Pick) Reads() []Ref      { return []Ref{o.X} }
func (o *Pick) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *Pick) Type(in []Type) (Type, error) {
	if len(in[0].Row) == 0 || o.Index < 0 || o.Index >= in[0].Row[0] {
		return Type{}, fmt.Errorf("no entry %d in %v", o.Index, in[0])
	}
	return Type{Kind: in[0].Kind, Row: in[0].Row[1:]}, nil
}

func (o *Pick) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
	width := out.RowLen()
	for i := range x.Rows() {
		out.copyItems(i*width, x, i*x.RowLen()+o.Index*width, width)
	}
	return nil
}

func (o *Pick) Equal(other Op) error { return equalSettings(o, other) }

// Concat puts matrices of one kind side by side.
type Concat struct{ Xs []Ref }

func (o *Concat) Name() string { return "concatenate" }
func (o *Concat) Reads() []Ref { return o.Xs }

func (o *Concat) Moved(to []Ref) Op {
	xs := make([]Ref, len(o.Xs))
	for i, x := range o.Xs {
		xs[i] = to[x]
	}
	return &Concat{Xs: xs}
}

func (o *Concat) Type(in []Type) (Type, error) {
	width := 0
	for _, t := range in {
		if t.Kind != in[0].Kind || len(t.Row) != 1 {
			return Type{}, fmt.Errorf("%v beside %v", t, in[0])
		}
		width += t.Row[0]
	}
	if width == 0 {
		return Type{}, fmt.Errorf("nothing to put side by side")
	}
	return Type{Kind: in[0].Kind, Row: []int{width}}, nil
}

func (o *Concat) Eval(in []*Tensor, out *Tensor) error {
	at := 0
	for i := range in[0].Rows() {
		for _, x := range in {
			out.copyItems(at, x, i*x.RowLen(), x.RowLen())
			at += x.RowLen()
		}
	}
	return nil
}

func (o *Concat) Equal(other Op) error {
	if _, ok := other.(*Concat); !ok {
		return differ(o, other)
	}
	return nil // what it reads was compared already
}
