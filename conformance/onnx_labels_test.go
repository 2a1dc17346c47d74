package conformance

import (
	"fmt"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

// TestTwoLabels: two classes are called what the model calls them, whatever that is. onnxruntime's TreeEnsembleClassifier
// has a rule of its own for two classes: where both have weights it answers 1 or 0, even if no class is called so, and
// takes any positive score of the second class for it.
func TestTwoLabels(t *testing.T) {
	t.Parallel()
	pairs := []*model.Tensor{
		{Kind: model.Int64, Shape: []int{2}, Int: []int64{0, 1}},
		{Kind: model.Int64, Shape: []int{2}, Int: []int64{3, 7}},
		{Kind: model.Int64, Shape: []int{2}, Int: []int64{-1, 1}},
		{Kind: model.String, Shape: []int{2}, Text: []string{"no", "yes"}},
	}
	list := cases(t, func(v *vectors.Vector) bool { return small(v) && v.Case == "rf_clf_binary" })
	for _, version := range onnxruntimes {
		t.Run(version.name, func(t *testing.T) {
			ort := start(t, version.name, "run_onnx.py")
			each(t, list, func(o *opened) {
				recorded := o.recorded(model.Predict, 0) // 0 and 1
				for _, pair := range pairs {
					want := model.NewTensor(model.Type{Kind: pair.Kind}, recorded.Rows())
					for i := range recorded.Rows() {
						k := recorded.Int[i]
						if pair.Kind == model.String {
							want.Text[i] = pair.Text[k]
						} else {
							want.Int[i] = pair.Int[k]
						}
					}
					for _, options := range []convert.Options{{MLOpset: 1}, {MLOpset: 1, Profile: "classifier"}, {MLOpset: 3, Profile: "classifier"}} {
						if options.MLOpset > version.loads {
							continue
						}
						a, err := o.called(pair).convertTo("ONNX", options)
						if err != nil {
							t.Errorf("%s: %v", o.name, err)
							continue
						}
						got, err := ort.Evaluate(a.data, ".onnx", o.x, 1)
						if err != nil {
							t.Errorf("%s: %v", o.name, err)
							continue
						}
						name := fmt.Sprintf("%s, %s %d, labels %s and %s", o.name, options.Profile, options.MLOpset, pair.Item(0), pair.Item(1))
						if d := verify.Compare(want, got["label"]); !d.Same() {
							t.Errorf("%s: %s", name, describe(&d))
						}
					}
				}
			})
		})
	}
}

// called is the same model with other labels.
func (o *opened) called(labels *model.Tensor) *opened {
	m := *o.model
	m.Ops = nil
	for _, op := range o.model.Ops {
		if lookup, ok := op.(*model.Lookup); ok {
			op = &model.Lookup{X: lookup.X, Table: labels}
		}
		m.Ops = append(m.Ops, op)
	}
	renamed := *o
	renamed.model = &m
	return &renamed
}
