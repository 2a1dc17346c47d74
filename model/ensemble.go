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

func (o *Ensemble) Eval(in []*Tensor, out *Tensor) error {
	width := o.Forest.Outputs
	return eachRow(o.Forest, in[0], func(i int, x []float64) {
		o.Forest.PredictRounded(x, out.Float[i*width:(i+1)*width:(i+1)*width])
	})
}

func (o *Ensemble) prepare(will asked) evaluation {
	return &predictions{o.Forest, will.walks.NewPredictor(o.Forest, will.rows)}
}

// predictions is an Ensemble made for many rows.
type predictions struct {
	forest *forest.Forest
	*forest.Predictor
}

func (o *predictions) clone() evaluation { return &predictions{o.forest, o.Clone()} }

func (o *predictions) Eval(in []*Tensor, out *Tensor) error {
	if err := checkRows(o.forest, in[0]); err != nil {
		return err
	}
	o.Predict(in[0].Float, out.Float)
	return nil
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

func (o *Leaves) Eval(in []*Tensor, out *Tensor) error {
	width := len(o.Forest.Trees)
	return eachRow(o.Forest, in[0], func(i int, x []float64) {
		o.Forest.Apply(x, out.Int[i*width:i*width:(i+1)*width])
	})
}

func (o *Leaves) prepare(will asked) evaluation {
	return &leaves{o.Forest, forest.NewFinder(o.Forest, will.rows)}
}

// leaves is a Leaves made for many rows.
type leaves struct {
	forest *forest.Forest
	*forest.Finder
}

func (o *leaves) clone() evaluation { return &leaves{o.forest, o.Clone()} }

func (o *leaves) Eval(in []*Tensor, out *Tensor) error {
	if err := checkRows(o.forest, in[0]); err != nil {
		return err
	}
	o.Apply(in[0].Float, out.Int)
	return nil
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

// checkRows finds the first row that the forest refuses.
func checkRows(f *forest.Forest, x *Tensor) error {
	if !f.RefusesNaN && !f.RefusesInf {
		return nil
	}
	for i, v := range x.Float {
		switch {
		case v != v && f.RefusesNaN:
			return &RowError{i / f.Features, fault.Unsupportedf(fault.Where{}, "feature %d is NaN, and the original refuses NaN", i%f.Features)}
		case f.RefusesInf && math.IsInf(f.Input.Round(v), 0):
			return &RowError{i / f.Features, fault.Unsupportedf(fault.Where{}, "feature %d is infinite as %v, and the original refuses that", i%f.Features, f.Input)}
		}
	}
	return nil
}

// eachRow calls do with every row of x, rounded as the forest rounds it.
func eachRow(f *forest.Forest, x *Tensor, do func(i int, row []float64)) error {
	if err := checkRows(f, x); err != nil {
		return err
	}
	width := f.Features
	rounded := make([]float64, width)
	for i := range x.Rows() {
		for j, v := range x.Float[i*width : (i+1)*width] {
			rounded[j] = f.Input.Round(v)
		}
		do(i, rounded)
	}
	return nil
}
