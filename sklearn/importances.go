package sklearn

import (
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Importances of features, operation by operation as feature_importances_ of the estimators computes them.

// forestClasses are the classes whose importances are a forest's (sklearn/ensemble/_forest.py, BaseForest).
var forestClasses = map[string]bool{"RandomForestClassifier": true, "RandomForestRegressor": true, "ExtraTreesClassifier": true, "ExtraTreesRegressor": true}

// importancesOf are an estimator's feature_importances_; not ok: it is none whose importances are known here.
func importancesOf(e *object) (all []float64, ok bool, err error) {
	if known := find(e.Class); known == nil {
		return nil, false, nil
	}
	switch name := e.name(); {
	case e.has("tree_"):
		t, err := readTree(e)
		if err != nil {
			return nil, false, err
		}
		all, err = t.importances(true)
		return all, true, err
	case forestClasses[name]:
		trees, err := readTrees(e)
		if err != nil {
			return nil, false, err
		}
		all, err = meanImportances(e, trees, true)
		return all, true, err
	case name == "GradientBoostingClassifier" || name == "GradientBoostingRegressor":
		all, err = boostedImportances(e)
		return all, true, err
	case name == "AdaBoostClassifier" || name == "AdaBoostRegressor":
		return adaBoostImportances(e)
	}
	return nil, false, nil
}

// maxImportances bounds the importances of all members of an ensemble, whose file may hold one of them many times.
const maxImportances = 1 << 30

// countable complains of too many importances.
func countable(e *object, members, features int) error {
	if features > maxTerms || members > maxImportances/max(features, 1) {
		return e.unsupported("importances of %d features in %d members", features, members)
	}
	return nil
}

// importances are compute_feature_importances (sklearn/tree/_tree.pyx): how much the splits by each feature take off the
// impurity.
func (t *tree) importances(normalised bool) ([]float64, error) {
	if t.count == 0 {
		return nil, t.broken("no nodes")
	}
	if err := countable(t.object, 1, t.features); err != nil {
		return nil, err
	}
	var f forest.Tree
	err := t.splits(&f, 1, func(_ int, leaves, to []int32) {
		for _, i := range leaves {
			to[i] = int32(len(f.Value))
			f.Value = append(f.Value, 0)
		}
	})
	if err != nil {
		return nil, err
	}
	weight, err := t.nodeNumbers("weighted_n_node_samples")
	if err != nil {
		return nil, err
	}
	impurity, err := t.nodeNumbers("impurity")
	if err != nil {
		return nil, err
	}
	for i := range impurity {
		impurity[i] *= weight[i]
	}
	all := make([]float64, t.features)
	for i, j := range f.Feature {
		if j != forest.Leaf {
			all[j] += impurity[i] - impurity[f.Left[i]] - impurity[f.Right[i]]
		}
	}
	divide(all, weight[0])
	if total := sumOf(all); normalised && total > 0 {
		divide(all, total)
	}
	return all, nil
}

// nodeNumbers is a field of the nodes.
func (t *tree) nodeNumbers(field string) ([]float64, error) {
	c, err := t.nodes.Field(field)
	if err != nil {
		return nil, t.broken("%s: %v", field, err)
	}
	all, err := c.Float64s()
	if err != nil {
		return nil, t.broken("%s: %v", field, err)
	}
	return all, nil
}

// sumOf is numpy.sum.
func sumOf(v []float64) float64 { return 0 + model.PairwiseSum(v, forest.Float64.Round) }

func divide(v []float64, by float64) {
	for i := range v {
		v[i] /= by
	}
}

// addTo adds to each number of sum, which may be nil for nothing, one of v times a factor.
func addTo(sum, v []float64, times float64) []float64 {
	if sum == nil {
		sum = make([]float64, len(v))
	}
	for i := range sum {
		sum[i] += float64(times * v[i]) // the conversion forbids the compiler to fuse the two
	}
	return sum
}

// meanImportances adds up the trees' importances and divides by their number; from 0.21 on, trees without a split are left
// out, and the mean is divided by its sum.
func meanImportances(e *object, trees []*tree, normalised bool) ([]float64, error) {
	if err := countable(e, len(trees), trees[0].features); err != nil {
		return nil, err
	}
	var sum []float64
	count := 0
	for _, t := range trees {
		if t.count <= 1 && e.rel.has(splitImportances) {
			continue
		}
		one, err := t.importances(normalised)
		if err != nil {
			return nil, err
		}
		sum = addTo(sum, one, 1)
		count++
	}
	if count == 0 {
		return make([]float64, trees[0].features), nil
	}
	divide(sum, float64(count))
	if e.rel.has(splitImportances) {
		divide(sum, sumOf(sum))
	}
	return sum, nil
}

// boostedImportances are those of gradient boosting: until 0.20 stage by stage, and until 0.19 of normalised trees.
func boostedImportances(e *object) ([]float64, error) {
	trees, stages, err := stageTrees(e)
	if err != nil {
		return nil, err
	}
	if e.rel.has(splitImportances) {
		return meanImportances(e, trees, false)
	}
	if err := countable(e, len(trees), trees[0].features); err != nil {
		return nil, err
	}
	var total []float64
	perStage := len(trees) / stages
	for at := 0; at < len(trees); at += perStage {
		var stage []float64
		for _, t := range trees[at : at+perStage] {
			one, err := t.importances(!e.rel.has(rawImportances))
			if err != nil {
				return nil, err
			}
			stage = addTo(stage, one, 1)
		}
		divide(stage, float64(perStage))
		total = addTo(total, stage, 1)
	}
	divide(total, float64(stages))
	if e.rel.has(rawImportances) {
		divide(total, sumOf(total))
	}
	return total, nil
}

// adaBoostImportances are the members' weighted mean (sklearn/ensemble/_weight_boosting.py).
func adaBoostImportances(e *object) (sum []float64, ok bool, err error) {
	members, err := e.children("estimators_")
	if err != nil {
		return nil, false, err
	}
	weights, err := e.floats("estimator_weights_")
	if err != nil {
		return nil, false, err
	}
	if len(members) == 0 || len(weights) < len(members) {
		return nil, false, e.broken("%d weights for %d members", len(weights), len(members))
	}
	for i, m := range members {
		if !m.has("tree_") && !forestClasses[m.name()] {
			return nil, false, nil
		}
		one, ok, err := importancesOf(m)
		if err != nil || !ok {
			return nil, ok, err
		}
		if err := countable(e, len(members), len(one)); err != nil {
			return nil, false, err
		}
		if sum != nil && len(one) != len(sum) {
			return nil, false, m.broken("%d features, the first member has %d", len(one), len(sum))
		}
		sum = addTo(sum, one, weights[i])
	}
	divide(sum, sumOf(weights))
	return sum, true, nil
}
