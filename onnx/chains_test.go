package onnx_test

import (
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
)

// TestChains: sets of a feature that lie in each other take one column behind X, in whatever order they come, and others one each. That the
// columns answer as the sets do is shown by TestSteps.
func TestChains(t *testing.T) {
	for name, c := range map[string]struct {
		sets    [][]float64
		columns int
	}{
		"one":              {[][]float64{{1}}, 1},
		"the same":         {[][]float64{{1, 2}, {1, 2}}, 1},
		"in each other":    {[][]float64{{1, 2, 3}, {2}, {1, 2}}, 1},
		"apart":            {[][]float64{{1}, {2}, {3}}, 3},
		"two chains":       {[][]float64{{1, 2}, {9}, {1}, {8, 9}, {1, 2, 3}}, 2},
		"of equal size":    {[][]float64{{1, 2}, {2, 3}, {1, 2, 3}}, 2},
		"beyond 64 of all": {[][]float64{numbers(70), numbers(100), numbers(66)}, 1},
	} {
		f := &forest.Forest{Features: 1, Outputs: 1, Input: forest.Float64, Acc: forest.Float64}
		for k, set := range c.sets {
			f.Trees = append(f.Trees, forest.Tree{Feature: []int32{0, forest.Leaf, forest.Leaf}, Left: []int32{1, 0, 1}, Right: []int32{2, 0, 0},
				Threshold: make([]float64, 3), Category: []int32{0, forest.NoSet, forest.NoSet}, Sets: [][]float64{set},
				Value: []float64{0.1, float64(k) / 7}, Output: forest.AllOutputs})
		}
		lowered, err := onnx.Lower(regressor(f), onnx.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, op := range lowered.Ops {
			if e, ok := op.(*model.Ensemble); ok && e.Forest.Features != 1+c.columns {
				t.Errorf("%s: %d columns, want %d", name, e.Forest.Features-1, c.columns)
			}
		}
	}
}

// numbers are 0 to n-1.
func numbers(n int) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = float64(i)
	}
	return all
}
