package onnx

import (
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// classifier is a TreeEnsembleClassifier: the ensemble, its largest column, and the label of that.
//
// Two classes may have weights for one of them only, none negative (skl2onnx writes that): then the sum is the second
// class's probability, and its label is answered above 0.5 (onnxruntime's TreeAggregatorClassifier).
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
	single := labels.Rows() == 2 && oneColumn(f)
	if !single && f.Outputs != labels.Rows() {
		return fmt.Errorf("%d labels for %d classes", labels.Rows(), f.Outputs)
	}
	mixed := labels.Rows() == 2 && !single && slices.ContainsFunc(f.Trees, func(t forest.Tree) bool { return t.Output != forest.AllOutputs })
	if single && negative(f) || mixed {
		return fault.Unsupportedf(fault.Where{}, "two classes with weights of one of them only, some negative or not in all trees, whose label rule differs among runtimes")
	}
	scores := d.m.Add(&model.Ensemble{X: x, Forest: f})
	if single {
		scores = d.m.Add(&model.Complement{X: scores})
	}
	d.values[n.outputs[1]] = scores
	d.values[n.outputs[0]] = d.m.Add(&model.Lookup{X: d.m.Add(&model.ArgMax{X: scores}), Table: labels})
	return nil
}

// oneColumn tells whether all trees add to one and the same output, and makes it the only one.
func oneColumn(f *forest.Forest) bool {
	for k := range f.Trees {
		if t := &f.Trees[k]; t.Output == forest.AllOutputs && f.Outputs > 1 || t.Output != f.Trees[0].Output {
			return false
		}
	}
	for k := range f.Trees {
		f.Trees[k].Output = 0
	}
	f.Outputs = 1
	return true
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
