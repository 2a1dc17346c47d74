package model_test

import (
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

// TestRunWithin compares the bounds with what a change of the inexact steps really does: exp moved by two units in its last
// place, then subtracted, divided and multiplied. Nothing may go beyond its bound, and what is exact has none.
func TestRunWithin(t *testing.T) {
	build := func() (*model.Model, model.Ref) {
		m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 2}}}
		e := m.Add(&model.Unary{Fn: model.Exp, X: 0})
		difference := m.Add(&model.Binary{Fn: model.Sub, A: model.Value(e), B: model.Vector(1, 1)})
		ratio := m.Add(&model.Binary{Fn: model.Quotient, A: model.Value(difference), B: model.Value(e)})
		sum := m.Add(&model.Reduce{Fn: model.ReduceSum, X: ratio})
		m.Outputs = []model.Output{{Name: "sum", Method: "sum", Value: sum}, {Name: "x", Method: "x", Value: 0}}
		return m, e
	}
	x := &model.Tensor{Kind: model.Float64, Shape: []int{4, 2}, Float: []float64{1e-9, 2e-7, 0.5, -3, 20, 1e-3, -1e-12, 7}}
	m, _ := build()
	out, bounds, err := m.RunWithin([]*model.Tensor{x})
	if err != nil {
		t.Fatal(err)
	}
	if bounds[1] != nil {
		t.Error("an input has bounds")
	}
	for i, v := range out[0].Float {
		moved := 0.0
		for _, v := range x.Float[2*i : 2*i+2] {
			e := math.Exp(v)
			for range 2 {
				e = math.Nextafter(e, math.Inf(1))
			}
			moved += (e - 1) / e
		}
		if off := math.Abs(moved - v); off > bounds[0].Float[i] || bounds[0].Float[i] > 1e-13 {
			t.Errorf("row %d: %g off, bound %g", i, off, bounds[0].Float[i])
		}
	}
}

// TestOpen stands right on a threshold behind an exp, and beside it: the one row is open, the other is not, and of labels too.
func TestOpen(t *testing.T) {
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 1}}}
	e := m.Add(&model.Unary{Fn: model.Exp, X: 0})
	above := m.Add(&model.Binary{Fn: model.Greater, A: model.Value(e), B: model.Scalar(math.Exp(1.5))})
	index := m.Add(&model.Reshape{X: m.Add(&model.Cast{X: above, To: model.Int64}), Row: []int{}})
	label := m.Add(&model.Lookup{X: index, Table: &model.Tensor{Kind: model.String, Shape: []int{2}, Text: []string{"no", "yes"}}})
	m.Outputs = []model.Output{{Name: "label", Method: model.Predict, Value: label}}
	x := &model.Tensor{Kind: model.Float64, Shape: []int{3, 1}, Float: []float64{1.5, 1.5 + 1e-9, 0}}
	_, bounds, err := m.RunWithin([]*model.Tensor{x})
	if err != nil {
		t.Fatal(err)
	}
	for row, open := range []bool{true, false, false} {
		if math.IsInf(bounds[0].Float[row], 1) != open {
			t.Errorf("row %d: bound %v", row, bounds[0].Float[row])
		}
	}
}
