package pickle

// slab makes many small values of a type with few allocations. What is not used of the last one is no more than slabMost values.
type slab[T any] struct {
	free []T
	size int // of the last allocation
}

const slabMost = 64

// one is a new zero value.
func (s *slab[T]) one() *T { return &s.some(1)[0] }

// some is room for n values, in a slice that can't grow into what others get.
func (s *slab[T]) some(n int) []T {
	if n > len(s.free) {
		if n >= slabMost {
			return make([]T, n)
		}
		s.size = min(max(2*s.size, 8, n), slabMost)
		s.free = make([]T, s.size)
	}
	got := s.free[:n:n]
	s.free = s.free[n:]
	return got
}
