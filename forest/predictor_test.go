package forest_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
)

// awkward are numbers at which rounding, keys and comparisons may go wrong.
var awkward = []float64{0, math.Copysign(0, -1), 1, -1, 0.1, float64(float32(0.1)), 1e-46, -1e-46, 1e-45, -1e-45, 5e-324, -5e-324, 2, 3, 16777217,
	math.MaxFloat32, -math.MaxFloat32, 3.5e38, -3.5e38, math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1)}

// number is one of them, one of their neighbours, or any number.
func number(r *rand.Rand) float64 {
	v := awkward[r.IntN(len(awkward))]
	switch r.IntN(8) {
	case 0:
		return math.Nextafter(v, math.Inf(1))
	case 1:
		return math.Nextafter(v, math.Inf(-1))
	case 2:
		return float64(math.Nextafter32(float32(v), float32(math.Inf(1))))
	case 3:
		return float64(math.Nextafter32(float32(v), float32(math.Inf(-1))))
	case 4:
		return r.NormFloat64()
	}
	return v
}

// grown is a tree with a given number of splits, of any shape, its nodes numbered in any order in which children follow.
func grown(r *rand.Rand, f *forest.Forest, splits int, sets bool) forest.Tree {
	t := forest.Tree{Output: forest.AllOutputs}
	width := f.Outputs
	if r.IntN(2) == 0 {
		t.Output, width = int32(r.IntN(f.Outputs)), 1
	}
	node := func() int32 {
		t.Feature, t.Threshold = append(t.Feature, forest.Leaf), append(t.Threshold, 0)
		t.Left, t.Right = append(t.Left, int32(r.IntN(4))), append(t.Right, -1)
		t.Flags, t.Category = append(t.Flags, uint8(r.IntN(2))*forest.MissingLeft), append(t.Category, forest.NoSet)
		return int32(len(t.Feature) - 1)
	}
	leaves := []int32{node()}
	for range splits {
		at := r.IntN(len(leaves))
		i := leaves[at]
		t.Feature[i], t.Threshold[i] = int32(r.IntN(f.Features)), number(r)
		if sets && r.IntN(3) == 0 {
			t.Category[i] = int32(len(t.Sets))
			set := []float64{}
			for range r.IntN(6) {
				if v := number(r); !math.IsInf(v, 0) {
					set = append(set, v)
				}
			}
			slices.Sort(set)
			t.Sets = append(t.Sets, slices.CompactFunc(set, func(a, b float64) bool { return a == b }))
		}
		t.Left[i], t.Right[i] = node(), node()
		leaves[at] = t.Left[i]
		leaves = append(leaves, t.Right[i])
	}
	for range 4 * width {
		t.Value = append(t.Value, f.Acc.Round(r.NormFloat64()*math.Pow(10, float64(r.IntN(20)-10))))
	}
	t.Value[0] = math.Copysign(0, -1)
	if t.Sets == nil {
		t.Category = nil
	}
	if r.IntN(3) == 0 {
		t.Flags = nil
	}
	return t
}

// anyForest is a forest of any kind, and rows for it.
func anyForest(r *rand.Rand, rows int) (*forest.Forest, []float64) {
	f := &forest.Forest{Features: 1 + r.IntN(5), Outputs: 1 + r.IntN(3), Input: forest.Precision(r.IntN(2)), Acc: forest.Precision(r.IntN(2)), Combine: forest.Combine(r.IntN(2))}
	if r.IntN(2) == 0 {
		for range f.Outputs {
			f.Base = append(f.Base, f.Acc.Round(r.NormFloat64()))
		}
	}
	sets := r.IntN(2) == 0
	for range 1 + r.IntN(20) {
		f.Trees = append(f.Trees, grown(r, f, r.IntN(60), sets))
	}
	var x []float64
	for range rows * f.Features {
		v := number(r)
		if r.IntN(6) == 0 {
			v = math.NaN()
		}
		x = append(x, v)
	}
	return f, x
}

// TestPredictor holds the fast ways against the plain one, to the bit, on forests of every kind.
func TestPredictor(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		rows := 1 + r.IntN(7)
		if seed%20 == 0 {
			rows = 600
		}
		f, x := anyForest(r, rows)
		if err := f.Check("forest"); err != nil {
			t.Fatal(err)
		}
		holdsEqual(t, fmt.Sprintf("seed %d", seed), f, x, rows)
	}
}

