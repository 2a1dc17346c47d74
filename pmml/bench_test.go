package pmml

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// bigForest is a forest of random trees, about as balanced as scikit-learn's: classes of whole records, or numbers.
func bigForest(trees, leaves, classes int) *model.Model {
	return randomForest(trees, leaves, classes, 0.5)
}

// randomForest is bigForest; pure is how many of the leaves have a single class.
func randomForest(trees, leaves, classes int, pure float64) *model.Model {
	r := rand.New(rand.NewPCG(7, 8))
	f := &forest.Forest{Features: 20, Outputs: max(1, classes), Input: forest.Float32, Combine: forest.Mean}
	for range trees {
		t := forest.Tree{Output: forest.AllOutputs}
		var grow func(leaves int) int32
		grow = func(leaves int) int32 {
			i := addNode(&t)
			if leaves == 1 {
				t.Left[i] = int32(len(t.Value) / f.Outputs)
				if classes == 0 {
					t.Value = append(t.Value, r.NormFloat64())
					return i
				}
				row := make([]float64, classes)
				if r.Float64() < pure {
					row[r.IntN(classes)] = 1
				} else {
					n := float64(2 + r.IntN(30))
					a, b := r.IntN(classes), r.IntN(classes)
					part := float64(1 + r.IntN(int(n)-1))
					row[a] = part / n
					if row[b] += (n - part) / n; a == b {
						row[a] = 1
					}
				}
				t.Value = append(t.Value, row...)
				return i
			}
			t.Feature[i], t.Threshold[i] = int32(r.IntN(f.Features)), float64(float32(r.NormFloat64()))+1e-9
			part := 1 + r.IntN(leaves-1)
			t.Left[i] = grow(part)
			t.Right[i] = grow(leaves - part)
			if part > leaves/2 {
				t.Flags[i] = forest.MissingLeft
			}
			return i
		}
		grow(leaves)
		f.Trees = append(f.Trees, t)
	}
	if classes == 0 {
		return regressor(f)
	}
	labels := &model.Tensor{Kind: model.Int64, Shape: []int{classes}}
	for i := range classes {
		labels.Int = append(labels.Int, int64(i))
	}
	return classifier(f, labels)
}

var benchModels = []struct {
	name    string
	classes int
	pure    float64
	o       Options
}{{"regressor", 0, 0, Options{}}, {"2pureClasses", 2, 1, Options{}}, {"2classes", 2, 0.5, Options{}}, {"10classes", 10, 0.5, Options{}},
	{"10classesSparse", 10, 0.5, Options{Sparse: true}}}

const benchTrees, benchLeaves = 20, 10_000

func benchLowered(b *testing.B, classes int, pure float64) (*model.Model, int) {
	m, err := Lower(randomForest(benchTrees, benchLeaves, classes, pure), Options{})
	if err != nil {
		b.Fatal(err)
	}
	return m, benchTrees * (2*benchLeaves - 1)
}

func report(b *testing.B, nodes, size int) {
	b.SetBytes(int64(size))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(nodes), "ns/node")
	b.ReportMetric(float64(size)/float64(nodes), "bytes/node")
}

func BenchmarkLower(b *testing.B) {
	for _, bm := range benchModels[:4] {
		b.Run(bm.name, func(b *testing.B) {
			m := randomForest(benchTrees, benchLeaves, bm.classes, bm.pure)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				if _, err := Lower(m, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(benchTrees*(2*benchLeaves-1)), "ns/node")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, bm := range benchModels {
		b.Run(bm.name, func(b *testing.B) {
			m, nodes := benchLowered(b, bm.classes, bm.pure)
			size := len(written(b, m, bm.o))
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				if err := Write(io.Discard, m, bm.o); err != nil {
					b.Fatal(err)
				}
			}
			report(b, nodes, size)
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, bm := range benchModels {
		b.Run(bm.name, func(b *testing.B) {
			m, nodes := benchLowered(b, bm.classes, bm.pure)
			data := bytes.Clone(written(b, m, bm.o))
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				if _, err := Read(data, Limits{}); err != nil {
					b.Fatal(err)
				}
			}
			report(b, nodes, len(data))
		})
	}
}

// BenchmarkReadExpecting is the way back in a proof: what is read is held against what was written.
func BenchmarkReadExpecting(b *testing.B) {
	for _, bm := range benchModels {
		b.Run(bm.name, func(b *testing.B) {
			m, nodes := benchLowered(b, bm.classes, bm.pure)
			data := bytes.Clone(written(b, m, bm.o))
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				back, err := ReadExpecting(data, Limits{}, m)
				if err == nil {
					err = model.Equal(m, back)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			report(b, nodes, len(data))
		})
	}
}
