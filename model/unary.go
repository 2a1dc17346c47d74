package model

import (
	"fmt"
	"math"
)

// Function is what Unary makes of an item, by numpy's name.
type Function string

// The functions. Of floats they answer floats of the same precision, but for IsNaN; Not is of bools.
const (
	Neg   Function = "negative"
	Abs   Function = "absolute"
	Sign  Function = "sign" // of NaN: NaN
	Floor Function = "floor"
	Ceil  Function = "ceil"
	Rint  Function = "rint" // halves to the even neighbour
	Trunc Function = "trunc"
	Sqrt  Function = "sqrt"
	Exp   Function = "exp"
	Expm1 Function = "expm1"
	Log   Function = "log"
	Log1p Function = "log1p"
	Sin   Function = "sin"
	Cos   Function = "cos"
	Tan   Function = "tan"
	Tanh  Function = "tanh"
	IsNaN Function = "isnan"       // answers a bool
	Not   Function = "logical_not" // of a bool
)

var functions = map[Function]func(float64) float64{
	Neg: func(v float64) float64 { return -v }, Abs: math.Abs, Sign: sign, Floor: math.Floor, Ceil: math.Ceil,
	Rint: math.RoundToEven, Trunc: math.Trunc, Sqrt: math.Sqrt, Exp: math.Exp, Expm1: math.Expm1, Log: math.Log,
	Log1p: math.Log1p, Sin: math.Sin, Cos: math.Cos, Tan: math.Tan, Tanh: math.Tanh,
}

func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return v + 0
}

// Exact tells whether the function is exact to the bit wherever IEEE 754 is followed; the others differ by an ulp or two
// from library to library.
func (f Function) Exact() bool {
	switch f {
	case Neg, Abs, Sign, Floor, Ceil, Rint, Trunc, Sqrt, IsNaN, Not:
		return true
	}
	return false
}

// Unary answers a function of every item. Of float32 items it is computed in float64 and rounded.
type Unary struct {
	Fn Function
	X  Ref
}

func (o *Unary) Name() string         { return string(o.Fn) }
func (o *Unary) Reads() []Ref         { return []Ref{o.X} }
func (o *Unary) Moved(to []Ref) Op    { return &Unary{Fn: o.Fn, X: to[o.X]} }
func (o *Unary) Equal(other Op) error { return equalSettings(o, other) }
func (o *Unary) cannot(t Type) error  { return fmt.Errorf("no %s of %v", o.Fn, t) }

func (o *Unary) Type(in []Type) (Type, error) {
	t := in[0]
	switch {
	case o.Fn == Not && t.Kind == Bool, functions[o.Fn] != nil && t.Kind.IsFloat():
		return t, nil
	case o.Fn == IsNaN && t.Kind.IsFloat():
		return Type{Kind: Bool, Row: t.Row}, nil
	}
	return Type{}, o.cannot(t)
}

func (o *Unary) Eval(in []*Tensor) (*Tensor, error) {
	t, err := o.Type([]Type{in[0].Type()})
	if err != nil {
		return nil, err
	}
	x, out := in[0], NewTensor(t, in[0].Rows())
	switch o.Fn {
	case Not:
		for i, v := range x.Int {
			out.Int[i] = 1 - v
		}
	case IsNaN:
		for i, v := range x.Float {
			out.Int[i] = truth(v != v)
		}
	default:
		fn, round := functions[o.Fn], precision(t.Kind).Round
		for i, v := range x.Float {
			out.Float[i] = round(fn(v))
		}
	}
	return out, nil
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
