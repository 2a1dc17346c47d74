package verify

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

// Distances: numpy 2.2, v = np.frombuffer(np.array([a, b]), 'i8') where both have a sign, np.nextafter elsewhere.
func TestULP(t *testing.T) {
	inf, tiny := math.Inf(1), math.SmallestNonzeroFloat64
	for _, c := range []struct {
		a, b float64
		want uint64
	}{
		{1, 1, 0},
		{1, math.Float64frombits(0x3ff0000000000001), 1}, // np.nextafter(1, 2)
		{1, 0.9999999999999999, 1},                       // np.nextafter(1, 0)
		{0.30000000000000004, 0.3, 1},
		{0, tiny, 1},
		{0, math.Copysign(0, -1), 1},
		{tiny, -tiny, 3},
		{1, 2, 1 << 52},
		{-1, -2, 1 << 52},
		{math.MaxFloat64, inf, 1},
		{0.5, 0.50000000745, 67103634},
	} {
		if got := ULP(c.a, c.b); got != c.want || ULP(c.b, c.a) != got {
			t.Errorf("ULP(%v, %v) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
	if got := ULP32(1, math.Nextafter32(1, 2)); got != 1 {
		t.Errorf("ULP32 = %d", got)
	}
	if got := ULP32(float32(math.Copysign(0, -1)), 1e-45); got != 2 {
		t.Errorf("ULP32(-0, 1e-45) = %d", got)
	}
}

func floats(kind model.Kind, width int, v ...float64) *model.Tensor {
	x := &model.Tensor{Kind: kind, Shape: []int{len(v) / width, width}, Float: v}
	if kind == model.Float32 {
		for i := range v {
			v[i] = float64(float32(v[i]))
		}
	}
	return x
}

func TestCompareFloats(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	want := floats(model.Float64, 2, 1, 2, 3, 4, nan, 0, inf, 1, 5, nan)
	got := floats(model.Float64, 2, 1, 2, 3, math.Nextafter(4, 5), nan, math.Copysign(0, -1), -inf, 1, nan, 1)
	d := Compare(want, got)
	if d.Rows != 5 || d.SameRows != 1 || d.Values != 10 || d.SameValues != 5 || d.NaN != 2 || d.Infinite != 1 {
		t.Errorf("%+v", d)
	}
	if d.MaxULP != ULP(inf, -inf) || d.MaxAbs != math.Nextafter(4, 5)-4 {
		t.Errorf("%d ulp, %v", d.MaxULP, d.MaxAbs)
	}
	first := d.First[0]
	if len(d.First) != 4 || first.Row != 1 || first.Column != 1 || first.Want != "4" || first.Got != "4.000000000000001" {
		t.Errorf("%+v", d.First)
	}
	if d.Equal(Tolerance{MaxULP: math.MaxUint64}) {
		t.Error("NaN against a number is equal")
	}
}

// TestULPHistogram: steps are counted from 1 on, where float64 numbers are 2^-52 apart and float32 numbers 2^-23.
func TestULPHistogram(t *testing.T) {
	up := func(steps uint64) float64 { return math.Float64frombits(math.Float64bits(1) + steps) }
	nan := math.NaN()
	ones := []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, nan, nan}
	d := Compare(floats(model.Float64, 1, ones...), floats(model.Float64, 1, 1, up(1), up(2), up(3), up(4), up(5), up(8), up(9), 2, nan, 1))
	want := append([]int{2, 1, 1, 2, 2, 1}, make([]int, 48)...)
	want[53] = 1 // 2 is 2^52 steps from 1
	if !slices.Equal(d.ULPHistogram, want) {
		t.Errorf("%v", d.ULPHistogram)
	}
	if d := Compare(floats(model.Float64, 1, 1, -math.MaxFloat64), floats(model.Float64, 1, 1, math.MaxFloat64)); len(d.ULPHistogram) != 66 || d.ULPHistogram[65] != 1 {
		t.Errorf("from one end to the other: %v", d.ULPHistogram)
	}
	if d := Compare(floats(model.Float64, 1, 0.1, 1), floats(model.Float32, 1, 0.1, 1+2./(1<<23))); !slices.Equal(d.ULPHistogram, []int{1, 0, 1}) {
		t.Errorf("of float32: %v", d.ULPHistogram)
	}
	if d := Compare(floats(model.Float64, 1, ones...), floats(model.Float64, 1, ones...)); d.ULPHistogram != nil {
		t.Errorf("identical: %v", d.ULPHistogram)
	}
	for i, bounds := range [][2]uint64{{0, 0}, {1, 1}, {2, 2}, {3, 4}, {5, 8}, {9, 16}} {
		if least, most := ULPBucket(i); least != bounds[0] || most != bounds[1] {
			t.Errorf("bucket %d: %d to %d", i, least, most)
		}
	}
	for i := range 66 {
		if least, most := ULPBucket(i); bucket(least) != i || bucket(most) != i {
			t.Errorf("bucket %d: %d to %d are counted elsewhere", i, least, most)
		}
	}
}

// 0.1 and 0.7 are no float32 numbers.
func TestCompareKinds(t *testing.T) {
	wide, narrow := floats(model.Float64, 1, 0.1, 0.7), floats(model.Float32, 1, 0.1, 0.7)
	if d := Compare(wide, narrow); !d.Same() || d.MaxULP32 != 0 || d.MaxULP == 0 || len(d.Notes) != 1 {
		t.Errorf("float32 answers: %+v", d)
	}
	if d := Compare(narrow, wide); d.Same() || d.Equal(Tolerance{}) {
		t.Errorf("float64 answers to float32 originals: %+v", d)
	}
	off := floats(model.Float32, 1, 0.1, float64(math.Nextafter32(float32(0.7), 1)))
	if d := Compare(wide, off); d.MaxULP32 != 1 || d.Equal(Tolerance{}) || !d.Equal(Tolerance{MaxULP: 1}) {
		t.Errorf("one float32 off: %+v", d)
	}
	ints := &model.Tensor{Kind: model.Int64, Shape: []int{3}, Int: []int64{0, 1, 1<<53 + 1}}
	if d := Compare(ints, floats(model.Float64, 1, 0, 1, 1<<53)); d.Labels != 1 || d.SameRows != 2 {
		t.Errorf("int64 against float64: %+v", d)
	}
	bools := &model.Tensor{Kind: model.Bool, Shape: []int{3, 1}, Int: []int64{0, 1, 1}}
	if d := Compare(bools, &model.Tensor{Kind: model.Int64, Shape: []int{3}, Int: []int64{0, 1, 0}}); d.Labels != 1 || d.Err != "" {
		t.Errorf("bool against int64: %+v", d)
	}
	texts := &model.Tensor{Kind: model.String, Shape: []int{3}, Text: []string{"0", "1.0", "x"}}
	if d := Compare(texts, floats(model.Float64, 1, 0, 1, 2)); d.Labels != 1 || d.First[0].Row != 2 {
		t.Errorf("text against float64: %+v", d)
	}
	if d := Compare(bools, &model.Tensor{Kind: model.String, Shape: []int{3}, Text: []string{"false", "true", "1"}}); d.Labels != 0 {
		t.Errorf("bool against text: %+v", d)
	}
	if d := Compare(floats(model.Float64, 2, 1, 2), floats(model.Float64, 1, 1, 2)); d.Err == "" || d.Equal(Tolerance{MaxULP: 9}) {
		t.Errorf("other shape: %+v", d)
	}
}

func TestReport(t *testing.T) {
	same := Compare(floats(model.Float64, 1, 1, 2), floats(model.Float64, 1, 1, 2))
	same.Method = model.Predict
	off := Compare(floats(model.Float64, 1, 1, 2), floats(model.Float64, 1, 1, math.Nextafter(2, 3)))
	off.Method = model.PredictProba
	r := Report{Checks: []Check{StructureCheck(nil), {Kind: Probe, Rows: 2, Diffs: []Diff{same, off}}}}
	if r.Equal(Tolerance{}) || !r.Equal(Tolerance{MaxULP: 1}) || r.Done(Originals) || !r.Done(Structure) {
		t.Error("wrong verdict")
	}
	want := `structure: equal
probes: equal within the tolerance, 2 rows
  predict: 2 rows identical
  predict_proba: 1 of 2 rows identical: at most 1 ulp, 4.44e-16
    row 1, column 0: 2 wanted, 2.0000000000000004 answered
not checked: runtime, originals
`
	if got := r.Text(Tolerance{MaxULP: 1}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var b strings.Builder
	if err := r.JSON(&b); err != nil || !strings.Contains(b.String(), `"max_ulp": 1`) {
		t.Errorf("%v: %s", err, b.String())
	}
	if (&Report{}).Equal(Tolerance{}) {
		t.Error("nothing was compared, and it is equal")
	}
}

func TestTies(t *testing.T) {
	d := Compare(&model.Tensor{Kind: model.Int64, Shape: []int{3}, Int: []int64{0, 1, 2}}, &model.Tensor{Kind: model.Int64, Shape: []int{3}, Int: []int64{1, 1, 0}})
	d.Label = true
	d.CountTies(floats(model.Float64, 3, 0.5, 0.5-1e-9, 0, 0, 1, 0, 0.4, 0.1, 0.5))
	if d.Ties != 1 || d.Equal(Tolerance{Ties: true}) {
		t.Errorf("%+v", d)
	}
}

// An open row, whose bound is infinite, may differ in anything and counts nowhere else; the others may be off by their bounds.
func TestOpenRows(t *testing.T) {
	want, got := floats(model.Float64, 2, 1, 2, 3, 4), floats(model.Float64, 2, 1, 2+1e-15, 9, 8)
	bounds := floats(model.Float64, 2, 0, 1e-15, math.Inf(1), math.Inf(1))
	d := CompareWithin(want, got, bounds)
	if d.Open != 1 || d.Within != 1 || d.SameValues != 1 || d.MaxAbs > 2e-15 || d.Same() || d.Equal(Tolerance{}) || !d.Equal(Tolerance{MaxULP: 1}) {
		t.Errorf("%+v", d)
	}
	bounds.Float[2], bounds.Float[3] = 0, 0
	if d := CompareWithin(want, got, bounds); d.Equal(Tolerance{MaxULP: 1}) {
		t.Errorf("%+v", d)
	}
}
