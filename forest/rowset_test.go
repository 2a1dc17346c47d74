package forest

import (
	"math"
	"testing"
)

// TestRowSet holds the numbers of rows against a search through all that came before.
func TestRowSet(t *testing.T) {
	values := []float64{0, math.Copysign(0, -1), 1, -1, 0.5, math.NaN(), math.Inf(1), 1e-320}
	for _, width := range []int{1, 2, 5} {
		s := RowSet{Width: width}
		var all [][]float64
		seed := uint64(width)
		for range 5000 {
			row := make([]float64, width)
			for j := range row {
				seed = seed*6364136223846793005 + 1442695040888963407
				row[j] = values[seed>>33%uint64(len(values))]
				if width == 1 {
					row[j] = float64(seed >> 33 % 1500)
				}
			}
			want := 0
			for want < len(all) && !SameBits(all[want], row) {
				want++
			}
			if want == len(all) {
				all = append(all, row)
			}
			if got := s.Add(row); int(got) != want {
				t.Fatalf("row %v: number %d, not %d", row, got, want)
			}
		}
		if s.Len() != len(all) {
			t.Errorf("%d rows, not %d", s.Len(), len(all))
		}
	}
}
