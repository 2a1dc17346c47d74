package sklearn

import (
	"github.com/seed-2867d59c/treeport/catboost"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// CatBoost's estimators hold their model as bytes in __model (python-package/catboost/core.py, __getstate__).

const catboostModel = "__model"

func catboostBytes(e *object) ([]byte, error) {
	v, err := e.attr(catboostModel)
	if err != nil {
		return nil, err
	}
	data, ok := v.(pickle.Bytes)
	if !ok {
		return nil, e.broken("%s is no bytes", catboostModel)
	}
	return data, nil
}

func catboostInputs(e *object) (inputs, error) {
	data, err := catboostBytes(e)
	if err != nil {
		return inputs{}, err
	}
	booster, err := catboost.ParseHead(data, catboost.Limits{Model: e.file.budget})
	if err != nil {
		return inputs{}, within(err, e)
	}
	return inputs{features: booster.Features, names: booster.Names}, nil
}

func catboostAnswers(b *builder, e *object, in rows) (*catboost.Booster, catboost.Answers, error) {
	var none catboost.Answers
	data, err := catboostBytes(e)
	if err != nil {
		return nil, none, err
	}
	booster, err := catboost.Parse(data, catboost.Limits{Model: e.file.budgetOf(e)})
	if err != nil {
		return nil, none, within(err, e)
	}
	if booster.Features != in.width {
		return nil, none, e.broken("%d columns given, the model takes %d", in.width, booster.Features)
	}
	b.madeBy(model.KeyCatBoost, booster.Release)
	x, err := b.matrix(in)
	if err != nil {
		return nil, none, e.unsupported("%v", err)
	}
	return booster, booster.Answers(b.add, x), nil
}

// readCatBoost reads CatBoost, the class that all others are made of: its predict answers raw values.
func readCatBoost(b *builder, e *object, in rows) (answers, error) {
	_, a, err := catboostAnswers(b, e, in)
	if err != nil {
		return nil, err
	}
	return answers{output(model.Predict, 0, a.Raw), output(model.RawScore, 0, a.Raw)}, nil
}

// readCatBoostModel reads regressors, classifiers and a model on its own, by what it was trained for.
func readCatBoostModel(b *builder, e *object, in rows) (answers, error) {
	booster, a, err := catboostAnswers(b, e, in)
	if err != nil {
		return nil, err
	}
	raw := output(model.RawScore, 0, a.Raw)
	switch {
	case booster.Classes != nil:
		return answers{output(model.Predict, 0, b.label(a.Label, booster.Classes)), output(model.PredictProba, 0, a.Proba), raw}, nil
	case e.isClassifier():
		return nil, e.unsupported("a classifier by the loss %s", booster.Loss.Name)
	}
	return answers{output(model.Predict, 0, a.Predict), raw}, nil
}
