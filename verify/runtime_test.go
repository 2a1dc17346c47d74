//go:build runtimes

// These tests run other programs: go test -tags runtimes ./verify. They need what testdata/make.py needs.
package verify_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	real "github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
	"github.com/seed-2867d59c/treeport/pmml"
	"github.com/seed-2867d59c/treeport/verify"
)

const testdata = "../testdata"

// made is the python of an environment that testdata/make.py builds.
func made(t testing.TB, what, name string) string {
	t.Helper()
	make := exec.Command("python3", filepath.Join(testdata, "make.py"), what, name)
	make.Stderr = os.Stderr
	out, err := make.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func written(t testing.TB, m *model.Model, o onnx.Options) verify.Artifact {
	t.Helper()
	lowered, err := onnx.Lower(m, o)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := onnx.Write(&b, lowered, o); err != nil {
		t.Fatal(err)
	}
	return verify.Artifact{Name: "model.onnx", Data: b.Bytes(), Model: lowered}
}

// What onnxruntime makes of every vector is what scikit-learn answered, and on probes what the model answers: to the bit.
func TestONNXRuntime(t *testing.T) {
	for version, mlOpsets := range map[string][]int{"1.19": {1, 3}, "1.21": {1, 3, 5}, "1.32": {1, 3, 5}} {
		t.Run(version, func(t *testing.T) {
			rt, err := verify.OpenRuntime("onnxruntime:" + filepath.Dir(made(t, "runtime", "onnxruntime-"+version)))
			if err != nil {
				t.Fatal(err)
			}
			defer rt.Close()
			if !strings.HasPrefix(rt.Version(), version+".") {
				t.Fatalf("version %q", rt.Version())
			}
			count := 0
			for i, v := range vectors(t) {
				o := onnx.Options{MLOpset: mlOpsets[i%len(mlOpsets)], Columns: i%5 == 0, Methods: []string{"predict", "apply"}}
				m := v.Model(t)
				if len(model.Methods(m)) == 3 {
					o.Methods = append(o.Methods, "predict_proba")
				}
				a := written(t, m, o)
				probes, err := verify.Probes(m, 100)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range [][]*model.Tensor{rows(t, v, m), probes} {
					check, err := verify.Run(rt, a, m, x, 1+i%2)
					if err != nil {
						t.Fatalf("%s/%s: %v", v.Env, v.Case, err)
					}
					count += check.Rows
					r := verify.Report{Checks: []verify.Check{check}}
					if !r.Equal(verify.Tolerance{}) {
						t.Errorf("%s/%s, %+v:\n%s", v.Env, v.Case, o, r.Text(verify.Tolerance{}))
					}
				}
			}
			t.Logf("%d rows", count)
		})
	}
}

// What onnxruntime refuses is an error, not a crash.
func TestONNXRuntimeRefuses(t *testing.T) {
	rt, err := verify.OpenRuntime("onnxruntime:" + filepath.Dir(made(t, "runtime", "onnxruntime-1.32")))
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	x := &model.Tensor{Kind: model.Float32, Shape: []int{1, 1}, Float: []float64{1}}
	_, err = rt.Run(verify.Job{Data: []byte("no model"), Inputs: []verify.NamedInput{{Name: "X", Values: x}}})
	if err == nil || !strings.Contains(err.Error(), "rotobuf") {
		t.Errorf("no model: %v", err)
	}
	m := vectors(t)[0].Model(t)
	_, err = rt.Run(verify.Job{Data: written(t, m, onnx.Options{}).Data, Inputs: []verify.NamedInput{{Name: "nothing", Values: x}}})
	if err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("no such input: %v", err)
	}
}

