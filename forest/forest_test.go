package forest_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// stump splits column 0 at 0.5: 1 to the left, 2 to the right.
func stump() forest.Tree {
	return forest.Tree{Feature: []int32{0, forest.Leaf, forest.Leaf}, Left: []int32{1, 0, 1}, Right: []int32{2, 0, 0},
		Threshold: []float64{0.5, 0, 0}, Flags: []uint8{forest.MissingLeft, 0, 0}, Value: []float64{1, 2}, Output: forest.AllOutputs}
}

func TestCheckRefusesWhatIsNoTree(t *testing.T) {
	for name, spoil := range map[string]func(*forest.Tree){
		"no nodes":             func(t *forest.Tree) { *t = forest.Tree{Output: forest.AllOutputs} },
		"arrays differ":        func(t *forest.Tree) { t.Left = t.Left[:2] },
		"flags differ":         func(t *forest.Tree) { t.Flags = t.Flags[:1] },
		"child out of range":   func(t *forest.Tree) { t.Right[0] = 3 },
		"negative child":       func(t *forest.Tree) { t.Left[0] = -1 },
		"root as a child":      func(t *forest.Tree) { t.Left[0] = 0 },
		"one child twice":      func(t *forest.Tree) { t.Right[0] = 1 },
		"feature out of range": func(t *forest.Tree) { t.Feature[0] = 1 },
		"unknown feature":      func(t *forest.Tree) { t.Feature[1] = -2 },
		"leaf row missing":     func(t *forest.Tree) { t.Left[2] = 2 },
		"negative leaf row":    func(t *forest.Tree) { t.Left[2] = -1 },
		"threshold NaN":        func(t *forest.Tree) { t.Threshold[0] = math.NaN() },
		"node without parent": func(t *forest.Tree) {
			t.Feature = append(t.Feature, forest.Leaf)
			t.Left, t.Right, t.Threshold, t.Flags = append(t.Left, 0), append(t.Right, 0), append(t.Threshold, 0), append(t.Flags, 0)
		},
		"cycle beside the tree": func(t *forest.Tree) {
			// Nodes 3 and 4 are each other's child, and 5 and 6 hang below them: every node has one parent.
			t.Feature = append(t.Feature, 0, 0, forest.Leaf, forest.Leaf)
			t.Left, t.Right = append(t.Left, 4, 3, 0, 0), append(t.Right, 5, 6, 0, 0)
			t.Threshold, t.Flags = append(t.Threshold, 0, 0, 0, 0), append(t.Flags, 0, 0, 0, 0)
		},
	} {
		tree := stump()
		spoil(&tree)
		f := forest.Forest{Features: 1, Outputs: 1, Trees: []forest.Tree{stump(), tree}}
		err := f.Check("model")
		var broken *fault.Broken
		if !errors.As(err, &broken) || broken.Where.Path != "model.trees[1]" {
			t.Errorf("%s: %v", name, err)
		}
	}
	f := forest.Forest{Features: 1, Outputs: 1, Trees: []forest.Tree{stump()}}
	if err := f.Check("model"); err != nil {
		t.Error(err)
	}
}

// TestRouting is what scikit-learn documents and onnxruntime does: x is rounded to float32 first, x <= threshold goes left.
func TestRouting(t *testing.T) {
	f := forest.Forest{Features: 1, Outputs: 1, Input: forest.Float32, Trees: []forest.Tree{stump()}}
	for _, c := range []struct{ x, want float64 }{
		{0.5, 1}, {math.Nextafter(0.5, 1), 1}, // the same float32
		{float64(math.Nextafter32(0.5, 1)), 2}, {math.Inf(-1), 1}, {math.Inf(1), 2}, {math.NaN(), 1},
	} {
		if got := f.Predict([]float64{c.x}, nil); got[0] != c.want {
			t.Errorf("%v: %v, want %v", c.x, got[0], c.want)
		}
	}
	f.Input = forest.Float64
	if got := f.Predict([]float64{math.Nextafter(0.5, 1)}, nil); got[0] != 2 {
		t.Errorf("float64: %v", got)
	}
}

// TestCategories splits by a set: its members go left, NaN as the flag says, all else right.
func TestCategories(t *testing.T) {
	tree := stump()
	tree.Category, tree.Sets = []int32{0, forest.NoSet, forest.NoSet}, [][]float64{{1, 4, 1e6}}
	f := &forest.Forest{Features: 1, Outputs: 1, Trees: []forest.Tree{tree}}
	if err := f.Check(""); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []uint8{0, forest.MissingLeft} {
		f.Trees[0].Flags = []uint8{flag, 0, 0}
		for x, left := range map[float64]bool{1: true, 4: true, 1e6: true, 0: false, 2: false, 3.5: false, -1: false, math.Inf(1): false,
			math.NaN(): flag != 0} {
			want := f.Trees[0].Value[1]
			if left {
				want = f.Trees[0].Value[0]
			}
			if got := f.Predict([]float64{x}, nil); got[0] != want {
				t.Errorf("%v with flag %d: %v, want %v", x, flag, got[0], want)
			}
		}
	}
	f.Trees[0].Sets[0][1] = 0.5
	if err := f.Check(""); err == nil {
		t.Error("a set out of order passes")
	}
}

