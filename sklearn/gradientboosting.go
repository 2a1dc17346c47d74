package sklearn

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// Gradient boosting: sklearn/ensemble/_gb.py (gradient_boosting.py until 0.21). estimators_ is an array of regression trees,
// a row for each stage and a column for each raw score; raw starts as init_ says, and predict_stages (_gradient_boosting.pyx)
// adds learning_rate times the leaf, stage by stage. X is rounded to float32 before, for init_ as well.

// boosting is what both classes have in common.
type boosting struct {
	stages, scores int
	raw            model.Ref // a matrix, a column for each score
	leaves         model.Ref // of all trees, stage by stage
}

func readBoostedClassifier(b *builder, e *object, in rows) (answers, error) {
	classes, err := classLabels(e)
	if err != nil {
		return nil, err
	}
	loss := lossName(e)
	if (loss == multinomial) != (classes.Rows() > 2) || classes.Rows() < 2 {
		return nil, e.broken("the loss %q of %d classes", loss, classes.Rows())
	}
	g, err := b.boosting(e, in, loss, classes.Rows())
	if err != nil {
		return nil, err
	}
	if want := scoresOf(classes.Rows()); g.scores != want {
		return nil, e.broken("%d trees per stage for %d classes", g.scores, classes.Rows())
	}
	var proba, label, decision model.Ref
	linked := e.rel.has(boostedLinks)
	switch {
	case loss == multinomial && linked:
		decision, proba = g.raw, b.softmax(g.raw, model.ReducePairwise)
		label = b.labelOfLargest(g.raw, classes)
	case loss == multinomial:
		decision, proba = g.raw, b.unary(model.Exp, b.logSoftmax(g.raw, model.ReducePairwise))
		label = b.labelOfLargest(proba, classes)
	case loss == binomial || loss == exponential:
		decision = b.asVector(g.raw)
		score := g.raw
		if loss == exponential {
			score = b.binary(model.Mul, model.Scalar(2), model.Value(score))
		}
		proba = b.add(&model.Complement{X: b.expit(score)})
		if loss == exponential || linked {
			label = b.labelBy(g.raw, model.GreaterOrEqual, 0, classes)
		} else {
			label = b.labelOfLargest(proba, classes)
		}
	default:
		return nil, e.unsupported("the loss %q", loss)
	}
	apply := b.add(&model.Reshape{X: g.leaves, Row: []int{g.stages, g.scores}})
	return answers{output(model.Predict, 0, label), output(model.PredictProba, 0, proba),
		output(model.DecisionFunction, 0, decision), output(model.Apply, 0, apply)}, nil
}

func readBoostedRegressor(b *builder, e *object, in rows) (answers, error) {
	loss := lossName(e)
	if loss != identity {
		return nil, e.unsupported("the loss %q", loss)
	}
	g, err := b.boosting(e, in, loss, 0)
	if err != nil {
		return nil, err
	}
	if g.scores != 1 {
		return nil, e.broken("%d trees per stage", g.scores)
	}
	values := b.asVector(g.raw)
	all := answers{output(model.Predict, 0, values), output(model.Apply, 0, g.leaves)}
	if !e.rel.has(noRegressorDecisions) {
		all = append(all, output(model.DecisionFunction, 0, values))
	}
	return all, nil
}

// scoresOf is how many raw scores boosting has for a number of classes: one for two.
func scoresOf(classes int) int {
	if classes == 2 {
		return 1
	}
	return classes
}

// classLabels is the table of labels in classes_.
func classLabels(e *object) (*model.Tensor, error) {
	v, err := e.attr("classes_")
	if err != nil {
		return nil, err
	}
	classes, err := e.labels(v)
	if err != nil {
		return nil, err
	}
	return classes, nil
}

func (b *builder) boosting(e *object, in rows, loss lossLink, classes int) (*boosting, error) {
	x, err := b.matrix(in)
	if err != nil {
		return nil, e.unsupported("%v", err)
	}
	trees, stages, err := stageTrees(e)
	if err != nil {
		return nil, err
	}
	g := &boosting{stages: stages, scores: len(trees) / stages}
	f, err := b.stages(e, trees)
	if err != nil {
		return nil, err
	}
	g.leaves = b.add(&model.Leaves{X: x, Forest: f})
	base, start, err := b.initial(e, x, loss, classes, g.scores)
	if err != nil {
		return nil, err
	}
	if base != nil {
		f.Base, f.Outputs = base, g.scores
		f.Near = classes > 0 // the base is a log
		for i := range f.Trees {
			f.Trees[i].Output = int32(i % g.scores)
		}
		g.raw = b.add(&model.Ensemble{X: x, Forest: f})
		return g, nil
	}
	// Every row starts elsewhere: a column for each tree, and the start before them, are added up in their order.
	f.Outputs = len(trees)
	for i := range f.Trees {
		f.Trees[i].Output = int32(i)
	}
	all := b.add(&model.Concat{Xs: []model.Ref{start, b.add(&model.Ensemble{X: x, Forest: f})}})
	sums := b.add(&model.CumSum{X: b.add(&model.Reshape{X: all, Row: []int{stages + 1, g.scores}})})
	g.raw = b.add(&model.Pick{X: sums, Index: stages})
	return g, nil
}

// stageTrees are the heads of all trees, stage by stage.
func stageTrees(e *object) (trees []*tree, stages int, err error) {
	a, ok := attrArray(e, "estimators_")
	if !ok || len(a.Shape) != 2 || a.DType.Kind != 'O' || a.Len() == 0 || len(a.Objects) != a.Len() {
		return nil, 0, e.broken("estimators_ is no matrix of trees")
	}
	trees = make([]*tree, a.Len())
	for i, v := range a.Objects {
		member, err := e.member(v, fmt.Sprintf("estimators_[%d, %d]", i/a.Shape[1], i%a.Shape[1]))
		if err != nil {
			return nil, 0, err
		}
		if find(member.Class) == nil || !member.has("tree_") {
			return nil, 0, member.unsupported("%v as a tree of boosting", member.Class)
		}
		if trees[i], err = readTree(member); err != nil {
			return nil, 0, err
		}
		if t := trees[i]; t.features != trees[0].features || len(t.classes) != 1 || t.classes[0] != 1 {
			return nil, 0, member.broken("%d features and values %v, the first tree has %d features", t.features, t.classes, trees[0].features)
		}
	}
	return trees, a.Shape[0], nil
}

// stages is the forest of all trees with the learning rate in their leaves; the caller says what each adds to.
func (b *builder) stages(e *object, trees []*tree) (*forest.Forest, error) {
	v, _ := e.Attr("learning_rate")
	rate, ok := asFloat(v)
	if !ok {
		return nil, e.broken("learning_rate is no number")
	}
	f := &forest.Forest{Features: trees[0].features, Input: forest.Float32, RefusesNaN: true, RefusesInf: true}
	f.Trees = make([]forest.Tree, len(trees))
	return f, parallel.Each(len(trees), func(i int) error {
		t := &f.Trees[i]
		if err := trees[i].regression(t); err != nil {
			return err
		}
		trees[i].release()
		for j, v := range t.Value {
			t.Value[j] = rate * v
			if math.IsNaN(t.Value[j]) || math.IsInf(t.Value[j], 0) {
				return trees[i].unsupported("a leaf of %v", v)
			}
		}
		return nil
	})
}
