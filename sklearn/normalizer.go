package sklearn

import (
	"slices"

	"github.com/seed-2867d59c/treeport/model"
)

// Normalizer: sklearn/preprocessing/_data.py (data.py until 0.21), normalize: every row is divided by its norm. The sums
// are numpy's for rows that lie in memory in one piece, as those of an array do; of a row that does not, numpy's own last
// bits are others.

func transformNormalizer(b *builder, e *object, x rows) (rows, error) {
	matrix, err := b.matrix(x)
	if err != nil {
		return rows{}, e.unsupported("%v", err)
	}
	matrix = b.add(&model.Finite{X: b.toFloat64(matrix)})
	var norm model.Ref
	switch e.text("norm") {
	case "l1":
		norm = b.add(&model.Reduce{Fn: model.ReducePairwise, X: b.unary(model.Abs, matrix)})
	case "l2":
		norm = b.unary(model.Sqrt, b.squareSum(e, matrix))
	case "max":
		most := matrix
		if e.rel.has(absoluteNorms) {
			most = b.unary(model.Abs, matrix)
		}
		norm = b.add(&model.Reduce{Fn: model.ReduceMax, X: most})
	default:
		return rows{}, e.unsupported("norm %q", e.text("norm"))
	}
	y := b.numbers(b.binary(model.Quotient, model.Value(matrix), model.Value(b.withoutZeros(e, norm))))
	y.names = x.names
	return y, nil
}

// withoutZeros is a scale with 1 in place of 0 (_handle_zeros_in_scale).
func (b *builder) withoutZeros(e *object, scale model.Ref) model.Ref {
	zero := b.binary(model.Equals, model.Value(scale), model.Scalar(0))
	if e.rel.has(tinyScales) {
		zero = b.binary(model.Less, model.Value(scale), model.Scalar(10*0x1p-52))
	}
	return b.where(zero, model.Scalar(1), model.Value(scale))
}

// squareSum is numpy.einsum("ij,ij->i", x, x) (numpy/core/src/multiarray/einsum.c.src, sum_of_products_contig_contig_outstride0_two):
// squares at even and at odd places are added up apart. From numpy 1.21 on, eights are added from their last pair to their
// first and all pairs take part; earlier pairs were added in their order, and those beyond the last eight one by one, from the
// end.
func (b *builder) squareSum(e *object, x model.Ref) model.Ref {
	squares := b.binary(model.Mul, model.Value(x), model.Value(x))
	width := b.width(x)
	var lanes [2][]int
	eights := width - width%8
	paired := eights
	if e.rel.has(einsumPairs) {
		paired = width
	}
	for j := range paired {
		at := j
		if j < eights && e.rel.has(einsumPairs) {
			at = j - j%8 + (6 - j%8/2*2) + j%2
		}
		lanes[at%2] = append(lanes[at%2], at)
	}
	var parts []model.Ref
	for _, lane := range lanes {
		if len(lane) > 0 {
			parts = append(parts, b.addedColumns(squares, lane))
		}
	}
	if len(parts) == 2 {
		parts = []model.Ref{b.binary(model.Add, model.Value(parts[0]), model.Value(parts[1]))}
	}
	if paired < width {
		var rest []int
		for j := paired; j < width; j++ {
			rest = append(rest, j)
		}
		slices.Reverse(rest)
		if len(parts) == 0 {
			return b.addedColumns(squares, rest)
		}
		all := b.add(&model.Concat{Xs: []model.Ref{parts[0], b.add(&model.Take{X: squares, Columns: rest})}})
		return b.add(&model.Reduce{Fn: model.ReduceSum, X: all})
	}
	return parts[0]
}

// addedColumns adds columns in the order given.
func (b *builder) addedColumns(x model.Ref, columns []int) model.Ref {
	return b.add(&model.Reduce{Fn: model.ReduceSum, X: b.add(&model.Take{X: x, Columns: columns})})
}
