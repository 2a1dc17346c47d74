package onnx

import (
	"math"

	"github.com/seed-2867d59c/treeport/model"
)

// median sorts by TopK, adds the weights up in that order, and takes the item at the first place that reaches half.
func (l *lowering) median(op *model.WeightedMedian) model.Ref {
	x := l.refs[op.X]
	t := l.to.types[x]
	n := len(op.Weights)
	if n == 1 {
		return x
	}
	// TopK knows no place for NaN.
	order := l.to.add(&model.Order{X: l.choose(l.isNaN(x), l.constant(x, math.Inf(1)), model.Value(x))})
	weights := &model.Tensor{Kind: model.Float64, Shape: []int{n}, Float: op.Weights}
	running := l.to.add(&model.CumSum{X: l.to.add(&model.Lookup{X: order, Table: weights})})
	half := l.to.by(model.Mul, l.to.add(&model.Slice{X: running, From: n - 1, To: n}), 0.5)
	reached := l.to.add(&model.Cast{X: l.with(model.GreaterOrEqual, running, half), To: model.Float32})
	place := l.to.add(&model.Reshape{X: l.to.add(&model.ArgMax{X: reached}), Row: []int{1}})
	column := l.to.add(&model.Cast{X: l.item(l.to.add(&model.Cast{X: order, To: model.Float64}), place), To: model.Int64})
	item := l.item(x, column)
	missing := l.item(l.to.add(&model.Cast{X: l.isNaN(x), To: t.Kind}), column) // ReduceMax may not see a NaN
	return l.choose(l.to.by(model.Greater, missing, 0), l.constant(x, math.NaN()), model.Value(item))
}

// item is the item of a column that each row names.
func (l *lowering) item(x, column model.Ref) model.Ref {
	n := l.to.types[x].Row[0]
	columns := model.Operand{Row: lying(counting(0, n))}
	here := l.to.add(&model.Binary{Fn: model.Equals, A: columns, B: model.Value(column)})
	return l.to.add(&model.Reduce{Fn: model.ReduceMax, X: l.choose(here, model.Value(x), l.constant(x, math.Inf(-1)))})
}
