package onnx_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/steps"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
)

// readable tells the vectors of one model that is not refused when it is read.
func readable(v *vectors.Vector) bool {
	notes := strings.Join(v.Notes, " ")
	return !strings.HasPrefix(string(v.Expected), "[") && !strings.Contains(notes, "to be refused") && !strings.Contains(notes, "cannot load it")
}

// TestEstimators: boosting, pipelines and whatever else there is a reader for, each case of testdata/ once: what is read
// back is what was meant, and answers all that the model answers, to the bit where nothing goes through exp and the like.
// The model itself is held against the originals in sklearn/.
func TestEstimators(t *testing.T) {
	list := vectors.EachCase(t, func(v *vectors.Vector) bool { return readable(v) && !vectors.TreesAndForests(v) })
	for _, v := range list {
		m := v.Model(t)
		x := v.Rows(t)
		rows, err := x.Inputs(m)
		if err != nil {
			t.Errorf("%s: %v", v.Name(), err)
			continue
		}
		want, bounds, err := m.RunWithin(rows)
		if err != nil {
			t.Errorf("%s: %v", v.Name(), err)
			continue
		}
		for _, o := range []onnx.Options{{}, {MLOpset: 3}, {MLOpset: 1}} {
			o.Methods = model.Methods(m)
			if _, err := onnx.Lower(m, o); o.MLOpset == 1 && steps.NeedsFloat64(m) {
				if u := (*fault.Unsupported)(nil); !errors.As(err, &u) || !strings.Contains(err.Error(), "float64 comparisons need ml-opset 3") {
					t.Errorf("%s %+v: %v, want it refused", v.Name(), o, err)
				}
				continue
			} else if err != nil {
				t.Errorf("%s %+v: %v", v.Name(), o, err)
				continue
			}
			lowered, file := encode(t, m, o)
			back, err := onnx.Read(file)
			if err == nil {
				err = model.Equal(lowered, back)
			}
			if err != nil {
				t.Errorf("%s %+v: %v", v.Name(), o, err)
				continue
			}
			in, err := x.Inputs(back)
			if err != nil {
				t.Errorf("%s %+v: %v", v.Name(), o, err)
				continue
			}
			got, err := back.Run(in)
			if err != nil {
				t.Errorf("%s %+v: %v", v.Name(), o, err)
				continue
			}
			for i, out := range m.Outputs {
				ulp := model.Steps
				if bounds[i] == nil {
					ulp = 0
				}
				if text := steps.DiffersBeyond(want[i], got[i], ulp, bounds[i]); text != "" {
					t.Errorf("%s %+v, %s: %s", v.Name(), o, out.Name, text)
				}
			}
		}
	}
	t.Logf("%d models", len(list))
}
