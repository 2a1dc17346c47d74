package model

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/forest"
)

// Cast converts numbers to another kind: floats are rounded to nearest even, and cut off toward zero as integers.
type Cast struct {
	X  Ref
	To Kind
}

func (o *Cast) Name() string      { return "cast" }
func (o *Cast) Reads() []Ref      { return []Ref{o.X} }
func (o *Cast) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *Cast) Type(in []Type) (Type, error) {
	from := in[0].Kind
	if from == String || o.To == String || o.To == Bool && from != Bool {
		return Type{}, fmt.Errorf("no cast from %v to %v", from, o.To)
	}
	return Type{Kind: o.To, Row: in[0].Row}, nil
}

func (o *Cast) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
	for i := range x.Len() {
		switch {
		case o.To == Int64 && x.Kind.IsFloat():
			out.Int[i] = int64(x.Float[i])
		case o.To == Int64, o.To == Bool:
			out.Int[i] = x.Int[i]
		case x.Kind.IsFloat():
			out.Float[i] = precision(o.To).Round(x.Float[i])
		default:
			out.Float[i] = precision(o.To).Round(float64(x.Int[i]))
		}
	}
	return nil
}

func (o *Cast) Equal(other Op) error { return equalSettings(o, other) }

func precision(k Kind) forest.Precision {
	if k == Float32 {
		return forest.Float32
	}
	return forest.Float64
}

// CumSum adds up along the rows' first axis, from the first entry to the last: each entry of the answer is the sum of
// those up to it. The order is part of its meaning, so the sum is the same to the bit wherever it runs.
type CumSum struct{ X Ref }

func (o *CumSum) Name() string      { return "cumulative sum" }
func (o *CumSum) Reads() []Ref      { return []Ref{o.X} }
func (o *CumSum) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *CumSum) Type(in []Type) (Type, error) {
	if !in[0].Kind.IsFloat() || len(in[0].Row) == 0 {
		return Type{}, fmt.Errorf("no cumulative sum of %v", in[0])
	}
	return in[0], nil
}

func (o *CumSum) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
	width := product(x.Shape[2:])
	round := precision(x.Kind).Round
	for i := range x.Rows() {
		row := out.Float[i*x.RowLen() : (i+1)*x.RowLen()]
		copy(row, x.Float[i*x.RowLen():])
		for j := width; j < len(row); j++ {
			row[j] = round(row[j-width] + row[j])
		}
	}
	return nil
}

func (o *CumSum) Equal(other Op) error { return equalSettings(o, other) }

// Div divides every item by a number, in the items' own precision.
type Div struct {
	X  Ref
	By float64
}

func (o *Div) Name() string      { return "divide" }
func (o *Div) Reads() []Ref      { return []Ref{o.X} }
func (o *Div) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *Div) Type(in []Type) (Type, error) {
	if !in[0].Kind.IsFloat() {
		return Type{}, fmt.Errorf("%v can't be divided", in[0])
	}
	return in[0], nil
}

func (o *Div) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
	round := precision(x.Kind).Round
	for i, v := range x.Float {
		out.Float[i] = round(v / o.By)
	}
	return nil
}

func (o *Div) Equal(other Op) error { return equalSettings(o, other) }

// Offset adds to each column of an integer matrix a number of its own: what turns a row number within a tree into one of
// the whole table.
type Offset struct {
	X  Ref
	By []int64 // one per column
}

func (o *Offset) Name() string      { return "offset" }
func (o *Offset) Reads() []Ref      { return []Ref{o.X} }
func (o *Offset) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *Offset) Type(in []Type) (Type, error) {
	if in[0].Kind != Int64 || len(in[0].Row) != 1 || in[0].Row[0] != len(o.By) {
		return Type{}, fmt.Errorf("%d offsets for %v", len(o.By), in[0])
	}
	return in[0], nil
}

func (o *Offset) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
	for i, v := range x.Int {
		out.Int[i] = v + o.By[i%len(o.By)]
	}
	return nil
}

func (o *Offset) Equal(other Op) error {
	p, ok := other.(*Offset)
	if !ok || !equalSlices(o.By, p.By) {
		return differ(o, other)
	}
	return nil
}

// ArgMax answers each row of a matrix with the column of its largest value, the first of several (as numpy.argmax: a NaN
// counts as the largest).
type ArgMax struct{ X Ref }

func (o *ArgMax) Name() string      { return "argmax" }
func (o *ArgMax) Reads() []Ref      { return []Ref{o.X} }
func (o *ArgMax) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *ArgMax) Type(in []Type) (Type, error) {
	if !in[0].Kind.IsFloat() || len(in[0].Row) != 1 || in[0].Row[0] == 0 {
		return Type{}, fmt.Errorf("no largest column in %v", in[0])
	}
	return Type{Kind: Int64}, nil
}

func (o *ArgMax) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
	for i := range x.Rows() {
		out.Int[i] = int64(Largest(x.Float[i*x.RowLen() : (i+1)*x.RowLen()]))
	}
	return nil
}

func (o *ArgMax) Equal(other Op) error { return equalSettings(o, other) }

// Largest is the place of the largest value, the first of several, as numpy.argmax has it.
func Largest(row []float64) int {
	best := 0
	for j, v := range row {
		if math.IsNaN(v) {
			return j
		}
		if v > row[best] {
			best = j
		}
	}
	return best
}
