package conformance

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/model"
)

// TestOptions: answers stay the original's, whatever type and form inputs and outputs are asked to have. A float output is
// the original's answer, rounded once.
func TestOptions(t *testing.T) {
	t.Parallel()
	ort := start(t, newest, "run_onnx.py")
	ways := []struct {
		name    string
		options convert.Options
		check   func(a *artifact, got map[string]*model.Tensor) error
	}{
		{"double input", convert.Options{Input: "double"}, inputs(model.Float64)},
		{"float input", convert.Options{Input: "float"}, inputs(model.Float32)},
		{"an input per column", convert.Options{Inputs: "columns"}, inputPerColumn},
		{"a double input per column", convert.Options{Inputs: "columns", Input: "double"}, inputPerColumn},
		{"float output", convert.Options{Output: "float"}, floatOutputs},
		{"apply alone", convert.Options{Methods: []string{model.Apply}}, applyAlone},
	}
	var done atomic.Int64
	each(t, cases(t, small), func(o *opened) {
		for _, way := range ways {
			for _, encoding := range encodings {
				options := way.options
				options.MLOpset = encoding
				name := fmt.Sprintf("%s, %s, ml-opset %d", o.name, way.name, encoding)
				a, err := o.convertTo("ONNX", options)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				got, err := ort.Evaluate(a.data, ".onnx", o.x, 1)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if err := way.check(a, got); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				compared, wrong := o.differences(a, got)
				for _, text := range wrong {
					t.Errorf("%s: %s", name, text)
				}
				done.Add(int64(compared))
			}
		}
	})
	t.Logf("%d answers identical", done.Load())
}

// inputs checks that the one input is of a kind.
func inputs(kind model.Kind) func(*artifact, map[string]*model.Tensor) error {
	return func(a *artifact, _ map[string]*model.Tensor) error {
		if in := a.lowered.Inputs; len(in) != 1 || in[0].Kind != kind {
			return fmt.Errorf("inputs %+v", in)
		}
		return nil
	}
}

func inputPerColumn(a *artifact, _ map[string]*model.Tensor) error {
	for _, in := range a.lowered.Inputs {
		if in.Width != 1 {
			return fmt.Errorf("input %s is %d wide", in.Name, in.Width)
		}
	}
	return nil
}

func floatOutputs(a *artifact, got map[string]*model.Tensor) error {
	for _, out := range a.lowered.Outputs {
		if answer := got[out.Name]; answer != nil && answer.Kind == model.Float64 && out.Method == model.PredictProba {
			return fmt.Errorf("%s is %v", out.Name, answer.Kind)
		}
	}
	return nil
}

func applyAlone(a *artifact, got map[string]*model.Tensor) error {
	if len(a.lowered.Outputs) != 1 || len(got) != 1 {
		return fmt.Errorf("%d outputs", len(got))
	}
	return nil
}
