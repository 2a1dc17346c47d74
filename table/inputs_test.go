package table_test

import (
	"testing"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/table"
)

// TestNumberedColumns: names that are only numbers find their columns by place, but only where the model says that its own
// columns have none; else a table without those columns is the wrong table.
func TestNumberedColumns(t *testing.T) {
	rows := table.New(table.Column{Name: "a", Kind: model.Float64, Float: []float64{1}}, table.Column{Name: "b", Kind: model.Float64, Float: []float64{2}},
		table.Column{Name: "c", Kind: model.Float64, Float: []float64{3}})
	single := func(names ...string) *model.Model {
		m := &model.Model{}
		for _, name := range names {
			m.Inputs = append(m.Inputs, model.Input{Name: name, Kind: model.Float64, Width: 1})
		}
		return m
	}
	matrix := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 3, Columns: []string{"x1", "x2", "x3"}}}}
	for _, c := range []struct {
		m    *model.Model
		want []float64
	}{
		{single("x0", "x2"), []float64{1, 3}},
		{single("x2", "x1"), []float64{3, 2}},
		{matrix, []float64{1, 2, 3}},
		{single("x1", "x3"), nil},
		{single("x0", "b"), nil},
	} {
		if _, err := rows.Inputs(c.m); err == nil {
			t.Errorf("%v: taken by place", c.m.Inputs)
		}
		c.m.Origin = model.Origin{{Key: model.KeyColumns, Value: model.NumberedColumns}}
		in, err := rows.Inputs(c.m)
		if (err == nil) != (c.want != nil) {
			t.Errorf("%v: %v", c.m.Inputs, err)
			continue
		}
		var got []float64
		for _, x := range in {
			got = append(got, x.Float...)
		}
		for i, v := range c.want {
			if got[i] != v {
				t.Errorf("%v: %v, want %v", c.m.Inputs, got, c.want)
			}
		}
	}
}
