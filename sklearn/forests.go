package sklearn

import (
	"slices"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// Forests: sklearn/ensemble/_forest.py (forest.py until 0.21), ForestClassifier.predict_proba and ForestRegressor.predict
// add the trees' answers in their order, from 0 (n_jobs=1), and divide by their number.

func readForestClassifier(b *builder, e *object, in rows) (answers, error) {
	x, err := b.matrix(in)
	if err != nil {
		return nil, e.unsupported("%v", err)
	}
	trees, err := readTrees(e)
	if err != nil {
		return nil, err
	}
	sizes := trees[0].classes
	targets, err := targetLabels(e, sizes)
	if err != nil {
		return nil, err
	}
	f, err := b.mean(e, trees, sum(sizes), func(t *tree, out *forest.Tree) error {
		_, err := t.shares(out, false)
		return err
	})
	if err != nil {
		return nil, err
	}
	all := b.classes(b.add(&model.Ensemble{X: x, Forest: f}), sizes, targets, false)
	return append(all, b.apply(x, f, false)), nil
}

func readForestRegressor(b *builder, e *object, in rows) (answers, error) {
	x, err := b.matrix(in)
	if err != nil {
		return nil, e.unsupported("%v", err)
	}
	trees, err := readTrees(e)
	if err != nil {
		return nil, err
	}
	width, n := len(trees[0].classes), 0
	for _, t := range trees {
		n += t.mostLeaves() * width
	}
	all := make([]float64, n)
	rest := all
	for _, t := range trees {
		n := t.mostLeaves() * width
		t.room, rest = rest[:0:n], rest[n:]
	}
	f, err := b.mean(e, trees, width, (*tree).regression)
	if err != nil {
		return nil, err
	}
	f.Values = all
	values := b.add(&model.Ensemble{X: x, Forest: f})
	return answers{output(model.Predict, 0, values), b.apply(x, f, false)}, nil
}

// readTrees reads the heads of all trees, which must agree on features and classes.
func readTrees(e *object) ([]*tree, error) {
	members, err := e.children("estimators_")
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return nil, e.broken("no trees")
	}
	trees := make([]*tree, len(members))
	for i, member := range members {
		if find(member.Class) == nil || !member.has("tree_") {
			return nil, member.unsupported("%v as a tree of a forest", member.Class)
		}
		if trees[i], err = readTree(member); err != nil {
			return nil, err
		}
		if first := trees[0]; trees[i].features != first.features || !slices.Equal(trees[i].classes, first.classes) {
			return nil, member.broken("%d features and classes %v, the first tree has %d and %v",
				trees[i].features, trees[i].classes, first.features, first.classes)
		}
	}
	return trees, nil
}

// mean makes the forest of all trees, each read by read on whatever core is free.
func (b *builder) mean(e *object, trees []*tree, outputs int, read func(*tree, *forest.Tree) error) (*forest.Forest, error) {
	f := b.forest(e, trees[0], outputs)
	f.Combine = forest.Mean
	f.Trees = make([]forest.Tree, len(trees))
	err := parallel.Each(len(trees), func(i int) error {
		err := read(trees[i], &f.Trees[i])
		trees[i].release()
		positiveZeros(f.Trees[i].Value)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// positiveZeros drops the sign of zeros: the original's sum starts at 0, so that a -0.0 in a leaf never shows, while
// forest.Forest's starts with the first leaf.
func positiveZeros(values []float64) {
	for i, v := range values {
		if v == 0 {
			values[i] = 0
		}
	}
}
