package onnx

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/model"
)

// Elementwise steps that ONNX has no operator for, or that onnxruntime does not have for float64, or computes wrong, are put
// together from others here. What was measured, against numpy:
//
//	Floor, Ceil  none for float64 in 1.12, which answers a number for the NaN of float32; 0 for -0 in 1.19
//	IsNaN        none for float64 in 1.12
//	Where        none for bools; 0 for -0, which is left at that
//	Exp          of -infinity 5.6e-309 in 1.19, as of all below -708; infinite from 709.44 on in 1.12
//	Log          of less than 2.2e-308 as of that in 1.19
//	Sqrt         of float32 off by an ulp in 1.12 and 1.19, and of infinity NaN
//	Sin          of float64 0 near multiples of pi in 1.21 and 1.32
//	Cos          none for float64 up to 1.21, then like Sin
//	Tan          none for float64
//	ReduceMax    may skip a NaN

// row is a constant that goes with rows of a type: the number v, as long as need be.
func row(t model.Type, v ...float64) model.Operand {
	shape := make([]int, 1+len(t.Row))
	for i := range shape {
		shape[i] = 1
	}
	if len(v) > 1 {
		shape[len(t.Row)] = len(v)
	}
	c := &model.Tensor{Kind: t.Kind, Shape: shape}
	for _, v := range v {
		switch t.Kind {
		case model.Float64:
			c.Float = append(c.Float, v)
		case model.Float32:
			c.Float = append(c.Float, float64(float32(v)))
		default:
			c.Int = append(c.Int, int64(v))
		}
	}
	return model.Operand{Row: c}
}

// constant is a number beside x.
func (l *lowering) constant(x model.Ref, v float64) model.Operand { return row(l.to.types[x], v) }

func (l *lowering) apply(fn model.Function, x model.Ref) model.Ref {
	return l.to.add(&model.Unary{Fn: fn, X: x})
}

// with combines a value with another one.
func (l *lowering) with(fn model.Operation, a, b model.Ref) model.Ref {
	return l.to.add(&model.Binary{Fn: fn, A: model.Value(a), B: model.Value(b)})
}

// by combines a value with a number.
func (p *program) by(fn model.Operation, x model.Ref, v float64) model.Ref {
	return p.add(&model.Binary{Fn: fn, A: model.Value(x), B: row(p.types[x], v)})
}

func (l *lowering) choose(cond model.Ref, a, b model.Operand) model.Ref {
	return l.to.add(&model.Where{Cond: cond, A: a, B: b})
}

func (l *lowering) isNaN(x model.Ref) model.Ref {
	return l.apply(model.Not, l.with(model.Equals, x, x))
}

// binary is an operation of values and constants.
func (l *lowering) binary(op *model.Binary) (model.Ref, error) {
	if op.A.Row != nil && op.B.Row != nil {
		return 0, fmt.Errorf("two constants")
	}
	moved := op.Moved(l.refs).(*model.Binary)
	moved.A, moved.B = plainNaN(moved.A), plainNaN(moved.B)
	return l.to.add(moved), nil
}

// plainNaN gives a float32 constant the NaN that comes out of a file again.
func plainNaN(a model.Operand) model.Operand {
	if a.Row == nil || a.Row.Kind != model.Float32 {
		return a
	}
	plain := *a.Row
	plain.Float = make([]float64, len(a.Row.Float))
	for i, v := range a.Row.Float {
		plain.Float[i] = float64(float32(v))
	}
	return model.Operand{Row: &plain}
}

// complement is 1 - p beside p.
func (l *lowering) complement(op *model.Complement) model.Ref {
	p := l.refs[op.X]
	rest := l.to.add(&model.Binary{Fn: model.Sub, A: l.constant(p, 1), B: model.Value(p)})
	return l.to.add(&model.Concat{Xs: []model.Ref{rest, p}})
}

// where is a choice; among bools it is made of And and Or.
func (l *lowering) where(op *model.Where) (model.Ref, error) {
	moved := op.Moved(l.refs).(*model.Where)
	moved.A, moved.B = plainNaN(moved.A), plainNaN(moved.B)
	kind := model.Bool
	if moved.A.Row != nil {
		kind = moved.A.Row.Kind
	} else {
		kind = l.to.types[moved.A.Ref].Kind
	}
	if kind != model.Bool {
		return l.to.add(moved), nil
	}
	and := func(cond model.Ref, side model.Operand) model.Ref {
		return l.to.add(&model.Binary{Fn: model.And, A: model.Value(cond), B: side})
	}
	return l.with(model.Or, and(moved.Cond, moved.A), and(l.apply(model.Not, moved.Cond), moved.B)), nil
}

func (l *lowering) unary(op *model.Unary) (model.Ref, error) {
	x := l.refs[op.X]
	switch op.Fn {
	case model.Neg, model.Abs, model.Sign, model.Rint, model.Not:
		return l.apply(op.Fn, x), nil
	case model.IsNaN:
		return l.isNaN(x), nil
	case model.Floor:
		return l.floor(x), nil
	case model.Ceil:
		return l.ceil(x), nil
	case model.Trunc:
		return l.trunc(x), nil
	}
	// The others are computed in float64.
	kind := l.to.types[x].Kind
	return l.cast(l.function(op.Fn, l.cast(x, model.Float64)), kind), nil
}

// floor is the next integer, less 1 where that lies above.
func (l *lowering) floor(x model.Ref) model.Ref {
	near := l.apply(model.Rint, x)
	more := l.choose(l.with(model.Greater, near, x), l.constant(x, 1), l.constant(x, 0))
	return l.with(model.Sub, near, more)
}

