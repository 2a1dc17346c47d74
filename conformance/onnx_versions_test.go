package conformance

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/model"
)

// onnxruntimes are the releases of testdata/runtimes, and the newest encoding that each loads.
var onnxruntimes = []struct {
	name  string
	loads int
}{
	{"onnxruntime-1.6", 1}, {"onnxruntime-1.12", 3}, {"onnxruntime-1.15", 3}, {"onnxruntime-1.19", 3}, {"onnxruntime-1.21", 5}, {newest, 5},
}

var exactResults = &results{
	title:   "ONNX, profile exact",
	about:   "Models of testdata/ of which every answer (predict, predict_proba, apply) is identical to scikit-learn's, to the last bit.",
	columns: []string{"runtime", "ml-opset 5", "ml-opset 3", "ml-opset 1"},
}

// TestVersions: files are exact under every onnxruntime that the README names, in the encodings that it loads; those that
// do not load a newer ai.onnx.ml say so, and don't answer something else.
func TestVersions(t *testing.T) {
	t.Parallel()
	list := cases(t, small)
	for _, version := range onnxruntimes {
		t.Run(version.name, func(t *testing.T) {
			ort := start(t, version.name, "run_onnx.py")
			for _, encoding := range encodings {
				var models, right, refused atomic.Int64
				each(t, list, func(o *opened) {
					models.Add(1)
					exact := true
					for _, way := range []struct {
						methods []string
						threads int
					}{{nil, 1}, {model.Methods(o.model), 2}} {
						a, err := o.convertTo("ONNX", convert.Options{MLOpset: encoding, Methods: way.methods})
						if err != nil {
							t.Errorf("%s, ml-opset %d: %v", o.name, encoding, err)
							return
						}
						got, err := ort.Evaluate(a.data, ".onnx", o.x, way.threads)
						if encoding > version.loads {
							if err == nil || !unknownOperator(err) {
								t.Errorf("%s, ml-opset %d: loaded, or refused for another reason: %v", o.name, encoding, err)
							}
							refused.Add(1)
							return
						}
						if err != nil {
							t.Errorf("%s, ml-opset %d: %v", o.name, encoding, err)
							return
						}
						_, wrong := o.differences(a, got)
						for _, text := range wrong {
							t.Errorf("%s, ml-opset %d, %d threads: %s", o.name, encoding, way.threads, text)
						}
						exact = exact && wrong == nil
					}
					if exact {
						right.Add(1)
					}
				})
				cell := fmt.Sprintf("%d of %d", right.Load(), models.Load())
				if refused.Load() == models.Load() {
					cell = "does not load"
				}
				exactResults.set(version.name, fmt.Sprintf("ml-opset %d", encoding), cell)
			}
		})
	}
	t.Log("\n" + exactResults.text())
}

// unknownOperator tells whether a runtime refused a file for an operator or version that it does not have.
func unknownOperator(err error) bool {
	text := err.Error()
	for _, reason := range []string{"is not a registered function/op", "Could not find an implementation for", "Unsupported model IR version", "Unknown model file format version", "under development and support"} {
		if strings.Contains(text, reason) {
			return true
		}
	}
	return false
}
