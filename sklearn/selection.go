package sklearn

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Selections of columns: sklearn/feature_selection/_base.py (base.py until 0.21), SelectorMixin.transform, and the masks of
// _univariate_selection.py, _variance_threshold.py, _sequential.py and _from_model.py (selectfrommodel.go).

// A selection tells which columns an estimator keeps.
type selection func(e *object) ([]bool, error)

// selector is a transformer that keeps some columns.
func selector(mask selection) transformer {
	return func(b *builder, e *object, x rows) (rows, error) {
		kept, err := mask(e)
		if err != nil {
			return rows{}, err
		}
		if len(kept) != x.width {
			return rows{}, e.broken("it was fitted on %d columns, not %d", len(kept), x.width)
		}
		matrix, err := b.matrix(x)
		if err != nil {
			return rows{}, e.unsupported("%v", err)
		}
		if !takesAnything(e) {
			matrix = b.add(&model.Finite{X: matrix})
		}
		var columns []int
		for j, is := range kept {
			if is {
				columns = append(columns, j)
			}
		}
		if len(columns) == 0 {
			return rows{}, e.unsupported("no column is selected")
		}
		return b.take(rows{matrix: matrix, width: x.width, names: x.names}, columns), nil
	}
}

// selectorInputs counts the columns that a selection is of, since releases before 0.23 do not.
func selectorInputs(mask selection) func(e *object) (inputs, error) {
	return func(e *object) (in inputs, err error) {
		kept, err := mask(e)
		if err != nil {
			return in, err
		}
		if in.features = len(kept); in.features == 0 {
			return in, e.broken("a selection of no columns")
		}
		in.names, err = featureNames(e, in.features)
		return in, err
	}
}

// takesAnything tells whether NaN and infinity pass: where the selector's tag allow_nan is set, which SelectFromModel has from
// its estimator.
func takesAnything(e *object) bool {
	if !e.rel.has(untestedSelection) {
		return false
	}
	switch e.name() {
	case "VarianceThreshold":
		return true
	case "SelectFromModel":
		c, err := selectionModel(e)
		return err == nil && (c.has("tree_") || forestClasses[c.name()]) && routesNaN(c)
	}
	return false
}

func aboveVariance(e *object) ([]bool, error) {
	v, err := e.attr("threshold")
	if err != nil {
		return nil, err
	}
	threshold, ok := asFloat(v)
	if !ok {
		return nil, e.broken("threshold is no number")
	}
	return e.compared("variances_", func(v float64) bool { return v > threshold })
}

// supported is the mask that an estimator keeps itself.
func supported(e *object) ([]bool, error) {
	return e.compared("support_", func(v float64) bool { return v != 0 })
}

// compared tells of each number in an attribute what keep says.
func (o *object) compared(attr string, keep func(float64) bool) ([]bool, error) {
	all, err := o.floats(attr)
	if err != nil {
		return nil, err
	}
	return maskOf(all, keep), nil
}

func maskOf(all []float64, keep func(float64) bool) []bool {
	mask := make([]bool, len(all))
	for i, v := range all {
		mask[i] = keep(v)
	}
	return mask
}

// byParameter is the selection of a class of its own, by the parameter of that name.
func byParameter(mode, parameter string) selection {
	return func(e *object) ([]bool, error) { return univariate(e, mode, parameter) }
}

// byMode is that of GenericUnivariateSelect.
func byMode(e *object) ([]bool, error) { return univariate(e, e.text("mode"), "param") }

func univariate(e *object, mode, parameter string) ([]bool, error) {
	v, err := e.attr(parameter)
	if err != nil {
		return nil, err
	}
	if mode == "k_best" {
		return best(e, v)
	}
	level, ok := asFloat(v)
	if !ok {
		return nil, e.broken("%s is no number", parameter)
	}
	switch mode {
	case "percentile":
		return bestPercent(e, level)
	case "fpr":
		return e.compared("pvalues_", func(p float64) bool { return p < level })
	case "fdr":
		return belowDiscoveryRate(e, level)
	case "fwe":
		all, err := e.floats("pvalues_")
		if err != nil {
			return nil, err
		}
		return maskOf(all, func(p float64) bool { return p < level/float64(len(all)) }), nil
	}
	return nil, e.unsupported("mode %q", mode)
}

