package pmml

import (
	"math"
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// Two classes. Where trees grow until their leaves are pure, as scikit-learn's do unless they are told otherwise, a leaf's two
// probabilities are 0 and 1, and their sums over the trees are whole numbers, so that in any order they are exact. Then one number
// says as much as two: a leaf holds the second class's probability alone, the trees are added up, and the probabilities are
// (n - sum) / n and sum / n, of n trees, each the original's to the bit. The file is half as large, and engines
// add numbers instead of making a distribution of each leaf.

// shortBits is how many bits behind the point a leaf's probabilities may have. Sums of less than 2^33 of them are exact.
const shortBits = 20

// twoClasses is the model m, of which p is the plan, with a sum of numbers in the place of its forest of two classes; nil
// where it has none of that kind.
func twoClasses(m *model.Model, p *plan) *model.Model {
	t := &p.targets[0]
	f := t.forest
	if len(p.targets) > 1 || t.classes() != 2 || f == nil || t.scored || len(f.Trees) < 2 || f.Combine != forest.Mean || !short(f) {
		return nil
	}
	sum, err := columns{forest: f, index: []int{1}}.project()
	if err != nil {
		return nil
	}
	sum.Combine, sum.Base = forest.Sum, nil
	two := &model.Model{Inputs: m.Inputs, Origin: m.Origin}
	second := two.Add(&model.Ensemble{Forest: sum})
	n := model.Vector(float64(len(f.Trees)))
	first := two.Add(&model.Binary{Fn: model.Sub, A: n, B: model.Value(second)})
	proba := two.Add(&model.Binary{Fn: model.Quotient, A: model.Value(two.Add(&model.Concat{Xs: []model.Ref{first, second}})), B: n})
	label := two.Add(&model.Lookup{X: two.Add(&model.ArgMax{X: proba}), Table: t.labels})
	for _, out := range m.Outputs {
		switch out.Method {
		case model.Predict:
			out.Value = label
		case model.PredictProba:
			out.Value = proba
		default:
			continue
		}
		two.Outputs = append(two.Outputs, out)
	}
	return two
}

// short tells whether all leaf rows of a forest are two probabilities of few bits that add up to 1.
func short(f *forest.Forest) bool {
	for _, v := range f.Base {
		if v != 0 {
			return false
		}
	}
	if f.Acc != forest.Float64 || single(f) {
		return false
	}
	var long atomic.Bool
	_ = parallel.Each(len(f.Trees), func(i int) error {
		value := f.Trees[i].Value
		for at := 0; at+1 < len(value) && !long.Load(); at += 2 {
			p := value[at+1]
			if scaled := p * (1 << shortBits); value[at] != 1-p || p < 0 || p > 1 || scaled != math.Trunc(scaled) {
				long.Store(true)
			}
		}
		return nil
	})
	return !long.Load()
}
