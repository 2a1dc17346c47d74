package sklearn

import (
	"github.com/seed-2867d59c/treeport/lightgbm"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// LightGBM's estimators ask the booster in _Booster, with its best_iteration where it has one (python-package/lightgbm/
// sklearn.py and basic.py, Booster.predict). A pickled booster holds its model as text.

// lightgbmText is the text of the model in a lightgbm.basic.Booster, or in the one of an estimator.
func lightgbmText(e *object) (booster *object, text string, err error) {
	booster = e
	if e.Class.Name != "Booster" {
		if booster, err = e.child("_Booster"); err != nil {
			return nil, "", err
		}
	}
	for _, name := range []string{"_handle", "handle"} { // the latter until 3.3
		if s := booster.text(name); s != "" {
			return booster, s, nil
		}
	}
	return nil, "", booster.broken("it holds no model")
}

func lightgbmInputs(e *object) (inputs, error) {
	booster, text, err := lightgbmText(e)
	if err != nil {
		return inputs{}, err
	}
	b, err := lightgbm.ParseHead(text, lightgbm.Limits{Model: e.file.budget})
	if err != nil {
		return inputs{}, within(err, booster)
	}
	in := inputs{features: b.Features, names: b.Names}
	isText := make([]bool, b.Features)
	for j, categories := range b.Categories {
		isText[j] = categories != nil && categories.Kind == model.String
	}
	in.takeText(isText, nil)
	return in, nil
}

// lightgbmAnswers adds what the booster of an estimator answers.
func lightgbmAnswers(b *builder, e *object, x rows) (*lightgbm.Booster, lightgbm.Answers, error) {
	var none lightgbm.Answers
	holder, text, err := lightgbmText(e)
	if err != nil {
		return nil, none, err
	}
	booster, err := lightgbm.Parse(text, lightgbm.Limits{Model: e.file.budgetOf(holder)})
	if err != nil {
		return nil, none, within(err, holder)
	}
	if booster.Features != x.width {
		return nil, none, e.broken("%d columns given, the model takes %d", x.width, booster.Features)
	}
	if v, ok := holder.Attr("best_iteration"); ok {
		if best, ok := asInt(v); ok {
			booster.Limit(best)
		}
	}
	if stopsEarly(e) {
		return nil, none, e.unsupported("pred_early_stop")
	}
	matrix, err := b.matrix(b.coded(x, booster.Categories))
	if err != nil {
		return nil, none, e.unsupported("%v", err)
	}
	if b.kind(matrix) == model.Float32 {
		matrix = b.add(&model.Cast{X: matrix, To: model.Float64})
	}
	return booster, booster.Answers(b.add, matrix), nil
}

// coded are rows with a number for every category of a column that has some.
func (b *builder) coded(x rows, categories []*model.Tensor) rows {
	if categories == nil {
		return x
	}
	coded := rows{width: x.width, names: x.names}
	for j, some := range categories {
		c := b.column(x, j)
		if some != nil {
			c = lightgbm.Code(b.add, c, some)
		}
		coded.columns = append(coded.columns, c)
	}
	return coded
}

// stopsEarly tells whether predict may skip trees: from 4.0 on it is given the parameters of the constructor.
func stopsEarly(e *object) bool {
	v, _ := e.Attr("_other_params")
	more, ok := v.(*pickle.Dict)
	if !ok {
		return false
	}
	stop, ok := more.Get("pred_early_stop")
	return ok && stop != false && stop != pickle.Value(pickle.None{})
}

// readLightGBM reads regressors, rankers and boosters, whose predict is the booster's.
func readLightGBM(b *builder, e *object, x rows) (answers, error) {
	_, a, err := lightgbmAnswers(b, e, x)
	if err != nil {
		return nil, err
	}
	return answers{output(model.Predict, 0, a.Predict), output(model.RawScore, 0, a.Raw), output(model.Apply, 0, a.Leaves)}, nil
}

// readLightGBMClassifier reads LGBMClassifier: of two classes, the booster answers the probability of the second.
func readLightGBMClassifier(b *builder, e *object, x rows) (answers, error) {
	encoder, err := e.child("_le")
	if err != nil {
		return nil, err
	}
	v, err := encoder.attr("classes_")
	if err != nil {
		return nil, err
	}
	classes, err := e.labels(v)
	if err != nil {
		return nil, err
	}
	booster, a, err := lightgbmAnswers(b, e, x)
	if err != nil {
		return nil, err
	}
	rest := answers{output(model.RawScore, 0, a.Raw), output(model.Apply, 0, a.Leaves)}
	proba, n := a.Predict, classes.Rows()
	objective, _ := e.Attr("_objective")
	switch _, named := pickle.AsString(objective); {
	case !named && booster.Version != "v4":
		return nil, e.unsupported("an objective of the user's own, before LightGBM 4.0")
	case !named: // predict and predict_proba answer raw scores
		return append(answers{output(model.Predict, 0, proba), output(model.PredictProba, 0, proba)}, rest...), nil
	case booster.Outputs == 1 && n == 2:
		proba = b.add(&model.Complement{X: proba})
	case booster.Outputs != n || n == 2 && booster.Version != "v4":
		return nil, e.unsupported("%d scores for %d classes", booster.Outputs, n)
	}
	return append(answers{output(model.Predict, 0, b.labelOfLargest(proba, classes)), output(model.PredictProba, 0, proba)}, rest...), nil
}
