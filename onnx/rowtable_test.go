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
