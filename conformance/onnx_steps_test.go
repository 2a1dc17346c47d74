package conformance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/steps"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
	"github.com/seed-2867d59c/treeport/table"
)

// TestSteps: every step of package model, of every kind of items, answers under every onnxruntime what its evaluation does: to the
// bit, or within the units in the last place that internal/steps allows functions such as exp.
func TestSteps(t *testing.T) {
	t.Parallel()
	cases := steps.Cases()
	for _, version := range onnxruntimes {
		if version.name == "onnxruntime-1.6" {
			continue // has no Where of float64
		}
		t.Run(version.name, func(t *testing.T) {
			t.Parallel()
			ort := start(t, version.name, "run_onnx.py")
			answers := 0
			for _, encoding := range encodings {
				if encoding > version.loads {
					continue
				}
				for _, c := range cases {
					if encoding == 1 && steps.NeedsFloat64(c.Model) {
						continue
					}
					want, err := c.Model.Run(c.Rows)
					if err != nil {
						t.Fatalf("%s: %v", c.Name, err)
					}
					got, m, err := onRuntime(t, ort, c, encoding)
					if err != nil {
						t.Errorf("%s, ml-opset %d: %v", c.Name, encoding, err)
						continue
					}
					for i, out := range m.Outputs {
						answers++
						if text := steps.Differs(want[i], got[out.Name], c.ULP); text != "" {
							t.Errorf("%s, ml-opset %d, %s: %s", c.Name, encoding, out.Name, text)
						}
					}
				}
			}
			t.Logf("%d answers", answers)
		})
	}
}

// TestUnknownCategory: a category that the original refuses ends in an error under every onnxruntime.
func TestUnknownCategory(t *testing.T) {
	t.Parallel()
	for _, version := range onnxruntimes {
		ort := start(t, version.name, "run_onnx.py")
		if _, _, err := onRuntime(t, ort, steps.Unknown(), min(version.loads, 5)); err == nil || !strings.Contains(err.Error(), "out of") {
			t.Errorf("%s: %v, want an index that is out of bounds", version.name, err)
		}
	}
}

// onRuntime lets a runtime answer a program; its inputs go by their names.
func onRuntime(t *testing.T, ort *Runner, c steps.Case, encoding int) (map[string]*model.Tensor, *model.Model, error) {
	t.Helper()
	o := onnx.Options{MLOpset: encoding, Methods: model.Methods(c.Model)}
	m, err := onnx.Lower(c.Model, o)
	if err != nil {
		return nil, nil, err
	}
	var file bytes.Buffer
	if err := onnx.Write(&file, m, o); err != nil {
		return nil, nil, err
	}
	rows := steps.RowsFor(m, c.Rows)
	dir := t.TempDir()
	for i, in := range m.Inputs {
		var npy bytes.Buffer
		if err := table.WriteTensor(&npy, rows[i]); err != nil {
			return nil, nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(in.Name, "/", "_")+".npy"), npy.Bytes(), 0o666); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", in.Name, err)
		}
	}
	got, err := ort.Evaluate(file.Bytes(), ".onnx", dir, 2)
	return got, m, err
}
