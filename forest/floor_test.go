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
		{1e-46, 0},
		{-1e-46, -math.SmallestNonzeroFloat32},
	} {
		if got := FloorFloat32(c.v); got != c.want {
			t.Errorf("%v: %v, want %v", c.v, got, c.want)
		}
	}
}
