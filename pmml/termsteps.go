package pmml

import (
	"fmt"
	"math"
	"strings"

	"github.com/seed-2867d59c/treeport/model"
)

func (ts *terms) unary(fn model.Function, x *term) *term {
	switch fn {
	case model.Neg:
		return ts.binary(model.Mul, ts.like(x, -1), x)
	case model.Sign:
		zero := ts.like(x, 0)
		return ts.where(ts.binary(model.Greater, x, zero), ts.like(x, 1),
			ts.where(ts.binary(model.Less, x, zero), ts.like(x, -1), ts.binary(model.Add, x, zero)))
	case model.Floor, model.Ceil, model.Rint, model.Trunc:
		return ts.cast(ts.rounded(fn, ts.cast(x, model.Float64)), x.kind)
	}
	return ts.make(string(fn), &model.Unary{Fn: fn}, x)
}

// rounded is a whole number near x, by additions: JPMML-Evaluator's floor, ceil and rint are of integers of 32 bits. Where
// the answer is 0, its sign is lost.
func (ts *terms) rounded(fn model.Function, x *term) *term {
	zero, one, limit := ts.number(0), ts.number(1), ts.number(1<<52) // beyond which all numbers are whole
	if fn == model.Trunc {
		return ts.where(ts.binary(model.Less, x, zero), ts.rounded(model.Ceil, x), ts.rounded(model.Floor, x))
	}
	up := ts.binary(model.Sub, ts.binary(model.Add, x, limit), limit)
	down := ts.binary(model.Add, ts.binary(model.Sub, x, limit), limit)
	near := ts.where(ts.binary(model.GreaterOrEqual, x, zero),
		ts.where(ts.binary(model.Less, x, limit), up, x),
		ts.where(ts.binary(model.Greater, x, ts.number(-1<<52)), down, x))
	switch fn {
	case model.Floor:
		return ts.where(ts.binary(model.Greater, near, x), ts.binary(model.Sub, near, one), near)
	case model.Ceil:
		return ts.where(ts.binary(model.Less, near, x), ts.binary(model.Add, near, one), near)
	}
	return near
}

func (ts *terms) binary(fn model.Operation, a, b *term) *term {
	if fn == model.Pow && (a.span.nan || b.span.nan) { // NaN to the power of 0 is 1, as is 1 to the power of NaN
		switch one := ts.like(a, 1); {
		case a == one || b == ts.like(b, 0):
			return one
		case a.value == nil && b.value == nil:
			return ts.unsupported("PMML has no place for the power of two numbers that may be missing")
		}
	}
	return ts.make(string(fn), &model.Binary{Fn: fn}, a, b)
}

func (ts *terms) where(cond, a, b *term) *term {
	if cond.value != nil && cond.kind == model.Bool && a.kind == b.kind {
		if cond.value.Int[0] != 0 {
			return a
		}
		return b
	}
	return ts.make("where", &model.Where{}, cond, a, b)
}

func (ts *terms) cast(x *term, to model.Kind) *term {
	switch {
	case x.kind == to:
		return x
	case x.kind == model.Bool && to != model.String:
		one := &model.Tensor{Kind: to, Float: []float64{1, 0}, Int: []int64{1, 0}}
		return ts.where(x, ts.constant(one, 0), ts.constant(one, 1))
	case x.kind.IsFloat() && to == model.Int64 && !ts.whole(x):
		x = ts.unary(model.Trunc, x)
	case x.kind == model.Int64: // PMML4S does not cast what an expression answers, and 0 is not equal to 0.0 to it
		switch op := x.step.(type) {
		case *model.Where:
			return ts.where(x.args[0], ts.cast(x.args[1], to), ts.cast(x.args[2], to))
		case *model.Lookup:
			table := &model.Tensor{Kind: to, Shape: op.Table.Shape}
			for _, v := range op.Table.Int {
				table.Float = append(table.Float, float64(v))
			}
			if to == model.Float64 || allWhole32(op.Table.Int) {
				return ts.lookup(x.args[0], table)
			}
		}
	}
	return ts.make("cast "+to.String(), &model.Cast{To: to}, x)
}

