package sklearn

import (
	"math"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// AdaBoostClassifier: sklearn/ensemble/_weight_boosting.py (weight_boosting.py until 0.21). With SAMME every member votes for a
// class by its weight, with SAMME.R (until 1.5) each adds what it makes of its probabilities; the sums are divided by all
// weights.

// adaBoost is the ensemble as its file has it.
type adaBoost struct {
	*object
	members []*object
	weights []float64
	total   float64 // of all weights
	classes *model.Tensor
	k       int // classes
}

func readAdaBoost(e *object) (*adaBoost, error) {
	a := &adaBoost{object: e}
	var err error
	if a.members, err = e.children("estimators_"); err != nil {
		return nil, err
	}
	if a.weights, err = e.floats("estimator_weights_"); err != nil {
		return nil, err
	}
	if len(a.members) == 0 || len(a.weights) < len(a.members) {
		return nil, e.broken("%d weights for %d members", len(a.weights), len(a.members))
	}
	for i, w := range a.weights {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return nil, e.broken("estimator_weights_[%d] is %v", i, w)
		}
	}
	a.total = 0 + model.PairwiseSum(a.weights, forest.Float64.Round)
	return a, nil
}

func readAdaBoostClassifier(b *builder, e *object, x rows) (answers, error) {
	a, err := readAdaBoost(e)
	if err != nil {
		return nil, err
	}
	v, err := e.attr("classes_")
	if err != nil {
		return nil, err
	}
	if a.classes, err = e.labels(v); err != nil {
		return nil, err
	}
	a.k = a.classes.Len()
	real := e.text("algorithm") == "SAMME.R" && !e.rel.has(onlySAMME)
	x = b.finite(x)
	if a.k == 1 && !real && e.rel.has(contraryVotes) && !e.rel.has(onlySAMME) {
		// A share against no other class: decision_function and predict raise an error.
		matrix, err := b.matrix(x)
		if err != nil {
			return nil, e.unsupported("%v", err)
		}
		return answers{output(model.PredictProba, 0, b.certain(matrix))}, nil
	}
	sum := model.ReduceSum // votes lie in memory class by class
	var scores, probabilities model.Ref
	if real {
		sum = model.ReducePairwise
		scores, err = a.add(b, x, a.realScores)
		probabilities = scores
	} else {
		scores, err = a.add(b, x, a.votes)
		if err == nil && !e.rel.has(adaBoostSoftmax) && a.k > 1 {
			probabilities, err = a.add(b, x, a.weightedProbabilities)
		}
	}
	if err != nil {
		return nil, err
	}
	if a.k == 1 {
		return a.oneClass(b, scores), nil
	}
	var all answers
	decision := scores
	if a.k == 2 {
		column := func(j int) model.Operand { return model.Value(b.add(&model.Slice{X: scores, From: j, To: j + 1})) }
		decision = b.binary(model.Sub, column(1), column(0))
		all = append(all, output(model.Predict, 0, b.labelBy(decision, model.Greater, 0, a.classes)))
		all = append(all, output(model.DecisionFunction, 0, b.asVector(decision)))
	} else {
		all = append(all, output(model.Predict, 0, b.labelOfLargest(decision, a.classes)))
		all = append(all, output(model.DecisionFunction, 0, decision))
	}
	var proba model.Ref
	switch {
	case e.rel.has(adaBoostSoftmax) && a.k == 2:
		both := b.add(&model.Concat{Xs: []model.Ref{b.unary(model.Neg, decision), decision}})
		proba = b.softmax(b.dividedBy(both, 2), sum)
	case e.rel.has(adaBoostSoftmax):
		proba = b.softmax(b.dividedBy(decision, float64(a.k-1)), sum)
	case probabilities == noValue:
		return all, nil
	default:
		scaled := b.binary(model.Mul, model.Scalar(1/float64(a.k-1)), model.Value(probabilities))
		powers := b.unary(model.Exp, scaled)
		proba = b.binary(model.Quotient, model.Value(powers), model.Value(b.add(&model.Reduce{Fn: model.ReducePairwise, X: powers})))
	}
	return append(all, output(model.PredictProba, 0, proba)), nil
}

// noValue stands for a value that is not there.
const noValue model.Ref = -1

// oneClass answers for a model that knows one class only.
func (a *adaBoost) oneClass(b *builder, scores model.Ref) answers {
	all := answers{output(model.Predict, 0, b.labelOfLargest(scores, a.classes))}
	if a.rel.has(onlySAMME) {
		scores = b.add(&model.Repeat{Like: scores, Row: scalarOf(model.Float64, 0).Row})
	}
	all = append(all, output(model.DecisionFunction, 0, scores))
	if a.rel.has(oneClassProba) {
		all = append(all, output(model.PredictProba, 0, b.certain(scores)))
	}
	return all
}

// certain is the probability 1 for every row.
func (b *builder) certain(like model.Ref) model.Ref {
	return b.add(&model.Repeat{Like: like, Row: scalarOf(model.Float64, 1).Row})
}

// A contribution is what a member adds to the sum: as a function of its probabilities and of the place of the label that it
// predicts among its classes, for trees whose leaves can hold it, and as steps for any other.
type contribution struct {
	logs  bool // rows are logs
	row   func(shares []float64, place, member int) []float64
	steps func(b *builder, e *object, a answers, member int) (model.Ref, error)
}

