package onnx_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
)

// rowsOf makes a forest of combs whose leaves hold what value says, in rows of some width.
func rowsOf(trees, leaves, width int, value func(tree, leaf, column int) float64) *forest.Forest {
	f := &forest.Forest{Features: 1, Outputs: width, Input: forest.Float32, Combine: forest.Mean}
	for k := range trees {
		t := comb(leaves, 0)
		t.Value = nil
		for i := range leaves {
			for j := range width {
				t.Value = append(t.Value, value(k, i, j))
			}
		}
		f.Trees = append(f.Trees, t)
	}
	return f
}

// TestExactSums: the tree operator adds by itself where no order of its sums rounds, and nowhere else; either way the answer is the
// forest's. Sums in float32 and in any order would be off in all cases that are not exact.
func TestExactSums(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name  string
		f     *forest.Forest
		exact bool
	}{
		{"whole numbers", rowsOf(30, 50, 1, func(k, i, _ int) float64 { return float64(random.IntN(100000) - 50000) }), true},
		{"quarters", rowsOf(30, 50, 1, func(k, i, _ int) float64 { return float64(random.IntN(1000)) / 4 }), true},
		{"zeros", rowsOf(3, 5, 1, func(k, i, _ int) float64 { return 0 }), true},
		{"pure classes", rowsOf(100, 50, 2, func(_, i, j int) float64 { return float64((i + j) % 2) }), true},
		{"halves of classes", rowsOf(100, 50, 2, func(_, i, j int) float64 { return []float64{0, 0.5, 1, 1, 0.5, 0}[3*j+i%3] }), true},
		{"just fits", rowsOf(2, 2, 1, func(_, i, _ int) float64 { return []float64{1, 1 << 23}[i] }), true},
		{"a digit too many", rowsOf(2, 2, 1, func(_, i, _ int) float64 { return []float64{1, 1<<23 + 1}[i] }), false},
		{"just fits twice two classes", rowsOf(2, 2, 2, func(_, i, j int) float64 { return []float64{1, 1<<22 - 1}[(i+j)%2] }), true},
		{"tenths", rowsOf(30, 50, 1, func(k, i, _ int) float64 { return float64(random.IntN(1000)) / 10 }), false},
		{"shares of classes", rowsOf(30, 50, 2, func(_, i, j int) float64 { return []float64{0.3, 0.7}[(i+j)%2] }), false},
		{"shares of different sizes", rowsOf(30, 50, 2, func(_, i, j int) float64 { return float64(i%3 + j) }), false},
		{"three classes", rowsOf(30, 50, 3, func(_, i, j int) float64 { return float64(max(0, 1-(i+j)%3)) }), false},
		{"a negative zero", rowsOf(1, 5, 1, func(k, i, _ int) float64 { return math.Copysign(0, -1) }), false},
		{"infinite", rowsOf(3, 5, 1, func(k, i, _ int) float64 { return math.Inf(i%2*2 - 1) }), false},
		{"not numbers", rowsOf(3, 5, 1, func(k, i, _ int) float64 { return math.NaN() }), false},
		{"tiny", rowsOf(3, 5, 1, func(k, i, _ int) float64 { return 0x1p-1070 * float64(i) }), false},
		{"huge", rowsOf(3, 5, 1, func(k, i, _ int) float64 { return 0x1p1000 * float64(i) }), false},
	} {
		m := regressor(c.f)
		x := &model.Tensor{Kind: model.Float32, Shape: []int{c.f.Trees[0].Leaves(), 1}}
		for i := range x.Shape[0] {
			x.Float = append(x.Float, float64(i))
		}
		for _, o := range []onnx.Options{{}, {MLOpset: 3}, {MLOpset: 1}} {
			lowered, file := encode(t, m, o)
			looksUp := false
			for _, op := range lowered.Ops {
				switch op.(type) {
				case *model.RowSum, *model.Lookup:
					looksUp = true
				}
			}
			if looksUp == c.exact {
				t.Errorf("%s %+v: rows are looked up: %v", c.name, o, looksUp)
			}
			back, err := onnx.Read(file)
			if err == nil {
				err = model.Equal(lowered, back)
			}
			if err != nil {
				t.Errorf("%s %+v: %v", c.name, o, err)
				continue
			}
			got, err := back.Run([]*model.Tensor{x})
			if err != nil {
				t.Errorf("%s %+v: %v", c.name, o, err)
				continue
			}
			for i := range x.Shape[0] {
				for j, want := range c.f.Predict([]float64{float64(i)}, nil) {
					if v := got[0].Float[i*c.f.Outputs+j]; math.Float64bits(v) != math.Float64bits(want) && v == v {
						t.Errorf("%s %+v, row %d: %v, want %v", c.name, o, i, v, want)
					}
				}
			}
		}
	}
}
