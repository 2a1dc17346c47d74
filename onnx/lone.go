package onnx

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// classifier lowers a step for the profile classifier, which knows an ensemble, and the label of its largest value.
func (l *lowering) classifier(op model.Op) (model.Ref, error) {
	switch op := op.(type) {
	case *model.Ensemble:
		return l.lone(op)
	case *model.ArgMax:
		return l.to.add(op.Moved(l.refs)), nil
	case *model.Lookup:
		if k := op.Table.Kind; k != model.Int64 && k != model.String {
			return 0, fmt.Errorf("profile classifier has labels of int64 and string only, these are %v", k)
		}
		return l.to.add(op.Moved(l.refs)), nil
	}
	return 0, fmt.Errorf("profile classifier says a lone forest only, and the largest value's label")
}

// lone lowers an ensemble for the profile classifier: everything in float32, each leaf value divided by the number of
// trees beforehand, so that one operator adds them up.
//
// Of two classes only the second one's values are kept, and the first one is what is left of 1. With values of both,
// onnxruntime's TreeEnsembleClassifier answers the second class wherever its sum is above 0, and calls the classes 0 and 1.
func (l *lowering) lone(op *model.Ensemble) (model.Ref, error) {
	f := op.Forest
	switch {
	case f.Input != forest.Float32:
		return 0, fmt.Errorf("profile classifier is float32, the model is not")
	case f.Base != nil:
		return 0, fmt.Errorf("profile classifier says forests only, not sums that start from base values")
	}
	if classifies(l.from, op) && f.Outputs < 2 {
		return 0, fmt.Errorf("profile classifier with a single class, on which onnxruntime fails")
	}
	share := 1.0
	if f.Combine == forest.Mean {
		share = float64(len(f.Trees))
	}
	second := classifies(l.from, op) && f.Outputs == 2
	outputs := f.Outputs
	if second {
		outputs = 1
	}
	lowered := &forest.Forest{Features: f.Features, Outputs: outputs, Input: forest.Float32, Acc: forest.Float32, Trees: make([]forest.Tree, len(f.Trees))}
	for k := range f.Trees {
		from, to := &f.Trees[k], &lowered.Trees[k]
		switch {
		case from.Category != nil:
			return 0, fmt.Errorf("profile classifier has no splits by categories")
		case second && from.Output != forest.AllOutputs:
			return 0, fmt.Errorf("profile classifier with trees for one class only")
		}
		*to = *from
		to.Threshold = roundedDown(from)
		to.Value = make([]float64, 0, len(from.Value))
		for i, v := range from.Value {
			if second && i%2 == 0 {
				continue
			}
			rounded := float64(float32(v / share))
			switch {
			case math.IsInf(rounded, 0) && !math.IsInf(v, 0):
				return 0, fmt.Errorf("the leaf value %v is no float32", v)
			case second && !(rounded >= 0):
				return 0, fmt.Errorf("profile classifier with a probability of %v", v)
			}
			to.Value = append(to.Value, rounded)
		}
		if outputs == 1 {
			to.Output = 0
		}
	}
	scores := l.to.add(&model.Ensemble{X: l.cast(l.refs[op.X], model.Float32), Forest: lowered})
	if second {
		scores = l.to.add(&model.Complement{X: scores})
	}
	return scores, nil
}

// classifies tells whether an ensemble's values are looked at for the largest.
func classifies(m *model.Model, op *model.Ensemble) bool {
	for _, other := range m.Ops {
		if a, ok := other.(*model.ArgMax); ok && m.Op(a.X) == model.Op(op) {
			return true
		}
	}
	return false
}
