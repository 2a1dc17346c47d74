package sklearn

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// SelectFromModel: sklearn/feature_selection/_from_model.py (from_model.py until 0.21), _get_support_mask: the columns whose
// importance for an estimator reaches a threshold, from 0.20 on no more than max_features of them.

func importantEnough(e *object) ([]bool, error) {
	estimator, err := selectionModel(e)
	if err != nil {
		return nil, err
	}
	scores, err := importanceScores(e, estimator)
	if err != nil {
		return nil, err
	}
	threshold, err := importanceThreshold(e, estimator, scores)
	if err != nil {
		return nil, err
	}
	// Until 0.19 score >= threshold, later all but score < threshold: of NaN, that differs.
	mask := maskOf(scores, func(v float64) bool { return v >= threshold })
	if e.rel.has(mostFeatures) {
		mask = maskOf(scores, func(v float64) bool { return !(v < threshold) })
	}
	name := "max_features"
	if e.has("max_features_") {
		name = "max_features_"
	}
	if !e.rel.has(mostFeatures) || !e.has(name) {
		return mask, nil
	}
	v, _ := e.Attr(name)
	most, ok := asInt(v)
	if !ok || most < 0 {
		return nil, e.unsupported("max_features %s", pickle.Repr(v, 40))
	}
	for i := range scores {
		scores[i] = -scores[i]
	}
	for k, at := range ordered(scores) {
		mask[at] = mask[at] && k < most
	}
	return mask, nil
}

// selectionModel is the estimator that is asked: the one fitted or, with prefit, the one given; inside a FrozenEstimator,
// which hands on all attributes, what is frozen.
func selectionModel(e *object) (*object, error) {
	name := "estimator_"
	if prefit, _ := e.Attr("prefit"); prefit == true && !e.has(name) {
		name = "estimator"
	}
	c, err := e.child(name)
	for range maxDepth {
		if err != nil || c.name() != "FrozenEstimator" {
			break
		}
		c, err = c.child("estimator")
	}
	return c, err
}

// importanceScores are the estimator's importances, or the norms of its coefficients (_get_feature_importances).
func importanceScores(e, estimator *object) ([]float64, error) {
	getter := "auto"
	if e.has("importance_getter") {
		if getter = e.text("importance_getter"); getter == "" {
			return nil, e.unsupported("importance_getter that is a function")
		}
	}
	switch {
	case estimator.has("coef_") && (getter == "auto" || getter == "coef_"):
		return coefficientNorms(e, estimator)
	case getter == "auto" || getter == "feature_importances_":
		scores, ok, err := importancesOf(estimator)
		if err != nil {
			return nil, err
		}
		if ok {
			for i, v := range scores {
				if e.rel.has(absoluteImportances) {
					scores[i] = math.Abs(v)
				}
			}
			return scores, nil
		}
	}
	return nil, e.unsupported("importance_getter %q of %v", getter, estimator.Class)
}

// coefficientNorms are the absolute coefficients or, of several targets, their norms: of order 1 until 0.18, then norm_order.
func coefficientNorms(e, estimator *object) ([]float64, error) {
	a, ok := attrArray(estimator, "coef_")
	if !ok || len(a.Shape) < 1 || len(a.Shape) > 2 || a.Len() == 0 {
		return nil, estimator.unsupported("coef_ that is no vector or matrix")
	}
	if isSingle(estimator, "coef_") {
		return nil, estimator.unsupported("norms of float32 coefficients")
	}
	values, err := a.Float64s()
	if err != nil {
		return nil, estimator.broken("coef_: %v", err)
	}
	for i, v := range values {
		values[i] = math.Abs(v)
	}
	if len(a.Shape) == 1 {
		return values, nil
	}
	order := 1.0
	if e.has("norm_order") {
		v, _ := e.Attr("norm_order")
		if order, ok = asFloat(v); !ok {
			return nil, e.unsupported("norm_order %s", pickle.Repr(v, 40))
		}
	}
	norms := make([]float64, a.Shape[1])
	for j := range norms {
		var column []float64
		for i := j; i < len(values); i += len(norms) {
			column = append(column, values[i])
		}
		if norms[j], ok = norm(column, order, a.Fortran); !ok {
			return nil, e.unsupported("norm_order %v", order)
		}
	}
	return norms, nil
}

