package sklearn

import (
	"math"
	"math/big"
)

// Constants that the originals compute by log and exp when they predict. These functions are rounded correctly, which Go's
// are not quite; so are libm's and numpy's in all but a few of a thousand cases. (numpy 1.20 to 1.26 on a machine with
// AVX-512 is an ulp off in a quarter of them: what such a constant is depends on the machine there.)

// bits of the numbers in between.
const bits = 200

// logOf is the natural logarithm, of a number whose logarithm is finite; of others, Go's.
func logOf(x float64) float64 {
	y := math.Log(x)
	if math.IsInf(y, 0) || y != y || x == 1 {
		return y
	}
	return logNear(new(big.Float).SetFloat64(x), y)
}

// log1pOf is the logarithm of 1 + x.
func log1pOf(x float64) float64 {
	y := math.Log1p(x)
	if math.IsInf(y, 0) || y != y || x == 0 {
		return y
	}
	one := new(big.Float).SetPrec(2 * bits).SetInt64(1)
	return logNear(one.Add(one, big.NewFloat(x)), y)
}

// logNear is log(x), of which y is nearly right: with x = e^y (1 + r), it is y + r - r²/2 + r³/3 for a tiny r.
func logNear(x *big.Float, y float64) float64 {
	r := number(0).Quo(x, expBig(y))
	r.Sub(r, number(1))
	square := number(0).Mul(r, r)
	cube := number(0).Mul(square, r)
	sum := number(y)
	sum.Add(sum, r)
	sum.Sub(sum, square.Quo(square, number(2)))
	sum.Add(sum, cube.Quo(cube, number(3)))
	v, _ := sum.Float64()
	return v
}

// expOf is e^x.
func expOf(x float64) float64 {
	y := math.Exp(x)
	if math.IsInf(y, 0) || y == 0 || y != y {
		return y
	}
	v, _ := expBig(x).Float64()
	return v
}

// expBig is e^x for |x| < 1000: by Taylor's series of x/1024, squared ten times.
func expBig(x float64) *big.Float {
	small := number(x / 1024)
	sum, term := number(1), number(1)
	for k := 1; k < 50; k++ {
		term.Mul(term, small)
		term.Quo(term, number(float64(k)))
		sum.Add(sum, term)
	}
	for range 10 {
		sum.Mul(sum, sum)
	}
	return sum
}

func number(v float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(v) }