// add adds the contributions of all members, and divides by the weights.
func (a *adaBoost) add(b *builder, x rows, contributions func() contribution) (model.Ref, error) {
	c := contributions()
	if allTrees(a.members) {
		return a.addTrees(b, x, c)
	}
	var all []model.Ref
	for i, m := range a.members {
		answered, err := b.read(m, x)
		if err != nil {
			return noValue, err
		}
		value, err := c.steps(b, m, answered, i)
		if err != nil || value == noValue {
			return noValue, err
		}
		all = append(all, value)
	}
	return b.dividedBy(b.sumOf(all), a.total), b.check(a.object, nil)
}

// addTrees makes one forest of all members.
func (a *adaBoost) addTrees(b *builder, x rows, c contribution) (model.Ref, error) {
	matrix, err := b.matrix(x)
	if err != nil {
		return noValue, a.unsupported("%v", err)
	}
	first, err := readTree(a.members[0])
	if err != nil {
		return noValue, err
	}
	f := b.forest(a.members[0], first, a.k)
	f.Near = c.logs
	f.Trees = make([]forest.Tree, len(a.members))
	err = parallel.Each(len(a.members), func(i int) error {
		t, err := readTree(a.members[i])
		if err != nil {
			return err
		}
		targets, err := targetLabels(a.members[i], t.classes)
		if err != nil {
			return err
		}
		if t.features != f.Features || len(targets) != 1 {
			return t.broken("%d features and %d targets, the first member has %d and 1", t.features, len(targets), f.Features)
		}
		place := places(targets[0], a.classes)
		return t.leafRows(&f.Trees[i], a.k, func(shares []float64, most int) []float64 { return c.row(shares, place[most], i) })
	})
	if err != nil {
		return noValue, err
	}
	return b.dividedBy(b.add(&model.Ensemble{X: matrix, Forest: f}), a.total), nil
}

// mostLeafValues bounds the leaves of a tree: with few classes of its own it may be a member of an ensemble of very many.
const mostLeafValues = 1 << 28

// leafRows reads a classifier's tree of one target with other rows in its leaves, k wide: what make makes of the probabilities
// and of the index of the predicted class.
func (t *tree) leafRows(out *forest.Tree, k int, make func(shares []float64, most int) []float64) error {
	counted := !t.rel.has(sharesInLeaves)
	if _, err := t.shares(out, counted); err != nil {
		return err
	}
	width := t.classes[0]
	step := width
	if counted {
		step++
	}
	if n := len(out.Value) / step; k > width && n > mostLeafValues/k {
		return fault.TooBigf(t.where(), "", "%d leaves of %d classes each", n, k)
	}
	var values []float64
	for at := 0; at < len(out.Value); at += step {
		shares := out.Value[at : at+width : at+width]
		most := model.Largest(shares)
		if counted {
			most = int(out.Value[at+width])
		}
		row := make(shares, most)
		if len(row) != k {
			return t.broken("%d classes in an ensemble of %d", len(row), k)
		}
		values = append(values, row...)
	}
	positiveZeros(values)
	out.Value = values
	return nil
}

// votes are SAMME's: the member's weight for the class it predicts, from 1.3 on a share of it against each other class.
func (a *adaBoost) votes() contribution {
	rest := func(i int) float64 {
		if !a.rel.has(contraryVotes) || a.k == 1 {
			return 0
		}
		return -1 / float64(a.k-1) * a.weights[i]
	}
	return contribution{
		row: func(_ []float64, place, i int) []float64 { return vote(place, a.k, a.weights[i], rest(i)) },
		steps: func(b *builder, e *object, answered answers, i int) (model.Ref, error) {
			index, known, err := b.predicted(e, answered)
			if err != nil {
				return noValue, err
			}
			return b.votes(index, places(known, a.classes), a.k, a.weights[i], rest(i)), nil
		},
	}
}

// weightedProbabilities are what predict_proba with SAMME adds up until 0.21.
func (a *adaBoost) weightedProbabilities() contribution {
	return contribution{
		row: func(shares []float64, _, i int) []float64 {
			for j := range shares {
				shares[j] *= a.weights[i]
			}
			return shares
		},
		steps: func(b *builder, _ *object, answered answers, i int) (model.Ref, error) {
			proba, ok := answered.of(model.PredictProba)
			if !ok {
				return noValue, nil
			}
			return b.binary(model.Mul, model.Value(proba), model.Scalar(a.weights[i])), nil
		},
	}
}

// epsilon is numpy.finfo(float).eps.
const epsilon = 0x1p-52

// realScores are SAMME.R's: (K-1) (log p - mean of log p), of probabilities not less than epsilon.
func (a *adaBoost) realScores() contribution {
	k := float64(a.k)
	return contribution{
		logs: true,
		row: func(shares []float64, _, _ int) []float64 {
			for j, p := range shares {
				shares[j] = model.LogOf(max(p, epsilon))
			}
			mean := 1 / k * model.PairwiseSum(shares, forest.Float64.Round)
			for j := range shares {
				shares[j] = (k - 1) * (shares[j] - mean)
			}
			return shares
		},
		steps: func(b *builder, e *object, answered answers, _ int) (model.Ref, error) {
			proba, ok := answered.of(model.PredictProba)
			if !ok || b.kind(proba) != model.Float64 {
				return noValue, e.unsupported("a member of SAMME.R without float64 probabilities")
			}
			small := b.binary(model.Less, model.Value(proba), model.Scalar(epsilon))
			logs := b.unary(model.Log, b.where(small, model.Scalar(epsilon), model.Value(proba)))
			mean := b.binary(model.Mul, model.Scalar(1/k), model.Value(b.add(&model.Reduce{Fn: model.ReducePairwise, X: logs})))
			return b.binary(model.Mul, model.Scalar(k-1), model.Value(b.binary(model.Sub, model.Value(logs), model.Value(mean)))), nil
		},
	}
}
