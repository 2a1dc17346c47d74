package forest_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
)

// TestWalks holds predictors that share walks against those that don't: of the same trees with other leaf values, some of them and others
// in between, and of trees whose splits are copies; over the same rows, others, and by several goroutines at once.
func TestWalks(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 2))
		f, x := anyForest(r, 40)
		var walks forest.Walks
		for _, g := range relatives(r, f) {
			for _, rows := range [][]float64{x, x, x[:20*f.Features], x[20*f.Features:]} {
				want := make([]float64, len(rows)/f.Features*g.Outputs)
				forest.NewPredictor(g, 1).Predict(rows, want)
				var all sync.WaitGroup
				for range 3 {
					all.Go(func() {
						got := make([]float64, len(want))
						walks.NewPredictor(g, 1).Predict(rows, got)
						for i, v := range want {
							if math.Float64bits(v) != math.Float64bits(got[i]) {
								t.Errorf("seed %d: number %d is %v, not %v", seed, i, got[i], v)
							}
						}
					})
				}
				all.Wait()
			}
		}
	}
}

// relatives are forests that share trees with a forest, which is one of them.
func relatives(r *rand.Rand, f *forest.Forest) []*forest.Forest {
	others, fewer, copied := *f, *f, *f
	others.Trees, fewer.Trees, copied.Trees = slices.Clone(f.Trees), nil, slices.Clone(f.Trees)
	for k := range f.Trees {
		t := &others.Trees[k]
		t.Value = slices.Clone(t.Value)
		for i := range t.Value {
			t.Value[i] = f.Acc.Round(float64(r.IntN(100)))
		}
		if k%2 == 0 {
			fewer.Trees = append(fewer.Trees, f.Trees[k], grown(r, f, r.IntN(9), false))
		}
		c := &copied.Trees[k]
		c.Left, c.Right = slices.Clone(c.Right), slices.Clone(c.Left) // the same nodes, gone through the other way
		for i, feature := range c.Feature {
			if feature == forest.Leaf {
				c.Left[i], c.Right[i] = f.Trees[k].Left[i], f.Trees[k].Right[i]
			}
		}
	}
	return []*forest.Forest{f, &others, &fewer, &copied}
}

// TestWalksOnce: trees that are known are not walked again.
func TestWalksOnce(t *testing.T) {
	f, x := anyForest(rand.New(rand.NewPCG(5, 5)), 10)
	var walks forest.Walks
	before, after := make([]float64, 10*f.Outputs), make([]float64, 10*f.Outputs)
	walks.NewPredictor(f, 1).Predict(x, before)
	for k := range f.Trees {
		for i := range f.Trees[k].Threshold {
			f.Trees[k].Threshold[i] = -f.Trees[k].Threshold[i]
		}
	}
	walks.NewPredictor(f, 1).Predict(x, after)
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Error("the trees were walked again")
	}
	forest.NewPredictor(f, 1).Predict(x, after)
	if fmt.Sprint(before) == fmt.Sprint(after) {
		t.Error("other trees answer the same")
	}
}
