package model

import "math"

// pow is math.Pow to within two ulp; that itself is off by dozens, by millions near 1 (go1.26). It is exp(y log x) with the
// logarithm in two parts, a float64 and what its rounding left over.
func pow(x, y float64) float64 {
	a := math.Abs(x)
	usual := a >= 0x1p-1022 && a <= math.MaxFloat64 && math.Abs(y) <= 0x1p64 && y != 0 && a != 1
	if !usual || x < 0 && y != math.Trunc(y) {
		return math.Pow(x, y)
	}
	hi, lo := logParts(a)
	power := y * hi
	rest := math.FMA(y, hi, -power) + y*lo
	whole := power + rest
	result := ExpOf(whole)
	if !math.IsInf(result, 0) {
		result += result * (power - whole + rest)
	}
	if x < 0 && math.Mod(y, 2) != 0 {
		return -result
	}
	return result
}

// ln2 in two parts; products of the first with exponents are exact.
const ln2Hi, ln2Lo = 0x1.62e42feep-1, 0x1.a39ef35793c76p-33

// logParts is the natural logarithm of a normal number, in two parts: e ln 2 + 2 atanh(s) with s = (m - 1) / (m + 1) for
// a = m 2^e. The first two terms of atanh are computed in two parts, the others are too small to need it.
func logParts(a float64) (hi, lo float64) {
	m, e := math.Frexp(a)
	if m < math.Sqrt2/2 {
		m *= 2
		e--
	}
	n := m - 1 // exact
	d := m + 1
	dLo := m - (d - 1)
	s := n / d
	sLo := (math.FMA(-s, d, n) - s*dLo) / d
	z := s * s
	zLo := math.FMA(s, s, -z) + 2*s*sLo
	cube := z * s
	cubeLo := math.FMA(z, s, -cube) + z*sLo + zLo*s
	third := cube / 3
	thirdLo := (math.FMA(-third, 3, cube) + cubeLo) / 3
	tail := 0.0
	for k := 27.0; k >= 5; k -= 2 {
		tail = tail*z + 1/k
	}
	tail *= cube * z
	k := float64(e)
	hi, lo = twoSum(k*ln2Hi, 2*s)
	lo += 2*sLo + k*ln2Lo
	hi, more := twoSum(hi, 2*third)
	lo += more + 2*thirdLo + 2*tail
	return twoSum(hi, lo)
}

// twoSum is a + b, and what its rounding left over.
func twoSum(a, b float64) (sum, rest float64) {
	sum = a + b
	t := sum - a
	return sum, (a - (sum - t)) + (b - t)
}
