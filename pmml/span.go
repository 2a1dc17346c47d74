package pmml

import (
	"math"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// span bounds a number from below and above, and says whether it may be NaN. It tells where an expression needs no
// guard against missing values: sums of leaves are numbers, and so is what links make of them.
type span struct {
	low, high float64
	nan       bool
}

func anything(k model.Kind) span {
	return span{math.Inf(-1), math.Inf(1), k.IsFloat()}
}

func only(v float64) span {
	if v != v {
		return anything(model.Float64)
	}
	return span{low: v, high: v}
}

// widened makes room for rounding.
func (s span) widened() span {
	s.low -= math.Abs(s.low)*1e-6 + 1e-300
	s.high += math.Abs(s.high)*1e-6 + 1e-300
	if !(s.low <= s.high) {
		return span{math.Inf(-1), math.Inf(1), s.nan}
	}
	return s
}

func (s span) infinite() bool { return math.IsInf(s.low, 0) || math.IsInf(s.high, 0) }

// hull is the span of values of either.
func (s span) hull(t span) span {
	return span{min(s.low, t.low), max(s.high, t.high), s.nan || t.nan}
}

// spanOf bounds what a step makes.
func spanOf(step model.Op, kind model.Kind, args []*term) span {
	s := spanOfStep(step, kind, args)
	if kind == model.Float32 {
		s = span{roundedOut(s.low, math.Inf(-1)), roundedOut(s.high, math.Inf(1)), s.nan}
	}
	return s
}

// roundedOut is a bound that float32 numbers keep.
func roundedOut(v, to float64) float64 {
	return float64(math.Nextafter32(float32(v), float32(to)))
}

func spanOfStep(step model.Op, kind model.Kind, args []*term) span {
	all := anything(kind)
	switch op := step.(type) {
	case *model.Unary:
		return spanOfUnary(op.Fn, args[0].span, all)
	case *model.Binary:
		if kind.IsFloat() {
			return spanOfBinary(op.Fn, args[0].span, args[1].span, all)
		}
	case *model.Where:
		return args[1].span.hull(args[2].span)
	case *model.Cast:
		return args[0].span.widened()
	case *model.Lookup:
		return spanOfTable(op.Table)
	case *model.Reduce:
		s := args[0].span
		for _, arg := range args[1:] {
			s = span{max(s.low, arg.span.low), max(s.high, arg.span.high), s.nan || arg.span.nan}
		}
		return s
	case *model.Ensemble:
		return spanOfForest(op.Forest)
	}
	return all
}

func spanOfTable(t *model.Tensor) span {
	if !t.Kind.IsFloat() {
		return anything(t.Kind)
	}
	s := only(t.Float[0])
	for _, v := range t.Float {
		s = s.hull(only(v))
	}
	return s
}

// spanOfForest bounds a forest of one output.
func spanOfForest(f *forest.Forest) span {
	s := span{}
	for i := range f.Trees {
		value := f.Trees[i].Value
		low, high := value[0], value[0]
		for _, v := range value {
			low, high = min(low, v), max(high, v)
		}
		s.low, s.high = s.low+low, s.high+high
	}
	if f.Combine == forest.Mean {
		n := float64(len(f.Trees))
		s.low, s.high = s.low/n, s.high/n
	}
	return s.widened()
}

func spanOfUnary(fn model.Function, x, all span) span {
	over := func(f func(float64) float64) span { return span{f(x.low), f(x.high), x.nan}.widened() }
	switch fn {
	case model.Abs:
		return span{0, max(math.Abs(x.low), math.Abs(x.high)), x.nan}
	case model.Exp:
		s := over(math.Exp)
		s.low = max(s.low, 0)
		return s
	case model.Expm1:
		return over(math.Expm1)
	case model.Tanh:
		return span{-1, 1, x.nan}
	case model.Sqrt:
		if x.low >= 0 {
			return over(math.Sqrt)
		}
	case model.Log:
		if x.low > 0 {
			return over(math.Log)
		}
	case model.Log1p:
		if x.low >= 0 {
			return over(math.Log1p)
		}
	case model.Sin, model.Cos:
		return span{-1, 1, x.nan || x.infinite()}
	}
	return all
}

func spanOfBinary(fn model.Operation, a, b, all span) span {
	nan := a.nan || b.nan
	corners := func(f func(x, y float64) float64) span {
		s := span{math.Inf(1), math.Inf(-1), nan}
		for _, x := range [2]float64{a.low, a.high} {
			for _, y := range [2]float64{b.low, b.high} {
				v := f(x, y)
				if v != v {
					return all
				}
				s.low, s.high = min(s.low, v), max(s.high, v)
			}
		}
		return s.widened()
	}
	switch fn {
	case model.Add:
		return corners(func(x, y float64) float64 { return x + y })
	case model.Sub:
		return corners(func(x, y float64) float64 { return x - y })
	case model.Pow:
		if a.low >= 0 && !nan {
			return span{0, math.Inf(1), false}
		}
	case model.Mul: // infinity beside an interval with zero inside makes NaN, too
		if !a.infinite() && !b.infinite() {
			return corners(func(x, y float64) float64 { return x * y })
		}
	case model.Quotient:
		if !(a.infinite() && b.infinite()) && (b.low > 0 || b.high < 0) {
			return corners(func(x, y float64) float64 { return x / y })
		}
	}
	return all
}
