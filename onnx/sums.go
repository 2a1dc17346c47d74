package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// reduce makes sums of running sums and of sums of columns, so that the order is the one that the step means. The largest
// item is ReduceMax, but where one is NaN.
func (l *lowering) reduce(op *model.Reduce) (model.Ref, error) {
	x := l.refs[op.X]
	t := l.to.types[x]
	if op.Fn == model.ReduceMax {
		most := l.to.add(&model.Reduce{Fn: op.Fn, X: x})
		if l.neverNaN(x) {
			return most, nil
		}
		missing := l.to.add(&model.Reduce{Fn: op.Fn, X: l.to.add(&model.Cast{X: l.isNaN(x), To: t.Kind})})
		return l.choose(l.to.by(model.Greater, missing, 0), l.constant(x, math.NaN()), model.Value(most)), nil
	}
	s := &summing{lowering: l, n: t.Row[len(t.Row)-1]}
	s.width = items(t.Row) / s.n
	if op.Fn == model.ReducePairwise && s.n > largestPairwise {
		return 0, fault.TooBigf(fault.Where{}, "", "a pairwise sum of %d items", s.n)
	}
	s.x = x
	if len(t.Row) > 1 {
		s.x = l.to.add(&model.Reshape{X: x, Row: []int{s.n * s.width}})
	}
	if s.width > 1 {
		turned := &model.Take{X: s.x}
		for i := range s.n {
			for j := range s.width {
				turned.Columns = append(turned.Columns, j*s.n+i)
			}
		}
		s.x = l.to.add(turned)
	}
	var sum model.Ref
	switch op.Fn {
	case model.ReduceSum:
		sum = s.running(0, s.n, 1)
	case model.ReducePairwise:
		sum = s.pairwise(0, s.n)
	default:
		return 0, fmt.Errorf("no ONNX operator")
	}
	if len(t.Row) > 1 {
		shape := append([]int{}, t.Row...)
		shape[len(shape)-1] = 1
		sum = l.to.add(&model.Reshape{X: sum, Row: shape})
	}
	return sum, nil
}

// neverNaN tells values that are sums of leaf rows, where these are finite and too small for any sum of them to be infinite.
func (l *lowering) neverNaN(x model.Ref) bool {
	f := l.sums[x]
	if f == nil {
		return false
	}
	most := math.MaxFloat64
	if f.Acc == forest.Float32 {
		most = math.MaxFloat32
	}
	most /= 2 * float64(len(f.Trees)+1)
	large := func(v float64) bool { return !(math.Abs(v) <= most) }
	return !slices.ContainsFunc(f.Base, large) && !slices.ContainsFunc(f.Trees, func(t forest.Tree) bool { return slices.ContainsFunc(t.Value, large) })
}

// largestPairwise is the most items of a pairwise sum: each 128 take some twenty steps.
const largestPairwise = 1 << 14

// summing adds n items that lie in a matrix one after the other, each of width columns.
type summing struct {
	*lowering
	x        model.Ref
	n, width int
}

// part are the items from to from+n-1.
func (s *summing) part(from, n int) model.Ref {
	if n == s.n {
		return s.x
	}
	return s.to.add(&model.Slice{X: s.x, From: from * s.width, To: (from + n) * s.width})
}

// running adds n items from one on in lanes sums: the first item, the one that follows lanes later, and so on, likewise from
// the second item on.
func (s *summing) running(from, n, lanes int) model.Ref {
	x, steps := s.part(from, n), n/lanes
	if steps == 1 {
		return x
	}
	x = s.to.add(&model.Reshape{X: x, Row: []int{steps, lanes * s.width}})
	return s.to.add(&model.Pick{X: s.to.add(&model.CumSum{X: x}), Index: steps - 1})
}

// pairwise adds in the order of numpy.sum along a contiguous axis, which model.PairwiseSum spells out.
func (s *summing) pairwise(from, n int) model.Ref {
	switch {
	case n < 8:
		return s.running(from, n, 1)
	case n <= 128:
		sum := s.running(from, n-n%8, 8)
		for lanes := 8; lanes > 1; lanes /= 2 {
			var even, odd []int
			for i := range lanes * s.width {
				if i/s.width%2 == 0 {
					even = append(even, i)
				} else {
					odd = append(odd, i)
				}
			}
			sum = s.with(model.Add, s.to.add(&model.Take{X: sum, Columns: even}), s.to.add(&model.Take{X: sum, Columns: odd}))
		}
		for i := n - n%8; i < n; i++ {
			sum = s.with(model.Add, sum, s.part(from+i, 1))
		}
		return sum
	}
	half := n / 2
	half -= half % 8
	return s.with(model.Add, s.pairwise(from, half), s.pairwise(from+half, n-half))
}