// trunc is the integer next to x, moved by a half toward 0 where that integer lies further out. -0 stays, as do the numbers
// between it and -1.
func (l *lowering) trunc(x model.Ref) model.Ref {
	outside := l.with(model.Greater, l.apply(model.Abs, l.apply(model.Rint, x)), l.apply(model.Abs, x))
	half := l.choose(outside, l.constant(x, 0.5), l.constant(x, 0))
	return l.apply(model.Rint, l.with(model.Sub, x, l.with(model.Mul, l.apply(model.Sign, x), half)))
}

func (l *lowering) ceil(x model.Ref) model.Ref {
	return l.apply(model.Neg, l.floor(l.apply(model.Neg, x)))
}

// function is a function of a float64.
func (l *lowering) function(fn model.Function, x model.Ref) model.Ref {
	switch fn {
	case model.Exp:
		return l.exp(x)
	case model.Log:
		return l.log(x)
	case model.Log1p:
		return l.log1p(x)
	case model.Expm1:
		return l.expm1(x)
	case model.Sin, model.Cos, model.Tan:
		return l.trigonometric(fn, x)
	}
	return l.apply(fn, x)
}

// exp is Exp; for onnxruntimes before 1.21 the square of exp(x / 2) far from 0.
func (l *lowering) exp(x model.Ref) model.Ref {
	if l.o.MLOpset == 5 {
		return l.apply(model.Exp, x)
	}
	far := l.to.by(model.Greater, l.apply(model.Abs, x), 700)
	e := l.apply(model.Exp, l.choose(far, model.Value(l.to.by(model.Mul, x, 0.5)), model.Value(x)))
	return l.choose(far, model.Value(l.with(model.Mul, e, e)), model.Value(e))
}

// log is Log; for onnxruntimes before 1.21 subnormal numbers are multiplied by 2^54 first.
func (l *lowering) log(x model.Ref) model.Ref {
	if l.o.MLOpset == 5 {
		return l.apply(model.Log, x)
	}
	low := l.to.by(model.Less, x, 0x1p-1022)
	log := l.apply(model.Log, l.choose(low, model.Value(l.to.by(model.Mul, x, 0x1p54)), model.Value(x)))
	return l.choose(low, model.Value(l.to.by(model.Sub, log, 54*math.Ln2)), model.Value(log))
}

// log1p is log(u) * x / (u - 1) for u = 1 + x, which makes up for the rounding of u (Kahan), and x where u is 1.
func (l *lowering) log1p(x model.Ref) model.Ref {
	u := l.to.by(model.Add, x, 1)
	d := l.to.by(model.Sub, u, 1)
	share := l.choose(l.with(model.Equals, d, x), l.constant(x, 1), model.Value(l.with(model.Quotient, x, d)))
	log := l.with(model.Mul, l.apply(model.Log, u), share)
	return l.choose(l.to.by(model.Equals, d, 0), model.Value(x), model.Value(log))
}

// expm1 is (u - 1) * x / log(u) for u = exp(x) (Kahan), and x where u is 1. Where u is far from 1, u - 1 will do.
func (l *lowering) expm1(x model.Ref) model.Ref {
	u := l.exp(x)
	d := l.to.by(model.Sub, u, 1)
	share := l.with(model.Quotient, x, l.apply(model.Log, u))
	near := l.choose(l.to.by(model.Less, l.apply(model.Abs, x), 1), model.Value(l.with(model.Mul, d, share)), model.Value(d))
	return l.choose(l.to.by(model.Equals, d, 0), model.Value(x), model.Value(near))
}

// largestAngle is where trigonometric functions end: what is larger answers NaN.
const largestAngle = 0x1p32

// trigonometric takes the multiple k of pi/2 that is nearest to x off, and makes the answer of sine and cosine of the rest,
// which lies within pi/4 around 0, as the remainder of k by 4 tells.
func (l *lowering) trigonometric(fn model.Function, x model.Ref) model.Ref {
	k := l.apply(model.Rint, l.to.by(model.Mul, x, 2/math.Pi))
	rest := x
	for _, part := range model.HalfPi {
		rest = l.with(model.Sub, rest, l.to.by(model.Mul, k, part))
	}
	rest = l.choose(l.to.by(model.Equals, k, 0), model.Value(x), model.Value(rest)) // -0 stays
	rest = l.choose(l.to.by(model.Greater, l.apply(model.Abs, x), largestAngle), l.constant(x, math.NaN()), model.Value(rest))
	turns := l.floor(l.to.by(model.Mul, k, 0.25))
	quarter := l.with(model.Sub, k, l.to.by(model.Mul, turns, 4))
	odd := l.with(model.Or, l.to.by(model.Equals, quarter, 1), l.to.by(model.Equals, quarter, 3))

	sin := l.apply(model.Sin, rest)
	half := l.apply(model.Sin, l.to.by(model.Mul, rest, 0.5))
	square := l.with(model.Mul, half, half)
	cos := l.to.add(&model.Binary{Fn: model.Sub, A: l.constant(x, 1), B: model.Value(l.to.by(model.Mul, square, 2))})

	of := func(cond model.Ref, a, b model.Ref) model.Ref { return l.choose(cond, model.Value(a), model.Value(b)) }
	signed := func(negative, v model.Ref) model.Ref { return of(negative, l.apply(model.Neg, v), v) }
	switch fn {
	case model.Sin:
		return signed(l.to.by(model.GreaterOrEqual, quarter, 2), of(odd, cos, sin))
	case model.Cos:
		negative := l.with(model.Or, l.to.by(model.Equals, quarter, 1), l.to.by(model.Equals, quarter, 2))
		return signed(negative, of(odd, sin, cos))
	}
	return l.with(model.Quotient, signed(odd, of(odd, cos, sin)), of(odd, sin, cos))
}
