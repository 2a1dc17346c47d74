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
	scores := d.m.Add(&model.Ensemble{X: x, Forest: f})
	if single {
		scores = d.m.Add(&model.Complement{X: scores})
	}
	d.values[n.outputs[1]] = scores
	d.values[n.outputs[0]] = d.m.Add(&model.Lookup{X: d.m.Add(&model.ArgMax{X: scores}), Table: labels})
	return nil
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
	labels := &model.Tensor{Kind: model.Int64}
	if a, ok := n.attrs["classlabels_strings"]; ok {
		labels.Kind = model.String
		if err := fields(a, func(f number, _ uint64, b []byte) error {
			if f == attrStrings {
				labels.Text = append(labels.Text, string(b))
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	if len(labels.Text) == 0 {
		labels.Kind = model.Int64
		for l := n.ints("classlabels_int64s"); ; {
			v, ok := l.next()
			if !ok {
				break
			}
			labels.Int = append(labels.Int, int64(v))
		}
	}
	labels.Shape = []int{len(labels.Text) + len(labels.Int)}
	return labels, nil
}
