package sklearn

import (
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// initial is where the raw scores of gradient boosting start: the same for all rows (base), or what an estimator says of
// each (start, a matrix). classes is 0 in a regressor.
func (b *builder) initial(e *object, x model.Ref, loss lossLink, classes, scores int) (base []float64, start model.Ref, err error) {
	v, err := e.attr("init_")
	if err != nil {
		return nil, 0, err
	}
	if word, ok := pickle.AsString(v); ok && word == "zero" {
		return make([]float64, scores), 0, nil
	}
	init, err := e.child("init_")
	if err != nil {
		return nil, 0, err
	}
	if !e.isClassifier() || !e.rel.has(boostedProbabilities) {
		if base, err = fixedScores(init, scores); base != nil || err != nil {
			return base, 0, err
		}
	}
	switch {
	case !e.rel.has(boostedProbabilities):
		// What the others predict is no matrix, and predict_stages takes nothing else.
		return nil, 0, init.unsupported("as init")
	case init.name() == "DummyRegressor" && !e.isClassifier():
		row, err := dummyConstant(init)
		if err != nil {
			return nil, 0, err
		}
		if row.Len() != 1 || row.Kind == model.Int64 {
			return nil, 0, init.unsupported("a constant of %v as init", row.Type())
		}
		return row.Float, 0, nil
	case init.name() == "DummyClassifier" && e.isClassifier():
		shares, _, err := dummyShares(init)
		if err != nil {
			return nil, 0, err
		}
		if len(shares) != 1 || len(shares[0]) != classes {
			return nil, 0, init.broken("%d classes, the boosting has %d", len(shares[0]), classes)
		}
		return priorScores(e, shares[0], loss), 0, nil
	}
	float32s := b.numbers(b.add(&model.Cast{X: x, To: model.Float32}))
	said, err := b.read(init, float32s)
	if err != nil {
		return nil, 0, err
	}
	if !e.isClassifier() {
		values, ok := said.of(model.Predict)
		if !ok || said.targets(model.Predict) != 1 || !b.kind(values).IsFloat() || !b.isOnePerRow(values) {
			return nil, 0, init.unsupported("as init: its predict is no number per row")
		}
		return nil, b.float64s(b.asColumn(values)), nil
	}
	proba, ok := said.of(model.PredictProba)
	if !ok || said.targets(model.PredictProba) != 1 || b.width(proba) != classes {
		return nil, 0, init.unsupported("as init: its predict_proba has not the classes of the boosting")
	}
	if scores > 1 && !e.rel.has(boostedLayouts) && !answersByRow(init) {
		// Probabilities that lie in memory column by column are taken for rows there.
		return nil, 0, init.unsupported("as init of several classes")
	}
	return nil, b.initialScores(e, proba, loss), nil
}

// answersByRow tells of which classifiers it is known that a row of probabilities lies in memory in one piece.
func answersByRow(e *object) bool {
	switch e.name() {
	case "Pipeline":
		steps, _, err := e.steps("steps", "passthrough")
		return err == nil && len(steps) > 0 && steps[len(steps)-1].word == "" && answersByRow(steps[len(steps)-1].object)
	case "DecisionTreeClassifier", "ExtraTreeClassifier", "RandomForestClassifier", "ExtraTreesClassifier",
		"GradientBoostingClassifier", "LogisticRegression", "LogisticRegressionCV":
		return true
	}
	return false
}

// float64s widens float32 numbers.
func (b *builder) float64s(x model.Ref) model.Ref {
	if b.kind(x) == model.Float64 {
		return x
	}
	return b.add(&model.Cast{X: x, To: model.Float64})
}

// fixedScores are the scores of the default estimators of 0.17 to 0.20 (sklearn/ensemble/gradient_boosting.py); nil: it is none.
func fixedScores(init *object, scores int) ([]float64, error) {
	attr := ""
	switch init.name() {
	case "MeanEstimator":
		attr = "mean"
	case "QuantileEstimator":
		attr = "quantile"
	case "LogOddsEstimator", "ScaledLogOddsEstimator":
		attr = "prior"
	case "PriorProbabilityEstimator":
		attr = "priors"
	case "ZeroEstimator":
		return make([]float64, scores), nil
	default:
		return nil, nil
	}
	v, err := init.attr(attr)
	if err != nil {
		return nil, err
	}
	base := []float64{0}
	number, ok := asFloat(v)
	base[0] = number
	if a, isArray := v.(*pickle.NDArray); isArray && !ok {
		base, err = a.Float64s()
		ok = err == nil
	}
	if !ok || len(base) != scores {
		return nil, init.broken("%s has %d numbers, the boosting has %d scores", attr, len(base), scores)
	}
	return base, nil
}

// clip is between which probabilities those of init are taken.
func clip(e *object) (least, most float64) {
	eps := 0x1p-23 // of float32
	if e.rel.has(finerClip) {
		eps = 0x1p-52
	}
	return eps, 1 - eps
}

// priorScores are the raw scores of class shares. initialScores does the same of each row; these are constants, rounded
// correctly.
func priorScores(e *object, shares []float64, loss lossLink) []float64 {
	least, most := clip(e)
	p := make([]float64, len(shares))
	for i, v := range shares {
		p[i] = min(max(v, least), most)
	}
	switch {
	case loss != multinomial:
		raw := 0.0
		if q := p[1]; e.rel.has(logitByLog1p) && inMiddle(q) {
			s := 2 * (q - 0.5)
			raw = model.Log1pOf(s) - model.Log1pOf(-s)
		} else {
			raw = model.LogOf(q / (1 - q))
		}
		if loss == exponential {
			raw *= 0.5
		}
		return []float64{raw}
	case e.rel.has(boostedLinks):
		logs := make([]float64, len(p))
		for i, v := range p {
			logs[i] = model.LogOf(v)
		}
		mean := model.ExpOf(model.PairwiseSum(logs, func(v float64) float64 { return v }) / float64(len(p)))
		for i, v := range p {
			p[i] = model.LogOf(v / mean)
		}
		return p
	}
	for i, v := range p {
		p[i] = model.LogOf(v)
	}
	return p
}

// inMiddle tells where scipy 1.15 and later compute logit by log1p (xsf/log_exp.h, logit).
func inMiddle(p float64) bool { return p >= 0.3 && p <= 0.65 }

// initialScores are the raw scores of an estimator's probabilities: until 1.3 in the precision that they have.
func (b *builder) initialScores(e *object, proba model.Ref, loss lossLink) model.Ref {
	if e.rel.has(boostedLinks) {
		proba = b.float64s(proba)
	}
	if loss != multinomial {
		proba = b.add(&model.Slice{X: proba, From: 1, To: 2})
	}
	least, most := clip(e)
	number := func(v float64) model.Operand { return scalarOf(b.kind(proba), v) }
	p := model.Value(b.where(b.binary(model.Less, model.Value(proba), number(least)), number(least), model.Value(proba)))
	p = model.Value(b.where(b.binary(model.Greater, p, number(most)), number(most), p))
	var raw model.Ref
	switch {
	case loss != multinomial:
		odds := b.binary(model.Quotient, p, model.Value(b.binary(model.Sub, number(1), p)))
		raw = b.unary(model.Log, odds)
		if e.rel.has(logitByLog1p) {
			raw = b.logitInMiddle(p, raw)
		}
		if loss == exponential {
			raw = b.binary(model.Mul, number(0.5), model.Value(raw))
		}
	case e.rel.has(boostedLinks):
		total := b.add(&model.Reduce{Fn: model.ReducePairwise, X: b.unary(model.Log, p.Ref)})
		mean := b.unary(model.Exp, b.add(&model.Div{X: total, By: float64(b.width(proba))}))
		raw = b.unary(model.Log, b.binary(model.Quotient, p, model.Value(mean)))
	default:
		raw = b.unary(model.Log, p.Ref)
	}
	return b.float64s(raw)
}

// logitInMiddle replaces log(p / (1 - p)) where p is inMiddle.
func (b *builder) logitInMiddle(p model.Operand, raw model.Ref) model.Ref {
	s := b.binary(model.Mul, model.Scalar(2), model.Value(b.binary(model.Sub, p, model.Scalar(0.5))))
	logit := b.binary(model.Sub, model.Value(b.unary(model.Log1p, s)), model.Value(b.unary(model.Log1p, b.unary(model.Neg, s))))
	middle := b.binary(model.And, model.Value(b.binary(model.GreaterOrEqual, p, model.Scalar(0.3))),
		model.Value(b.binary(model.LessOrEqual, p, model.Scalar(0.65))))
	return b.where(middle, model.Value(logit), model.Value(raw))
}
