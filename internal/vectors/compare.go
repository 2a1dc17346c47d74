package vectors

import (
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

// Compare fails where an answer is not the recorded one to the bit.
func Compare(t testing.TB, name string, want, got *model.Tensor, target int) {
	t.Helper()
	CompareWithin(t, name, want, got, target, nil)
}

// CompareWithin fails where an answer is not the recorded one. Numbers may be off by their bounds, which have got's shape, or
// by the steps that a library's exp may be off; nil: not at all. Labels are always equal. It answers how many steps the farthest is off.
func CompareWithin(t testing.TB, name string, want, got *model.Tensor, target int, bounds *model.Tensor) (farthest uint64) {
	t.Helper()
	want = Fit(t, want, got, target)
	if want.Len() != got.Len() || want.Rows() != got.Rows() {
		t.Errorf("%s: shape %v, want %v", name, got.Shape, want.Shape)
		return 0
	}
	for i := range want.Len() {
		if want.Kind.IsFloat() && want.Kind == got.Kind {
			off := distance(want.Float[i], got.Float[i], want.Kind)
			farthest = max(farthest, off)
			if off > 0 && (bounds == nil || off > model.Steps && math.Abs(want.Float[i]-got.Float[i]) > 2*bounds.Float[i]) {
				t.Errorf("%s: item %d is %v, want %v (%d ulp)", name, i, got.Float[i], want.Float[i], off)
				return farthest
			}
			continue
		}
		if item(want, i) != item(got, i) {
			t.Errorf("%s: item %d is %v, want %v", name, i, got.Item(i), want.Item(i))
			return farthest
		}
	}
	return farthest
}

// Fit is the part of a recorded answer that is of a target, where that of all was recorded as one array: labels as the columns
// of a matrix (in floats until 0.20), MultiOutputClassifier's probabilities until 0.19.
func Fit(t testing.TB, want, got *model.Tensor, target int) *model.Tensor {
	t.Helper()
	classes := got.RowLen()
	switch {
	case len(got.Shape) == 1 && len(want.Shape) == 2:
		return column(t, want, target)
	case len(got.Shape) == 2 && classes > 1 && want.RowLen() > classes && want.RowLen()%classes == 0:
		return ofTarget(want, classes, target)
	}
	return want
}

// ofTarget is what an array of shape [rows, classes, targets] holds of a target.
func ofTarget(all *model.Tensor, classes, target int) *model.Tensor {
	targets := all.RowLen() / classes
	one := &model.Tensor{Kind: all.Kind, Shape: []int{all.Rows(), classes}}
	for at := target; at < all.Len(); at += targets {
		one.Float = append(one.Float, all.Float[at])
	}
	return one
}

// column is what a matrix holds of a target; a matrix of one column is of any.
func column(t testing.TB, matrix *model.Tensor, target int) *model.Tensor {
	t.Helper()
	pick := &model.Pick{Index: target}
	if matrix.Shape[1] == 1 {
		pick.Index = 0
	}
	picked, err := model.Eval(pick, []*model.Tensor{matrix})
	if err != nil {
		t.Fatal(err)
	}
	return picked
}

// item is an item as text, numbers alike whatever their type.
func item(x *model.Tensor, i int) string {
	if x.Kind == model.Bool || x.Kind == model.Int64 {
		return (&model.Tensor{Kind: model.Float64, Float: []float64{float64(x.Int[i])}}).Item(0)
	}
	return x.Item(i)
}

// distance is how many numbers of a kind lie between two, counted in steps; NaN is far from all but NaN.
func distance(a, b float64, kind model.Kind) uint64 {
	if a != a && b != b {
		return 0
	}
	if a != a || b != b {
		return math.MaxUint64
	}
	var i, j int64
	if kind == model.Float32 {
		i, j = int64(int32(math.Float32bits(float32(a)))), int64(int32(math.Float32bits(float32(b))))
		if i < 0 {
			i = math.MinInt32 - i
		}
		if j < 0 {
			j = math.MinInt32 - j
		}
	} else {
		i, j = int64(math.Float64bits(a)), int64(math.Float64bits(b))
		if i < 0 {
			i = math.MinInt64 - i
		}
		if j < 0 {
			j = math.MinInt64 - j
		}
	}
	if (i < 0) != (j < 0) { // on both sides of zero
		return uint64(max(i, -i)) + uint64(max(j, -j))
	}
	return uint64(max(i-j, j-i))
}
