package forest

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// Two numbers that nobody knows, so that no file can be made whose rows all go to one place.
var secret, multiplier = rand.Uint64(), rand.Uint64() | 1

// RowSet numbers leaf rows in the order in which they come, equal ones once. Rows are equal if their bits are.
type RowSet struct {
	Width  int
	Values []float64 // the rows, one after another
	// places is a hash table with open addressing: numbers of rows plus 1, 0 where there is none. At most half is in use.
	places []int32
	n      int
}

// Len is the number of rows.
func (s *RowSet) Len() int { return s.n }

// Append gives a row the next number, without a search for its like; Add never finds it. All rows are appended, or all added.
func (s *RowSet) Append(row []float64) int32 {
	s.Values = append(s.Values, row...)
	s.n++
	return int32(s.n) - 1
}

// Add is the number of a row, which is Width wide.
func (s *RowSet) Add(row []float64) int32 {
	n := s.n
	if 2*n >= len(s.places) {
		s.places = make([]int32, max(16, 4*n))
		for i := range n {
			s.places[s.find(s.row(i))] = int32(i) + 1
		}
	}
	at := s.find(row)
	if s.places[at] == 0 {
		s.Values = append(s.Values, row...)
		s.n++
		s.places[at] = int32(s.n)
	}
	return s.places[at] - 1
}

func (s *RowSet) row(i int) []float64 { return s.Values[i*s.Width : (i+1)*s.Width] }

// find is the place of a row, or the free one where it would go.
func (s *RowSet) find(row []float64) int {
	hash := secret
	for _, v := range row {
		hi, lo := bits.Mul64(hash^math.Float64bits(v), multiplier)
		hash = hi ^ lo
	}
	at, _ := bits.Mul64(hash, uint64(len(s.places))) // the upper half: the hash, scaled to the table
	for i := int(at); ; i++ {
		if i == len(s.places) {
			i = 0
		}
		if p := s.places[i]; p == 0 || SameBits(s.row(int(p)-1), row) {
			return i
		}
	}
}
