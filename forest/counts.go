package forest

import "math"

// maxRecords bounds the number of records of a leaf that Counts looks for.
const maxRecords = math.MaxInt32

// Counts finds the smallest number of records of which all probabilities p of a leaf are whole parts: each c[i] (which is as long as p, and
// overwritten) divided by the records, in float64, is p[i] to the bit. It tells ok false where there is none up to 2^31 - 1. scikit-learn's
// probabilities are such quotients where samples have no weights, or whole ones (sklearn/tree/_classes.py, predict_proba).
func Counts(p, c []float64) (records float64, ok bool) {
	n := 1.0
	for _, v := range p {
		q := denominator(v*n-math.Floor(v*n), v*n*0x1p-51)
		if n *= q; n > maxRecords {
			return 0, false
		}
	}
	for i, v := range p {
		c[i] = math.Round(v * n)
		if math.Float64bits(c[i]/n) != math.Float64bits(v) {
			return 0, false
		}
	}
	return n, true
}

// denominator is the smallest q with x*q whole, by the continued fraction of x, which is off by up to near; infinite where there is none up to
// maxRecords.
func denominator(x, near float64) float64 {
	q0, q1, rest := 0.0, 1.0, x
	for range 40 {
		if d := x*q1 - math.Round(x*q1); math.Abs(d) <= near*q1 {
			return q1
		}
		rest = 1 / (rest - math.Floor(rest))
		q0, q1 = q1, math.Floor(rest)*q1+q0
		if q1 > maxRecords {
			break
		}
	}
	return math.Inf(1)
}
