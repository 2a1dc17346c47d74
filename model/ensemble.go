package model

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// Ensemble answers each row of X (floats, Forest.Features wide) with the forest's Outputs values, in the forest's Acc
// precision.
type Ensemble struct {
	X      Ref
	Forest *forest.Forest
}

func (o *Ensemble) Name() string      { return "tree ensemble" }
func (o *Ensemble) Reads() []Ref      { return []Ref{o.X} }
func (o *Ensemble) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *Ensemble) Type(in []Type) (Type, error) {
	if err := takesRows(o.Forest, in[0]); err != nil {
		return Type{}, err
	}
	kind := Float64
	if o.Forest.Acc == forest.Float32 {
		kind = Float32
	}
	return Type{Kind: kind, Row: []int{o.Forest.Outputs}}, nil
}

func (o *Ensemble) Eval(in []*Tensor) (*Tensor, error) {
	t, err := o.Type([]Type{in[0].Type()})
	if err != nil {
		return nil, err
	}
	out := NewTensor(t, in[0].Rows())
	width := o.Forest.Outputs
	err = eachRow(o.Forest, in[0], func(i int, x []float64) {
		o.Forest.PredictRounded(x, out.Float[i*width:(i+1)*width:(i+1)*width])
	})
	return out, err
}

func (o *Ensemble) Equal(other Op) error {
	p, ok := other.(*Ensemble)
	if !ok {
		return differ(o, other)
	}
	return forest.Equal(o.Forest, p.Forest)
}

// Leaves answers each row of X with the number of the leaf it falls into, one column per tree: scikit-learn's apply.
type Leaves struct {
	X      Ref
	Forest *forest.Forest
}

func (o *Leaves) Name() string      { return "leaves of a tree ensemble" }
func (o *Leaves) Reads() []Ref      { return []Ref{o.X} }
func (o *Leaves) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *Leaves) Type(in []Type) (Type, error) {
	if err := takesRows(o.Forest, in[0]); err != nil {
		return Type{}, err
	}
	return Type{Kind: Int64, Row: []int{len(o.Forest.Trees)}}, nil
}

func (o *Leaves) Eval(in []*Tensor) (*Tensor, error) {
	out := NewTensor(Type{Kind: Int64, Row: []int{len(o.Forest.Trees)}}, in[0].Rows())
	width := len(o.Forest.Trees)
	err := eachRow(o.Forest, in[0], func(i int, x []float64) {
		o.Forest.Apply(x, out.Int[i*width:i*width:(i+1)*width])
	})
	return out, err
}

func (o *Leaves) Equal(other Op) error {
	p, ok := other.(*Leaves)
	if !ok {
		return differ(o, other)
	}
	return forest.Equal(o.Forest, p.Forest)
}

func takesRows(f *forest.Forest, t Type) error {
	if !t.Kind.IsFloat() || len(t.Row) != 1 || t.Row[0] != f.Features {
		return fmt.Errorf("an ensemble over %d features can't take %v", f.Features, t)
	}
	return nil
}

// RowError is what is wrong with one row.
type RowError struct {
	Row int // from 0, among the rows that were asked about
	Err error
}

func (e *RowError) Error() string { return fmt.Sprintf("row %d: %v", e.Row, e.Err) }
func (e *RowError) Unwrap() error { return e.Err }

// eachRow calls do with every row of x, rounded as the forest rounds it.
func eachRow(f *forest.Forest, x *Tensor, do func(i int, row []float64)) error {
	width := f.Features
	rounded := make([]float64, width)
	for i := range x.Rows() {
		row := x.Float[i*width : (i+1)*width]
		for j, v := range row {
			if v != v && f.RefusesNaN {
				return &RowError{i, fault.Unsupportedf(fault.Where{}, "feature %d is NaN, and the original refuses NaN", j)}
			}
			rounded[j] = f.Input.Round(v)
			if f.RefusesInf && math.IsInf(rounded[j], 0) {
				return &RowError{i, fault.Unsupportedf(fault.Where{}, "feature %d is infinite as %v, and the original refuses that", j, f.Input)}
			}
		}
		do(i, rounded)
	}
	return nil
}
