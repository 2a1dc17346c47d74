package model_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

func matrix(kind model.Kind, width int, values ...float64) *model.Tensor {
	return &model.Tensor{Kind: kind, Shape: []int{len(values) / width, width}, Float: values}
}

// TestSteps holds each step against what numpy answers for the same: numpy.cumsum(x, 1), x.argmax(1), x.astype, table[i], ...
func TestSteps(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x := matrix(model.Float64, 3, 0.1, 0.2, 0.3, 3, 3, 1, nan, 1, 2, -inf, -inf, -inf)
	ints := func(shape []int, v ...int64) *model.Tensor {
		return &model.Tensor{Kind: model.Int64, Shape: shape, Int: v}
	}
	for _, c := range []struct {
		name string
		op   model.Op
		in   []*model.Tensor
		want *model.Tensor
	}{
		{"cumsum", &model.CumSum{}, []*model.Tensor{matrix(model.Float64, 3, 0.1, 0.2, 0.3)}, matrix(model.Float64, 3, 0.1, 0.30000000000000004, 0.6000000000000001)},
		{"cumsum of float32", &model.CumSum{}, []*model.Tensor{matrix(model.Float32, 2, float64(float32(0.1)), float64(float32(0.7)))},
			matrix(model.Float32, 2, float64(float32(0.1)), float64(float32(0.1)+float32(0.7)))},
		{"argmax", &model.ArgMax{}, []*model.Tensor{x}, ints([]int{4}, 2, 0, 0, 0)},
		{"pick", &model.Pick{Index: 1}, []*model.Tensor{x}, &model.Tensor{Kind: model.Float64, Shape: []int{4}, Float: []float64{0.2, 3, 1, -inf}}},
		{"slice", &model.Slice{From: 1, To: 3}, []*model.Tensor{matrix(model.Float64, 3, 1, 2, 3, 4, 5, 6)}, matrix(model.Float64, 2, 2, 3, 5, 6)},
		{"divide", &model.Div{By: 3}, []*model.Tensor{matrix(model.Float64, 1, 1, 2)}, matrix(model.Float64, 1, 0.3333333333333333, 0.6666666666666666)},
		{"round to float32", &model.Cast{To: model.Float32}, []*model.Tensor{matrix(model.Float64, 1, 0.1, 1e300, 16777217)}, matrix(model.Float32, 1, 0.10000000149011612, inf, 16777216)},
		{"cut off as integers", &model.Cast{To: model.Int64}, []*model.Tensor{matrix(model.Float64, 1, 2.9, -2.9)}, ints([]int{2, 1}, 2, -2)},
		{"lookup", &model.Lookup{Table: matrix(model.Float64, 2, 1, 2, 3, 4)}, []*model.Tensor{ints([]int{1, 2}, 1, 0)},
			&model.Tensor{Kind: model.Float64, Shape: []int{1, 2, 2}, Float: []float64{3, 4, 1, 2}}},
		{"offset", &model.Offset{By: []int64{10, 20}}, []*model.Tensor{ints([]int{2, 2}, 1, 2, 3, 4)}, ints([]int{2, 2}, 11, 22, 13, 24)},
		{"concatenate", &model.Concat{}, []*model.Tensor{matrix(model.Float64, 1, 1, 2), matrix(model.Float64, 2, 3, 4, 5, 6)}, matrix(model.Float64, 3, 1, 3, 4, 2, 5, 6)},
		{"row sum", &model.RowSum{Groups: 1, Table: matrix(model.Float64, 3, 0.1, 0.2, 0.3, 1, 2, 3)}, []*model.Tensor{matrix(model.Float32, 3, 0, 1, 2, 2, 2, 2)},
			matrix(model.Float64, 2, 0.6000000000000001, 6, 0.8999999999999999, 9)},
		{"row sums in turns, of float32", &model.RowSum{Groups: 2, Table: matrix(model.Float32, 2, float64(float32(0.1)), float64(float32(0.7)))},
			[]*model.Tensor{ints([]int{1, 4}, 0, 1, 1, 1)}, matrix(model.Float32, 2, float64(float32(0.1)+float32(0.7)), float64(float32(0.7)+float32(0.7)))},
		{"index", &model.Index{Keys: &model.Tensor{Kind: model.Float64, Shape: []int{3}, Float: []float64{0, nan, 1.5}}, Unknown: -1},
			[]*model.Tensor{matrix(model.Float64, 1, math.Copysign(0, -1), 1.5, nan, 2)}, ints([]int{4, 1}, 0, 2, 1, -1)},
		{"complement", &model.Complement{}, []*model.Tensor{matrix(model.Float64, 1, 0.3)}, matrix(model.Float64, 2, 0.7, 0.3)},
	} {
		var types []model.Type
		for _, in := range c.in {
			types = append(types, in.Type())
		}
		typ, err := c.op.Type(types)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got, err := model.Eval(c.op, c.in)
		if err != nil || !got.Same(c.want) {
			t.Errorf("%s: %+v, want %+v (%v)", c.name, got, c.want, err)
			continue
		}
		if got.Kind != typ.Kind || len(got.Shape) != len(typ.Row)+1 {
			t.Errorf("%s: %v announced, %v made", c.name, typ, got.Type())
		}
	}
	if _, err := model.Eval(&model.Lookup{Table: matrix(model.Float64, 1, 1)}, []*model.Tensor{ints([]int{1}, 1)}); err == nil {
		t.Error("an index beyond the table is looked up")
	}
	for _, row := range []float64{-1, 2, nan} {
		if _, err := model.Eval(&model.RowSum{Groups: 1, Table: matrix(model.Float64, 2, 1, 2)}, []*model.Tensor{matrix(model.Float64, 1, row)}); err == nil {
			t.Errorf("row %v of two is added", row)
		}
	}
}

