package sklearn

import (
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// Bags: sklearn/ensemble/_bagging.py (bagging.py until 0.21). Every member is given the columns in estimators_features_; what the
// members answer is added up in their order, from 0 (n_jobs=1), and divided by n_estimators. A classifier's members know the
// classes as 0, 1, ..., and not all of them where a class was missing in their rows.

// bag is the ensemble as its file has it.
type bag struct {
	*object
	members []*object
	subsets [][]int
}

func readBag(e *object) (*bag, error) {
	g := &bag{object: e}
	var err error
	if g.members, err = e.children("estimators_"); err != nil {
		return nil, err
	}
	if g.subsets, err = featureSubsets(e, len(g.members)); err != nil {
		return nil, err
	}
	if n, err := e.count("n_estimators"); err != nil || n != len(g.members) {
		return nil, e.unsupported("n_estimators other than the %d members", len(g.members))
	}
	return g, nil
}

// bagInputs are the columns that a bag counted; text where some member takes it as text.
func bagInputs(e *object) (inputs, error) {
	in, err := countedInputs(e)
	if err != nil {
		return in, err
	}
	members, err := e.children("estimators_")
	if err != nil {
		return in, err
	}
	v, err := e.attr("estimators_features_")
	if err != nil {
		return in, err
	}
	subsets, ok := asItems(v)
	if !ok || len(subsets) != len(members) {
		return in, e.broken("estimators_features_ are not the features of %d members", len(members))
	}
	if in.features > mostColumns && !allTrees(members) {
		return in, fault.TooBigf(e.where(), "", "%d columns", in.features)
	}
	for i, m := range members {
		one, err := inputsOf(m)
		if err != nil {
			return in, err
		}
		columns, err := indices(subsets[i], in.features)
		if err != nil || len(columns) != one.features {
			return in, m.broken("it is not given its %d features (%v)", one.features, err)
		}
		in.takeText(one.text, columns)
	}
	return in, nil
}

// rows are the bag's rows: validated by the bag itself until 0.19, by the members since.
func (g *bag) rows(b *builder, x rows) rows {
	if !g.rel.has(bagsLeaveValidation) {
		return b.finite(x)
	}
	return x
}

func readBaggingClassifier(b *builder, e *object, x rows) (answers, error) {
	g, err := readBag(e)
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
	k := classes.Len()
	x = g.rows(b, x)
	var proba, decision model.Ref
	if allTrees(g.members) {
		decision = noValue
		proba, err = g.mean(b, x, k, func(m *object, t *tree, out *forest.Tree) error {
			targets, err := targetLabels(m, t.classes)
			if err != nil {
				return err
			}
			if len(targets) != 1 {
				return t.unsupported("%d targets", len(targets))
			}
			place, err := g.places(m, targets[0], k)
			if err != nil {
				return err
			}
			return t.leafRows(out, k, func(shares []float64, _ int) []float64 {
				row := make([]float64, k)
				for i, share := range shares {
					row[place[i]] = share
				}
				return row
			})
		})
	} else {
		proba, decision, err = g.read(b, x, k)
	}
	if err != nil {
		return nil, err
	}
	all := answers{output(model.Predict, 0, b.labelOfLargest(proba, classes)), output(model.PredictProba, 0, proba)}
	if decision != noValue {
		all = append(all, output(model.DecisionFunction, 0, decision))
	}
	return all, nil
}

// places are the columns of a member's classes.
func (g *bag) places(m *object, known *model.Tensor, classes int) ([]int, error) {
	if known.Kind != model.Int64 {
		return nil, m.broken("classes that are no indices into the bag's")
	}
	place := make([]int, known.Len())
	for i, c := range known.Int {
		if c < 0 || c >= int64(classes) || slices.Contains(place[:i], int(c)) {
			return nil, m.broken("class %d of %d", c, classes)
		}
		place[i] = int(c)
	}
	return place, nil
}

// read adds what members of any kind answer: the mean of their probabilities, of votes where one has none, and that of their
// decisions where all have them.
func (g *bag) read(b *builder, x rows, k int) (proba, decision model.Ref, err error) {
	var probabilities, decisions []model.Ref
	for i, m := range g.members {
		answered, err := b.read(m, b.take(x, g.subsets[i]))
		if err != nil {
			return 0, 0, err
		}
		index, known, err := b.predicted(m, answered)
		if err != nil {
			return 0, 0, err
		}
		place, err := g.places(m, known, k)
		if err != nil {
			return 0, 0, err
		}
		if p, ok := answered.of(model.PredictProba); !ok {
			probabilities = append(probabilities, b.votes(index, place, k, 1, 0))
		} else if b.width(p) != len(place) {
			return 0, 0, m.unsupported("%d probabilities for %d classes", b.width(p), len(place))
		} else {
			probabilities = append(probabilities, b.spread(b.toFloat64(p), place, k))
		}
		if d, ok := answered.of(model.DecisionFunction); ok && (i == 0 || slices.Equal(b.types[d].Row, b.types[decisions[0]].Row)) {
			decisions = append(decisions, d)
		}
		if len(decisions) <= i {
			decisions = nil // one that has none: neither has the bag
		}
	}
	n := float64(len(g.members))
	decision = noValue
	if len(decisions) == len(g.members) {
		decision = b.dividedBy(b.sumOf(decisions), n)
	}
	return b.dividedBy(b.sumOf(probabilities), n), decision, nil
}

func readBaggingRegressor(b *builder, e *object, x rows) (answers, error) {
	g, err := readBag(e)
	if err != nil {
		return nil, err
	}
	x = g.rows(b, x)
	if allTrees(g.members) {
		first, err := readTree(g.members[0])
		if err != nil {
			return nil, err
		}
		outputs := len(first.classes)
		values, err := g.mean(b, x, outputs, func(_ *object, t *tree, out *forest.Tree) error {
			if len(t.classes) != outputs {
				return t.broken("%d outputs, the first member has %d", len(t.classes), outputs)
			}
			err := t.regression(out)
			positiveZeros(out.Value)
			return err
		})
		return answers{output(model.Predict, 0, values)}, err
	}
	var all []model.Ref
	for i, m := range g.members {
		answered, err := b.read(m, b.take(x, g.subsets[i]))
		if err != nil {
			return nil, err
		}
		value, ok := answered.of(model.Predict)
		if !ok || answered.targets(model.Predict) != 1 || !b.kind(value).IsFloat() {
			return nil, m.unsupported("a member that does not predict numbers")
		}
		all = append(all, b.asMatrix(value))
	}
	return answers{output(model.Predict, 0, b.dividedBy(b.sumOf(all), float64(len(all))))}, nil
}

// mean makes one forest of members that are trees: over the columns that some tree is given, since nobody looks at the others.
func (g *bag) mean(b *builder, x rows, outputs int, read func(m *object, t *tree, out *forest.Tree) error) (model.Ref, error) {
	used := union(g.subsets)
	matrix, err := b.matrix(b.take(x, used))
	if err != nil {
		return 0, g.unsupported("%v", err)
	}
	first, err := readTree(g.members[0])
	if err != nil {
		return 0, err
	}
	f := b.forest(g.members[0], first, outputs)
	f.Features = len(used)
	f.Combine = forest.Mean
	f.Trees = make([]forest.Tree, len(g.members))
	err = parallel.Each(len(g.members), func(i int) error {
		t, err := readTree(g.members[i])
		if err != nil {
			return err
		}
		if err := read(g.members[i], t, &f.Trees[i]); err != nil {
			return err
		}
		columns := make([]int, len(g.subsets[i]))
		for j, c := range g.subsets[i] {
			columns[j], _ = slices.BinarySearch(used, c)
		}
		return t.remap(&f.Trees[i], columns)
	})
	if err != nil {
		return 0, err
	}
	return b.add(&model.Ensemble{X: matrix, Forest: f}), nil
}
