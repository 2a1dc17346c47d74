package sklearn

import (
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/model"
)

// QuantileTransformer: sklearn/preprocessing/_data.py (data.py until 0.21), _transform_col: numpy.interp between each column's
// quantiles_ and references_, the mean of a search upwards and one downwards, since quantiles may be equal; what lies at the
// ends is 0 and 1. Normal: scipy.stats.norm.ppf of that, cut off.

// boundsThreshold is BOUNDS_THRESHOLD.
const boundsThreshold = 1e-7

// The shares that norm.ppf is cut off at (clip_min and clip_max, before it), computed in float64 as there.
var (
	spacing    = 0x1p-52 // numpy.spacing(1)
	leastShare = boundsThreshold - spacing
	mostShare  = 1 - leastShare
)

// The same after norm.ppf, which every scipy computes as these (clip_min and clip_max).
const (
	leastNormal = -5.199337582605575
	mostNormal  = 5.19933758270342
)

// A piece of a function of one column: from an edge on it is slope (x - from) + at.
type piece struct{ slope, from, at float64 }

// interpolation are the pieces of numpy.interp(x, xs, ys) between edges xs in rising order: one before each edge, and the
// last (numpy/core/src/multiarray/compiled_base.c, arr_interp).
func interpolation(xs, ys []float64) ([]piece, bool) {
	last := len(xs) - 1
	pieces := []piece{{at: ys[0]}}
	for j := range last {
		p := piece{(ys[j+1] - ys[j]) / (xs[j+1] - xs[j]), xs[j], ys[j]}
		switch {
		case xs[j+1] == xs[j]:
			p = piece{} // no number is from one of equal edges on and before the next
		case math.IsInf(p.slope, 0) || p.slope != p.slope || xs[j+1] < xs[j]:
			return nil, false
		}
		pieces = append(pieces, p)
	}
	return append(pieces, piece{at: ys[last]}), xs[last] == xs[last]
}

func transformQuantile(b *builder, e *object, x rows) (rows, error) {
	quantiles, references, err := quantilesOf(e)
	if err != nil {
		return rows{}, err
	}
	if len(quantiles) != x.width {
		return rows{}, e.broken("quantiles_ of %d columns for %d", len(quantiles), x.width)
	}
	matrix, err := b.matrix(x)
	if err != nil {
		return rows{}, e.unsupported("%v", err)
	}
	matrix = b.add(&model.Finite{X: b.toFloat64(matrix), NaN: e.rel.has(nanScalers)})
	normal := false
	switch e.text("output_distribution") {
	case "uniform":
	case "normal":
		normal = true
	default:
		return rows{}, e.unsupported("output_distribution %q", e.text("output_distribution"))
	}
	lower, upper := make([]float64, x.width), make([]float64, x.width)
	down, to, back := make([][]float64, x.width), make([][]float64, x.width), make([][]float64, x.width)
	for j, q := range quantiles {
		lower[j], upper[j] = q[0], q[len(q)-1]
		down[j], to[j], back[j] = opposite(q), references, opposite(references)
	}
	rising, err := b.interpolated(e, matrix, quantiles, to)
	if err != nil {
		return rows{}, err
	}
	falling, err := b.interpolated(e, b.unary(model.Neg, matrix), down, back)
	if err != nil {
		return rows{}, err
	}
	y := b.binary(model.Mul, model.Scalar(0.5), model.Value(b.binary(model.Sub, model.Value(rising), model.Value(falling))))
	isLow, isHigh := b.atBounds(matrix, model.Vector(lower...), model.Vector(upper...), normal || !e.rel.has(uniformBounds))
	y = b.where(isHigh, model.Scalar(1), model.Value(y))
	y = b.where(isLow, model.Scalar(0), model.Value(y))
	switch {
	case normal:
		y = b.normalQuantile(y)
	case !e.rel.has(uniformBounds): // scipy.stats.uniform.ppf is the identity
		y = b.clip(y, leastShare, mostShare)
	}
	out := b.numbers(y)
	out.names = x.names
	return out, nil
}

// atBounds tells what lies at the lower and at the upper bound: what equals them or, where loose is set, comes close.
func (b *builder) atBounds(x model.Ref, lower, upper model.Operand, loose bool) (isLow, isHigh model.Ref) {
	if !loose {
		return b.binary(model.Equals, model.Value(x), lower), b.binary(model.Equals, model.Value(x), upper)
	}
	isLow = b.binary(model.Less, model.Value(b.binary(model.Sub, model.Value(x), model.Scalar(boundsThreshold))), lower)
	isHigh = b.binary(model.Greater, model.Value(b.binary(model.Add, model.Value(x), model.Scalar(boundsThreshold))), upper)
	return isLow, isHigh
}

