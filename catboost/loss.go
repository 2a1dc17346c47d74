package catboost

import "github.com/seed-2867d59c/treeport/model"

// Loss is what a model was trained for.
type Loss struct {
	Name string // CatBoost's
	link link
}

// link is what predict makes of the raw values by default (PrepareEval in private/libs/algo/apply.cpp and eval_helpers.cpp;
// _get_default_prediction_type in core.py).
type link uint8

const (
	identity    link = iota
	exponential      // of a count
	logistic         // the probability of the second of two classes
	softmax          // the probabilities of several classes
	eachAlone        // the logistic of each of several classes
)

// links says it of each loss. Those of the user's own (PythonUserDefined...) mean what nobody here knows.
var links = map[string]link{
	"RMSE": identity, "MAE": identity, "Quantile": identity, "LogLinQuantile": identity, "MAPE": identity, "Lq": identity,
	"Huber": identity, "Expectile": identity, "LogCosh": identity, "MultiRMSE": identity, "MultiRMSEWithMissingValues": identity,
	"MultiQuantile": identity, "SurvivalAft": identity, "Cox": identity,
	"YetiRank": identity, "YetiRankPairwise": identity, "PairLogit": identity, "PairLogitPairwise": identity,
	"QueryRMSE": identity, "QuerySoftMax": identity, "QueryCrossEntropy": identity, "GroupQuantile": identity,
	"StochasticFilter": identity, "StochasticRank": identity, "LambdaMart": identity,
	"Poisson": exponential, "Tweedie": exponential,
	"Logloss": logistic, "CrossEntropy": logistic, "Focal": logistic,
	"MultiClass": softmax, "MultiClassOneVsAll": eachAlone,
}

func lossOf(name string) (Loss, error) {
	l, ok := links[name]
	if !ok {
		return Loss{}, unsupported("CatBoost's loss %q", name)
	}
	return Loss{name, l}, nil
}

// isClasses tells whether predict answers classes.
func (l Loss) isClasses() bool { return l.link >= logistic }

// Answers are the values of a program that a booster answers.
type Answers struct {
	Raw model.Ref // prediction_type RawFormulaVal: float64, Outputs wide
	// Predict is what CatBoostRegressor.predict answers, as wide; of classes, the raw values.
	Predict model.Ref
	// Proba are the probabilities of the classes, and Label is the class as an index, one value per row. Both are set where
	// the booster has Classes.
	Proba, Label model.Ref
}

// Answers adds to a program, by add, what the booster answers for x, a matrix of Features columns of either precision.
func (b *Booster) Answers(add func(model.Op) model.Ref, x model.Ref) Answers {
	binary := func(fn model.Operation, a, b model.Operand) model.Ref { return add(&model.Binary{Fn: fn, A: a, B: b}) }
	raw := add(&model.Ensemble{X: x, Forest: b.Forest})
	if b.Scale != 1 {
		raw = binary(model.Mul, model.Scalar(b.Scale), model.Value(raw))
	}
	if b.biased() {
		raw = binary(model.Add, model.Value(raw), model.Vector(b.Bias...))
	}
	a := Answers{Raw: raw, Predict: raw}
	sigmoid := func(exponent model.Ref) model.Ref {
		e := add(&model.Unary{Fn: model.Exp, X: exponent})
		return binary(model.Quotient, model.Scalar(1), model.Value(binary(model.Add, model.Scalar(1), model.Value(e))))
	}
	neg := func(x model.Ref) model.Ref { return add(&model.Unary{Fn: model.Neg, X: x}) }
	switch b.Loss.link {
	case exponential:
		a.Predict = add(&model.Unary{Fn: model.Exp, X: raw})
	case logistic:
		second := sigmoid(neg(raw))
		first := binary(model.Sub, model.Scalar(1), model.Value(second))
		a.Proba = add(&model.Concat{Xs: []model.Ref{first, second}})
		above := binary(model.Greater, model.Value(raw), model.Scalar(b.Threshold))
		a.Label = add(&model.Reshape{X: add(&model.Cast{X: above, To: model.Int64}), Row: []int{}})
	case softmax:
		largest := model.Value(add(&model.Reduce{Fn: model.ReduceMax, X: raw}))
		e := add(&model.Unary{Fn: model.Exp, X: binary(model.Sub, model.Value(raw), largest)})
		a.Proba = binary(model.Quotient, model.Value(e), model.Value(add(&model.Reduce{Fn: model.ReduceSum, X: e})))
		a.Label = add(&model.ArgMax{X: raw})
	case eachAlone:
		a.Proba = sigmoid(neg(raw))
		a.Label = add(&model.ArgMax{X: raw})
	}
	return a
}

func (b *Booster) biased() bool {
	for _, v := range b.Bias {
		if v != 0 {
			return true
		}
	}
	return false
}
