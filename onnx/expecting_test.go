package onnx_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
)

// randomTrees is a forest in which every other split sends NaN left. Leaf values are few, so that a change often makes one another's.
func randomTrees(r *rand.Rand, trees, leaves int, p forest.Precision) *forest.Forest {
	f := &forest.Forest{Features: 3, Outputs: 1, Input: p, Acc: p, Trees: make([]forest.Tree, trees)}
	for k := range f.Trees {
		t := &f.Trees[k]
		t.Output = forest.AllOutputs
		var grow func(leaves int) int32
		grow = func(leaves int) int32 {
			i := int32(t.Len())
			t.Feature, t.Threshold, t.Flags = append(t.Feature, forest.Leaf), append(t.Threshold, 0), append(t.Flags, 0)
			t.Left, t.Right = append(t.Left, int32(len(t.Value))), append(t.Right, 0)
			if leaves == 1 {
				t.Value = append(t.Value, float64(r.IntN(4)))
				return i
			}
			t.Feature[i], t.Threshold[i], t.Flags[i] = int32(r.IntN(f.Features)), float64(r.IntN(5)), uint8(r.IntN(2))*forest.MissingLeft
			some := 1 + r.IntN(leaves-1)
			left := grow(some)
			t.Left[i], t.Right[i] = left, grow(leaves-some)
			return i
		}
		grow(leaves)
	}
	return f
}

// TestExpecting changes one number of a file at a time: what is read is the same whether the model that was written is expected or not.
func TestExpecting(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	ints := []string{"nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids", "nodes_trueleafs", "nodes_falseleafs", "leaf_targetids", "tree_roots"}
	raws := map[string]int{"nodes_splits": 4, "leaf_weights": 4, "nodes_modes": 1}
	for _, p := range []forest.Precision{forest.Float32, forest.Float64} {
		for _, trees := range []int{2, 30} { // the splits of few trees are not mirrored
			lowered, file := encode(t, regressor(randomTrees(r, trees, 7, p)), onnx.Options{MLOpset: 5})
			attributes := append([]string{"nodes_splits", "leaf_weights", "nodes_modes"}, ints...)
			if trees == 2 {
				attributes = append(attributes, "nodes_missing_value_tracks_true")
			}
			same, others, broken := 0, 0, 0
			for range 3000 {
				name := attributes[r.IntN(len(attributes))]
				change := func(all []uint64) []uint64 {
					i := r.IntN(len(all))
					if all[i] = uint64(r.IntN(2)); r.IntN(3) == 0 {
						all[i] = all[r.IntN(len(all))]
					}
					return all
				}
				changed := edit(t, file, name, change, func(b []byte) []byte {
					size := raws[name]
					if p == forest.Float64 {
						size = max(size, 2*(size&^1))
					}
					i, from := size*r.IntN(len(b)/size), size*r.IntN(len(b)/size)
					if copy(b[i:i+size], b[from:from+size]); r.IntN(2) == 0 {
						b[i+r.IntN(size)] ^= 1 << r.IntN(8)
					}
					return b
				})
				plain, err := onnx.Read(changed)
				expecting, err2 := onnx.ReadExpecting(changed, forest.Limits{}, lowered)
				if (err == nil) != (err2 == nil) {
					t.Fatalf("%v, %d trees, %s: %v, and %v where the model is expected", p, trees, name, err, err2)
				}
				if err != nil {
					broken++
					continue
				}
				if err := model.Equal(plain, expecting); err != nil {
					t.Fatalf("%v, %d trees, %s: it is read otherwise where the model is expected: %v", p, trees, name, err)
				}
				if is := model.Equal(plain, lowered) == nil; is && bytes.Equal(file, changed) {
					same++
				} else if !is {
					others++
				}
			}
			if same < 100 || others < 500 || broken < 500 {
				t.Errorf("%v, %d trees: %d changes of nothing, %d of the model, %d that are refused", p, trees, same, others, broken)
			}
		}
	}
}
