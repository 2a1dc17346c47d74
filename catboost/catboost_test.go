package catboost_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/catboost"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// answers are what CatBoost answered (testdata/make.py): numbers, null for NaN, text for infinity.
type answers struct {
	X, Raw, Predict, Proba [][]any
}

func flat(rows [][]any) []float64 {
	var all []float64
	for _, row := range rows {
		for _, v := range row {
			switch v := v.(type) {
			case nil:
				all = append(all, math.NaN())
			case string:
				sign := 1
				if v == "-inf" {
					sign = -1
				}
				all = append(all, math.Inf(sign))
			default:
				all = append(all, v.(float64))
			}
		}
	}
	return all
}

func parse(t *testing.T, name string) *catboost.Booster {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !catboost.Sniff(data) {
		t.Errorf("%s: not recognised", name)
	}
	b, err := catboost.Parse(data, catboost.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b
}

// TestAnswers holds models against what CatBoost itself answered: raw values to the bit, what goes through exp within 4 steps
// of float64, and labels.
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
		name := strings.TrimSuffix(file, ".answers.json") + ".cbm"
		b := parse(t, name)
		release, _, _ := strings.Cut(filepath.Base(name), "-")
		if named := release == "1.2.8"; named && b.Release != release || !named && b.Release != "" { // the others name a commit
			t.Errorf("%s: release %q", name, b.Release)
		}
		m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: b.Features}}}
		a := b.Answers(m.Add, 0)
		m.Outputs = []model.Output{{Value: a.Raw}, {Value: a.Predict}}
		if b.Classes != nil {
			label := m.Add(&model.Lookup{X: a.Label, Table: b.Classes})
			m.Outputs = append(m.Outputs, model.Output{Value: a.Proba}, model.Output{Value: label})
		}
		if _, err := m.Types(); err != nil {
			t.Fatal(name, err)
		}
		got, err := m.Run([]*model.Tensor{{Kind: model.Float64, Shape: []int{len(want.X), b.Features}, Float: flat(want.X)}})
		if err != nil {
			t.Fatal(name, err)
		}
		compare(t, name+" raw", got[0].Float, flat(want.Raw), 0)
		if b.Classes == nil {
			compare(t, name+" predict", got[1].Float, flat(want.Predict), 4)
			continue
		}
		compare(t, name+" proba", got[2].Float, flat(want.Proba), 4)
		for i, row := range want.Predict {
			if text := fmt.Sprint(row[0]); got[3].Item(i) != text {
				t.Errorf("%s row %d: %s, want %s", name, i, got[3].Item(i), text)
			}
		}
	}
}

func compare(t *testing.T, what string, got, want []float64, steps int64) {
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

// apart is how many float64 lie between two of one sign.
func apart(a, b float64) int64 {
	if a == b || a != a && b != b {
		return 0
	}
	d := int64(math.Float64bits(a)) - int64(math.Float64bits(b))
	return max(d, -d)
}

func TestBroken(t *testing.T) {
	data, err := os.ReadFile("testdata/1.2.8-multi.cbm")
	if err != nil {
		t.Fatal(err)
	}
	far := append([]byte(nil), data...)
	binary.LittleEndian.PutUint32(far[8:], 0x7fffffff)
	for name, bytes := range map[string][]byte{"empty": nil, "mark": data[:4], "cut": data[:len(data)/2], "far": far, "other": []byte("CBM2....")} {
		b, err := catboost.Parse(bytes, catboost.Limits{})
		var broken *fault.Broken
		if b != nil || !errors.As(err, &broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var big *fault.TooBig
	if _, err := catboost.Parse(data, catboost.Limits{Model: forest.Limits{Nodes: 20}.Budget()}); !errors.As(err, &big) {
		t.Error(err)
	}
}

func FuzzBooster(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.cbm")
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && len(data) < 20000 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := catboost.Parse(data, catboost.Limits{Model: forest.Limits{Nodes: 1 << 20}.Budget()})
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
		m.Outputs = []model.Output{{Value: a.Raw}, {Value: a.Predict}}
		if b.Classes != nil {
			m.Outputs = append(m.Outputs, model.Output{Value: a.Proba}, model.Output{Value: a.Label})
		}
		if _, err := m.Types(); err != nil {
			t.Error(err)
		}
		if _, err := m.Run([]*model.Tensor{{Kind: model.Float64, Shape: []int{1, b.Features}, Float: make([]float64, b.Features)}}); err != nil {
			t.Error(err)
		}
	})
}
