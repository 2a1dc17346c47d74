package forest_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
)

// TestCounts: whole numbers are found again from their quotients, without what they have in common.
func TestCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, most := range []int{3, 50, 1000, 1e6} {
		for range 2000 {
			counts, records := make([]int, 2+r.IntN(20)), 0
			for i := range counts {
				if r.IntN(3) > 0 {
					counts[i] = r.IntN(most)
				}
				records += counts[i]
			}
			if records == 0 {
				continue
			}
			common := records
			for _, n := range counts {
				common = gcd(common, n)
			}
			p, c := make([]float64, len(counts)), make([]float64, len(counts))
			for i, n := range counts {
				p[i] = float64(n) / float64(records)
			}
			n, ok := forest.Counts(p, c)
			if !ok || n != float64(records/common) {
				t.Fatalf("%v: %v records, %v; want %d", p, n, ok, records/common)
			}
			for i := range c {
				if c[i] != float64(counts[i]/common) {
					t.Fatalf("%v: counts %v, want %v over %d", p, c, counts, common)
				}
			}
		}
	}
	for _, p := range [][]float64{{math.NaN(), 1}, {math.Inf(1)}, {1 / math.Pi, 1 - 1/math.Pi}, {math.Nextafter(1./3, 0), 2. / 3}, {1e-300}, {1e10}} {
		c := make([]float64, len(p))
		if n, ok := forest.Counts(p, c); ok && !(p[0] == 1e10 && n == 1) {
			t.Errorf("%v: %v of %v records", p, c, n)
		}
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
