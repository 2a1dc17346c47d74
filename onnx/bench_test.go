package onnx

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// benchModel is a forest of random trees: a classifier, or with one output a regressor.
func benchModel(trees, leaves, outputs int) *model.Model {
	r := rand.New(rand.NewPCG(1, 2))
	f := &forest.Forest{Features: 20, Outputs: outputs, Input: forest.Float32, Combine: forest.Mean, Trees: make([]forest.Tree, trees)}
	for k := range f.Trees {
		t := &f.Trees[k]
		t.Output = forest.AllOutputs
		var grow func(leaves int) int32
		grow = func(leaves int) int32 {
			i := int32(t.Len())
			t.Feature, t.Threshold = append(t.Feature, forest.Leaf), append(t.Threshold, 0)
			t.Left, t.Right = append(t.Left, int32(len(t.Value)/outputs)), append(t.Right, 0)
			if leaves == 1 {
				for range outputs {
					t.Value = append(t.Value, float64(r.IntN(100))/64)
				}
				return i
			}
			t.Feature[i], t.Threshold[i] = int32(r.IntN(f.Features)), float64(float32(r.NormFloat64()))
			some := 1 + r.IntN(leaves-1)
			left := grow(some)
			t.Left[i], t.Right[i] = left, grow(leaves-some)
			return i
		}
		grow(leaves)
	}
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: f.Features}}}
	answer := m.Add(&model.Ensemble{X: 0, Forest: f})
	m.Outputs = []model.Output{{Name: "variable", Method: model.Predict, Value: answer}}
	return m
}

// bench calls do with a lowered model in each encoding, and says what a node costs.
func bench(b *testing.B, do func(b *testing.B, m, lowered *model.Model, o Options)) {
	const trees, leaves = 20, 10_000
	for _, outputs := range []int{1, 10} {
		for _, opset := range []int{5, 3, 1} {
			o := Options{MLOpset: opset}
			m := benchModel(trees, leaves, outputs)
			lowered, err := Lower(m, o)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(map[int]string{1: "regressor", 10: "10outputs"}[outputs]+"/"+map[int]string{5: "ml5", 3: "ml3", 1: "ml1"}[opset], func(b *testing.B) {
				size, err := Size(lowered, o)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(size)
				b.ReportAllocs()
				b.ResetTimer()
				do(b, m, lowered, o)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(trees*(2*leaves-1)), "ns/node")
			})
		}
	}
}

func BenchmarkLower(b *testing.B) {
	bench(b, func(b *testing.B, m, _ *model.Model, o Options) {
		for b.Loop() {
			if _, err := Lower(m, o); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	bench(b, func(b *testing.B, _, lowered *model.Model, o Options) {
		for b.Loop() {
			if err := Write(io.Discard, lowered, o); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRead reads what is proven: trees are held against those that were written.
func BenchmarkRead(b *testing.B) {
	bench(b, func(b *testing.B, _, lowered *model.Model, o Options) {
		var file bytes.Buffer
		if err := Write(&file, lowered, o); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := ReadExpecting(file.Bytes(), forest.Limits{}, lowered); err != nil {
				b.Fatal(err)
			}
		}
	})
}
