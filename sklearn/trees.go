package sklearn

import (
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Lone trees: sklearn/tree/_classes.py (tree.py until 0.21), BaseDecisionTree.predict, apply, predict_proba.

func readTreeClassifier(b *builder, e *object, in rows) (answers, error) {
	x, err := b.matrix(in)
	if err != nil {
		return nil, e.unsupported("%v", err)
	}
	t, err := readTree(e)
	if err != nil {
		return nil, err
	}
	targets, err := targetLabels(e, t.classes)
	if err != nil {
		return nil, err
	}
	f := b.forest(e, t, sum(t.classes))
	f.Trees = make([]forest.Tree, 1)
	ties, err := t.shares(&f.Trees[0], false)
	if err != nil {
		return nil, err
	}
	if ties {
		f.Outputs += len(t.classes)
		f.Trees[0] = forest.Tree{}
		if _, err := t.shares(&f.Trees[0], true); err != nil {
			return nil, err
		}
	}
	all := b.classes(b.add(&model.Ensemble{X: x, Forest: f}), t.classes, targets, ties)
	return append(all, b.apply(x, f, true)), nil
}

func readTreeRegressor(b *builder, e *object, in rows) (answers, error) {
	x, err := b.matrix(in)
	if err != nil {
		return nil, e.unsupported("%v", err)
	}
	t, err := readTree(e)
	if err != nil {
		return nil, err
	}
	f := b.forest(e, t, len(t.classes))
	f.Trees = make([]forest.Tree, 1)
	if err := t.regression(&f.Trees[0]); err != nil {
		return nil, err
	}
	values := b.add(&model.Ensemble{X: x, Forest: f})
	return answers{output(model.Predict, 0, values), b.apply(x, f, true)}, nil
}

// forest is an empty forest over the features of a tree.
func (b *builder) forest(e *object, t *tree, outputs int) *forest.Forest {
	refuses := !routesNaN(e)
	return &forest.Forest{Features: t.features, Outputs: outputs, Input: forest.Float32, RefusesNaN: refuses, RefusesInf: true}
}

// classes adds what a classifier answers from its probabilities, which hold one target after the other: the label of the
// largest, and the probabilities themselves. Where votes is set, a column per target follows the probabilities of all,
// with the index of the label (see tree.shares).
func (b *builder) classes(shares model.Ref, sizes []int, targets []*model.Tensor, votes bool) answers {
	var all answers
	at := 0
	for k, labels := range targets {
		proba := shares
		if len(targets) > 1 || votes {
			proba = b.add(&model.Slice{X: shares, From: at, To: at + sizes[k]})
		}
		at += sizes[k]
		var index model.Ref
		if votes {
			vote := b.add(&model.Pick{X: shares, Index: sum(sizes) + k})
			index = b.add(&model.Cast{X: vote, To: model.Int64})
		} else {
			index = b.add(&model.ArgMax{X: proba})
		}
		label := b.add(&model.Lookup{X: index, Table: labels})
		all = append(all, output(model.Predict, k, label), output(model.PredictProba, k, proba))
	}
	return all
}

// apply adds the numbers of the leaves: one column per tree, or just the number where lone is set.
func (b *builder) apply(x model.Ref, f *forest.Forest, lone bool) model.Output {
	leaves := b.add(&model.Leaves{X: x, Forest: f})
	if lone {
		leaves = b.add(&model.Pick{X: leaves})
	}
	return output(model.Apply, 0, leaves)
}

// targetLabels are the labels of each target, which must be as many as the tree's classes.
func targetLabels(e *object, sizes []int) ([]*model.Tensor, error) {
	v, err := e.attr("classes_")
	if err != nil {
		return nil, err
	}
	var targets []*model.Tensor
	if len(sizes) == 1 {
		t, err := e.labels(v)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	} else {
		items, _ := asItems(v)
		for _, item := range items {
			t, err := e.labels(item)
			if err != nil {
				return nil, err
			}
			targets = append(targets, t)
		}
	}
	if len(targets) != len(sizes) {
		return nil, e.broken("classes_ of %d targets, the trees have %d", len(targets), len(sizes))
	}
	for k, t := range targets {
		if t.Rows() != sizes[k] {
			return nil, e.broken("%d labels for %d classes", t.Rows(), sizes[k])
		}
	}
	return targets, nil
}

func sum(a []int) int {
	n := 0
	for _, v := range a {
		n += v
	}
	return n
}
