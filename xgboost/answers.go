package xgboost

import (
	"github.com/seed-2867d59c/treeport/model"
)

// Answers are the values of a program that a booster answers.
type Answers struct {
	Margin  model.Ref // predict with output_margin: float32, Outputs wide
	Predict model.Ref // predict: float32; as wide, but one where the objective is multi:softmax
	// Proba is what XGBClassifier.predict_proba makes of it, whatever the objective: float32, as wide as there are classes.
	Proba  model.Ref
	Leaves model.Ref // predict with pred_leaf: int64, one column per tree
}

// Answers adds to a program, by add, what the booster answers for x, a matrix of Features columns of either precision in which
// what is missing is NaN.
func (b *Booster) Answers(add func(model.Op) model.Ref, x model.Ref) Answers {
	x = b.columns(add, x)
	var a Answers
	a.Margin = add(&model.Ensemble{X: x, Forest: b.Forest})
	if b.BaseLast {
		base := &model.Tensor{Kind: model.Float32, Shape: []int{1, b.Outputs}, Float: wide(b.Base)}
		a.Margin = add(&model.Binary{Fn: model.Add, A: model.Value(a.Margin), B: model.Operand{Row: base}})
	}
	a.Predict = b.Objective.convert(add, a.Margin, b.Outputs, b.Version)
	switch {
	case b.Objective.link == largest: // scipy.special.softmax of the margins
		a.Proba = softmaxOf(add, a.Margin)
	case b.Outputs == 1: // sklearn.py, _cls_predict_proba
		first := add(&model.Binary{Fn: model.Sub, A: single(1), B: model.Value(a.Predict)})
		a.Proba = add(&model.Concat{Xs: []model.Ref{first, a.Predict}})
	default:
		a.Proba = a.Predict
	}
	a.Leaves = b.leaves(add, x)
	return a
}

// columns are the columns that the forest sees: behind x, the features with categories as whole numbers. Until 1.5 XGBoost
// cuts x off toward zero (so that -0.5 is category 0); from 1.6 on what is negative is no category, like what is 2^24 or more.
// What is no category, or none of the set, goes where the others go.
func (b *Booster) columns(add func(model.Op) model.Ref, x model.Ref) model.Ref {
	if len(b.Categorical) == 0 {
		return x
	}
	whole := model.Floor
	if b.Version.Before(1, 6) {
		whole = model.Trunc
	}
	x = add(&model.Cast{X: x, To: model.Float32}) // before it is cut off
	some := add(&model.Take{X: x, Columns: b.Categorical})
	return add(&model.Concat{Xs: []model.Ref{x, add(&model.Unary{Fn: whole, X: some})}})
}

// leaves are the leaves by XGBoost's numbers.
func (b *Booster) leaves(add func(model.Op) model.Ref, x model.Ref) model.Ref {
	f := b.Forest
	if b.applied != nil {
		f = b.applied
	}
	leaves := add(&model.Leaves{X: x, Forest: f})
	if b.Leaf == nil {
		return leaves
	}
	// One table of the numbers of all trees, and in it where each tree begins.
	table := &model.Tensor{Kind: model.Int64}
	starts := make([]int64, len(f.Trees))
	for i := range f.Trees {
		starts[i] = int64(len(table.Int))
		for k := range f.Trees[i].Len() {
			number := int64(k)
			if b.Leaf[i] != nil {
				number = b.Leaf[i][k]
			}
			table.Int = append(table.Int, number)
		}
	}
	table.Shape = []int{len(table.Int)}
	return add(&model.Lookup{X: add(&model.Offset{X: leaves, By: starts}), Table: table})
}
