package forest

import "math"

// key is a number as an integer. Integers compare in a step without a branch, and leave room for NaN on either side: keys are ordered
// as the numbers are, -0 equals 0, and nothing but NaN is the smallest or largest integer.
type key interface{ int32 | int64 }

func key32(v float32) int32 {
	b := int32(math.Float32bits(v + 0)) // -0 + 0 is 0
	return b ^ int32(uint32(b>>31)>>1)
}

func key64(v float64) int64 {
	b := int64(math.Float64bits(v + 0))
	return b ^ int64(uint64(b>>63)>>1)
}

// keying says how the numbers of a precision become keys.
type keying[K key] struct {
	row         func(x []float64, keys []K) (nan bool) // keys of a row, NaN as largest
	limit       func(threshold float64) K              // key of the largest number not above a threshold
	first, last K                                      // those of NaN where it goes left, and right
}

var narrow = keying[int32]{rowKeys32, limit32, math.MinInt32, math.MaxInt32}
var wide = keying[int64]{rowKeys64, key64, math.MinInt64, math.MaxInt64}

func rowKeys32(x []float64, keys []int32) (nan bool) {
	keys = keys[:len(x)]
	for i, v := range x {
		if v == v {
			keys[i] = key32(float32(v))
		} else {
			keys[i], nan = math.MaxInt32, true
		}
	}
	return nan
}

func rowKeys64(x []float64, keys []int64) (nan bool) {
	keys = keys[:len(x)]
	for i, v := range x {
		if v == v {
			keys[i] = key64(v)
		} else {
			keys[i], nan = math.MaxInt64, true
		}
	}
	return nan
}

// limit32 is for rows of float32: x <= t asks the same of t and of the largest float32 not above it.
func limit32(t float64) int32 {
	f := float32(t)
	k := key32(f)
	if float64(f) > t {
		k--
	}
	return k
}