// Older wheels hold no library; the same runtime answers as a command. JPMML only ever runs as one.
func TestCommands(t *testing.T) {
	script := func(name string) string { s, _ := filepath.Abs(filepath.Join(testdata, "runtimes", name)); return s }
	for _, version := range []string{"1.12", "1.15"} {
		rt, err := verify.OpenRuntime(fmt.Sprintf("cmd:%s %s", made(t, "runtime", "onnxruntime-"+version), script("run_onnx.py")))
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range vectors(t) {
			if i%10 != 0 {
				continue
			}
			m := v.Model(t)
			probes, _ := verify.Probes(m, 100)
			check, err := verify.Run(rt, written(t, m, onnx.Options{MLOpset: 1 + i/10%2*2, Columns: i%20 == 0}), m, probes, 2)
			r := verify.Report{Checks: []verify.Check{check}}
			if err != nil || !r.Equal(verify.Tolerance{}) {
				t.Errorf("%s %s/%s: %v\n%s", version, v.Env, v.Case, err, r.Text(verify.Tolerance{}))
			}
		}
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Setenv(verify.CommandVariable, made(t, "runtime", "jpmml")+" "+script("run_jpmml.py"))
	rt, err := verify.OpenRuntime("jpmml")
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	for i, v := range vectors(t) {
		if i%10 != 0 || v.Case == "dt_reg_deep" || strings.Contains(v.Case, "multi") { // run_jpmml.py takes targets for inputs
			continue
		}
		m := v.Model(t)
		lowered, err := pmml.Lower(m, pmml.Options{})
		if err != nil {
			t.Logf("%s/%s: %v", v.Env, v.Case, err)
			continue
		}
		var b bytes.Buffer
		if err := pmml.Write(&b, lowered, pmml.Options{}); err != nil {
			t.Fatal(err)
		}
		fields, err := pmml.Fields(lowered)
		if err != nil {
			t.Fatal(err)
		}
		a := verify.Artifact{Name: "model.pmml", Data: b.Bytes(), Model: lowered, Fields: fields}
		check, err := verify.Run(rt, a, m, rows(t, v, m), 1)
		r := verify.Report{Checks: []verify.Check{check}}
		if err != nil || !r.Equal(verify.Tolerance{}) {
			t.Errorf("jpmml %s/%s: %v\n%s", v.Env, v.Case, err, r.Text(verify.Tolerance{}))
		}
	}
}

// The original answers in a process of its own, in old Pythons as in new ones.
func TestOriginal(t *testing.T) {
	answered, refused := 0, 0
	for i, v := range vectors(t) {
		if i%9 != 0 {
			continue
		}
		m := v.Model(t)
		probes, err := verify.Probes(m, 200)
		if err != nil {
			t.Fatal(err)
		}
		check, err := verify.Original(made(t, "python", v.Env), v.File(), "model", m, probes)
		r := verify.Report{Checks: []verify.Check{check}}
		if err != nil || !r.Equal(verify.Tolerance{}) {
			t.Errorf("%s/%s: %v\n%s", v.Env, v.Case, err, r.Text(verify.Tolerance{}))
		}
		answered, refused = answered+check.Rows, refused+check.Refused
	}
	t.Logf("%d rows, %d refused", answered, refused)
}

// Frames with text, in Pythons that have pandas; boosters and their own files; transformers; what old releases saved.
func TestOriginalOfEachKind(t *testing.T) {
	for _, path := range []string{
		"py27-sk0.20.4/columns_by_name/default.pkl", "py36-sk0.20.4/columns_of_objects/default.pkl", "py311-sk1.7.2/columns_by_name/default.pkl",
		"py311-sk1.7.2/skops/columns_by_name.skops", "py311-sk1.7.2/columns_alone/default.pkl", "py311-sk1.7.2/hgb_clf_cat_dtype/default.pkl",
		"py311-sk1.7.2/iforest/default.pkl", "py311-sk1.7.2/xgb_clf_softmax/default.pkl", "py311-sk1.7.2/xgb_clf_softmax/model.ubj",
		"py311-sk1.7.2/lgbm_clf_multi_text/default.pkl", "py311-sk1.7.2/lgbm_clf_multi_text/model.txt", "py38-sk1.1.3/lgbm_reg_frame/default.pkl",
		"py311-sk1.7.2/catboost_clf_binary_text/default.pkl", "py311-sk1.7.2/catboost_clf_binary_text/model.cbm", "py311-sk1.7.2/catboost_reg_poisson/model.cbm",
	} {
		v := real.Load(t, func(v *real.Vector) bool { return v.Path == path })[0]
		m := v.Model(t)
		check, err := verify.Original(made(t, "python", v.Env), v.File(), "model", m, rows(t, v, m))
		r := verify.Report{Checks: []verify.Check{check}}
		if tolerance := verify.Arithmetic(m); err != nil || !r.Equal(tolerance) {
			t.Errorf("%s: %v\n%s", path, err, r.Text(tolerance))
		}
	}
}
