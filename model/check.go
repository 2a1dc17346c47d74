package model

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/fault"
)

// Finite hands its floats on unchanged, but refuses a row with infinity and, unless NaN is set, with NaN, as the original
// does where its input is validated. What can't raise errors leaves it out.
type Finite struct {
	X   Ref
	NaN bool // NaN is allowed
}

func (o *Finite) Name() string         { return "check for finite numbers" }
func (o *Finite) Reads() []Ref         { return []Ref{o.X} }
func (o *Finite) Moved(to []Ref) Op    { return &Finite{X: to[o.X], NaN: o.NaN} }
func (o *Finite) Equal(other Op) error { return equalSettings(o, other) }

func (o *Finite) Type(in []Type) (Type, error) {
	if !in[0].Kind.IsFloat() {
		return Type{}, fmt.Errorf("%v is always finite", in[0])
	}
	return in[0], nil
}

func (o *Finite) Eval(in []*Tensor, out *Tensor) error {
	for i, v := range in[0].Float {
		if math.IsInf(v, 0) || v != v && !o.NaN {
			return &RowError{i / in[0].RowLen(), fault.Unsupportedf(fault.Where{}, "a value is %v, and the original refuses that", v)}
		}
	}
	copy(out.Float, in[0].Float)
	return nil
}

// RefusesNaN tells whether some step that reads an input, as it is but for casts and choices of columns, refuses NaN.
func (m *Model) RefusesNaN() bool {
	raw := make([]bool, len(m.Inputs), len(m.Inputs)+len(m.Ops))
	for i := range raw {
		raw[i] = true
	}
	for _, op := range m.Ops {
		asIs := true
		for _, r := range op.Reads() {
			asIs = asIs && raw[r]
		}
		switch op := op.(type) {
		case *Cast, *Slice, *Take, *Concat:
		case *Finite:
			if asIs && !op.NaN {
				return true
			}
		case *Ensemble:
			if asIs && op.Forest.RefusesNaN {
				return true
			}
			asIs = false
		case *Leaves:
			if asIs && op.Forest.RefusesNaN {
				return true
			}
			asIs = false
		default:
			asIs = false
		}
		raw = append(raw, asIs)
	}
	return false
}