// norm is numpy.linalg.norm of numbers that are not negative, which lie in memory in one piece or not.
func norm(v []float64, order float64, together bool) (float64, bool) {
	switch {
	case math.IsInf(order, 1):
		return slices.Max(v), true
	case math.IsInf(order, -1):
		return slices.Min(v), true
	case order == 2:
		for i, f := range v {
			v[i] = f * f
		}
	case order != 1:
		return 0, false
	}
	sum := 0.0
	for _, f := range v {
		sum += f
	}
	if together {
		sum = sumOf(v)
	}
	if order == 2 {
		sum = math.Sqrt(sum)
	}
	return sum, true
}

// importanceThreshold is _calculate_threshold: a number, 'mean', 'median', or a number times one of these. Where there is none,
// 1e-5 for what penalises the absolute coefficients, else the mean.
func importanceThreshold(e, estimator *object, scores []float64) (float64, error) {
	v, err := e.attr("threshold")
	if err != nil {
		return 0, err
	}
	if f, ok := asFloat(v); ok {
		return f, nil
	}
	word, isText := pickle.AsString(v)
	if _, none := v.(pickle.None); none {
		word, isText = "mean", true
		if drivesToZero(e, estimator) {
			return 1e-5, nil
		}
	}
	if !isText || len(scores) == 0 {
		return 0, e.broken("threshold %s of %d importances", pickle.Repr(v, 40), len(scores))
	}
	scale := 1.0
	if factor, reference, times := strings.Cut(word, "*"); times {
		if scale, err = strconv.ParseFloat(strings.TrimSpace(factor), 64); err != nil {
			return 0, e.unsupported("threshold %q", word)
		}
		word = strings.TrimSpace(reference)
	}
	switch word {
	case "mean":
		return scale * (sumOf(scores) / float64(len(scores))), nil
	case "median":
		return scale * median(scores), nil
	}
	return 0, e.unsupported("threshold %q", word)
}

// drivesToZero tells whether an estimator leads coefficients to 0: by an l1 penalty, by its name, and later by an l1_ratio
// of 1.
func drivesToZero(e, estimator *object) bool {
	name := estimator.name()
	if v, _ := e.Attr("estimator"); v != nil {
		if o, ok := v.(*pickle.Object); ok {
			name = o.Class.Name // FrozenEstimator, where it is one
		}
	}
	switch {
	case estimator.text("penalty") == "l1" || strings.Contains(name, "Lasso"):
		return true
	case e.rel.has(ratioByClass) && (name == "ElasticNet" || name == "LogisticRegression"):
		return isOne(estimator, "l1_ratio")
	case e.rel.has(ratioByClass) && (name == "ElasticNetCV" || name == "LogisticRegressionCV"):
		return isOne(estimator, "l1_ratio_")
	case e.rel.has(ratioByName) && !e.rel.has(ratioByClass) && strings.Contains(name, "ElasticNet"):
		return isOne(estimator, "l1_ratio_") || isOne(estimator, "l1_ratio")
	}
	return false
}

// isOne tells whether all numbers in an attribute are 1, by numpy.isclose.
func isOne(o *object, attr string) bool {
	all, err := o.floats(attr)
	return err == nil && len(all) > 0 && !slices.ContainsFunc(all, func(v float64) bool { return !(math.Abs(v-1) <= 1e-8+1e-5) })
}

// median is numpy.median: the mean of the two in the middle.
func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	if v[0] != v[0] {
		return v[0]
	}
	if n%2 == 1 {
		return v[n/2]
	}
	return model.PairwiseSum(v[n/2-1:n/2+1], forest.Float64.Round) / 2
}

// modelInputs counts the columns of a SelectFromModel: those of its estimator.
func modelInputs(e *object) (inputs, error) {
	if e.has("n_features_in_") {
		return countedInputs(e)
	}
	estimator, err := selectionModel(e)
	if err != nil {
		return inputs{}, err
	}
	in, err := inputsOf(estimator)
	if err != nil {
		return in, err
	}
	in.text, in.unused = nil, nil
	if names, err := featureNames(e, in.features); err != nil || names != nil {
		in.names = names
		return in, err
	}
	return in, nil
}
