package sklearn

import (
	"math"

	"github.com/seed-2867d59c/treeport/model"
)

// CalibratedClassifierCV: sklearn/calibration.py. Each of calibrated_classifiers_ maps an estimator's decision_function (where it
// has none, its probabilities) to probabilities, class by class with a calibrator of its own, or all together by a temperature.
// What they answer is averaged.

func calibratedInputs(e *object) (inputs, error) {
	all, err := e.children("calibrated_classifiers_")
	if err != nil {
		return inputs{}, err
	}
	var members []*object
	for _, c := range all {
		m, err := c.child(calibratedEstimator(c))
		if err != nil {
			return inputs{}, err
		}
		members = append(members, m)
	}
	return sharedInputs(e, members)
}

// calibratedEstimator is the attribute that holds the estimator: from 1.2 on without "base".
func calibratedEstimator(c *object) string {
	if c.has("estimator") {
		return "estimator"
	}
	return "base_estimator"
}

func readCalibrated(b *builder, e *object, x rows) (answers, error) {
	members, err := e.children("calibrated_classifiers_")
	if err != nil {
		return nil, err
	}
	v, err := e.attr("classes_")
	if err != nil {
		return nil, err
	}
	classes, err := e.labels(v)
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return nil, e.broken("no calibrated classifiers")
	}
	var all []model.Ref
	for _, m := range members {
		proba, err := b.calibrated(m, x, classes)
		if err != nil {
			return nil, err
		}
		all = append(all, proba)
	}
	proba := b.dividedBy(b.sumOf(all), float64(len(all)))
	return answers{output(model.Predict, 0, b.labelOfLargest(proba, classes)), output(model.PredictProba, 0, proba)}, nil
}

// calibrated adds the probabilities of one _CalibratedClassifier.
func (b *builder) calibrated(c *object, x rows, classes *model.Tensor) (model.Ref, error) {
	own, err := calibratedClasses(c)
	if err != nil {
		return 0, err
	}
	k := own.Len()
	if k != classes.Len() || k == 0 {
		return 0, c.unsupported("calibrated for %d classes of %d", k, classes.Len())
	}
	m, err := c.child(calibratedEstimator(c))
	if err != nil {
		return 0, err
	}
	scores, place, method, err := b.response(m, x, own)
	if err != nil {
		return 0, err
	}
	attr := "calibrators"
	if !c.has(attr) {
		attr = "calibrators_" // until 0.23
	}
	calibrators, err := c.children(attr)
	if err != nil {
		return 0, err
	}
	if len(calibrators) == 1 && calibrators[0].name() == "_TemperatureScaling" {
		return b.tempered(calibrators[0], scores, k, method)
	}
	return b.calibrateEach(c, calibrators, scores, place, k)
}

// calibratedClasses are the classes that a _CalibratedClassifier was fitted for: classes from 0.24 on (a parameter from 0.18
// on), in 0.17 to 0.23 classes_.
func calibratedClasses(c *object) (*model.Tensor, error) {
	attr := "classes_"
	if !c.has(attr) {
		attr = "classes"
	}
	v, err := c.attr(attr)
	if err != nil {
		return nil, err
	}
	classes, err := c.labels(v)
	if err != nil {
		return nil, err
	}
	return classes, nil
}

// response adds what the estimator answers, one column per score, and the class of each column: decision_function where it
// has one, else predict_proba, of two classes the second only.
func (b *builder) response(m *object, x rows, classes *model.Tensor) (scores model.Ref, place []int, method string, err error) {
	answered, err := b.read(m, x)
	if err != nil {
		return 0, nil, "", err
	}
	_, known, err := b.predicted(m, answered)
	if err != nil {
		return 0, nil, "", err
	}
	method = model.DecisionFunction
	scores, ok := answered.of(method)
	if !ok {
		method = model.PredictProba
		if scores, ok = answered.of(method); !ok {
			return 0, nil, "", m.unsupported("neither decision_function nor predict_proba")
		}
		two := classes.Len() == 2
		if m.rel.has(responseValues) {
			two = known.Len() == 2
		}
		if width := b.width(scores); two && width > 1 {
			scores = b.add(&model.Slice{X: scores, From: 1, To: width})
		}
	}
	if place = places(known, classes); !m.rel.has(calibratedPlaces) {
		for i := range place {
			place[i] = i
		}
	}
	return b.asMatrix(scores), place, method, nil
}

