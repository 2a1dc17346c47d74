package forest

import (
	"math"
	"testing"
)

// TestFloorFloat32 asks numpy's float32: the values were made by numpy.nextafter and numpy.float32.
func TestFloorFloat32(t *testing.T) {
	for _, c := range []struct{ v, want float64 }{
		{0.1, 0.09999999403953552}, // float32(0.1) is 0.10000000149011612, above
		{0.10000000149011612, 0.10000000149011612},
		{-0.1, -0.10000000149011612},
		{1e300, math.MaxFloat32},
		{-1e300, math.Inf(-1)},
		{math.Inf(1), math.Inf(1)},
		{0x1.fffffffp127, math.MaxFloat32},
		{-0x1.fffffep127, -math.MaxFloat32},
		{-0x1.fffffffp127, math.Inf(-1)},
		{0x1p-126, 0x1p-126},
		{-0x1.0000001p-126, -0x1.000002p-126},
		{0x1.fffffffp-127, 0x1.fffffcp-127},
		{0, 0},
		{1e-46, 0},
		{-1e-46, -math.SmallestNonzeroFloat32},
	} {
		got := []float64{1, c.v, 1}
		if finite := FloorFloat32(got); got[1] != c.want || finite != (c.want-c.want == 0) {
			t.Errorf("%v: %v, want %v (%v)", c.v, got[1], c.want, finite)
		}
	}
	// All other numbers: the nearest float32, or the one below that.
	seed := uint64(1)
	for range 1_000_000 {
		seed = seed*6364136223846793005 + 1442695040888963407
		v := math.Float64frombits(seed)
		if seed>>60 < 12 { // within the range of float32
			v = math.Ldexp(1+float64(seed<<12)/(1<<64), int(seed>>52%280)-152) * float64(1-int(seed>>40&2))
		}
		if v != v {
			continue
		}
		want := float32(v)
		if float64(want) > v {
			want = math.Nextafter32(want, float32(math.Inf(-1)))
		}
		got := []float64{v}
		if FloorFloat32(got); math.Float64bits(got[0]) != math.Float64bits(float64(want)) {
			t.Fatalf("%v: %v, want %v", v, got[0], want)
		}
	}
}
