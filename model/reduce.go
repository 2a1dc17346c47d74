package model

import (
	"fmt"
	"math"
)

// Reduction is how Reduce makes one item of many.
type Reduction string

const (
	// Largest of the items; NaN where one is.
	ReduceMax Reduction = "max"
	// ReduceSum adds them in their order, from the first.
	ReduceSum Reduction = "sum"
	// ReducePairwise adds them as numpy.sum does along a contiguous axis: in eight running sums, and by halves beyond 128.
	ReducePairwise Reduction = "pairwise sum"
)

// Reduce makes one item of all those along the rows' last axis, which stays with length 1.
type Reduce struct {
	Fn Reduction
	X  Ref
}

func (o *Reduce) Name() string         { return string(o.Fn) }
func (o *Reduce) Reads() []Ref         { return []Ref{o.X} }
func (o *Reduce) Moved(to []Ref) Op    { return &Reduce{Fn: o.Fn, X: to[o.X]} }
func (o *Reduce) Equal(other Op) error { return equalSettings(o, other) }

func (o *Reduce) Type(in []Type) (Type, error) {
	row := in[0].Row
	if !in[0].Kind.IsFloat() || len(row) == 0 || row[len(row)-1] == 0 {
		return Type{}, fmt.Errorf("no %s of %v", o.Fn, in[0])
	}
	return Type{Kind: in[0].Kind, Row: append(append([]int{}, row[:len(row)-1]...), 1)}, nil
}

func (o *Reduce) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
	width := x.Shape[len(x.Shape)-1]
	for i := range out.Float {
		items := x.Float[i*width : (i+1)*width]
		switch o.Fn {
		case ReduceMax:
			out.Float[i] = items[Largest(items)]
		case ReducePairwise:
			out.Float[i] = PairwiseSum(items, precision(x.Kind).Round)
		default:
			out.Float[i] = runningSum(items, precision(x.Kind).Round)
		}
	}
	return nil
}

func runningSum(items []float64, round func(float64) float64) float64 {
	sum := items[0]
	for _, v := range items[1:] {
		sum = round(sum + v)
	}
	return sum
}

// PairwiseSum adds as numpy.sum adds a contiguous axis of up to 128 items, in eight running sums; longer ones are halved
// (numpy/core/src/umath/loops.c.src, pairwise_sum). The order decides the last bits; round rounds each sum.
func PairwiseSum(a []float64, round func(float64) float64) float64 {
	n := len(a)
	switch {
	case n < 8:
		sum := math.Copysign(0, -1) // what is added to it stays what it is
		for _, v := range a {
			sum = round(sum + v)
		}
		return sum
	case n <= 128:
		var r [8]float64
		copy(r[:], a)
		i := 8
		for ; i < n-n%8; i += 8 {
			for j := range r {
				r[j] = round(r[j] + a[i+j])
			}
		}
		sum := round(round(round(r[0]+r[1])+round(r[2]+r[3])) + round(round(r[4]+r[5])+round(r[6]+r[7])))
		for ; i < n; i++ {
			sum = round(sum + a[i])
		}
		return sum
	}
	half := n / 2
	half -= half % 8
	return round(PairwiseSum(a[:half], round) + PairwiseSum(a[half:], round))
}

// MatMul multiplies each row of a matrix by W, of shape [width of X, width of the answer]. The order of the sums is left to
// whoever computes it, as BLAS has it: answers differ by some ulp of the largest product.
type MatMul struct {
	X Ref
	W *Tensor
}

func (o *MatMul) Name() string      { return "matrix product" }
func (o *MatMul) Reads() []Ref      { return []Ref{o.X} }
func (o *MatMul) Moved(to []Ref) Op { return &MatMul{X: to[o.X], W: o.W} }

func (o *MatMul) Type(in []Type) (Type, error) {
	if !in[0].Kind.IsFloat() || o.W.Kind != in[0].Kind || len(in[0].Row) != 1 || len(o.W.Shape) != 2 || o.W.Shape[0] != in[0].Row[0] {
		return Type{}, fmt.Errorf("no product of %v and a matrix of shape %v", in[0], o.W.Shape)
	}
	return Type{Kind: in[0].Kind, Row: []int{o.W.Shape[1]}}, nil
}

func (o *MatMul) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
	inner, width := o.W.Shape[0], o.W.Shape[1]
	round := precision(x.Kind).Round
	for i := range x.Rows() {
		row := x.Float[i*inner : (i+1)*inner]
		for j := range width {
			sum := 0.0
			for k, v := range row {
				sum = round(math.FMA(v, o.W.Float[k*width+j], sum))
			}
			out.Float[i*width+j] = sum
		}
	}
	return nil
}

func (o *MatMul) Equal(other Op) error {
	if p, ok := other.(*MatMul); !ok || !o.W.Same(p.W) {
		return differ(o, other)
	}
	return nil
}
