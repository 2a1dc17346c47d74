package model

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// WeightedMedian answers each row of a matrix with the item at which the weights of the items in rising order, added up one by one,
// first reach half of their sum. Equal items stay in their order.
type WeightedMedian struct {
	X       Ref
	Weights []float64 // one per column, none negative
}

func (o *WeightedMedian) Name() string      { return "weighted median" }
func (o *WeightedMedian) Reads() []Ref      { return []Ref{o.X} }
func (o *WeightedMedian) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *WeightedMedian) Type(in []Type) (Type, error) {
	if !in[0].Kind.IsFloat() || len(in[0].Row) != 1 || in[0].Row[0] != len(o.Weights) || len(o.Weights) == 0 {
		return Type{}, fmt.Errorf("%d weights for %v", len(o.Weights), in[0])
	}
	for i, w := range o.Weights {
		if !(w >= 0) {
			return Type{}, fmt.Errorf("weight %d is %v", i, w)
		}
	}
	return Type{Kind: in[0].Kind, Row: []int{1}}, nil
}

func (o *WeightedMedian) Eval(in []*Tensor, out *Tensor) error {
	return o.prepare(asked{}).Eval(in, out)
}

func (o *WeightedMedian) prepare(asked) evaluation {
	n := len(o.Weights)
	return &medians{o, make([]int, n), make([]float64, n)}
}

// medians is a WeightedMedian with room for one row's order and sums.
type medians struct {
	*WeightedMedian
	order   []int
	running []float64
}

func (o *medians) clone() evaluation { return o.prepare(asked{}) }

func (o *medians) Eval(in []*Tensor, out *Tensor) error {
	x, n, order, running := in[0], len(o.Weights), o.order, o.running
	for i := range x.Rows() {
		row := x.Float[i*n : (i+1)*n]
		for j := range order {
			order[j] = j
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmpNaNLast(row[a], row[b]) })
		sum := 0.0
		for j, at := range order {
			sum += o.Weights[at]
			running[j] = sum
		}
		first := slices.IndexFunc(running, func(w float64) bool { return w >= 0.5*sum })
		out.Float[i] = row[order[max(first, 0)]]
	}
	return nil
}

// cmpNaNLast orders as numpy.sort does: NaN after everything else.
func cmpNaNLast(a, b float64) int {
	if math.IsNaN(a) || math.IsNaN(b) {
		return cmp.Compare(truth(a != a), truth(b != b))
	}
	return cmp.Compare(a, b)
}

func (o *WeightedMedian) Equal(other Op) error {
	p, ok := other.(*WeightedMedian)
	if !ok || !slices.Equal(o.Weights, p.Weights) {
		return differ(o, other)
	}
	return nil
}
