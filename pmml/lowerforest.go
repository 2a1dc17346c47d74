package pmml

import (
	"fmt"
	"math"
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
)

// lowerForest is the forest in PMML's terms; moved tells whether that changes probabilities.
func lowerForest(f *forest.Forest, t *target) (_ *forest.Forest, moved bool, _ error) {
	lowered := *f
	lowered.Trees = append([]forest.Tree{}, f.Trees...)
	if err := lowerBase(&lowered); err != nil {
		return nil, false, err
	}
	if t.classes() == 1 && !t.scored {
		lowered.Trees = lowered.Trees[:1] // JPMML-Evaluator refuses forests of one class; all trees answer 1
	}
	if len(lowered.Trees) == 1 {
		lowered.Combine = forest.Sum // a mean of one: PMML has no word for it
	}
	if t.labels != nil && lowered.Combine == forest.Sum && len(lowered.Trees) > 1 {
		return nil, false, fault.Unsupportedf(fault.In("output "+t.name), "probabilities that are a sum over trees in PMML")
	}
	if f.Acc == forest.Float32 {
		if len(lowered.Trees) > 1 {
			return nil, false, fault.Unsupportedf(fault.In("output "+t.name), "sums in float32 in PMML")
		}
		lowered.Acc = forest.Float64 // nothing is added
	}
	var some atomic.Bool
	err := parallel.Each(len(lowered.Trees), func(i int) error {
		tree := &lowered.Trees[i]
		tree.Output = forest.AllOutputs
		lowerSplits(tree, &lowered)
		moved, err := lowerLeaves(tree, t)
		if err != nil {
			return fault.Unsupportedf(fault.In(fmt.Sprintf("trees[%d]", i)), "%v", err)
		}
		if moved {
			some.Store(true)
		}
		return nil
	})
	return &lowered, some.Load(), err
}

// check is Forest.Check, on all cores.
func check(f *forest.Forest) error {
	head := *f
	head.Trees = f.Trees[:min(1, len(f.Trees))]
	if err := head.Check("ensemble"); err != nil {
		return err
	}
	return parallel.Each(len(f.Trees), func(k int) error {
		t := &f.Trees[k]
		err := t.Check(f.Features, f.RowWidth(t))
		if err == nil && t.Output != forest.AllOutputs && (t.Output < 0 || int(t.Output) >= f.Outputs) {
			err = fmt.Errorf("output %d of %d", t.Output, f.Outputs)
		}
		if err != nil {
			return fault.Brokenf(fault.In(fmt.Sprintf("ensemble.trees[%d]", k)), "%v", err)
		}
		return nil
	})
}

// lowerBase puts base values into a first tree. Where they are zero there is none: starting with the first tree's own
// values answers the same but for the sign of a zero, and engines start with a positive zero.
func lowerBase(f *forest.Forest) error {
	zero := true
	for _, v := range f.Base {
		zero = zero && v == 0 && !math.Signbit(v)
	}
	base := f.Base
	f.Base = nil
	f.RefusesInf = false // an engine has no errors to raise
	switch {
	case base == nil:
	case zero:
		for i := range f.Trees {
			f.Trees[i].Value = positiveZeros(f.Trees[i].Value)
		}
	case f.Combine == forest.Mean:
		return fault.Unsupportedf(fault.Where{}, "base values %v in a mean over trees in PMML", base)
	default:
		leaf := forest.Tree{Feature: []int32{forest.Leaf}, Left: []int32{0}, Right: []int32{0}, Threshold: []float64{0}, Value: base, Output: forest.AllOutputs}
		f.Trees = append([]forest.Tree{leaf}, f.Trees...)
	}
	return nil
}

// positiveZeros is values without negative zeros.
func positiveZeros(values []float64) []float64 {
	for i, v := range values {
		if v == 0 && math.Signbit(v) {
			changed := append([]float64{}, values...)
			for j := i; j < len(changed); j++ {
				changed[j] += 0
			}
			return changed
		}
	}
	return values
}

// lowerSplits rounds the thresholds. A NaN that is refused is sent to the larger subtree, which makes the Nodes of a tree
// of n leaves at most log2(n) deep (see split).
func lowerSplits(t *forest.Tree, f *forest.Forest) {
	thresholds := make([]float64, len(t.Threshold))
	for i, v := range t.Threshold {
		switch {
		case t.Feature[i] < 0 || t.Set(int32(i)) != nil:
		case f.Input == forest.Float32:
			thresholds[i] = shorten(v)
		default:
			thresholds[i] = v + 0 // no negative zero
		}
	}
	t.Threshold = thresholds
	if f.RefusesNaN {
		t.Flags = toLarger(t)
	}
}

// toLarger sends NaN to the larger subtree of every split.
func toLarger(t *forest.Tree) []uint8 {
	order := make([]int32, 1, t.Len())
	for at := 0; at < len(order); at++ {
		if i := order[at]; !t.IsLeaf(i) {
			order = append(order, t.Left[i], t.Right[i])
		}
	}
	size := make([]int32, t.Len())
	flags := make([]uint8, t.Len())
	for at := len(order) - 1; at >= 0; at-- {
		i := order[at]
		size[i] = 1
		if !t.IsLeaf(i) {
			left, right := size[t.Left[i]], size[t.Right[i]]
			size[i] += left + right
			if left > right && !all(t, i) {
				flags[i] = forest.MissingLeft
			}
		}
	}
	return flags
}

// lowerLeaves makes leaf rows what an engine will make of their text; moved tells whether that changes some.
func lowerLeaves(t *forest.Tree, to *target) (moved bool, _ error) {
	k := to.classes()
	if k == 0 {
		for _, v := range t.Value {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return false, fmt.Errorf("PMML can't hold the leaf value %v", v)
			}
		}
		return false, nil
	}
	t.Value = positiveZeros(t.Value) // counts have no sign
	width := k
	if to.scored {
		width++
	}
	c := make([]float64, k)
	for at := 0; at < len(t.Value); at += width {
		p := t.Value[at : at+k]
		if err := checkProbabilities(p); err != nil {
			return false, err
		}
		if to.scored {
			if class := t.Value[at+k]; !(class >= 0 && class < float64(k) && class == math.Trunc(class)) {
				return false, fmt.Errorf("leaf label %v of %d", class, k)
			}
		}
		if counts(p, c) {
			continue
		}
		if !moved {
			t.Value, moved = append([]float64{}, t.Value...), true
		}
		if !settle(t.Value[at:at+k], c) {
			return false, fmt.Errorf("no counts found that stand for the probabilities of a leaf")
		}
	}
	return moved, nil
}

// checkProbabilities finds rows that an engine would change by more than rounding.
func checkProbabilities(p []float64) error {
	sum := 0.0
	for _, v := range p {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("leaf value %v is no probability, and PMML holds only those for classes", v)
		}
		sum += v
	}
	if math.Abs(sum-1) > 1e-12 {
		return fmt.Errorf("the probabilities of a leaf add up to %v, and PMML engines would make that 1", sum)
	}
	return nil
}
