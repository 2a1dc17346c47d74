package onnx

import (
	"fmt"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// classifier is a TreeEnsembleClassifier: the ensemble, its largest column, and the label of that; the scores may go through
// a link afterwards.
//
// Two classes have weights of the second one only, under number 0, as skl2onnx and Write put it. If none is negative (forests), the
// sum is the second class's probability, and its label is answered above 0.5; if some are (boosting), above 0. Whatever
// else two classes may be given, onnxruntime's TreeAggregatorClassifier has rules of its own for.
func (d *decoder) classifier(n *node, x model.Ref) error {
	f, err := d.treeEnsemble(n, "class", 0)
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
	post, err := n.text("post_transform", "NONE")
	if err != nil {
		return err
	}
	single := labels.Rows() == 2 && f.Outputs == 1
	if !single && f.Outputs != labels.Rows() {
		return fmt.Errorf("%d labels for %d classes", labels.Rows(), f.Outputs)
	}
	_, based := n.attrs["base_values"]
	boosted := single && negative(f) && post == "LOGISTIC"
	switch {
	case labels.Rows() == 2 && !boosted && (!single || negative(f) || based):
		return fault.Unsupportedf(fault.Where{}, "two classes with weights other than the second one's under number 0, none negative: runtimes disagree on their labels")
	case !boosted && post != "NONE" && (labels.Rows() == 2 || post != "SOFTMAX"):
		return fault.Unsupportedf(fault.Where{}, "post_transform %s of %d classes", post, labels.Rows())
	}
	scores, err := d.based(n, &model.Ensemble{X: x, Forest: f})
	if err != nil {
		return err
	}
	var index model.Ref
	switch {
	case boosted:
		second := d.by(model.Greater, scores, 0)
		index = d.add(&model.Cast{X: d.add(&model.Reshape{X: second, Row: []int{}}), To: model.Int64})
		scores = d.logistic(scores)
	case single:
		scores = d.add(&model.Complement{X: scores})
		index = d.add(&model.ArgMax{X: scores})
	default:
		index = d.add(&model.ArgMax{X: scores})
		if post == "SOFTMAX" {
			scores = d.softmax(scores)
		}
	}
	d.values[n.outputs[1]] = scores
	d.values[n.outputs[0]] = d.add(&model.Lookup{X: index, Table: labels})
	return d.err
}

// logistic is 1 / (1 + exp(-x)) of minus the score and of the score, of which onnxruntime computes the one above a half.
func (d *decoder) logistic(x model.Ref) model.Ref {
	both := d.add(&model.Concat{Xs: []model.Ref{d.add(&model.Unary{Fn: model.Neg, X: x}), x}})
	e := d.add(&model.Unary{Fn: model.Exp, X: d.add(&model.Unary{Fn: model.Neg, X: d.add(&model.Unary{Fn: model.Abs, X: both})})})
	one := row(d.types[both], 1)
	above := d.add(&model.Binary{Fn: model.Quotient, A: one, B: model.Value(d.by(model.Add, e, 1))})
	below := d.add(&model.Binary{Fn: model.Sub, A: one, B: model.Value(above)})
	return d.add(&model.Where{Cond: d.by(model.Less, both, 0), A: model.Value(below), B: model.Value(above)})
}

// softmax is exp(x - max), divided by the sum.
func (d *decoder) softmax(x model.Ref) model.Ref {
	most := d.add(&model.Reduce{Fn: model.ReduceMax, X: x})
	e := d.add(&model.Unary{Fn: model.Exp, X: d.add(&model.Binary{Fn: model.Sub, A: model.Value(x), B: model.Value(most)})})
	return d.add(&model.Binary{Fn: model.Quotient, A: model.Value(e), B: model.Value(d.add(&model.Reduce{Fn: model.ReduceSum, X: e}))})
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
