package sklearn

import (
	"math"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/xgboost"
)

// XGBoost's estimators ask the booster in _Booster, which holds its model as bytes (python-package/xgboost/sklearn.py,
// XGBModel.predict).

// xgboostBytes are the bytes of the model in an xgboost.core.Booster, or in the one of an estimator.
func xgboostBytes(e *object) (booster *object, data []byte, err error) {
	booster = e
	if e.name() != "Booster" {
		if booster, err = e.child("_Booster"); err != nil {
			return nil, nil, err
		}
	}
	v, err := booster.attr("handle")
	if err != nil {
		return nil, nil, err
	}
	data, ok := v.(pickle.Bytes)
	if !ok {
		return nil, nil, booster.broken("it holds no model")
	}
	return booster, data, nil
}

func xgboostInputs(e *object) (inputs, error) {
	holder, data, err := xgboostBytes(e)
	if err != nil {
		return inputs{}, err
	}
	booster, err := xgboost.ParseHead(data, e.file.xgboostLimits(nil))
	if err != nil {
		return inputs{}, within(err, holder)
	}
	return inputs{features: booster.Features, names: booster.Names}, nil
}

// xgboostAnswers adds what the booster of an estimator answers, and the answers that all estimators have.
func xgboostAnswers(b *builder, e *object, in rows) (*xgboost.Booster, xgboost.Answers, answers, error) {
	var none xgboost.Answers
	holder, data, err := xgboostBytes(e)
	if err != nil {
		return nil, none, nil, err
	}
	parse := xgboost.ParseEstimator
	if e == holder {
		parse = xgboost.Parse
	}
	booster, err := parse(data, e.file.xgboostLimits(holder))
	if err != nil {
		return nil, none, nil, within(err, holder)
	}
	if booster.Features != in.width {
		return nil, none, nil, e.broken("%d columns given, the model takes %d", in.width, booster.Features)
	}
	for _, setting := range []string{"predictor", "device"} { // what is not auto or cpu is asked in other words than parse thinks
		if v := e.text(setting); booster.Dart && v != "" && v != "auto" && v != "cpu" {
			return nil, none, nil, e.unsupported("booster dart with %s=%s", setting, v)
		}
	}
	b.madeBy(model.KeyXGBoost, booster.Version.String())
	x, err := b.matrix(in)
	if err != nil {
		return nil, none, nil, e.unsupported("%v", err)
	}
	if x, err = b.withoutMissing(e, x); err != nil {
		return nil, none, nil, err
	}
	a := booster.Answers(b.add, x)
	return booster, a, answers{output(model.RawScore, 0, a.Margin), output(model.Apply, 0, a.Leaves)}, nil
}

// withoutMissing replaces the value that stands for a missing one, the parameter missing, by NaN. XGBoost compares in float32.
func (b *builder) withoutMissing(e *object, x model.Ref) (model.Ref, error) {
	v, _ := e.Attr("missing")
	var missing float64
	switch v := v.(type) {
	case nil, pickle.None:
		return x, nil
	case int64:
		missing = float64(v)
	case float64:
		missing = v
	default:
		return 0, e.unsupported("missing=%s", pickle.Repr(v, 60))
	}
	if missing = float64(float32(missing)); math.IsNaN(missing) {
		return x, nil
	}
	if b.kind(x) != model.Float32 {
		x = b.add(&model.Cast{X: x, To: model.Float32})
	}
	is := b.binary(model.Equals, model.Value(x), single(missing))
	return b.where(is, single(math.NaN()), model.Value(x)), nil
}

// single is the operand of one float32 number, for rows that are vectors.
func single(v float64) model.Operand {
	return model.Operand{Row: &model.Tensor{Kind: model.Float32, Shape: []int{1, 1}, Float: []float64{v}}}
}

// readXGBoost reads regressors, rankers and boosters, whose predict is the booster's.
func readXGBoost(b *builder, e *object, in rows) (answers, error) {
	_, a, all, err := xgboostAnswers(b, e, in)
	if err != nil {
		return nil, err
	}
	return append(answers{output(model.Predict, 0, a.Predict)}, all...), nil
}

// readXGBoostClassifier reads XGBClassifier and XGBRFClassifier. Whatever the objective, one answer more than 0.5 is the second
// class; of several, the largest is the class, or, where there are two labels, each says whether its own holds.
func readXGBoostClassifier(b *builder, e *object, in rows) (answers, error) {
	booster, a, all, err := xgboostAnswers(b, e, in)
	if err != nil {
		return nil, err
	}
	classes, err := xgboostClasses(e)
	if err != nil {
		return nil, err
	}
	n := classes.Rows()
	width := b.width(a.Predict)
	var label model.Ref
	switch softmax := booster.Objective.Name == "multi:softmax"; {
	case softmax && booster.Outputs == n: // predict of the booster is the class already
		label = b.labelOfLargest(a.Margin, classes)
	case softmax:
		return nil, e.unsupported("%d outputs for %d classes", booster.Outputs, n)
	case width > 1 && n == 2 && !booster.Version.Before(1, 6): // several targets, or a class each
		label = b.add(&model.Cast{X: b.binary(model.Greater, model.Value(a.Predict), single(0.5)), To: model.Float64})
	case width == n && width > 1:
		label = b.labelOfLargest(a.Predict, classes)
	case width == 1 && n == 2:
		second := b.binary(model.Greater, model.Value(a.Predict), single(0.5))
		label = b.label(b.asVector(b.add(&model.Cast{X: second, To: model.Int64})), classes)
	default:
		return nil, e.unsupported("%d outputs for %d classes", width, n)
	}
	return append(answers{output(model.Predict, 0, label), output(model.PredictProba, 0, a.Proba)}, all...), nil
}

// xgboostClasses are the labels: those of the encoder in _le (until 1.5), classes_, or 0 to n_classes_-1, as all releases from
// 1.6 on want them.
func xgboostClasses(e *object) (*model.Tensor, error) {
	for _, holder := range []string{"_le", ""} {
		o := e
		if holder != "" {
			if !e.has(holder) {
				continue
			}
			var err error
			if o, err = e.child(holder); err != nil {
				return nil, err
			}
		}
		if v, ok := o.Attr("classes_"); ok {
			classes, err := e.labels(v)
			if err != nil {
				return nil, err
			}
			return classes, nil
		}
	}
	n, err := e.count("n_classes_")
	if err != nil {
		return nil, err
	}
	if err := e.file.budget.Classes(e.where(), n); err != nil {
		return nil, err
	}
	classes := &model.Tensor{Kind: model.Int64, Shape: []int{n}, Int: make([]int64, n)}
	for i := range classes.Int {
		classes.Int[i] = int64(i)
	}
	return classes, nil
}