// inverseQuantile undoes a QuantileTransformer.
func (b *builder) inverseQuantile(e *object, y model.Ref) (model.Ref, error) {
	quantiles, references, err := quantilesOf(e)
	if err != nil {
		return y, err
	}
	if len(quantiles) != b.width(y) {
		return y, e.broken("quantiles_ of %d columns for %d", len(quantiles), b.width(y))
	}
	if d := e.text("output_distribution"); d != "uniform" {
		return y, e.unsupported("the inverse of output_distribution %q", d)
	}
	loose := !e.rel.has(uniformBounds)
	if loose {
		y = b.clip(y, 0, 1) // scipy.stats.uniform.cdf
	}
	from, lower, upper := make([][]float64, len(quantiles)), make([]float64, len(quantiles)), make([]float64, len(quantiles))
	for j, q := range quantiles {
		from[j], lower[j], upper[j] = references, q[0], q[len(q)-1]
	}
	isLow, isHigh := b.atBounds(y, model.Scalar(0), model.Scalar(1), loose)
	x, err := b.interpolated(e, y, from, quantiles)
	if err != nil {
		return y, err
	}
	x = b.where(isHigh, model.Vector(upper...), model.Value(x))
	return b.where(isLow, model.Vector(lower...), model.Value(x)), nil
}

// opposite are the numbers from the last to the first with the other sign.
func opposite(v []float64) []float64 {
	w := make([]float64, len(v))
	for i, f := range v {
		w[len(v)-1-i] = -f
	}
	return w
}

// interpolated is numpy.interp of each column between its xs and ys. NaN stays.
func (b *builder) interpolated(e *object, x model.Ref, xs [][]float64, ys [][]float64) (model.Ref, error) {
	var slopes, froms, ats []model.Ref
	for j, edges := range xs {
		pieces, ok := interpolation(edges, ys[j])
		if !ok {
			return 0, e.unsupported("quantiles of column %d are NaN, out of order, or too close together", j)
		}
		table := [3][]float64{}
		for _, p := range pieces {
			table[0], table[1], table[2] = append(table[0], p.slope), append(table[1], p.from), append(table[2], p.at)
		}
		at := b.add(&model.Search{X: b.column(b.numbers(x), j), Edges: edges, Right: true})
		for k, refs := range []*[]model.Ref{&slopes, &froms, &ats} {
			t := &model.Tensor{Kind: model.Float64, Shape: []int{len(pieces)}, Float: table[k]}
			*refs = append(*refs, b.add(&model.Lookup{X: at, Table: t}))
		}
	}
	slope, from, at := b.beside(slopes), b.beside(froms), b.beside(ats)
	run := b.binary(model.Sub, model.Value(x), model.Value(from))
	return b.binary(model.Add, model.Value(b.binary(model.Mul, model.Value(slope), model.Value(run))), model.Value(at)), nil
}

// normalQuantile is scipy.stats.norm.ppf, cut off where QuantileTransformer does: Cephes' ndtri, in its order of operations.
// Shares beyond the cut need not be told apart, so that its third formula, for those below e^-32, is not needed.
func (b *builder) normalQuantile(share model.Ref) model.Ref {
	tail := 0.13533528323661269189 // e^-2
	y := b.clip(share, leastShare, mostShare)
	flipped := b.binary(model.Greater, model.Value(y), model.Scalar(1-tail))
	y = b.where(flipped, model.Value(b.binary(model.Sub, model.Scalar(1), model.Value(y))), model.Value(y))

	// Near the middle.
	mid := b.binary(model.Sub, model.Value(y), model.Scalar(0.5))
	square := b.binary(model.Mul, model.Value(mid), model.Value(mid))
	ratio := b.binary(model.Quotient,
		model.Value(b.binary(model.Mul, model.Value(square), model.Value(b.polynomial(square, ndtriP0)))), model.Value(b.polynomial(square, ndtriQ0)))
	middle := b.binary(model.Add, model.Value(mid), model.Value(b.binary(model.Mul, model.Value(mid), model.Value(ratio))))
	middle = b.binary(model.Mul, model.Value(middle), model.Scalar(2.50662827463100050242)) // sqrt(2 pi)

	// Far from it.
	x := b.unary(model.Sqrt, b.binary(model.Mul, model.Scalar(-2), model.Value(b.unary(model.Log, y))))
	x0 := b.binary(model.Sub, model.Value(x), model.Value(b.binary(model.Quotient, model.Value(b.unary(model.Log, x)), model.Value(x))))
	z := b.binary(model.Quotient, model.Scalar(1), model.Value(x))
	x1 := b.binary(model.Quotient, model.Value(b.binary(model.Mul, model.Value(z), model.Value(b.polynomial(z, ndtriP1)))), model.Value(b.polynomial(z, ndtriQ1)))
	far := b.binary(model.Sub, model.Value(x0), model.Value(x1))
	far = b.where(flipped, model.Value(far), model.Value(b.unary(model.Neg, far)))

	isMiddle := b.binary(model.Greater, model.Value(y), model.Scalar(tail))
	out := b.where(isMiddle, model.Value(middle), model.Value(far))
	out = b.where(b.binary(model.LessOrEqual, model.Value(share), model.Scalar(leastShare)), model.Scalar(leastNormal), model.Value(out))
	return b.where(b.binary(model.GreaterOrEqual, model.Value(share), model.Scalar(mostShare)), model.Scalar(mostNormal), model.Value(out))
}

