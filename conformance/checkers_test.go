package conformance

import (
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
)

// script is a runner of a script of this folder, by a runtime's python.
func script(t testing.TB, runtime, name string) *Runner {
	t.Helper()
	path, err := Python(runtime)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewRunner(path, filepath.Join("scripts", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// TestONNXChecker: onnx's checker accepts every file, in all encodings and profiles, shape inference included.
func TestONNXChecker(t *testing.T) {
	t.Parallel()
	checker := script(t, newest, "check_onnx.py")
	ways := []convert.Options{
		{MLOpset: 5}, {MLOpset: 3}, {MLOpset: 1}, {MLOpset: 5, Inputs: "columns", Input: "double", Output: "float"},
		{MLOpset: 1, Profile: "classifier"}, {MLOpset: 3, Profile: "classifier"},
	}
	var files atomic.Int64
	each(t, cases(t, all), func(o *opened) {
		for _, options := range ways {
			a, err := o.convertTo("ONNX", options)
			if err != nil && options.Profile == "classifier" && refused(err) {
				continue
			}
			if err != nil {
				t.Errorf("%s, %+v: %v", o.name, options, err)
				continue
			}
			if err := checker.Check(a.data, ".onnx"); err != nil {
				t.Errorf("%s, %+v: %v", o.name, options, err)
			}
			files.Add(1)
		}
	})
	t.Logf("%d files accepted", files.Load())
	peerResults.set("onnx.checker, full_check", "what was seen", count(files.Load(), "file accepted", "files accepted"))
}

// TestPMMLSchema: every PMML file is valid by the schema.
func TestPMMLSchema(t *testing.T) {
	t.Parallel()
	validator := script(t, "jpmml", "check_pmml.py")
	var files atomic.Int64
	each(t, cases(t, all), func(o *opened) {
		for _, options := range []convert.Options{{}, {SparsePMML: true}} {
			a, err := o.convertTo("PMML", options)
			if err != nil {
				t.Errorf("%s: %v", o.name, err)
				continue
			}
			if err := validator.Check(a.data, ".pmml"); err != nil {
				t.Errorf("%s: %v", o.name, err)
			}
			files.Add(1)
		}
	})
	t.Logf("%d files valid", files.Load())
	peerResults.set("pmml.xsd, PMML 4.4", "what was seen", count(files.Load(), "file valid", "files valid"))
}

// TestCheckersRefuse: the checkers do find what is wrong.
func TestCheckersRefuse(t *testing.T) {
	t.Parallel()
	if err := script(t, newest, "check_onnx.py").Check([]byte("\x08\x08\x3a\x02\x12\x00"), ".onnx"); err == nil {
		t.Error("onnx.checker accepts a graph of nothing")
	}
	if err := script(t, "jpmml", "check_pmml.py").Check([]byte(`<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"/>`), ".pmml"); err == nil {
		t.Error("the schema accepts a PMML of nothing")
	}
}
