package pmml

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Rows as scikit-learn makes them: whole numbers or weights, divided by a sum in an order of its own.
func TestCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, k := range []int{1, 2, 3, 5, 10, 40} {
		found, exact, moved, short := 0, 0, 0.0, 0
		const rows = 2000
		for i := range rows {
			whole := i%2 == 0
			p, c := make([]float64, k), make([]float64, k)
			sum := 0.0
			for j := k - 1; j >= 0; j-- {
				if r.IntN(3) > 0 || j == 0 {
					p[j] = float64(1 + r.IntN(50))
					if !whole {
						p[j] *= 0.1 + r.Float64()
					}
				}
				sum += p[j]
			}
			for j := range p {
				p[j] /= sum
			}
			was := append([]float64{}, p...)
			if counts(p, c) {
				exact++
				if !quotients(c, p) {
					t.Fatalf("counts %v do not make %v", c, p)
				}
				if whole && c[0] == math.Trunc(c[0]) {
					short++
				}
			} else if whole {
				t.Errorf("no counts for %v", p)
			}
			if settle(p, c) {
				found++
			}
			for j := range p {
				moved = max(moved, math.Abs(float64(int64(math.Float64bits(p[j])-math.Float64bits(was[j])))))
			}
		}
		if found < rows || short < rows/2 || moved > 3 {
			t.Errorf("%d classes: %d of %d rows settled, %d exact, %d whole, up to %v ulp away", k, found, rows, exact, short, moved)
		}
		t.Logf("%d classes: %d of %d rows exact, the others up to %v ulp away", k, exact, rows, moved)
	}
}
