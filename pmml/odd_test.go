package pmml

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// stumpTree splits feature at threshold into leaf rows.
func stumpTree(feature int32, threshold float64, flags uint8, left, right []float64) forest.Tree {
	return forest.Tree{Feature: []int32{feature, forest.Leaf, forest.Leaf}, Left: []int32{1, 0, 1}, Right: []int32{2, 0, 0}, Threshold: []float64{threshold, 0, 0},
		Flags: []uint8{flags, 0, 0}, Value: append(append([]float64{}, left...), right...), Output: forest.AllOutputs}
}

func regressor(f *forest.Forest) *model.Model {
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: f.Features}}}
	m.Outputs = []model.Output{{Name: "predict", Value: m.Add(&model.Ensemble{Forest: f}), Method: model.Predict}}
	return m
}

// classifier answers labels of the largest of f's outputs.
func classifier(f *forest.Forest, labels *model.Tensor) *model.Model {
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: f.Features}}}
	p := m.Add(&model.Ensemble{Forest: f})
	m.Outputs = []model.Output{{Name: "label", Value: m.Add(&model.Lookup{X: m.Add(&model.ArgMax{X: p}), Table: labels}), Method: model.Predict},
		{Name: "probabilities", Value: p, Method: model.PredictProba}}
	return m
}

func texts(labels ...string) *model.Tensor {
	return &model.Tensor{Kind: model.String, Shape: []int{len(labels)}, Text: labels}
}

// chain is a regression tree of the given number of splits, each the right child of the one before.
func chain(splits int) forest.Tree {
	t := forest.Tree{Output: forest.AllOutputs}
	for i := range splits {
		n := int32(len(t.Feature))
		t.Feature = append(t.Feature, 0, forest.Leaf)
		t.Left = append(t.Left, n+1, int32(i))
		t.Right = append(t.Right, n+2, 0)
		t.Threshold = append(t.Threshold, float64(i), 0)
		t.Value = append(t.Value, float64(i))
	}
	t.Feature, t.Left, t.Right, t.Threshold = append(t.Feature, forest.Leaf), append(t.Left, int32(splits)), append(t.Right, 0), append(t.Threshold, 0)
	t.Value = append(t.Value, -1)
	return t
}

// oddModels are models that scikit-learn seldom makes, and of which some file may be made.
func oddModels() map[string]*model.Model {
	inf := math.Inf(1)
	two := []forest.Tree{stumpTree(0, 0.1, 0, []float64{1}, []float64{2}), stumpTree(1, 0.7, forest.MissingLeft, []float64{0.1}, []float64{-0.2})}
	many := func(splits ...forest.Tree) *forest.Forest {
		return &forest.Forest{Features: 2, Outputs: 1, Input: forest.Float32, Trees: splits}
	}
	scored := stumpTree(0, 0, 0, []float64{0.5, 0.5, 1}, []float64{0.25, 0.75, 1})
	models := map[string]*model.Model{
		"sum":               regressor(many(two...)),
		"base":              regressor(&forest.Forest{Features: 2, Outputs: 1, Input: forest.Float32, Trees: two, Base: []float64{-0.3}}),
		"float64":           regressor(&forest.Forest{Features: 2, Outputs: 1, Input: forest.Float64, Trees: two}),
		"has a value left":  regressor(many(stumpTree(1, inf, 0, []float64{1}, []float64{2}))),
		"all left":          regressor(many(stumpTree(1, inf, forest.MissingLeft, []float64{1}, []float64{2}))),
		"below all":         regressor(many(stumpTree(1, -inf, forest.MissingLeft, []float64{1}, []float64{2}))),
		"below all, double": regressor(&forest.Forest{Features: 2, Outputs: 1, Input: forest.Float64, Trees: []forest.Tree{stumpTree(1, -inf, 0, []float64{1}, []float64{2})}}),
		"refuses NaN":       regressor(&forest.Forest{Features: 2, Outputs: 1, Input: forest.Float32, RefusesNaN: true, Trees: two}),
		"deep":              regressor(&forest.Forest{Features: 1, Outputs: 1, Input: forest.Float32, Trees: []forest.Tree{chain(20_000)}}),
		"single outputs": regressor(&forest.Forest{Features: 2, Outputs: 2, Input: forest.Float32, Trees: []forest.Tree{
			{Feature: []int32{forest.Leaf}, Left: []int32{0}, Right: []int32{0}, Threshold: []float64{0}, Value: []float64{3}, Output: 1},
			{Feature: []int32{forest.Leaf}, Left: []int32{0}, Right: []int32{0}, Threshold: []float64{0}, Value: []float64{4}, Output: 0}}}),
	}
	label := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 1, Columns: []string{"label"}}}}
	e := label.Add(&model.Ensemble{Forest: &forest.Forest{Features: 1, Outputs: 3, Input: forest.Float32, Trees: []forest.Tree{scored}}})
	p := label.Add(&model.Slice{X: e, From: 0, To: 2})
	label.Outputs = []model.Output{{Name: "label", Method: model.Predict, Value: label.Add(&model.Lookup{Table: texts("a", "b"), X: label.Add(&model.Cast{To: model.Int64, X: label.Add(&model.Pick{X: e, Index: 2})})})},
		{Name: "p", Method: model.PredictProba, Value: p}}
	models["label of its own"] = label
	return models
}

