package onnx

import (
	"fmt"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// classifier is a TreeEnsembleClassifier: the ensemble, its largest column, and the label of that.
//
// Two classes have weights of the second one only, under number 0 and none negative, as skl2onnx and Write put it: the sum
// is the second class's probability, and its label is answered above 0.5. Whatever else two classes may be given,
// onnxruntime's TreeAggregatorClassifier has rules of its own for.
func (d *decoder) classifier(n *node, x model.Ref) error {
	f, err := d.treeEnsemble(n, "class")
	if err != nil {
		return err
	}
	if err := d.widen(f, x); err != nil {
		return err
	}
	if len(n.outputs) != 2 {
		return fmt.Errorf("%d outputs", len(n.outputs))
	}
	labels, err := n.classLabels()
	if err != nil {
		return err
	}
	single := labels.Rows() == 2 && f.Outputs == 1
	if !single && f.Outputs != labels.Rows() {
		return fmt.Errorf("%d labels for %d classes", labels.Rows(), f.Outputs)
	}
	if labels.Rows() == 2 && (!single || negative(f)) {
		return fault.Unsupportedf(fault.Where{}, "two classes with weights other than the second one's under number 0, none negative: runtimes disagree on their labels")
	}
	scores := d.add(&model.Ensemble{X: x, Forest: f})
	if single {
		scores = d.add(&model.Complement{X: scores})
	}
	d.values[n.outputs[1]] = scores
	d.values[n.outputs[0]] = d.add(&model.Lookup{X: d.add(&model.ArgMax{X: scores}), Table: labels})
	return d.err
}

func negative(f *forest.Forest) bool {
	for k := range f.Trees {
		for _, v := range f.Trees[k].Value {
			if v < 0 {
				return true
			}
		}
	}
	return false
}

// classLabels are the labels of a TreeEnsembleClassifier.
func (n *node) classLabels() (*model.Tensor, error) {
	text, err := n.strings("classlabels_strings")
	if err != nil {
		return nil, err
	}
	if len(text) > 0 {
		return &model.Tensor{Kind: model.String, Shape: []int{len(text)}, Text: text}, nil
	}
	return listOf(n.ints("classlabels_int64s")), nil
}
