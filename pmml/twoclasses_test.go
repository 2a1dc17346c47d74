package pmml

import (
	"math/rand/v2"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Forests of two classes answer the same as sums, to the bit, where their leaves are pure or in short fractions; others stay
// forests of counts.
func TestTwoClasses(t *testing.T) {
	for _, c := range []struct {
		name   string
		leaves []float64 // probabilities of the second class
		trees  int
		labels *model.Tensor
		o      Options
		sum    bool
	}{
		{"pure", []float64{0, 1}, 7, texts("a", "b"), Options{}, true},
		{"pure, only labels", []float64{0, 1}, 10, texts("a", "b"), Options{Methods: []string{model.Predict}}, true},
		{"pure, only probabilities", []float64{0, 1}, 10, texts("a", "b"), Options{Methods: []string{model.PredictProba}}, true},
		{"halves", []float64{0, 0.5, 0.25, 1, 0x1p-20}, 11, texts("a", "b"), Options{}, true},
		{"integers", []float64{0, 1}, 6, &model.Tensor{Kind: model.Int64, Shape: []int{2}, Int: []int64{-1, 1}}, Options{}, true},
		{"bools", []float64{0, 1}, 6, &model.Tensor{Kind: model.Bool, Shape: []int{2}, Int: []int64{0, 1}}, Options{}, true},
		{"thirds", []float64{0, 1, 1.0 / 3}, 7, texts("a", "b"), Options{}, false},
		{"long", []float64{0, 1, 0x1p-21}, 7, texts("a", "b"), Options{}, false},
		{"a lone tree", []float64{0, 1}, 1, texts("a", "b"), Options{}, false},
		{"blank labels", []float64{0, 1}, 7, texts(" a ", "b  c"), Options{}, false},
	} {
		r := rand.New(rand.NewPCG(31, 32))
		f := &forest.Forest{Features: 2, Outputs: 2, Input: forest.Float32, Combine: forest.Mean}
		row := func() []float64 {
			p := c.leaves[r.IntN(len(c.leaves))]
			return []float64{1 - p, p}
		}
		for range c.trees {
			f.Trees = append(f.Trees, stumpTree(int32(r.IntN(2)), r.NormFloat64(), uint8(r.IntN(2)), row(), row()))
		}
		f.Trees[0].Value = append([]float64{}, 1-c.leaves[len(c.leaves)-1], c.leaves[len(c.leaves)-1], 1, 0)
		m := classifier(f, c.labels)
		low, err := Lower(m, c.o)
		if err != nil {
			t.Fatal(c.name, err)
		}
		back, err := Read(written(t, low, c.o), Limits{})
		if err != nil {
			t.Fatal(c.name, err)
		}
		if err := model.Equal(low, back); err != nil {
			t.Fatal(c.name, err)
		}
		if sum := forestsOf(low)[0].Outputs == 1; sum != c.sum {
			t.Errorf("%s: a sum: %v", c.name, sum)
		}
		x := model.NewTensor(model.Type{Kind: model.Float64, Row: []int{2}}, 2000)
		for i := range x.Float {
			x.Float[i] = r.NormFloat64()
		}
		want, err := m.Run([]*model.Tensor{x})
		if err != nil {
			t.Fatal(err)
		}
		got, err := back.Run([]*model.Tensor{x})
		if err != nil {
			t.Fatal(err)
		}
		for i, out := range back.Outputs {
			for j, original := range m.Outputs {
				if original.Method == out.Method && !got[i].Same(want[j]) {
					t.Errorf("%s: another %s", c.name, out.Method)
				}
			}
		}
	}
}
