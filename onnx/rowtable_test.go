package onnx_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
)

// TestJoined: leaf values that lie one after another are the row table, where it holds them as they are; the file is the same either way.
func TestJoined(t *testing.T) {
	for name, c := range map[string]struct {
		change func(f *forest.Forest)
		shared bool
	}{
		"as they are":          {func(*forest.Forest) {}, true},
		"behind a base":        {func(f *forest.Forest) { f.Base = []float64{0.5} }, false},
		"with a negative zero": {func(f *forest.Forest) { f.Trees[0].Value[2] = math.Copysign(0, -1) }, true},
		"of one output":        {func(f *forest.Forest) { eachTree(f, func(t *forest.Tree) { t.Output = 0 }) }, true},
		"of one output, with a -0": {func(f *forest.Forest) {
			f.Trees[0].Value[2] = math.Copysign(0, -1)
			eachTree(f, func(t *forest.Tree) { t.Output = 0 })
		}, false},
	} {
		apart := randomTrees(rand.New(rand.NewPCG(7, 8)), 9, 20, forest.Float32)
		apart.Acc = forest.Float64
		eachTree(apart, func(t *forest.Tree) {
			for i := range t.Value {
				t.Value[i] += 0.1 // so that the order of the sum matters, and a table is needed
			}
		})
		c.change(apart)
		together := *apart
		together.Trees = append([]forest.Tree(nil), apart.Trees...)
		eachTree(apart, func(t *forest.Tree) { together.Values = append(together.Values, t.Value...) })
		at := 0
		eachTree(&together, func(t *forest.Tree) {
			n := len(t.Value)
			t.Value = together.Values[at : at+n : at+n]
			at += n
		})
		if apart.Joined() != nil || len(together.Joined()) != at {
			t.Fatalf("%s: %d and %d values", name, len(apart.Joined()), len(together.Joined()))
		}
		_, want := encode(t, regressor(apart), onnx.Options{})
		lowered, got := encode(t, regressor(&together), onnx.Options{})
		if !bytes.Equal(got, want) {
			t.Errorf("%s: the file is another one", name)
		}
		shared := false
		for _, op := range lowered.Ops {
			if sum, ok := op.(*model.RowSum); ok {
				shared = &sum.Table.Float[0] == &together.Values[0]
			}
		}
		if shared != c.shared {
			t.Errorf("%s: the table shares the values: %v", name, shared)
		}
	}
}

func eachTree(f *forest.Forest, do func(t *forest.Tree)) {
	for k := range f.Trees {
		do(&f.Trees[k])
	}
}

// TestValues: trees that compare float64 answer their values themselves, where no sum begins with -0, which the operator would lose.
func TestValues(t *testing.T) {
	minusZero := math.Copysign(0, -1)
	rows := &model.Tensor{Kind: model.Float64, Shape: []int{4, 1}, Float: []float64{-1, 1, 0.5, math.NaN()}}
	stump := func(left, right float64, output int32) forest.Tree {
		return forest.Tree{Feature: []int32{0, forest.Leaf, forest.Leaf}, Left: []int32{1, 0, 1}, Right: []int32{2, 0, 0}, Threshold: []float64{0.5, 0, 0},
			Value: []float64{left, right}, Output: output}
	}
	for name, c := range map[string]struct {
		f      forest.Forest
		o      onnx.Options
		tables int
	}{
		"plain":                {f: forest.Forest{Outputs: 1, Trees: []forest.Tree{stump(0.1, 0.2, forest.AllOutputs), stump(0.7, minusZero, forest.AllOutputs)}}},
		"-0 first":             {f: forest.Forest{Outputs: 1, Trees: []forest.Tree{stump(minusZero, 0.2, forest.AllOutputs), stump(minusZero, 1, forest.AllOutputs)}}, tables: 1},
		"base":                 {f: forest.Forest{Outputs: 1, Base: []float64{0.3}, Trees: []forest.Tree{stump(minusZero, 0.2, 0), stump(0.1, 0.7, 0)}}},
		"base -0":              {f: forest.Forest{Outputs: 1, Base: []float64{minusZero}, Trees: []forest.Tree{stump(minusZero, 0.2, 0), stump(minusZero, 0.7, 0)}}, tables: 1},
		"two outputs":          {f: forest.Forest{Outputs: 2, Trees: []forest.Tree{stump(0.1, 0.2, 0), stump(0.7, 0.3, 1), stump(0.6, minusZero, 0)}}},
		"two outputs, -0":      {f: forest.Forest{Outputs: 2, Trees: []forest.Tree{stump(0.1, 0.2, 0), stump(0.7, minusZero, 1), stump(0.6, 1, 0)}}},
		"two outputs and base": {f: forest.Forest{Outputs: 2, Base: []float64{0.1, minusZero}, Trees: []forest.Tree{stump(0.1, 0.2, 0), stump(minusZero, 0.3, 1)}}, tables: 1},
		"as float32":           {f: forest.Forest{Outputs: 1, Acc: forest.Float32, Trees: []forest.Tree{stump(0.5, 0.2, 0), stump(0.25, 1, 0)}}, tables: 1},
		"of ml-opset 3":        {f: forest.Forest{Outputs: 1, Trees: []forest.Tree{stump(0.1, 0.2, 0), stump(0.7, 1, 0)}}, o: onnx.Options{MLOpset: 3}, tables: 1},
	} {
		c.f.Features, c.f.Input = 1, forest.Float64
		eachTree(&c.f, func(t *forest.Tree) {
			for i, v := range t.Value {
				t.Value[i] = c.f.Acc.Round(v)
			}
		})
		m := regressor(&c.f)
		want, err := m.Run([]*model.Tensor{rows})
		if err != nil {
			t.Fatal(err)
		}
		lowered, file := encode(t, m, c.o)
		tables := 0
		for _, op := range lowered.Ops {
			if _, ok := op.(*model.RowSum); ok {
				tables++
			}
		}
		if tables != c.tables {
			t.Errorf("%s: %d tables", name, tables)
		}
		back, err := onnx.Read(file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := back.Run([]*model.Tensor{rows})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, v := range want[0].Float {
			if math.Float64bits(got[0].Float[i]) != math.Float64bits(v) {
				t.Errorf("%s: number %d is %v, not %v", name, i, got[0].Float[i], v)
			}
		}
	}
}