func program() *model.Model {
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 2}}}
	unused := m.Add(&model.Div{X: 0, By: 2})
	index := m.Add(&model.ArgMax{X: 0})
	label := m.Add(&model.Lookup{X: index, Table: &model.Tensor{Kind: model.String, Shape: []int{2}, Text: []string{"no", "yes"}}})
	m.Outputs = []model.Output{{Name: "label", Method: model.Predict, Value: label}, {Name: "halves", Method: "halves", Value: unused}}
	return m
}

func TestSelectKeepsWhatIsNeeded(t *testing.T) {
	s, err := program().Select([]string{model.Predict})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Ops) != 2 || len(s.Outputs) != 1 {
		t.Fatalf("%d steps, %d outputs", len(s.Ops), len(s.Outputs))
	}
	got, err := s.Run([]*model.Tensor{matrix(model.Float64, 2, 1, 2, 2, 1)})
	if err != nil || got[0].Text[0] != "yes" || got[0].Text[1] != "no" {
		t.Errorf("%v %v", got, err)
	}
	var u *fault.Unsupported
	if _, err := program().Select([]string{"transform"}); !errors.As(err, &u) {
		t.Errorf("%v", err)
	}
}

func TestTypesRefusesWhatIsNoProgram(t *testing.T) {
	for name, spoil := range map[string]func(*model.Model){
		"reads itself":       func(m *model.Model) { m.Ops[0] = &model.Div{X: 1, By: 2} },
		"reads nothing":      func(m *model.Model) { m.Ops[0] = &model.Div{X: -1, By: 2} },
		"no such output":     func(m *model.Model) { m.Outputs[0].Value = 9 },
		"argmax of labels":   func(m *model.Model) { m.Ops = append(m.Ops, &model.ArgMax{X: 3}) },
		"columns beyond":     func(m *model.Model) { m.Ops = append(m.Ops, &model.Slice{X: 0, From: 1, To: 3}) },
		"lookup by a number": func(m *model.Model) { m.Ops = append(m.Ops, &model.Lookup{X: 0, Table: matrix(model.Float64, 1, 1)}) },
	} {
		m := program()
		spoil(m)
		var b *fault.Broken
		if _, err := m.Types(); !errors.As(err, &b) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
