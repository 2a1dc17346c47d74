package model

import "math"

// exp, exp2, expm1, log and log1p, rounded correctly but for about one in 10^8: libm and numpy, which the originals call, are correct
// in all but a few of a thousand cases, Go's functions in far fewer. (numpy 1.20 to 1.26 on a machine with AVX-512 are an ulp
// off in a quarter of all logs: there the answer depends on the machine.) They compute in pairs of float64.

// pair is an unevaluated sum; lo is at most half an ulp of hi.
type pair struct{ hi, lo float64 }

// plus is a + b, exactly.
func plus(a, b float64) pair {
	s := a + b
	t := s - a
	return pair{s, (a - (s - t)) + (b - t)}
}

func (p pair) add(q pair) pair {
	s := plus(p.hi, q.hi)
	return plus(s.hi, s.lo+p.lo+q.lo)
}

func (p pair) times(q pair) pair {
	hi := p.hi * q.hi
	return plus(hi, math.FMA(p.hi, q.hi, -hi)+(p.hi*q.lo+p.lo*q.hi))
}

func (p pair) scaled(by float64) pair { return pair{p.hi * by, p.lo * by} } // by a power of two

var (
	ln2   = pair{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56}
	sixth = pair{0x1.5555555555555p-3, 0x1.5555555555555p-57}
)

// expParts are k and s of e^v = 2^k (1 + s), |s| < 0.42.
func expParts(v float64) (k int, s pair) {
	n := math.RoundToEven(v / math.Ln2)
	p := n * ln2.hi
	return int(n), expm1Near0(plus(v-p, -(math.FMA(n, ln2.hi, -p) + n*ln2.lo)))
}

// expm1Near0 is e^m - 1 for |m| < 0.35: Taylor's series of a 256th of it, doubled eight times by (1 + s)² - 1 = 2s + s².
func expm1Near0(m pair) pair {
	m = m.scaled(1.0 / 256)
	square := m.times(m)
	h := m.hi
	tail := h * h * h * h * (1.0/24 + h*(1.0/120+h*(1.0/720+h/5040)))
	s := m.add(square.scaled(0.5)).add(square.times(m).times(sixth)).add(pair{tail, 0})
	for range 8 {
		s = s.scaled(2).add(s.times(s))
	}
	return s
}

// ExpOf is e^v.
func ExpOf(v float64) float64 {
	switch {
	case v != v || v > 710:
		return v + math.Inf(1)
	case v < -746:
		return 0
	}
	return powerOfTwo(expParts(v))
}

// Exp2Of is 2^v.
func Exp2Of(v float64) float64 {
	n := math.RoundToEven(v)
	if !(math.Abs(n) < 1100) {
		return math.Exp2(v)
	}
	return powerOfTwo(int(n), expm1Near0(ln2.times(pair{v - n, 0})))
}

// powerOfTwo is 2^k (1 + s).
func powerOfTwo(k int, s pair) float64 {
	one := pair{1, 0}.add(s).hi
	if k > 0 {
		return math.Ldexp(one, k-1) * 2 // 2^1024 times what is less than 1 is a number
	}
	return math.Ldexp(one, k)
}

// Expm1Of is e^v - 1.
func Expm1Of(v float64) float64 {
	if v != v || v > 700 || v < -60 || math.Abs(v) < 0x1p-60 {
		return math.Expm1(v)
	}
	k, s := expParts(v)
	if k == 0 {
		return s.hi
	}
	return plus(math.Ldexp(1, k), -1).add(s.scaled(math.Ldexp(1, k))).hi
}

// LogOf is the natural logarithm.
func LogOf(x float64) float64 {
	switch {
	case !(x > 0) || math.IsInf(x, 1) || x == 1:
		return math.Log(x)
	case x < 0x1p-1000:
		y := math.Log(x*0x1p100) - 100*math.Ln2
		return logNear(pair{x * 0x1p100, 0}, 100, y)
	}
	return logNear(pair{x, 0}, 0, math.Log(x))
}

// Log1pOf is the logarithm of 1 + x.
func Log1pOf(x float64) float64 {
	if !(x > -1) || math.IsInf(x, 1) || math.Abs(x) < 0x1p-60 {
		return math.Log1p(x)
	}
	return logNear(plus(1, x), 0, math.Log1p(x))
}

// logNear is log(x / 2^scale), of which y is nearly right: with x / 2^scale = e^y (1 + r), it is y + r - r²/2 for a tiny r.
func logNear(x pair, scale int, y float64) float64 {
	k, s := expParts(y)
	x = x.scaled(math.Ldexp(1, -(k+scale)/2)).scaled(math.Ldexp(1, -(k+scale)+(k+scale)/2))
	rest := plus(x.hi, -1).add(pair{x.lo, 0}).add(pair{-s.hi, -s.lo})
	r := rest.hi / (1 + s.hi)
	return y + (r - r*r/2)
}
