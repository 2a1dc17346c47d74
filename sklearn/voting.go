package sklearn

import (
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Votes: sklearn/ensemble/_voting.py (voting_classifier.py until 0.20, voting.py in 0.21). Soft votes are the members' average
// probabilities, hard ones the class with the most votes; a regressor answers the average of what its members predict. The
// averages are numpy.average's: products of values and weights, added from the first to the last, divided by all weights.

// voting is the ensemble as its file has it.
type voting struct {
	*object
	members []*object
	weights []float64 // of the members that were not dropped; nil: none
	classes *model.Tensor
}

func readVoting(e *object) (*voting, error) {
	v := &voting{object: e}
	var err error
	if v.members, err = e.children("estimators_"); err != nil {
		return nil, err
	}
	if len(v.members) == 0 {
		return nil, e.broken("no members")
	}
	if e.has("weights") {
		if v.weights, err = keptWeights(e); err != nil {
			return nil, err
		}
		if len(v.weights) != len(v.members) {
			return nil, e.broken("%d weights for %d members", len(v.weights), len(v.members))
		}
	}
	if !e.isClassifier() {
		return v, nil
	}
	classes, err := e.attr("classes_")
	if err != nil {
		return nil, err
	}
	if v.classes, err = e.labels(classes); err != nil {
		return nil, err
	}
	return v, nil
}

// keptWeights are the weights of the estimators that were not dropped: weights counts all that the user named.
func keptWeights(e *object) ([]float64, error) {
	weights, err := e.floats("weights")
	if err != nil {
		return nil, err
	}
	named, err := e.attr("estimators")
	if err != nil {
		return nil, err
	}
	items, ok := asItems(named)
	if !ok || len(items) != len(weights) {
		return nil, e.broken("weights of %d estimators, there are %d", len(weights), len(items))
	}
	var kept []float64
	for i, item := range items {
		pair, ok := asItems(item)
		if !ok || len(pair) != 2 {
			return nil, e.broken("estimators[%d] is no pair of a name and an estimator", i)
		}
		_, none := pair[1].(pickle.None)
		if text, _ := pickle.AsString(pair[1]); !none && text != "drop" {
			kept = append(kept, weights[i])
		}
	}
	return kept, nil
}

// average is numpy.average of values.
func (v *voting) average(b *builder, values []model.Ref) model.Ref {
	if v.weights == nil {
		return b.dividedBy(b.sumOf(values), float64(len(values)))
	}
	weighted := make([]model.Ref, len(values))
	for i, value := range values {
		weighted[i] = b.binary(model.Mul, model.Value(value), model.Scalar(v.weights[i]))
	}
	return b.dividedBy(b.sumOf(weighted), model.PairwiseSum(v.weights, forest.Float64.Round))
}

// flattens tells whether transform of soft votes answers a matrix; else it answers a cube, which the program has no name for.
func (v *voting) flattens() bool {
	flatten, _ := v.Attr("flatten_transform")
	return flatten == true
}

func readVotingClassifier(b *builder, e *object, x rows) (answers, error) {
	v, err := readVoting(e)
	if err != nil {
		return nil, err
	}
	switch e.text("voting") {
	case "soft":
		all, err := v.probabilities(b, x)
		if err != nil {
			return nil, err
		}
		proba := v.average(b, all)
		answered := answers{output(model.Predict, 0, b.labelOfLargest(proba, v.classes)), output(model.PredictProba, 0, proba)}
		if v.flattens() {
			answered = append(answered, output(model.Transform, 0, b.add(&model.Concat{Xs: all})))
		}
		return answered, nil
	case "hard":
		votes, predictions, err := v.votes(b, x)
		if err != nil {
			return nil, err
		}
		return answers{output(model.Predict, 0, b.labelOfLargest(votes, v.classes)), output(model.Transform, 0, predictions)}, nil
	}
	return nil, e.unsupported("voting %q", e.text("voting"))
}

// probabilities are those of all members.
func (v *voting) probabilities(b *builder, x rows) ([]model.Ref, error) {
	var all []model.Ref
	for _, m := range v.members {
		answered, err := b.read(m, x)
		if err != nil {
			return nil, err
		}
		proba, ok := answered.of(model.PredictProba)
		if !ok || answered.targets(model.PredictProba) != 1 || b.width(proba) != v.classes.Len() {
			return nil, m.unsupported("a member without probabilities of the %d classes", v.classes.Len())
		}
		if b.kind(proba) != model.Float64 {
			return nil, m.unsupported("a member with probabilities in %v", b.kind(proba))
		}
		all = append(all, proba)
	}
	return all, nil
}

// votes are how much weight each class gets, and what every member predicts: the number of a class.
func (v *voting) votes(b *builder, x rows) (votes, predictions model.Ref, err error) {
	var weighed, columns []model.Ref
	for i, m := range v.members {
		answered, err := b.read(m, x)
		if err != nil {
			return 0, 0, err
		}
		index, known, err := b.predicted(m, answered)
		if err != nil {
			return 0, 0, err
		}
		weight := 1.0
		if v.weights != nil {
			weight = v.weights[i]
		}
		place := make([]int, known.Len())
		for j := range place {
			if known.Kind != model.Int64 || known.Int[j] < 0 || known.Int[j] >= int64(v.classes.Len()) {
				return 0, 0, m.broken("predictions that are no numbers of classes")
			}
			place[j] = int(known.Int[j])
		}
		weighed = append(weighed, b.votes(index, place, v.classes.Len(), weight, 0))
		columns = append(columns, b.asColumn(b.label(index, known)))
	}
	return b.sumOf(weighed), b.add(&model.Concat{Xs: columns}), nil
}

func transformVotingClassifier(b *builder, e *object, x rows) (rows, error) {
	v, err := readVoting(e)
	if err != nil {
		return rows{}, err
	}
	if e.text("voting") == "hard" {
		_, predictions, err := v.votes(b, x)
		if err != nil {
			return rows{}, err
		}
		return b.numbers(b.toFloat64(predictions)), nil
	}
	if !v.flattens() {
		return rows{}, e.unsupported("transform with flatten_transform=False")
	}
	all, err := v.probabilities(b, x)
	if err != nil {
		return rows{}, err
	}
	return b.numbers(b.add(&model.Concat{Xs: all})), nil
}

func readVotingRegressor(b *builder, e *object, x rows) (answers, error) {
	v, err := readVoting(e)
	if err != nil {
		return nil, err
	}
	all, err := v.predictions(b, x)
	if err != nil {
		return nil, err
	}
	return answers{output(model.Predict, 0, v.average(b, all)), output(model.Transform, 0, b.add(&model.Concat{Xs: all}))}, nil
}

// predictions are what the members predict, a column of each.
func (v *voting) predictions(b *builder, x rows) ([]model.Ref, error) {
	var all []model.Ref
	for _, m := range v.members {
		answered, err := b.read(m, x)
		if err != nil {
			return nil, err
		}
		value, ok := answered.of(model.Predict)
		if !ok || b.kind(value) != model.Float64 || !b.isOnePerRow(value) {
			return nil, m.unsupported("a member that does not predict one float64 number")
		}
		all = append(all, b.asMatrix(value))
	}
	return all, nil
}

func transformVotingRegressor(b *builder, e *object, x rows) (rows, error) {
	v, err := readVoting(e)
	if err != nil {
		return rows{}, err
	}
	all, err := v.predictions(b, x)
	if err != nil {
		return rows{}, err
	}
	return b.numbers(b.add(&model.Concat{Xs: all})), nil
}
