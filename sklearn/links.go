package sklearn

import "github.com/seed-2867d59c/treeport/model"

// Links turn raw scores into probabilities, and scores into labels.

// scalarOf is a number of a kind, for rows that are vectors.
func scalarOf(kind model.Kind, v float64) model.Operand {
	return model.Operand{Row: &model.Tensor{Kind: kind, Shape: []int{1, 1}, Float: []float64{v}}}
}

// expit is 1 / (1 + exp(-x)).
func (b *builder) expit(x model.Ref) model.Ref {
	e, one := b.unary(model.Exp, b.unary(model.Neg, x)), scalarOf(b.kind(x), 1)
	return b.binary(model.Quotient, one, model.Value(b.binary(model.Add, one, model.Value(e))))
}

// softmax is sklearn.utils.extmath.softmax of each row of a matrix: exp(x - max), divided by the sum. The sum is numpy's:
// model.ReducePairwise where a row lies in memory in one piece, model.ReduceSum where a column does (Fortran order).
func (b *builder) softmax(x model.Ref, sum model.Reduction) model.Ref {
	_, shares, total := b.shifted(x, sum)
	return b.binary(model.Quotient, model.Value(shares), model.Value(total))
}

// logSoftmax is x - logsumexp(x) of each row, with the logsumexp of scipy.special (and of sklearn.utils.extmath in 0.17 and
// 0.18): log(sum(exp(x - max))) + max.
func (b *builder) logSoftmax(x model.Ref, sum model.Reduction) model.Ref {
	most, _, total := b.shifted(x, sum)
	lse := b.binary(model.Add, model.Value(b.unary(model.Log, total)), model.Value(most))
	return b.binary(model.Sub, model.Value(x), model.Value(lse))
}

// shifted answers each row's largest item, exp of all items less that, and their sum.
func (b *builder) shifted(x model.Ref, sum model.Reduction) (most, shares, total model.Ref) {
	most = b.add(&model.Reduce{Fn: model.ReduceMax, X: x})
	shares = b.unary(model.Exp, b.binary(model.Sub, model.Value(x), model.Value(most)))
	return most, shares, b.add(&model.Reduce{Fn: sum, X: shares})
}

// label answers the class of each index.
func (b *builder) label(index model.Ref, classes *model.Tensor) model.Ref {
	return b.add(&model.Lookup{X: index, Table: classes})
}

// labelOfLargest answers the class whose column has the largest score, the first of several.
func (b *builder) labelOfLargest(scores model.Ref, classes *model.Tensor) model.Ref {
	return b.label(b.add(&model.ArgMax{X: scores}), classes)
}

// labelBy answers the second of two classes where the score, a matrix of one column, compares with the limit (model.Greater,
// model.GreaterOrEqual), else the first.
func (b *builder) labelBy(score model.Ref, fn model.Operation, limit float64, classes *model.Tensor) model.Ref {
	second := b.binary(fn, model.Value(score), scalarOf(b.kind(score), limit))
	return b.label(b.asVector(b.add(&model.Cast{X: second, To: model.Int64})), classes)
}
