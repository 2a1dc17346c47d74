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
