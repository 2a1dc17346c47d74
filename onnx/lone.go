package onnx

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// lone lowers an ensemble for the profile classifier: everything in float32, each leaf value divided by the number of
// trees beforehand, so that one operator adds them up.
//
// Of two classes only the second one's values are kept, and the first one is what is left of 1. With values of both,
// onnxruntime's TreeEnsembleClassifier answers the second class wherever its sum is above 0, and calls the classes 0 and 1.
func (l *lowering) lone(op *model.Ensemble) (model.Ref, error) {
	f := op.Forest
	if f.Base != nil || f.Input != forest.Float32 {
		return 0, fmt.Errorf("profile classifier is float32, the model is not")
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
	scores := l.to.Add(&model.Ensemble{X: l.cast(l.refs[op.X], forest.Float32), Forest: lowered})
	if second {
		scores = l.to.Add(&model.Complement{X: scores})
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
