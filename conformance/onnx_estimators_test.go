package conformance

import (
	"strings"
	"sync"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/steps"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
)

// TestEstimatorVersions: boosting, pipelines and all else that is no lone forest, each case of testdata/ once, in every
// encoding under every onnxruntime from 1.12 on: to the bit what the program answers, but for what goes through exp and the
// like. TestEstimators holds the program, and the newest onnxruntime, against the originals.
func TestEstimatorVersions(t *testing.T) {
	t.Parallel()
	list := vectors.EachCase(t, func(v *vectors.Vector) bool {
		notes := strings.Join(v.Notes, " ")
		one := !strings.HasPrefix(string(v.Expected), "[")
		return one && !vectors.TreesAndForests(v) && !strings.Contains(notes, "to be refused") && !strings.Contains(notes, "cannot load it")
	})
	var mu sync.Mutex
	programs := map[*vectors.Vector]*model.Model{}
	program := func(v *vectors.Vector) *model.Model {
		mu.Lock()
		defer mu.Unlock()
		if programs[v] == nil {
			programs[v] = v.Model(t)
		}
		return programs[v]
	}
	for _, version := range onnxruntimes {
		if version.name == "onnxruntime-1.6" {
			continue // has no Where of float64
		}
		t.Run(version.name, func(t *testing.T) {
			ort := start(t, version.name, "run_onnx.py")
			answers := 0
			for _, v := range list {
				m, err := program(v).Select(model.Methods(program(v)))
				if err != nil {
					t.Fatal(err)
				}
				rows, err := v.Rows(t).Inputs(m)
				if err != nil {
					t.Errorf("%s: %v", v.Name(), err)
					continue
				}
				want, bounds, err := m.RunWithin(rows)
				if err != nil {
					t.Errorf("%s: %v", v.Name(), err)
					continue
				}
				for _, encoding := range encodings {
					if encoding > version.loads || encoding == 1 && steps.NeedsFloat64(m) {
						continue
					}
					got, lowered, err := onRuntime(t, ort, steps.Case{Model: m, Rows: rows}, encoding)
					if err != nil {
						t.Errorf("%s, ml-opset %d: %v", v.Name(), encoding, err)
						continue
					}
					for i, out := range lowered.Outputs {
						ulp := model.Steps
						if bounds[i] == nil {
							ulp = 0
						}
						answers++
						if text := steps.DiffersBeyond(want[i], got[out.Name], ulp, bounds[i]); text != "" {
							t.Errorf("%s, ml-opset %d, %s: %s", v.Name(), encoding, out.Name, text)
						}
					}
				}
			}
			t.Logf("%d models, %d answers", len(list), answers)
		})
	}
}
