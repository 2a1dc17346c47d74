package sklearn

import (
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// TestByteCategories casts values to categories as scikit-learn 0.24.2 and 1.1.3 did, and 1.2.2 and 1.3.2, on x86-64: a model
// with the categories 0, 1, 2, 3, 5, 44 and 200 was asked which of them it takes each value for (-1 and 255: for none).
func TestByteCategories(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ value, until11, from12 float64 }{
		{-1e-300, 0, -1}, {math.Copysign(0, -1), 0, 0}, {-0.5, 0, -1}, {-1, 255, -1}, {-56, 200, -1}, {-212, 44, -1}, {-255, 1, -1}, {-256, 0, -1},
		{0.5, 0, 0}, {1.999, 1, 1}, {2.5, 2, 2}, {44.9, 44, 44}, {256, 0, 0}, {257.5, 1, 1}, {300, 44, 44}, {456, 200, 200}, {517, 5, 5}, {65580, 44, 44},
		{1<<31 - 255, 1, 1}, {1 << 31, 0, 0}, {1<<31 + 44, 0, 0}, {1<<32 + 3, 0, 0}, {1e30, 0, 0}, {inf, 0, 0}, {-inf, 0, -1}, {-1 << 31, 0, -1}, {-1e300, 0, -1},
	} {
		for rel, want := range map[Release]float64{{0, 24}: c.until11, {1, 1}: c.until11, {1, 2}: c.from12, {1, 3}: c.from12} {
			thresholds := &pickle.List{Items: []pickle.Value{&pickle.NDArray{DType: pickle.DType{Kind: 'f', Size: 8}, Shape: []int{1}, Data: make([]byte, 8)}}}
			mapper := fake("_BinMapper", map[string]pickle.Value{"bin_thresholds_": thresholds})
			e := &object{Object: fake("HistGradientBoostingRegressor", map[string]pickle.Value{"_bin_mapper": mapper}), rel: rel}
			b, x := newBuilder(inputs{features: 1})
			columns, _, err := b.byteColumns(e, x.matrix, []bool{true})
			if err != nil || b.err != nil {
				t.Fatal(err, b.err)
			}
			b.m.Outputs = []model.Output{output(model.Transform, 0, columns)}
			out, err := b.m.Run([]*model.Tensor{{Kind: model.Float64, Shape: []int{1, 1}, Float: []float64{c.value}}})
			if err != nil {
				t.Fatal(err)
			}
			if got := out[0].Float[1]; got != want {
				t.Errorf("%v in %v: category %v, want %v", c.value, rel, got, want)
			}
		}
	}
}
