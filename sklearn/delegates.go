package sklearn

import (
	"slices"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Estimators that hand everything to one inside: searches (sklearn/grid_search.py in 0.17, sklearn/model_selection/_search.py
// and _search_successive_halving.py), FrozenEstimator (sklearn/frozen/_frozen.py), SelfTrainingClassifier
// (sklearn/semi_supervised/_self_training.py), RFE (sklearn/feature_selection/_rfe.py), and those that only move the
// threshold (sklearn/model_selection/_classification_threshold.py).

// delegate reads the estimator in the first of the attributes that is there; methods are those that it hands on.
func delegate(methods []string, attrs ...string) reader {
	return func(b *builder, e *object, x rows) (answers, error) {
		c, err := firstChild(e, attrs...)
		if err != nil {
			return nil, err
		}
		all, err := b.read(c, x)
		return slices.DeleteFunc(all, func(o model.Output) bool { return !slices.Contains(methods, o.Method) }), err
	}
}

// delegateTransform transforms by the estimator in the first of the attributes that is there.
func delegateTransform(attrs ...string) transformer {
	return func(b *builder, e *object, x rows) (rows, error) {
		c, err := firstChild(e, attrs...)
		if err != nil {
			return rows{}, err
		}
		return b.transform(c, x)
	}
}

// firstChild is the estimator in the first of the attributes that is there.
func firstChild(e *object, attrs ...string) (*object, error) {
	for _, attr := range attrs {
		if e.has(attr) {
			return e.child(attr)
		}
	}
	if e.has("refit") && !e.has("best_estimator_") {
		return nil, e.unsupported("no %s (refit=False keeps none)", attrs[0])
	}
	return nil, e.broken("no attribute %s (is it fitted?)", attrs[0])
}

// classesOf are the labels of a classifier with one target: its own classes_, or those of the estimator that it hands
// everything to.
func classesOf(e *object) (*model.Tensor, error) {
	for range maxDepth {
		if e.has("classes_") {
			v, _ := e.Attr("classes_")
			t, err := e.labels(v)
			if err != nil {
				return nil, err
			}
			return t, nil
		}
		var next *object
		if steps, _, err := e.steps("steps", "passthrough"); err == nil && len(steps) > 0 {
			next = steps[len(steps)-1].object
		} else {
			next, err = firstChild(e, "best_estimator_", "estimator_", "base_estimator_", "estimator")
			if err != nil {
				return nil, err
			}
		}
		if next == nil {
			break
		}
		e = next
	}
	return nil, e.broken("no attribute classes_ (is it fitted?)")
}

// readSearch reads GridSearchCV, RandomizedSearchCV and the halving ones.
var readSearch = delegate(searchMethods, "best_estimator_")

// searchMethods are what searches hand on.
var searchMethods = []string{model.Predict, model.PredictProba, model.DecisionFunction, model.ScoreSamples, model.Transform}

// frozenMethods are all methods: a FrozenEstimator is its estimator, but for fit.
var frozenMethods = append(searchMethods[:len(searchMethods):len(searchMethods)], model.Apply, model.RawScore)

// selfTrainingMethods are what a SelfTrainingClassifier hands on.
var selfTrainingMethods = []string{model.Predict, model.PredictProba, model.DecisionFunction}

// supported are the columns that support_ of an RFE keeps.
func (b *builder) supported(e *object, x rows) (rows, error) {
	mask, err := e.floats("support_")
	if err != nil {
		return rows{}, err
	}
	if len(mask) != x.width {
		return rows{}, e.broken("support_ of %d for %d columns", len(mask), x.width)
	}
	var kept []int
	for j, on := range mask {
		if on != 0 {
			kept = append(kept, j)
		}
	}
	if len(kept) == 0 {
		return rows{}, e.unsupported("no column is selected")
	}
	return b.take(x, kept), nil
}

func readRFE(b *builder, e *object, x rows) (answers, error) {
	c, err := e.child("estimator_")
	if err != nil {
		return nil, err
	}
	kept, err := b.supported(e, x)
	if err != nil {
		return nil, err
	}
	all, err := b.read(c, kept)
	all = slices.DeleteFunc(all, func(o model.Output) bool { return !slices.Contains(selfTrainingMethods, o.Method) })
	if err != nil {
		return nil, err
	}
	matrix, err := b.matrix(kept)
	if err != nil {
		return nil, e.unsupported("%v", err)
	}
	return append(all, output(model.Transform, 0, matrix)), nil
}

func transformRFE(b *builder, e *object, x rows) (rows, error) { return b.supported(e, x) }

func rfeInputs(e *object) (in inputs, err error) {
	mask, err := e.floats("support_")
	if err != nil {
		return in, err
	}
	if in.features = len(mask); in.features == 0 {
		return in, e.broken("support_ of no column")
	}
	in.names, err = featureNames(e, in.features)
	return in, err
}

// readThreshold reads FixedThresholdClassifier and TunedThresholdClassifierCV, from 1.5 on: predict compares the score of
// the positive class with the threshold; the other methods are the inner estimator's.
func readThreshold(b *builder, e *object, x rows) (answers, error) {
	c, err := firstChild(e, "estimator_", "estimator")
	if err != nil {
		return nil, err
	}
	classes, err := classesOf(c)
	if err != nil {
		return nil, err
	}
	if classes.Rows() != 2 {
		return nil, e.broken("a threshold between %d classes", classes.Rows())
	}
	all, err := b.read(c, x)
	if err != nil {
		return nil, err
	}
	positive, err := positiveClass(e, classes)
	if err != nil {
		return nil, err
	}
	method := e.text("response_method")
	if _, proba := all.of(model.PredictProba); method == "auto" && proba {
		method = model.PredictProba
	} else if method == "auto" {
		method = model.DecisionFunction
	}
	score, ok := all.of(method)
	if !ok {
		return nil, e.unsupported("response_method %q of %v", method, c.Class)
	}
	threshold := 0.0
	switch method {
	case model.PredictProba:
		score = b.add(&model.Pick{X: score, Index: positive})
		threshold = 0.5
	case model.DecisionFunction:
		if positive == 0 {
			score = b.unary(model.Neg, score)
		}
		if len(b.types[score].Row) > 0 {
			score = b.asVector(score)
		}
	}
	name := "threshold"
	if e.has("best_threshold_") {
		name = "best_threshold_"
	}
	if e.text(name) != "auto" {
		v, _ := e.Attr(name)
		if threshold, ok = asFloat(v); !ok {
			return nil, e.broken("%s is no number", name)
		}
	}
	above := b.binary(model.GreaterOrEqual, model.Value(b.asColumn(score)), model.Scalar(threshold))
	index := b.asVector(b.add(&model.Cast{X: above, To: model.Int64}))
	if positive == 0 {
		index = b.asVector(b.binary(model.Sub, model.Operand{Row: &model.Tensor{Kind: model.Int64, Shape: []int{1, 1}, Int: []int64{1}}}, model.Value(b.asColumn(index))))
	}
	answers := answers{output(model.Predict, 0, b.label(index, classes))}
	for _, o := range all {
		if o.Method == model.PredictProba || o.Method == model.DecisionFunction {
			answers = append(answers, o)
		}
	}
	return answers, nil
}

// scoresOfOne are metrics whose pos_label is 1 where nobody says otherwise (sklearn/metrics/_classification.py).
var scoresOfOne = []string{"f1_score", "fbeta_score", "precision_score", "recall_score", "jaccard_score", "class_likelihood_ratios"}

// positiveClass is the place of the positive class: pos_label, of a tuned threshold that of its scorer; else the second one.
func positiveClass(e *object, classes *model.Tensor) (int, error) {
	v, _ := e.Attr("pos_label")
	if s, err := e.child("_curve_scorer"); err == nil {
		kwargs, _ := s.Attr("_kwargs")
		if d, ok := kwargs.(*pickle.Dict); ok {
			v, _ = d.Get("pos_label")
		}
		fn, _ := s.Attr("_score_func")
		if g, ok := fn.(pickle.Global); ok && v == nil && slices.Contains(scoresOfOne, g.Name) {
			v = int64(1)
		}
	}
	if _, none := v.(pickle.None); v == nil || none {
		return 1, nil
	}
	for i := range 2 {
		same := false
		switch text, isText := pickle.AsString(v); {
		case isText:
			same = classes.Kind == model.String && classes.Text[i] == text
		case classes.Kind == model.Float64:
			f, ok := asFloat(v)
			same = ok && classes.Float[i] == f
		case classes.Kind != model.String:
			f, ok := asFloat(v)
			if on, isBool := v.(bool); isBool {
				f, ok = float64(truth(on)), true
			}
			same = ok && float64(classes.Int[i]) == f
		}
		if same {
			return i, nil
		}
	}
	return 0, e.unsupported("pos_label %s, which is no class", pickle.Repr(v, 40))
}