// polynomial is Cephes' polevl: the coefficient of the highest power comes first. (p1evl is the same with a 1 before it.)
func (b *builder) polynomial(x model.Ref, coefficients []float64) model.Ref {
	if coefficients[0] == 1 {
		return b.horner(x, b.binary(model.Add, model.Value(x), model.Scalar(coefficients[1])), coefficients[2:])
	}
	first := b.binary(model.Add, model.Value(b.binary(model.Mul, model.Value(x), model.Scalar(coefficients[0]))), model.Scalar(coefficients[1]))
	return b.horner(x, first, coefficients[2:])
}

func (b *builder) horner(x, sum model.Ref, coefficients []float64) model.Ref {
	for _, c := range coefficients {
		sum = b.binary(model.Add, model.Value(b.binary(model.Mul, model.Value(sum), model.Value(x))), model.Scalar(c))
	}
	return sum
}

// Coefficients of Cephes' ndtri.c.
var (
	ndtriP0 = []float64{-5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1, 1.39312609387279679503e1, -1.23916583867381258016e0}
	ndtriQ0 = []float64{1, 1.95448858338141759834e0, 4.67627912898881538453e0, 8.63602421390890590575e1, -2.25462687854119370527e2, 2.00260212380060660359e2, -8.20372256168333339912e1, 1.59056225126211695515e1, -1.18331621121330003142e0}
	ndtriP1 = []float64{4.05544892305962419923e0, 3.15251094599893866154e1, 5.71628192246421288162e1, 4.40805073893200834700e1, 1.46849561928858024014e1, 2.18663306850790267539e0, -1.40256079171354495875e-1, -3.50424626827848203418e-2, -8.57456785154685413611e-4}
	ndtriQ1 = []float64{1, 1.57799883256466749731e1, 4.53907635128879210584e1, 4.13172038254672030440e1, 1.50425385692907503408e1, 2.50464946208309415979e0, -1.42182922854787788574e-1, -3.80806407691578277194e-2, -9.33259480895457427372e-4}
)

// quantilesOf are the quantiles of each column, and the references.
func quantilesOf(e *object) (columns [][]float64, references []float64, err error) {
	if references, err = e.floats("references_"); err != nil {
		return nil, nil, err
	}
	a, ok := attrArray(e, "quantiles_")
	if !ok || len(a.Shape) != 2 || a.Len() == 0 || a.Shape[0] != len(references) {
		return nil, nil, e.broken("quantiles_ is no matrix of a row per reference (is it fitted?)")
	}
	values, err := a.Float64s()
	if err != nil {
		return nil, nil, e.broken("quantiles_: %v", err)
	}
	columns = make([][]float64, a.Shape[1])
	for i, v := range values {
		columns[i%len(columns)] = append(columns[i%len(columns)], v)
	}
	if len(references) < 2 || slices.ContainsFunc(references, math.IsNaN) {
		return nil, nil, e.unsupported("%d references", len(references))
	}
	return columns, references, nil
}

func quantileInputs(e *object) (in inputs, err error) {
	columns, _, err := quantilesOf(e)
	if err != nil {
		return in, err
	}
	in.features = len(columns)
	in.names, err = featureNames(e, in.features)
	return in, err
}
