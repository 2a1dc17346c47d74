package pmml

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// float is a float64 as Python's float.hex writes it.
type float float64

func (f *float) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*f = float(v)
	return err
}

// vector is a model of scikit-learn 1.7.2 with its answers to the rows X; testdata/README.md says how it was made.
type vector struct {
	Name     string `json:"-"`
	Features int
	Mean     bool
	Columns  []string
	Classes  [][]any // per target; nil for a regressor
	Outputs  int     // of a regressor
	Trees    []struct {
		Feature, Left, Right []int32
		Threshold            []float
		Missing              []int `json:"missing_left"`
		Value                [][]float
	}
	X       [][]float
	Predict [][]float   // of a regressor
	Proba   [][][]float // per target
	Labels  [][]any     // per target
}

func vectors(t testing.TB) []*vector {
	t.Helper()
	dir := os.Getenv("TREEPORT_PMML_VECTORS") // more of the same kind, made elsewhere
	if dir == "" {
		dir = "testdata"
	}
	return vectorsIn(t, dir)
}

func vectorsIn(t testing.TB, dir string) []*vector {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no vectors", err)
	}
	var all []*vector
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		v := &vector{Name: strings.TrimSuffix(filepath.Base(path), ".json")}
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		if err := d.Decode(v); err != nil {
			t.Fatal(path, err)
		}
		all = append(all, v)
	}
	return all
}

// model is the vector's model as sklearn reads it.
func (v *vector) model() *model.Model {
	f := &forest.Forest{Features: v.Features, Input: forest.Float32, Outputs: v.Outputs}
	for _, labels := range v.Classes {
		f.Outputs += len(labels)
	}
	if v.Mean {
		f.Combine = forest.Mean
		f.Base = make([]float64, f.Outputs)
	}
	for _, tree := range v.Trees {
		t := forest.Tree{Feature: tree.Feature, Left: append([]int32{}, tree.Left...), Right: tree.Right, Output: forest.AllOutputs}
		for i := range tree.Feature {
			t.Threshold = append(t.Threshold, float64(tree.Threshold[i]))
			t.Flags = append(t.Flags, uint8(tree.Missing[i]))
			if tree.Feature[i] < 0 {
				t.Left[i] = int32(len(t.Value) / f.Outputs)
				for _, x := range tree.Value[i] {
					t.Value = append(t.Value, float64(x))
				}
			}
		}
		f.Trees = append(f.Trees, t)
	}
	m := &model.Model{
		Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: v.Features, Columns: v.Columns}},
		Origin: model.Origin{{Key: model.KeyRelease, Value: "1.7.2"}, {Key: model.ParamKey + "odd", Value: "<\"&'>\x01\t"}},
	}
	e := m.Add(&model.Ensemble{Forest: f})
	if v.Classes == nil {
		m.Outputs = []model.Output{{Name: "variable", Value: e, Method: model.Predict}}
		return m
	}
	at := 0
	for i, labels := range v.Classes {
		proba := e
		if len(v.Classes) > 1 {
			proba = m.Add(&model.Slice{X: e, From: at, To: at + len(labels)})
			at += len(labels)
		}
		label := m.Add(&model.Lookup{X: m.Add(&model.ArgMax{X: proba}), Table: labelTable(labels)})
		m.Outputs = append(m.Outputs, model.Output{Name: "label", Value: label, Method: model.Predict, Target: i},
			model.Output{Name: "probabilities", Value: proba, Method: model.PredictProba, Target: i})
	}
	return m
}

func labelTable(labels []any) *model.Tensor {
	t := &model.Tensor{Shape: []int{len(labels)}}
	for _, l := range labels {
		switch l := l.(type) {
		case string:
			t.Kind, t.Text = model.String, append(t.Text, l)
		case bool:
			t.Kind, t.Int = model.Bool, append(t.Int, 0)
			if l {
				t.Int[len(t.Int)-1] = 1
			}
		case json.Number:
			if i, err := l.Int64(); err == nil {
				t.Kind, t.Int = model.Int64, append(t.Int, i)
			} else {
				x, _ := l.Float64()
				t.Float = append(t.Float, x)
			}
		}
	}
	return t
}

// rows is the vector's X.
func (v *vector) rows() *model.Tensor {
	x := model.NewTensor(model.Type{Kind: model.Float64, Row: []int{v.Features}}, len(v.X))
	for i, row := range v.X {
		for j, value := range row {
			x.Float[i*v.Features+j] = float64(value)
		}
	}
	return x
}

// check holds answers against scikit-learn's, to the bit but for as many ulp in probabilities.
func (v *vector) check(t *testing.T, answers []*model.Tensor, ulps int64) {
	t.Helper()
	if v.Classes == nil {
		v.numbers(t, answers[0], v.Predict, 0)
		return
	}
	for i, labels := range v.Labels {
		want := labelTable(labels)
		for row := range labels {
			if got := answers[2*i].Item(row); got != want.Item(row) {
				t.Errorf("target %d, row %d: label %s, scikit-learn says %s", i, row, got, want.Item(row))
			}
		}
		v.numbers(t, answers[2*i+1], v.Proba[i], ulps)
	}
}

func (v *vector) numbers(t *testing.T, got *model.Tensor, want [][]float, ulps int64) {
	t.Helper()
	for i, row := range want {
		for j, x := range row {
			y := got.Float[i*len(row)+j]
			if off := int64(math.Float64bits(y) - math.Float64bits(float64(x))); off > ulps || -off > ulps {
				t.Errorf("row %d, column %d: %v, scikit-learn says %v", i, j, y, x)
			}
		}
	}
}
