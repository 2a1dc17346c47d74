package verify_test

import (
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
	"github.com/seed-2867d59c/treeport/verify"
)

// What scikit-learn answered is what the models read from its files answer.
func TestAnswers(t *testing.T) {
	compared := 0
	for _, v := range vectors(t) {
		m := v.Model(t)
		expected := expected(t, v, m)
		if len(expected) == 0 {
			continue
		}
		check, err := verify.Answers(m, rows(t, v, m), expected)
		if err != nil {
			t.Errorf("%s/%s: %v", v.Env, v.Case, err)
			continue
		}
		compared += len(check.Diffs)
		r := verify.Report{Checks: []verify.Check{check}}
		if !r.Equal(verify.Tolerance{}) {
			t.Errorf("%s/%s:\n%s", v.Env, v.Case, r.Text(verify.Tolerance{}))
		}
	}
	t.Logf("%d outputs compared", compared)
}

// A model lowered for ONNX answers its probes as the model itself does, with every kind of input.
func TestModels(t *testing.T) {
	for _, v := range vectors(t) {
		m := v.Model(t)
		probes, err := verify.Probes(m, 300)
		if err != nil {
			t.Fatalf("%s/%s: %v", v.Env, v.Case, err)
		}
		for _, o := range []onnx.Options{{}, {MLOpset: 1}, {Columns: true, Input: "double"}} {
			lowered, err := onnx.Lower(m, o)
			if err != nil {
				t.Errorf("%s/%s: %v", v.Env, v.Case, err)
				continue
			}
			check, err := verify.Models(m, lowered, probes)
			if err != nil {
				t.Errorf("%s/%s: %v", v.Env, v.Case, err)
				continue
			}
			r := verify.Report{Checks: []verify.Check{check}}
			if !r.Equal(verify.Tolerance{}) || check.Rows != probes[0].Rows() {
				t.Errorf("%s/%s %+v:\n%s", v.Env, v.Case, o, r.Text(verify.Tolerance{}))
			}
		}
	}
}

// What a broken converter does is found by probes: a threshold rounded to float32 to nearest, one that is off by one
// float32, children compared by < instead of <=, NaN sent right.
func TestProbesFindFaults(t *testing.T) {
	faults := []struct {
		name   string
		break_ func(f *forest.Forest, t *forest.Tree, i int) bool // whether the fault can show
	}{
		{"previous float32", func(f *forest.Forest, t *forest.Tree, i int) bool {
			t.Threshold[i] = float64(math.Nextafter32(float32(t.Threshold[i]), float32(math.Inf(-1))))
			return true
		}},
		{"less than", func(f *forest.Forest, t *forest.Tree, i int) bool {
			old := t.Threshold[i]
			t.Threshold[i] = math.Nextafter(old, math.Inf(-1))
			return f.Input == forest.Float64 || float64(float32(old)) == old
		}},
		{"next float32", func(f *forest.Forest, t *forest.Tree, i int) bool {
			t.Threshold[i] = float64(math.Nextafter32(float32(t.Threshold[i]), float32(math.Inf(1))))
			return true
		}},
		{"NaN right", func(f *forest.Forest, t *forest.Tree, i int) bool {
			left := t.MissingLeft(int32(i))
			if left {
				t.Flags[i] = 0
			}
			return left && !f.RefusesNaN
		}},
	}
	for _, fault := range faults {
		shown, found := 0, 0
		for _, v := range vectors(t) {
			m := v.Model(t)
			if v.Case == "dt_reg_deep" {
				continue
			}
			probes, err := verify.Probes(m, 1000)
			if err != nil {
				t.Fatal(err)
			}
			broken := v.Model(t)
			can := false
			for _, op := range broken.Ops {
				e, ok := op.(*model.Ensemble)
				if !ok {
					continue
				}
				for k := range e.Forest.Trees {
					tree := &e.Forest.Trees[k]
					for i := range tree.Feature {
						if tree.Feature[i] >= 0 && fault.break_(e.Forest, tree, i) {
							can = true
						}
					}
				}
			}
			if !can {
				continue
			}
			shown++
			check, err := verify.Models(m, broken, probes)
			if err != nil {
				t.Fatal(err)
			}
			if check.Equal(verify.Tolerance{}) {
				t.Logf("%s: not found in %s/%s", fault.name, v.Env, v.Case)
			} else {
				found++
			}
		}
		t.Logf("%s: found in %d of %d models", fault.name, found, shown)
		if shown == 0 || found < shown {
			t.Errorf("%s: found in %d of %d models", fault.name, found, shown)
		}
	}
}
