package onnx

import (
	"math"
	"math/bits"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// Sums without rounding. Where all leaf values are multiples of one power of two, and no sum of them can have more digits than the
// tree operator's numbers, no addition rounds: the sum is the same in any order, and the operator itself may add. So it is
// where leaves are pure (of two classes, the unpruned forest of scikit-learn: each leaf holds 0 and 1) or targets are whole numbers. Of two classes whose shares
// add up to the same everywhere, the second one is added, and the first is what is left.

// digits are how many binary digits the numbers of a precision hold.
func digits(p forest.Precision) int {
	if p == forest.Float32 {
		return 24
	}
	return 53
}

// sumsExactly tells whether a forest is one of these. total is what the two values of every leaf add up to.
func (l *lowering) sumsExactly(f *forest.Forest) (total float64, ok bool) {
	if f.Base != nil || f.Outputs > 2 || l.leafwise(f) {
		return 0, false
	}
	most := math.Ldexp(1, min(digits(l.operatorAcc(f)), digits(f.Acc)))
	unit, sum := math.Inf(1), 0.0
	for k := range f.Trees {
		t := &f.Trees[k]
		if f.RowWidth(t) != f.Outputs {
			return 0, false
		}
		if f.Outputs == 2 && k == 0 {
			total = t.Value[0] + t.Value[1]
			sum = math.Abs(total) * float64(len(f.Trees))
		}
		largest := 0.0
		for i, v := range t.Value {
			unit, largest = min(unit, lowestDigit(v)), max(largest, math.Abs(v))
			switch {
			case !(sum+largest <= most*unit), v == 0 && math.Signbit(v): // NaN is no number's equal
				return 0, false
			case f.Outputs == 2 && t.Value[i|1]+t.Value[i&^1] != total:
				return 0, false
			}
		}
		sum += largest
	}
	return total, unit >= 0x1p-100 && sum <= 0x1p100
}

// lowestDigit is the worth of a number's last binary digit that is not 0; of 0 infinity.
func lowestDigit(v float64) float64 {
	if v == 0 {
		return math.Inf(1)
	}
	mantissa, exponent := math.Frexp(v)
	whole := int64(mantissa * (1 << 53))
	return math.Ldexp(1, exponent-53+bits.TrailingZeros64(uint64(whole)))
}

// exactSum lets the tree operator add.
func (l *lowering) exactSum(f *forest.Forest, x model.Ref, total float64) (model.Ref, error) {
	m, err := l.compared(f, x)
	if err != nil {
		return 0, err
	}
	all := make([]int, len(f.Trees))
	for k := range all {
		all[k] = k
	}
	wide, columns, err := m.columns(all)
	if err != nil {
		return 0, err
	}
	lowered := &forest.Forest{Outputs: 1, Input: f.Input, Trees: make([]forest.Tree, len(f.Trees))}
	_ = parallel.Each(len(f.Trees), func(k int) error {
		from, to := &f.Trees[k], &lowered.Trees[k]
		*to = loweredSplits(f, from, columns)
		to.Value = from.Value
		if f.Outputs == 2 {
			to.Value = make([]float64, len(from.Value)/2)
			for i := range to.Value {
				to.Value[i] = from.Value[2*i+1]
			}
		}
		return nil
	})
	l.finish(lowered, wide)
	kind := kindOfPrecision(f.Acc)
	sum := l.cast(l.to.add(&model.Ensemble{X: wide, Forest: lowered}), kind)
	if f.Outputs == 2 {
		whole := model.Operand{Row: &model.Tensor{Kind: kind, Shape: []int{1, 1}, Float: []float64{total * float64(len(f.Trees))}}}
		first := l.to.add(&model.Binary{Fn: model.Sub, A: whole, B: model.Value(sum)})
		sum = l.to.add(&model.Concat{Xs: []model.Ref{first, sum}})
	}
	return l.mean(f, sum), nil
}
