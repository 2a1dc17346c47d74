package lightgbm

import (
	"math"

	"github.com/seed-2867d59c/treeport/model"
)

// Answers are the values of a program that a booster answers.
type Answers struct {
	Raw     model.Ref // predict with raw_score: float64, Outputs wide
	Predict model.Ref // predict: as wide
	Leaves  model.Ref // predict with pred_leaf: int64, one column per tree
}

// Answers adds to a program, by add, what the booster answers for x, a float64 matrix of Features columns.
func (b *Booster) Answers(add func(model.Op) model.Ref, x model.Ref) Answers {
	columns := b.columns(add, x)
	var a Answers
	a.Leaves = add(&model.Offset{X: add(&model.Leaves{X: columns, Forest: b.Forest}), By: b.inner()})
	if b.linear != nil {
		a.Raw = b.linearScores(add, x, a.Leaves)
	} else {
		a.Raw = add(&model.Ensemble{X: columns, Forest: b.Forest})
	}
	scores := a.Raw
	if b.Average {
		scores = add(&model.Div{X: scores, By: float64(b.Iterations())})
	}
	a.Predict = b.Objective.convert(add, scores)
	return a
}

// columns are the columns that the forest sees.
func (b *Booster) columns(add func(model.Op) model.Ref, x model.Ref) model.Ref {
	all := []model.Ref{x}
	if len(b.Truncated) > 0 {
		all = append(all, add(&model.Unary{Fn: model.Trunc, X: add(&model.Take{X: x, Columns: b.Truncated})}))
	}
	if len(b.Zeroed) > 0 {
		some := add(&model.Take{X: x, Columns: b.Zeroed})
		all = append(all, add(&model.Where{Cond: isZero(add, some), A: model.Scalar(math.NaN()), B: model.Value(some)}))
	}
	if len(all) == 1 {
		return x
	}
	return add(&model.Concat{Xs: all})
}

// isZero tells which numbers are zero to LightGBM.
func isZero(add func(model.Op) model.Ref, x model.Ref) model.Ref {
	size := add(&model.Unary{Fn: model.Abs, X: x})
	return add(&model.Binary{Fn: model.LessOrEqual, A: model.Value(size), B: model.Scalar(zeroThreshold)})
}

// inner is minus the number of inner nodes of each tree: what makes of a node's number the leaf's.
func (b *Booster) inner() []int64 {
	by := make([]int64, len(b.Forest.Trees))
	for i := range b.Forest.Trees {
		by[i] = -int64(b.Forest.Trees[i].Len() / 2)
	}
	return by
}