func TestEqualFindsEveryDifference(t *testing.T) {
	make := func(spoil func(*forest.Forest)) *forest.Forest {
		f := &forest.Forest{Features: 1, Outputs: 1, Trees: []forest.Tree{stump()}}
		spoil(f)
		return f
	}
	same := make(func(*forest.Forest) {})
	renumbered := make(func(f *forest.Forest) {
		t := &f.Trees[0]
		t.Left, t.Right, t.Value = []int32{2, 0, 1}, []int32{1, 0, 0}, []float64{2, 1}
	})
	if err := forest.Equal(same, renumbered); err != nil {
		t.Errorf("numbering is free: %v", err)
	}
	for name, other := range map[string]*forest.Forest{
		"threshold":  make(func(f *forest.Forest) { f.Trees[0].Threshold[0] = math.Nextafter(0.5, 1) }),
		"feature":    make(func(f *forest.Forest) { f.Trees[0].Feature[0] = 1 }),
		"missing":    make(func(f *forest.Forest) { f.Trees[0].Flags = nil }),
		"value":      make(func(f *forest.Forest) { f.Trees[0].Value[1] = math.Nextafter(2, 3) }),
		"zero":       make(func(f *forest.Forest) { f.Trees[0].Value[1] = 0 }),
		"children":   make(func(f *forest.Forest) { f.Trees[0].Left[0], f.Trees[0].Right[0] = 2, 1 }),
		"trees":      make(func(f *forest.Forest) { f.Trees = append(f.Trees, stump()) }),
		"combine":    make(func(f *forest.Forest) { f.Combine = forest.Mean }),
		"base":       make(func(f *forest.Forest) { f.Base = []float64{0} }),
		"input":      make(func(f *forest.Forest) { f.Input = forest.Float32 }),
		"sums":       make(func(f *forest.Forest) { f.Acc = forest.Float32 }),
		"NaN":        make(func(f *forest.Forest) { f.RefusesNaN = true }),
		"infinity":   make(func(f *forest.Forest) { f.RefusesInf = true }),
		"one output": make(func(f *forest.Forest) { f.Trees[0].Output = 0 }),
		"categories": make(func(f *forest.Forest) {
			f.Trees[0].Category, f.Trees[0].Sets = []int32{0, forest.NoSet, forest.NoSet}, [][]float64{{1}}
		}),
		"a lone leaf": make(func(f *forest.Forest) {
			f.Trees[0] = forest.Tree{Feature: []int32{forest.Leaf}, Left: []int32{0}, Right: []int32{0}, Threshold: []float64{0}, Value: []float64{1}, Output: forest.AllOutputs}
		}),
	} {
		var mismatch *fault.Mismatch
		if err := forest.Equal(same, other); !errors.As(err, &mismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkPredict(b *testing.B) {
	f := forest.Forest{Features: 1, Outputs: 1, Combine: forest.Mean, Trees: make([]forest.Tree, 100)}
	for i := range f.Trees {
		f.Trees[i] = stump()
	}
	x, out := []float64{0.7}, make([]float64, 1)
	b.ReportAllocs()
	for b.Loop() {
		f.PredictRounded(x, out)
	}
}

// TestJoined: what is said to hold the trees' values must hold them all, in their order, and nothing else.
func TestJoined(t *testing.T) {
	all := []float64{1, 2, 3, 4, 5}
	trees := func(values ...[]float64) []forest.Tree {
		var trees []forest.Tree
		for _, v := range values {
			trees = append(trees, forest.Tree{Value: v})
		}
		return trees
	}
	for name, c := range map[string]struct {
		f  forest.Forest
		is bool
	}{
		"parts":         {forest.Forest{Values: all, Trees: trees(all[:2], all[2:])}, true},
		"another order": {forest.Forest{Values: all, Trees: trees(all[2:], all[:2])}, false},
		"a rest":        {forest.Forest{Values: all, Trees: trees(all[:2], all[2:4])}, false},
		"more":          {forest.Forest{Values: all[:4], Trees: trees(all[:2], all[2:])}, false},
		"others":        {forest.Forest{Values: all, Trees: trees([]float64{1, 2}, all[2:])}, false},
		"nothing":       {forest.Forest{Trees: trees(all[:2], all[2:])}, false},
		"no values":     {forest.Forest{Values: all, Trees: trees(all, nil)}, false},
	} {
		if got := c.f.Joined() != nil; got != c.is {
			t.Errorf("%s: %v", name, got)
		}
	}
}
