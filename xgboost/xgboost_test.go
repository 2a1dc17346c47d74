package xgboost_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/xgboost"
)

// answers are what XGBoost answered (testdata/make.py). A number that is nil is NaN.
type answers struct {
	X               [][]*float64
	Margin, Predict [][]*float64
	Leaf            [][]*float64
	Proba           bool // predict is predict_proba's
}

func flat(rows [][]*float64) []float64 {
	var all []float64
	for _, row := range rows {
		for _, v := range row {
			if v == nil {
				all = append(all, math.NaN())
			} else {
				all = append(all, *v)
			}
		}
	}
	return all
}

func open(t *testing.T, name string) *xgboost.Booster {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !xgboost.Sniff(data) {
		t.Errorf("%s: not recognised", name)
	}
	b, err := xgboost.ParseEstimator(data, xgboost.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b
}

// TestAnswers holds models of several releases against what XGBoost itself answered: margins and leaves to the bit, what goes
// through exp within 4 steps of float32.
func TestAnswers(t *testing.T) {
	files, err := filepath.Glob("testdata/*.answers.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want answers
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(file, ".answers.json") + ".ubj"
		if _, err := os.Stat(name); err != nil {
			name = strings.TrimSuffix(name, ".ubj") + ".json"
		}
		b := open(t, name)
		m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: b.Features}}}
		a := b.Answers(m.Add, 0)
		predict := a.Predict
		if want.Proba {
			predict = a.Proba
		}
		m.Outputs = []model.Output{{Value: a.Margin}, {Value: predict}, {Value: a.Leaves}}
		if _, err := m.Types(); err != nil {
			t.Fatal(name, err)
		}
		got, err := m.Run([]*model.Tensor{{Kind: model.Float64, Shape: []int{len(want.X), b.Features}, Float: flat(want.X)}})
		if err != nil {
			t.Fatal(name, err)
		}
		compare(t, name+" margin", got[0].Float, flat(want.Margin), 0)
		compare(t, name+" predict", got[1].Float, flat(want.Predict), 4)
		var leaves []float64
		for _, v := range got[2].Int {
			leaves = append(leaves, float64(v))
		}
		compare(t, name+" leaf", leaves, flat(want.Leaf), 0)
	}
}

func compare(t *testing.T, what string, got, want []float64, steps int) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values for %d", what, len(got), len(want))
		return
	}
	wrong, first := 0, -1
	for i := range got {
		if apart(got[i], want[i]) > steps {
			if wrong++; first < 0 {
				first = i
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%s: %d of %d differ, first %d: %v, want %v", what, wrong, len(got), first, got[first], want[first])
	}
}

// apart is how many float32 lie between two.
func apart(a, b float64) int {
	if a == b || a != a && b != b {
		return 0
	}
	order := func(v float64) int {
		if bits := int(math.Float32bits(float32(math.Abs(v)))); v < 0 {
			return -bits
		} else {
			return bits
		}
	}
	d := order(a) - order(b)
	return max(d, -d)
}

func TestRefused(t *testing.T) {
	json := func(booster, objective string) string {
		return `{"learner":{"gradient_booster":{"name":"` + booster + `"},"learner_model_param":{"num_feature":"2","num_class":"0","base_score":"5E-1"},` +
			`"objective":{"name":"` + objective + `"}},"version":[1,7,1]}`
	}
	for text, want := range map[string]string{
		"binf\x00\x00":                       "old binary format",
		"CONFIG-offset:\x01":                 "old binary format",
		json("gblinear", "reg:squarederror"): `booster "gblinear"`,
		json("gbtree", "reg:expectileerror"): `objective "reg:expectileerror"`,
		json("gbtree", "my:own"):             `objective "my:own"`,
		strings.Replace(json("gbtree", "reg:squarederror"), "[1,7,1]", "[3,5,0]", 1): "XGBoost 3.5.0",
		strings.Replace(json("", ""), "{", "{ \n", 1):                                `objective ""`,
	} {
		if !xgboost.Sniff([]byte(text)) {
			t.Errorf("%q: not recognised", text)
		}
		_, err := xgboost.Parse([]byte(text), xgboost.Limits{})
		var u *fault.Unsupported
		if !errors.As(err, &u) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", "{", `{"a":1}`, "{L\x00\x00\x00\x00\x00\x00\x00\x03abc", "<xml>"} {
		if xgboost.Sniff([]byte(text)) {
			t.Errorf("%q is taken for a model", text)
		}
	}
}

// TestDeepAndFalse: values in each other, and lengths that the bytes don't bear out.
func TestDeepAndFalse(t *testing.T) {
	head := "{L\x00\x00\x00\x00\x00\x00\x00\x07learner"
	for _, text := range []string{
		head + strings.Repeat("[", 100000),
		head + "[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff",
		head + "[$d#L\x40\x00\x00\x00\x00\x00\x00\x00",
		head + "[#L\x00\x00\x00\xff\xff\xff\xff\xff",
		head + "[$S#L\x00\x00\x00\x00\x00\x00\x00\x01",
		`{"learner":` + strings.Repeat(`{"a":`, 100000),
		`{"learner":"` + strings.Repeat("a", 1000),
		`{"learner":[1,2,nonsense]}`,
	} {
		_, err := xgboost.Parse([]byte(text), xgboost.Limits{})
		var broken *fault.Broken
		if !errors.As(err, &broken) {
			t.Errorf("%.60q: %v", text, err)
		}
	}
	var big *fault.TooBig
	if _, err := xgboost.Parse([]byte(`{"learner":[`+strings.Repeat("1,", 1000)), xgboost.Limits{Memory: 1000}); !errors.As(err, &big) {
		t.Error(err)
	}
}

func FuzzBooster(f *testing.F) {
	files, _ := filepath.Glob("testdata/*")
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && len(data) < 20000 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := xgboost.ParseEstimator(data, xgboost.Limits{Memory: 64 << 20})
		if err != nil {
			if b != nil || len(err.Error()) > 200 {
				t.Errorf("%v %v", b, err)
			}
			return
		}
		if b.Features > 1000 {
			return
		}
		m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: b.Features}}}
		a := b.Answers(m.Add, 0)
		m.Outputs = []model.Output{{Value: a.Margin}, {Value: a.Predict}, {Value: a.Leaves}}
		if _, err := m.Types(); err != nil {
			t.Error(err)
		}
		if _, err := m.Run([]*model.Tensor{{Kind: model.Float64, Shape: []int{1, b.Features}, Float: make([]float64, b.Features)}}); err != nil {
			t.Error(err)
		}
	})
}
