package pmml

import (
	"math"
	"strconv"
)

// A threshold t of a forest that rounds X to float32 is asked about float32 numbers only, so any number in [f, f + half
// a step) asks the same question, f being the largest float32 not above t. A consumer that reads the text as float32
// gets f (nearest), one that reads it as float64 gets a number between f and the next float32. The shortest decimal in
// that range is written.

// belowFloat32 stands for f = -infinity: below every finite float32, and -infinity when read as float32.
const belowFloat32 = -1e39

// pow10 holds the powers of ten that are exact in float64.
var pow10 = func() (p [23]float64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// shorten is the float64 value of the shortest decimal that asks float32 numbers the question x <= t. +infinity stays.
func shorten(t float64) float64 {
	if math.IsInf(t, 1) {
		return t
	}
	f := float32(t)
	if float64(f) > t {
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	switch {
	case math.IsInf(float64(f), -1):
		return belowFloat32
	case f == 0:
		return 0
	}
	lo := float64(f)
	hi := float64(math.Nextafter32(f, float32(math.Inf(1))))
	if math.IsInf(hi, 1) {
		hi = 0x1p128
	}
	hi = lo + (hi-lo)/2
	abs := math.Abs(lo)
	if abs < 1e-12 || abs >= 1e22 {
		return shortenSlowly(lo, hi)
	}
	// What has a decimal of so many places has one of more: the search begins with what most have, and goes either way.
	k := usualDigits - 1 - magnitude(abs)
	v, ok := decimalIn(lo, hi, abs, k)
	for more := 0; !ok; more++ {
		if more == 3 {
			return shortenSlowly(lo, hi)
		}
		k++
		v, ok = decimalIn(lo, hi, abs, k)
	}
	for ok {
		var shorter float64
		k--
		if shorter, ok = decimalIn(lo, hi, abs, k); ok {
			v = shorter
		}
	}
	return v
}

// usualDigits is how many digits the shortest decimal mostly has.
const usualDigits = 8

// magnitude is the power of ten that v begins with, for v from 1e-12 to 1e22.
func magnitude(v float64) int {
	e := int(math.Float64bits(v)>>52) - 1023
	m := e * 1233 >> 12 // log10(2) is 1233/4096 but for 1e-5
	if m+1 >= 0 && v >= pow10[m+1] || m+1 < 0 && v*pow10[-m-1] >= 1 {
		m++
	}
	return m
}

// decimalIn finds a decimal with k places after the point in [lo, hi), where float64 arithmetic is exact enough: the
// decimal's integer is below 2^53 and the power of ten is exact, so that one division or multiplication is the rounding
// that a parser does.
func decimalIn(lo, hi, abs float64, k int) (float64, bool) {
	if k < -22 || k > 22 {
		return 0, false
	}
	scale := func(m float64) float64 {
		if k < 0 {
			m *= pow10[-k]
		} else {
			m /= pow10[k]
		}
		return math.Copysign(m, lo)
	}
	var m float64
	if k < 0 {
		m = math.Floor(abs / pow10[-k])
	} else {
		m = math.Floor(abs * pow10[k])
	}
	for _, m := range [2]float64{m, m + 1} {
		if v := scale(m); m < 1<<53 && v >= lo && v < hi {
			return v, true
		}
	}
	return 0, false
}

// shortenSlowly is for numbers whose powers of ten are not exact: below 1e-12 and above 1e22.
func shortenSlowly(lo, hi float64) float64 {
	for digits := 0; digits < 17; digits++ {
		v, _ := strconv.ParseFloat(strconv.FormatFloat(lo, 'e', digits, 64), 64)
		if v >= lo && v < hi {
			return v
		}
		// The nearest lies below the range: one unit in the last place above it.
		exponent := math.Floor(math.Log10(math.Abs(lo)))
		step := math.Pow(10, exponent-float64(digits))
		v, _ = strconv.ParseFloat(strconv.FormatFloat(lo+step, 'e', digits, 64), 64)
		if v >= lo && v < hi {
			return v
		}
	}
	return lo
}
