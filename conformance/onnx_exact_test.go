package conformance

import (
	"sync/atomic"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/model"
)

// newest is the onnxruntime that the whole corpus runs on.
const newest = "onnxruntime-1.32"

// encodings are the versions of ai.onnx.ml that treeport writes.
var encodings = []int{5, 3, 1}

// TestExact: predict, predict_proba and apply under onnxruntime are scikit-learn's answers to the last bit, for every tree
// and forest, in every encoding, with one thread and with two.
func TestExact(t *testing.T) {
	t.Parallel()
	ort := start(t, newest, "run_onnx.py")
	var models, answers atomic.Int64
	each(t, cases(t, all), func(o *opened) {
		models.Add(1)
		for _, encoding := range encodings {
			for _, way := range []struct {
				methods []string
				threads int
			}{{nil, 1}, {nil, 2}, {model.Methods(o.model), 2}} {
				a, err := o.convertTo("ONNX", convert.Options{MLOpset: encoding, Methods: way.methods})
				if err != nil {
					t.Errorf("%s, ml-opset %d: %v", o.name, encoding, err)
					continue
				}
				got, err := ort.Evaluate(a.data, ".onnx", o.x, way.threads)
				if err != nil {
					t.Errorf("%s, ml-opset %d: %v", o.name, encoding, err)
					continue
				}
				compared, wrong := o.differences(a, got)
				answers.Add(int64(compared))
				for _, text := range wrong {
					t.Errorf("%s, ml-opset %d, %d threads: %s", o.name, encoding, way.threads, text)
				}
			}
		}
	})
	t.Logf("%d models, %d answers identical", models.Load(), answers.Load())
}