// Odd models must come back as they were lowered, and answer what they answered.
func TestOddModels(t *testing.T) {
	inf := math.Inf(1)
	for name, m := range oddModels() {
		t.Run(name, func(t *testing.T) {
			low, err := Lower(m, Options{})
			if err != nil {
				t.Fatal(err)
			}
			data := written(t, low, Options{})
			if bytes.Contains(data, []byte("Inf")) || bytes.Contains(data, []byte("NaN")) {
				t.Error("it prints an infinity or NaN")
			}
			back, err := Read(data, Limits{})
			if err != nil {
				t.Fatalf("%v\n%.2000s", err, data)
			}
			if err := model.Equal(low, back); err != nil {
				t.Fatalf("%v\n%.2000s", err, data)
			}
			x := model.NewTensor(model.Type{Kind: model.Float64, Row: []int{m.Inputs[0].Width}}, 7)
			for i, v := range []float64{0, 0.1, 0.7, 5, inf, -inf, math.NaN()} {
				if i == 6 && name == "refuses NaN" {
					v = 1
				}
				for j := range m.Inputs[0].Width {
					x.Float[i*m.Inputs[0].Width+j] = v
				}
			}
			want, err := m.Run([]*model.Tensor{x})
			if err != nil {
				t.Fatal(err)
			}
			got, err := back.Run([]*model.Tensor{x})
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if !want[i].Same(got[i]) {
					t.Errorf("answers %v, not %v", got[i], want[i])
				}
			}
		})
	}
}

// What PMML can't say must be named.
func TestUnsupported(t *testing.T) {
	f := func(trees ...forest.Tree) *forest.Forest {
		return &forest.Forest{Features: 1, Outputs: 2, Input: forest.Float32, Trees: trees}
	}
	good := stumpTree(0, 0, 0, []float64{1, 0}, []float64{0.5, 0.5})
	apply := regressor(&forest.Forest{Features: 1, Outputs: 1, Input: forest.Float32, Trees: []forest.Tree{chain(1)}})
	apply.Outputs[0] = model.Output{Name: "apply", Method: model.Predict, Value: apply.Add(&model.Leaves{Forest: apply.Ops[0].(*model.Ensemble).Forest})}
	columns := classifier(f(good), texts("a", "b"))
	columns.Inputs[0].Columns = []string{"a\x00b"}
	for says, m := range map[string]*model.Model{
		"the label":                    classifier(f(good), texts("a", "\x01")),
		"the feature name":             columns,
		"no probability":               classifier(f(stumpTree(0, 0, 0, []float64{1, 0}, []float64{1.5, 0.5})), texts("a", "b")),
		"add up to":                    classifier(f(stumpTree(0, 0, 0, []float64{1, 0}, []float64{0.25, 0.5})), texts("a", "b")),
		"sum over trees":               classifier(f(good, good), texts("a", "b")),
		"leaves of a tree ensemble":    apply,
		"two labels are \"a\"":         classifier(f(good), texts("a", "a")),
		"can't hold the leaf value":    regressor(&forest.Forest{Features: 1, Outputs: 1, Trees: []forest.Tree{stumpTree(0, 0, 0, []float64{1}, []float64{math.Inf(1)})}}),
		"base values [1] in a mean":    regressor(&forest.Forest{Features: 1, Outputs: 1, Combine: forest.Mean, Base: []float64{1}, Trees: []forest.Tree{chain(1)}}),
		"does not have the methods [p": regressor(&forest.Forest{Features: 1, Outputs: 1, Trees: []forest.Tree{chain(1)}}),
	} {
		o := Options{}
		if strings.HasPrefix(says, "does not have") {
			o.Methods = []string{model.PredictProba}
		}
		_, err := Lower(m, o)
		var u *fault.Unsupported
		if !errors.As(err, &u) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, not %q", err, says)
		}
	}
	if _, err := Lower(regressor(f(good)), Options{Methods: []string{model.Apply}}); err == nil || !strings.Contains(err.Error(), "apply") {
		t.Error(err)
	}
}