// calibrateEach puts each score through its calibrator, which makes it the probability of its class. The others' are 0. One score of
// two classes is about the second. Probabilities of three and more are divided by their sum; where that is 0, all are alike.
func (b *builder) calibrateEach(c *object, calibrators []*object, scores model.Ref, place []int, k int) (model.Ref, error) {
	n := min(len(calibrators), b.width(scores), len(place))
	if n == 0 {
		return 0, c.broken("no calibrators")
	}
	columns, at := make([]model.Ref, n), make([]int, n)
	unbound := false // whether a probability may be more than 1
	for i := range columns {
		score := b.column(b.numbers(scores), i)
		var err error
		if columns[i], err = b.calibrator(calibrators[i], score); err != nil {
			return 0, err
		}
		unbound = unbound || calibrators[i].name() == "IsotonicRegression"
		if at[i] = place[i]; k == 2 {
			at[i]++
		}
		if at[i] < 0 || at[i] >= k {
			return 0, c.unsupported("a score of class %d of %d", at[i], k)
		}
		for _, other := range at[:i] {
			if other == at[i] {
				return 0, c.unsupported("several scores of a class")
			}
		}
	}
	var proba model.Ref
	if k == 2 {
		if n != 1 {
			return 0, c.unsupported("%d scores of two classes", n)
		}
		proba = b.add(&model.Complement{X: columns[0]})
	} else {
		all := columns[0]
		if n > 1 {
			all = b.add(&model.Concat{Xs: columns})
		}
		all = b.spread(all, at, k)
		total := b.add(&model.Reduce{Fn: model.ReducePairwise, X: all})
		shares := b.binary(model.Quotient, model.Value(all), model.Value(total))
		none := b.binary(model.Equals, model.Value(total), model.Scalar(0))
		proba = b.where(none, model.Scalar(1/float64(k)), model.Value(shares))
		unbound = false
	}
	if unbound {
		over := b.binary(model.And, model.Value(b.binary(model.Greater, model.Value(proba), model.Scalar(1))),
			model.Value(b.binary(model.LessOrEqual, model.Value(proba), model.Scalar(1.0+1e-5))))
		proba = b.where(over, model.Scalar(1), model.Value(proba))
	}
	return proba, nil
}

// calibrator adds what a calibrator makes of a score: a sigmoid, 1 / (1 + exp(a t + b)), or an isotonic function.
func (b *builder) calibrator(e *object, score model.Ref) (model.Ref, error) {
	switch e.name() {
	case "IsotonicRegression":
		f, err := readIsotonic(e)
		if err != nil {
			return 0, err
		}
		return b.toFloat64(f.at(b, score)), nil
	case "_SigmoidCalibration":
		if b.kind(score) != model.Float64 {
			return 0, e.unsupported("scores in %v", b.kind(score))
		}
		a, err := e.finiteNumber("a_")
		if err != nil {
			return 0, err
		}
		shift, err := e.finiteNumber("b_")
		if err != nil {
			return 0, err
		}
		line := b.binary(model.Add, model.Value(b.binary(model.Mul, model.Scalar(a), model.Value(score))), model.Scalar(shift))
		return b.expit(b.unary(model.Neg, line)), nil
	}
	return 0, e.unsupported("not a calibrator that can be read")
}

// finiteNumber is an attribute that is a finite number.
func (o *object) finiteNumber(name string) (float64, error) {
	v, err := o.attr(name)
	if err != nil {
		return 0, err
	}
	f, ok := asFloat(v)
	if !ok || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, o.broken("%s is no finite number", name)
	}
	return f, nil
}

// tempered adds the softmax of beta_ times the logits: of probabilities log(p + 1e-12), of decisions themselves (_convert_to_logits),
// of a single decision both -d and d.
func (b *builder) tempered(e *object, scores model.Ref, k int, method string) (model.Ref, error) {
	beta, err := e.finiteNumber("beta_")
	if err != nil {
		return 0, err
	}
	if b.kind(scores) != model.Float64 {
		return 0, e.unsupported("scores in %v", b.kind(scores))
	}
	logits := scores
	switch single := k == 2 && b.width(scores) == 1; {
	case method == model.PredictProba:
		if single {
			logits = b.add(&model.Complement{X: scores})
		}
		logits = b.unary(model.Log, b.binary(model.Add, model.Value(logits), model.Scalar(1e-12)))
	case single:
		logits = b.add(&model.Concat{Xs: []model.Ref{b.unary(model.Neg, scores), scores}})
	}
	if b.width(logits) != k {
		return 0, e.unsupported("%d logits of %d classes", b.width(logits), k)
	}
	return b.softmax(b.binary(model.Mul, model.Scalar(beta), model.Value(logits)), model.ReducePairwise), nil
}