// cleanScores are scores_ with the least number in place of NaN (_clean_nans).
func cleanScores(e *object) ([]float64, error) {
	all, err := e.floats("scores_")
	if err != nil {
		return nil, err
	}
	least := -math.MaxFloat64
	if isSingle(e, "scores_") {
		least = -math.MaxFloat32
	}
	for i, v := range all {
		if v != v {
			all[i] = least
		}
	}
	return all, nil
}

// best keeps the k highest scores; of equal ones the last.
func best(e *object, k pickle.Value) ([]bool, error) {
	scores, err := cleanScores(e)
	if err != nil {
		return nil, err
	}
	n, ok := asInt(k)
	if word, isText := pickle.AsString(k); isText && word == "all" {
		n, ok = len(scores), true
	}
	if !ok || n < 0 {
		return nil, e.unsupported("k %s", pickle.Repr(k, 40))
	}
	mask := make([]bool, len(scores))
	order := ordered(scores)
	for _, at := range order[max(0, len(order)-n):] {
		mask[at] = true
	}
	return mask, nil
}

// ordered are the places of numbers in rising order, of equal ones in their own.
func ordered(v []float64) []int {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(v[i], v[j]) })
	return order
}

// bestPercent keeps the scores above a percentile and, of those equal to it, the first.
func bestPercent(e *object, percent float64) ([]bool, error) {
	scores, err := cleanScores(e)
	if err != nil {
		return nil, err
	}
	if percent == 100 || percent == 0 {
		return maskOf(scores, func(float64) bool { return percent == 100 }), nil
	}
	if !(percent > 0 && percent < 100) || len(scores) == 0 {
		return nil, e.broken("percentile %v of %d scores", percent, len(scores))
	}
	threshold := percentile(e, scores, 100-percent)
	mask := maskOf(scores, func(v float64) bool { return v > threshold })
	room := int(float64(len(scores)) * percent / 100)
	for _, is := range mask {
		if is {
			room--
		}
	}
	// Python's ties[:room], which counts from the end where room is negative.
	var ties []int
	for i, v := range scores {
		if v == threshold {
			ties = append(ties, i)
		}
	}
	if room < 0 {
		room = max(0, room+len(ties))
	}
	for _, i := range ties[:min(room, len(ties))] {
		mask[i] = true
	}
	return mask, nil
}

// percentile is numpy.percentile of sorted numbers, until 0.19 scipy.stats.scoreatpercentile.
func percentile(e *object, v []float64, percent float64) float64 {
	v = slices.Sorted(slices.Values(v))
	at := percent / 100 * float64(len(v)-1)
	below := int(at)
	above := min(below+1, len(v)-1)
	a, b, t := v[below], v[above], at-float64(below)
	switch {
	case t == 0:
		return a
	case !e.rel.has(numpyPercentile):
		low, high := float64(below+1)-at, t
		return float64(float64(a*low)+float64(b*high)) / float64(low+high)
	case !e.rel.has(lerpPercentile):
		return float64(a*float64(1-t)) + float64(b*t)
	case t >= 0.5:
		return b - float64(float64(b-a)*float64(1-t))
	}
	return a + float64(float64(b-a)*t)
}

// belowDiscoveryRate is the procedure of Benjamini and Hochberg.
func belowDiscoveryRate(e *object, alpha float64) ([]bool, error) {
	all, err := e.floats("pvalues_")
	if err != nil {
		return nil, err
	}
	first := 1
	if !e.rel.has(discoveryFromOne) {
		first = 0
	}
	highest, any := 0.0, false
	place := first
	sorted := slices.DeleteFunc(slices.Clone(all), func(p float64) bool { return p != p }) // numpy sorts NaN to the end
	slices.Sort(sorted)
	for _, p := range sorted {
		if p <= float64(alpha/float64(len(all)))*float64(place) {
			highest, any = p, true
		}
		place++
	}
	return maskOf(all, func(p float64) bool { return any && p <= highest }), nil
}