// whole tells whether a number is whole by the way it is made: engines make no integer of another.
func (ts *terms) whole(t *term) bool {
	is, known := ts.wholes[t]
	if !known {
		is = ts.isWhole(t)
		ts.wholes[t] = is
	}
	return is
}

func (ts *terms) isWhole(t *term) bool {
	switch op := t.step.(type) {
	case nil:
		return t.value != nil && t.value.Float[0] == math.Trunc(t.value.Float[0])
	case *model.Binary:
		return (op.Fn == model.Add || op.Fn == model.Sub || op.Fn == model.Mul) && ts.whole(t.args[0]) && ts.whole(t.args[1])
	case *model.Where:
		if cond, ok := t.args[0].step.(*model.Binary); ok && cond.Fn == model.GreaterOrEqual && t.kind == model.Float64 {
			if x := t.args[0].args[0]; x.kind == model.Float64 && ts.rounded(model.Rint, x) == t {
				return true
			}
		}
		return ts.whole(t.args[1]) && ts.whole(t.args[2])
	case *model.Cast:
		return t.args[0].kind == model.Int64 || t.args[0].kind.IsFloat() && ts.whole(t.args[0])
	case *model.Lookup:
		return allWhole(op.Table.Float)
	case *model.Ensemble:
		return len(op.Forest.Trees) == 1 && allWhole(op.Forest.Trees[0].Value)
	}
	return false
}

func allWhole32(values []int64) bool {
	for _, v := range values {
		if int64(float32(v)) != v {
			return false
		}
	}
	return true
}

func allWhole(values []float64) bool {
	for _, v := range values {
		if v != math.Trunc(v) {
			return false
		}
	}
	return true
}

// largest is the largest of several numbers, NaN where one is. PMML's max passes over missing values, so it is used
// only where there are none.
func (ts *terms) largest(xs []*term) *term {
	if len(xs) == 1 {
		return xs[0]
	}
	for _, x := range xs {
		if x.span.nan { // by halves, so that engines do not go deep
			a, b := ts.largest(xs[:len(xs)/2]), ts.largest(xs[len(xs)/2:])
			more := ts.binary(model.Or, ts.unary(model.IsNaN, b), ts.binary(model.Greater, b, a))
			return ts.where(more, b, a)
		}
	}
	all := &model.Reduce{Fn: model.ReduceMax}
	return ts.intern("max", term{step: all, args: xs, kind: xs[0].kind, span: spanOf(all, xs[0].kind, xs)})
}

// argMax is the place of the largest number, the first of several; a NaN counts as the largest.
func (ts *terms) argMax(xs []*term) *term {
	m := ts.largest(xs)
	t := ts.place(len(xs) - 1)
	for j := len(xs) - 2; j >= 0; j-- {
		is := ts.binary(model.Equals, xs[j], m)
		if xs[j].span.nan {
			is = ts.binary(model.Or, ts.unary(model.IsNaN, xs[j]), is)
		}
		t = ts.where(is, ts.place(j), t)
	}
	return t
}

// product is the sum of columns, each multiplied by its weight. The order is left to whoever computes it.
func (ts *terms) product(xs []*term, weights *model.Tensor) *term {
	var key strings.Builder
	fmt.Fprintf(&key, "product %v", weights.Kind)
	s := only(0)
	for i, x := range xs {
		w := weights.Float[i]
		if x.kind != weights.Kind || w-w != 0 {
			return ts.unsupported("PMML has no place for a matrix product with the weight %v of %v", w, x.kind)
		}
		fmt.Fprintf(&key, " %x", math.Float64bits(w))
		all := anything(x.kind)
		s = spanOfBinary(model.Add, s, spanOfBinary(model.Mul, x.span, only(w), all), all)
	}
	if len(xs) == 0 {
		return ts.unsupported("PMML has no place for a matrix product of nothing")
	}
	op := &model.MatMul{W: &model.Tensor{Kind: weights.Kind, Shape: []int{len(xs), 1}, Float: weights.Float}}
	return ts.intern(key.String(), term{step: op, args: xs, kind: weights.Kind, span: s})
}
