package vectors

import (
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

// Compare fails where an answer is not the recorded one to the bit. Labels of several targets are recorded as the columns
// of one matrix (in floats until 0.20).
func Compare(t testing.TB, name string, want, got *model.Tensor, target int) {
	t.Helper()
	if len(got.Shape) == 1 && len(want.Shape) == 2 {
		pick := &model.Pick{Index: target}
		if want.Shape[1] == 1 {
			pick.Index = 0
		}
		column, err := pick.Eval([]*model.Tensor{want})
		if err != nil {
			t.Fatal(err)
		}
		want = column
	}
	if want.Len() != got.Len() || want.Rows() != got.Rows() {
		t.Errorf("%s: shape %v, want %v", name, got.Shape, want.Shape)
		return
	}
	for i := range want.Len() {
		if want.Kind == model.Float64 && got.Kind == model.Float64 {
			if math.Float64bits(want.Float[i]) != math.Float64bits(got.Float[i]) {
				t.Errorf("%s: item %d is %v, want %v", name, i, got.Float[i], want.Float[i])
				return
			}
			continue
		}
		if item(want, i) != item(got, i) {
			t.Errorf("%s: item %d is %v, want %v", name, i, got.Item(i), want.Item(i))
			return
		}
	}
}

// item is an item as text, numbers alike whatever their type.
func item(x *model.Tensor, i int) string {
	if x.Kind == model.Bool || x.Kind == model.Int64 {
		return (&model.Tensor{Kind: model.Float64, Float: []float64{float64(x.Int[i])}}).Item(0)
	}
	return x.Item(i)
}
