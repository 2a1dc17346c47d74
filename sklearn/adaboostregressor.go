package sklearn

import (
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// AdaBoostRegressor: sklearn/ensemble/_weight_boosting.py (weight_boosting.py until 0.21). It answers the weighted median of what its
// members predict.

func readAdaBoostRegressor(b *builder, e *object, x rows) (answers, error) {
	a, err := readAdaBoost(e)
	if err != nil {
		return nil, err
	}
	x = b.finite(x)
	var predictions model.Ref
	if allTrees(a.members) {
		predictions, err = a.treePredictions(b, x)
	} else {
		predictions, err = a.predictions(b, x)
	}
	if err != nil {
		return nil, err
	}
	median := b.add(&model.WeightedMedian{X: predictions, Weights: a.weights[:len(a.members)]})
	return answers{output(model.Predict, 0, median)}, nil
}

// predictions are what the members predict, a column of each.
func (a *adaBoost) predictions(b *builder, x rows) (model.Ref, error) {
	var all []model.Ref
	for _, m := range a.members {
		answered, err := b.read(m, x)
		if err != nil {
			return noValue, err
		}
		value, ok := answered.of(model.Predict)
		if !ok || !b.kind(value).IsFloat() || !b.isOnePerRow(value) {
			return noValue, m.unsupported("a member that does not predict one number")
		}
		all = append(all, b.asMatrix(value))
	}
	return b.add(&model.Concat{Xs: all}), b.check(a.object, nil)
}

// treePredictions are the same of trees, as one forest of which each tree answers a column.
func (a *adaBoost) treePredictions(b *builder, x rows) (model.Ref, error) {
	matrix, err := b.matrix(x)
	if err != nil {
		return noValue, a.unsupported("%v", err)
	}
	trees, err := readTrees(a.object)
	if err != nil {
		return noValue, err
	}
	if len(trees[0].classes) != 1 {
		return noValue, a.broken("%d outputs", len(trees[0].classes))
	}
	f := b.forest(a.members[0], trees[0], len(trees))
	f.Trees = make([]forest.Tree, len(trees))
	err = parallel.Each(len(trees), func(i int) error {
		if err := trees[i].regression(&f.Trees[i]); err != nil {
			return err
		}
		f.Trees[i].Output = int32(i)
		return nil
	})
	return b.add(&model.Ensemble{X: matrix, Forest: f}), err
}
