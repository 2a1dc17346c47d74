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
	Rint: math.RoundToEven, Trunc: math.Trunc, Sqrt: math.Sqrt, Exp: ExpOf, Expm1: Expm1Of, Log: LogOf,
	Log1p: Log1pOf, Sin: sin, Cos: cos, Tan: tan, Tanh: math.Tanh,
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

// sin, cos and tan are those of math, of what is left of an angle without the nearest multiple of pi/2: near these, math is
// off by many ulp, and math.Tan near 0 as well (go1.26).
func sin(v float64) float64 {
	rest, quarter := withoutQuarters(v)
	return [...]float64{math.Sin(rest), math.Cos(rest), -math.Sin(rest), -math.Cos(rest)}[quarter]
}

func cos(v float64) float64 {
	rest, quarter := withoutQuarters(v)
	return [...]float64{math.Cos(rest), -math.Sin(rest), -math.Cos(rest), math.Sin(rest)}[quarter]
}

func tan(v float64) float64 {
	rest, quarter := withoutQuarters(v)
	if quarter%2 == 1 {
		return -math.Cos(rest) / math.Sin(rest)
	}
	return math.Sin(rest) / math.Cos(rest)
}

// HalfPi is pi/2 in parts of 21 bits, whose products with integers up to 2^32 are exact, and a rest.
var HalfPi = [...]float64{0x1.921fbp+0, 0x1.5110bp-22, 0x1.18469p-44, 0x1.13198p-65, 0x1.45c06e0e68948p-86}

// withoutQuarters takes the nearest multiple of pi/2 off, and tells which quarter of the circle that ends. Beyond 2^32 it
// leaves all to math.
func withoutQuarters(v float64) (rest float64, quarter int) {
	k := math.RoundToEven(v * (2 / math.Pi))
	if k == 0 || !(math.Abs(v) <= 0x1p32) {
		return v, 0
	}
	for _, part := range HalfPi {
		product := k * part
		v -= product
	}
	return v, int(int64(k) & 3)
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

func (o *Unary) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
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
		fn, round := functions[o.Fn], precision(x.Kind).Round
		for i, v := range x.Float {
			out.Float[i] = round(fn(v))
		}
	}
	return nil
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
