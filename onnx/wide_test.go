package onnx_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
)

// TestWideRows writes and reads models whose rows are far wider than their files are long in trees: what a file's rows may
// take must not refuse them.
func TestWideRows(t *testing.T) {
	const classes, trees, features, categories = 1000, 1000, 100000, 5000
	stump := func(value float64, width int) forest.Tree {
		tree := forest.Tree{Feature: []int32{0, forest.Leaf, forest.Leaf}, Left: []int32{1, 0, 1}, Right: []int32{2, 0, 0},
			Threshold: make([]float64, 3), Value: make([]float64, 2*width), Output: forest.AllOutputs}
		tree.Value[int(value)%width], tree.Value[width+int(value)*7%width] = 1, 1
		return tree
	}
	many := &forest.Forest{Features: 10000, Outputs: classes, Input: forest.Float32, Combine: forest.Mean}
	for k := range trees {
		many.Trees = append(many.Trees, stump(float64(k), classes))
	}
	// As AdaBoost on scaled columns: every forest reads all columns again.
	members := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: features}}}
	by := &model.Tensor{Kind: model.Float64, Shape: []int{1, features}, Float: make([]float64, features)}
	for i := range by.Float {
		by.Float[i] = 0.5
	}
	scaled := members.Add(&model.Binary{Fn: model.Mul, A: model.Value(0), B: model.Operand{Row: by}})
	sum := model.Ref(-1)
	for k := range 200 {
		one := members.Add(&model.Ensemble{X: scaled, Forest: &forest.Forest{Features: features, Outputs: 1, Input: forest.Float32, Trees: []forest.Tree{stump(float64(k), 1)}}})
		if sum < 0 {
			sum = one
		} else {
			sum = members.Add(&model.Binary{Fn: model.Add, A: model.Value(sum), B: model.Value(one)})
		}
	}
	members.Outputs = []model.Output{{Name: "variable", Method: model.Predict, Value: sum}}

	keys := &model.Tensor{Kind: model.String, Shape: []int{categories}}
	hot := &model.Tensor{Kind: model.Float64, Shape: []int{1, categories}}
	for i := range categories {
		keys.Text = append(keys.Text, strconv.Itoa(i))
		hot.Float = append(hot.Float, float64(i))
	}
	encoded := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.String, Width: 1}}}
	place := encoded.Add(&model.Cast{X: encoded.Add(&model.Index{X: 0, Keys: keys, Unknown: -1}), To: model.Float64})
	equal := encoded.Add(&model.Binary{Fn: model.Equals, A: model.Value(place), B: model.Operand{Row: hot}})
	one := encoded.Add(&model.Cast{X: equal, To: model.Float64})
	v := encoded.Add(&model.Ensemble{X: one, Forest: &forest.Forest{Features: categories, Outputs: 1, Input: forest.Float32, Trees: []forest.Tree{stump(1, 1)}}})
	encoded.Outputs = []model.Output{{Name: "variable", Method: model.Predict, Value: v}}

	for name, m := range map[string]*model.Model{"classes": regressor(many), "members": members, "categories": encoded} {
		for _, o := range []onnx.Options{{}, {MLOpset: 1}} {
			lowered, file := encode(t, m, o)
			back, err := onnx.Read(file)
			if err == nil {
				err = model.Equal(lowered, back)
			}
			if err != nil {
				t.Errorf("%s, %+v, %d bytes: %v", name, o, len(file), err)
			}
		}
	}
	// A file that asks for rows that nothing in it accounts for.
	wide := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 1}}}
	x := wide.Add(&model.Reshape{X: 0, Row: []int{1}})
	for range 20 {
		x = wide.Add(&model.Concat{Xs: []model.Ref{x, x}})
	}
	wide.Outputs = []model.Output{{Name: "transform", Method: model.Transform, Value: x}}
	_, file := encode(t, wide, onnx.Options{})
	var big *fault.TooBig
	if _, err := onnx.Read(file); !errors.As(err, &big) {
		t.Errorf("%d bytes that make a million columns of one: %v", len(file), err)
	}
}