func holdsEqual(t *testing.T, name string, f *forest.Forest, x []float64, rows int) {
	t.Helper()
	var want []float64
	var leaves []int64
	rounded := make([]float64, f.Features)
	for i := range rows {
		row := x[i*f.Features : (i+1)*f.Features]
		want = append(want, f.Predict(row, nil)...)
		for j, v := range row {
			rounded[j] = f.Input.Round(v)
		}
		leaves = append(leaves, f.Apply(rounded, nil)...)
	}
	for _, expected := range []int{0, -1} { // very many, none: compiled and not
		p, a := forest.NewPredictor(f, expected), forest.NewFinder(f, expected)
		for range 2 { // in new buffers and in used ones
			out, ends := make([]float64, rows*f.Outputs), make([]int64, rows*len(f.Trees))
			p.Predict(x, out)
			a.Apply(x, ends)
			for i, v := range want {
				if math.Float64bits(v) != math.Float64bits(out[i]) {
					t.Fatalf("%s, %d rows expected: row %d is %v, want %v", name, expected, i/f.Outputs, out[i/f.Outputs*f.Outputs:][:f.Outputs], v)
				}
			}
			if !slices.Equal(ends, leaves) {
				t.Fatalf("%s, %d rows expected: leaves %v, want %v", name, expected, ends, leaves)
			}
			p, a = p.Clone(), a.Clone()
		}
	}
}

func TestPredictorAllocatesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	f, x := anyForest(r, 300)
	for _, expected := range []int{0, -1} {
		p, a := forest.NewPredictor(f, expected), forest.NewFinder(f, expected)
		for _, rows := range []int{300, 1} {
			x, out, leaves := x[:rows*f.Features], make([]float64, rows*f.Outputs), make([]int64, rows*len(f.Trees))
			if n := testing.AllocsPerRun(10, func() { p.Predict(x, out); a.Apply(x, leaves) }); n != 0 {
				t.Errorf("%d rows: %v allocations", rows, n)
			}
		}
	}
}

// bushy is a forest like scikit-learn's: trees of n splits in preorder, float32 rows.
func bushy(trees, splits, features, outputs int, column bool) *forest.Forest {
	r := rand.New(rand.NewPCG(1, 2))
	f := &forest.Forest{Features: features, Outputs: outputs, Input: forest.Float32}
	for k := range trees {
		t := forest.Tree{Output: forest.AllOutputs}
		width := outputs
		if column {
			t.Output, width = int32(k%outputs), 1
		}
		var grow func(splits int) int32
		grow = func(splits int) int32 {
			at := int32(len(t.Feature))
			t.Feature, t.Threshold, t.Left, t.Right = append(t.Feature, forest.Leaf), append(t.Threshold, 0), append(t.Left, 0), append(t.Right, 0)
			if splits == 0 {
				t.Left[at] = int32(len(t.Value) / width)
				for range width {
					t.Value = append(t.Value, r.Float64())
				}
				return at
			}
			t.Feature[at], t.Threshold[at] = int32(r.IntN(features)), r.NormFloat64()/2
			left := (splits - 1) * (30 + r.IntN(41)) / 100
			t.Left[at] = grow(left)
			t.Right[at] = grow(splits - 1 - left)
			return at
		}
		grow(splits)
		f.Trees = append(f.Trees, t)
	}
	return f
}

func BenchmarkPredictor(b *testing.B) {
	for _, c := range []struct {
		name    string
		f       *forest.Forest
		combine forest.Combine
		base    bool
	}{
		{"2 classes", bushy(100, 2500, 20, 2, false), forest.Mean, false},
		{"10 classes", bushy(100, 400, 20, 10, false), forest.Mean, false},
		{"regressor", bushy(100, 2500, 20, 1, false), forest.Mean, false},
		{"boosting", bushy(300, 15, 20, 1, true), forest.Sum, true},
	} {
		c.f.Combine = c.combine
		if c.base {
			c.f.Base = make([]float64, c.f.Outputs)
		}
		r := rand.New(rand.NewPCG(3, 4))
		x := make([]float64, 1000*c.f.Features)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		out := make([]float64, 1000*c.f.Outputs)
		p := forest.NewPredictor(c.f, 0)
		b.Run(c.name+"/1000 rows", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Predict(x, out)
			}
		})
		b.Run(c.name+"/1 row", func(b *testing.B) { // another one each time, as nobody asks the same twice
			b.ReportAllocs()
			for i := 0; b.Loop(); i = (i + 1) % 1000 {
				p.Predict(x[i*c.f.Features:(i+1)*c.f.Features], out[:c.f.Outputs])
			}
		})
		b.Run(c.name+"/reference, 1 row", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i = (i + 1) % 1000 {
				c.f.Predict(x[i*c.f.Features:(i+1)*c.f.Features], out)
			}
		})
		b.Run(c.name+"/compile", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				forest.NewPredictor(c.f, 0)
			}
		})
	}
}
