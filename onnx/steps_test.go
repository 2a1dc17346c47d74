package onnx_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/steps"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
)

// TestSteps: every step is read back as it was meant, and what was meant answers what the step does. conformance/ asks
// onnxruntime the same.
func TestSteps(t *testing.T) {
	for _, c := range steps.Cases() {
		want, err := c.Model.Run(c.Rows)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		for _, o := range []onnx.Options{{}, {MLOpset: 3}, {MLOpset: 1}, {Input: "double", Columns: true}} {
			_, err := onnx.Lower(c.Model, o)
			if steps.NeedsFloat64(c.Model) && o.MLOpset == 1 {
				var u *fault.Unsupported
				if !errors.As(err, &u) {
					t.Errorf("%s %+v: %v, want it refused", c.Name, o, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s %+v: %v", c.Name, o, err)
				continue
			}
			lowered, file := encode(t, c.Model, o)
			back, err := onnx.Read(file)
			if err != nil {
				t.Errorf("%s %+v: %v", c.Name, o, err)
				continue
			}
			if err := model.Equal(lowered, back); err != nil {
				t.Errorf("%s %+v: %v", c.Name, o, err)
				continue
			}
			got, err := back.Run(steps.RowsFor(back, c.Rows))
			if err != nil {
				t.Errorf("%s %+v: %v", c.Name, o, err)
				continue
			}
			for i := range want {
				if text := steps.Differs(want[i], got[i], c.ULP); text != "" {
					t.Errorf("%s %+v, answer %d: %s", c.Name, o, i, text)
				}
			}
		}
	}
}

// TestUnknownCategory: what the original refuses does not get an answer.
func TestUnknownCategory(t *testing.T) {
	c := steps.Unknown()
	lowered, err := onnx.Lower(c.Model, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lowered.Run(c.Rows); err == nil {
		t.Error("an unknown category was answered")
	}
}

// TestAngles asks numpy, whose answers these are: numpy.sin, cos and tan of multiples of pi/2, where they all but vanish.
func TestAngles(t *testing.T) {
	x := []float64{math.Pi, 2 * math.Pi, 4 * math.Pi, 1.5 * math.Pi, 1.7e9}
	for fn, want := range map[model.Function][]float64{
		model.Sin: {1.2246467991473532e-16, -2.4492935982947064e-16, -4.898587196589413e-16, -1, 0.9992359103362586},
		model.Cos: {-1, 1, 1, -1.8369701987210297e-16, -0.03908446615304647},
	} {
		m := &model.Model{Inputs: []model.Input{{Name: "x", Kind: model.Float64, Width: 1}}}
		m.Outputs = []model.Output{{Name: "transform", Method: model.Transform, Value: m.Add(&model.Unary{Fn: fn, X: 0})}}
		lowered, err := onnx.Lower(m, onnx.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := lowered.Run([]*model.Tensor{{Kind: model.Float64, Shape: []int{len(x), 1}, Float: x}})
		if err != nil {
			t.Fatal(err)
		}
		if text := steps.Differs(&model.Tensor{Kind: model.Float64, Shape: []int{len(x), 1}, Float: want}, got[0], 2); text != "" {
			t.Errorf("%s: %s", fn, text)
		}
	}
}
