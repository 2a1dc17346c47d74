package pmml

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
)

// A consumer that reads the text as float32, and one that reads it as float64, must answer x <= t for every float32 x as
// the float64 comparison does. It is enough to ask the float32 numbers around t.
func TestThresholdText(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	thresholds := []float64{0, math.Copysign(0, -1), 0.1, 0.5, 1, -1, 1e-45, 1.5e-45, -1e-45, 1e-60, -1e-60, 1e-38, 1.17549435e-38, 1e30, 1e38,
		math.MaxFloat32, -math.MaxFloat32, 1e39, -1e39, 1e300, -1e300, math.Inf(-1), math.Nextafter(math.MaxFloat32, 1e300),
		16777216, 16777217, 0.30000001192092896, 33554432.5, 1e9, 999999999, 1e-3, 0.00099999, 123456789}
	for range 200_000 {
		f := math.Float32frombits(r.Uint32())
		if f-f != 0 {
			continue
		}
		x := float64(f)
		switch r.IntN(4) {
		case 0: // the middle of two neighbours, as scikit-learn makes thresholds
			x = x/2 + float64(math.Nextafter32(f, 1))/2
		case 1:
			x = math.Float64frombits(math.Float64bits(x) + uint64(r.Uint32()>>4))
		case 2:
			x = r.NormFloat64()
		}
		thresholds = append(thresholds, x)
	}
	total := 0
	for _, x := range thresholds {
		text := string(appendFloat(nil, shorten(x)))
		total += len(text)
		narrow, _ := strconv.ParseFloat(text, 32)
		wide, _ := strconv.ParseFloat(text, 64)
		f := float32(x)
		for _, near := range []float32{f, math.Nextafter32(f, float32(math.Inf(-1))), math.Nextafter32(f, float32(math.Inf(1))), float32(math.Inf(1)), float32(math.Inf(-1)), 0} {
			want := float64(near) <= x
			if got := float64(near) <= narrow; got != want {
				t.Fatalf("%v <= %v is %v; read as float32, %s says %v", near, x, want, text, got)
			}
			if got := float64(near) <= wide; got != want {
				t.Fatalf("%v <= %v is %v; read as float64, %s says %v", near, x, want, text, got)
			}
		}
		if back, ok := threshold([]byte(text), forest.Float32, false); !ok || math.Float64bits(back) != math.Float64bits(shorten(x)) {
			t.Fatalf("%v is written %s and read as %v", x, text, back)
		}
		if again := shorten(shorten(x)); again != shorten(x) {
			t.Fatalf("%v is shortened to %v and then to %v", x, shorten(x), again)
		}
	}
	t.Logf("%.2f bytes on average", float64(total)/float64(len(thresholds)))
}

func TestFloatText(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 200_000 {
		v := math.Float64frombits(r.Uint64())
		if i%2 == 0 {
			v = r.NormFloat64()
		}
		if v-v != 0 {
			continue
		}
		text := appendFloat(nil, v)
		if back, ok := number(text, 64); !ok || math.Float64bits(back) != math.Float64bits(v) {
			t.Fatalf("%v is written %s and read as %v", v, text, back)
		}
	}
}

func TestLessThan(t *testing.T) {
	for text, want := range map[string]float64{"0.5": float64(math.Nextafter32(0.5, 0)), "0": -math.SmallestNonzeroFloat32} {
		if got, ok := threshold([]byte(text), forest.Float32, true); !ok || got != want {
			t.Errorf("x < %s is x <= %v, not %v", text, want, got)
		}
	}
	if got, _ := threshold([]byte("0.1"), forest.Float32, false); got != float64(float32(0.1)) {
		t.Errorf("0.1 of a float field is %v", got)
	}
	if got, _ := threshold([]byte("0.1"), forest.Float64, true); got != math.Nextafter(0.1, 0) {
		t.Errorf("x < 0.1 is x <= %v", got)
	}
}
