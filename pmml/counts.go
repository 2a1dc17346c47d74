package pmml

import (
	"math"

	"github.com/seed-2867d59c/treeport/forest"
)

// An engine answers a leaf's probabilities as count / (sum of the counts, added in document order). Written as they are,
// probabilities that do not add up to exactly 1 come back changed by some ulp, and a forest's tie may break another way.
// So counts are looked for whose quotients are the probabilities, bit by bit. scikit-learn's own probabilities are such
// quotients: of whole numbers where samples have no weights, and those are short besides.

// countTries bounds the search where no whole numbers are found.
const countTries = 1000

// counts puts into c what stands for the probabilities p, and tells whether the quotients are p to the bit.
func counts(p, c []float64) bool {
	copy(c, p)
	if pure(p) {
		return true
	}
	if _, ok := forest.Counts(p, c); ok && quotients(c, p) {
		return true
	}
	copy(c, p)
	if quotients(c, p) {
		return true
	}
	if !reachable(p) {
		return false
	}
	for try := range countTries {
		scale := float64(2*try + 3)
		for i, v := range p {
			c[i] = v * scale
		}
		for range 3 {
			if nudge(c, p) {
				return true
			}
		}
	}
	copy(c, p)
	return false
}

// settle replaces p by near probabilities that counts stand for, ulp by ulp: those that weigh most are moved until all add
// up to nearly 1. c is room for the counts. That moves them less than dividing by the sum does; about as many ulp as the
// sum is off.
func settle(p, c []float64) bool {
	var moved []float64
	for range 100 {
		if counts(p, c) {
			return true
		}
		if moved == nil {
			moved = make([]float64, len(p))
		}
		off, _ := surplus(p)
		best, most := 0, 0.0
		for i, v := range p {
			if ulp := (math.Nextafter(v, 2) - v) / (1 + moved[i]); v > 0 && v < 1 && ulp > most {
				best, most = i, ulp
			}
		}
		moved[best]++
		if off > 0 {
			p[best] = math.Nextafter(p[best], 0)
		} else {
			p[best] = math.Nextafter(p[best], 1)
		}
	}
	return false
}

// reachable tells whether p can be rounded quotients of one rounded sum at all: they add up to 1 but for half an ulp each
// and half an ulp of the sum for each addition. scikit-learn's probabilities of weighted samples need not, since it divides by a sum of the weights in another order.
func reachable(p []float64) bool {
	off, slack := surplus(p)
	return math.Abs(off) <= slack
}

// surplus is what p adds up to more than 1, and how much of that roundings can explain.
func surplus(p []float64) (off, slack float64) {
	sum, lost := 0.0, 0.0
	slack = float64(len(p)-1)*0x1p-53 + 0x1p-60
	for _, v := range p {
		s := sum + v
		lost += v - (s - sum)
		sum = s
		slack += (math.Nextafter(v, 2) - v) / 2
	}
	return sum - 1 + lost, slack
}

// nudge moves each count whose quotient misses its probability to the next number, and tells whether none did. Counts
// that are small against the sum move without changing it.
func nudge(c, p []float64) bool {
	sum := 0.0
	for _, v := range c {
		sum += v
	}
	fits := true
	for i, v := range c {
		switch q := v / sum; {
		case q < p[i]:
			c[i], fits = math.Nextafter(v, math.Inf(1)), false
		case q > p[i]:
			c[i], fits = math.Nextafter(v, 0), false
		}
	}
	return fits
}

// pure tells whether every entry is 0 or 1.
func pure(p []float64) bool {
	for _, v := range p {
		if v != 0 && v != 1 {
			return false
		}
	}
	return true
}

// quotients tells whether the counts c make the probabilities p.
func quotients(c, p []float64) bool {
	sum := 0.0
	for _, v := range c {
		sum += v
	}
	for i, v := range c {
		if v/sum != p[i] {
			return false
		}
	}
	return true
}
