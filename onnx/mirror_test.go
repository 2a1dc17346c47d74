package onnx_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
)

// TestMirrored: the mirrored threshold asks of every number the opposite, of its negative; and it can be read back.
func TestMirrored(t *testing.T) {
	inf, tiny, tiny32 := math.Inf(1), math.SmallestNonzeroFloat64, float64(math.SmallestNonzeroFloat32)
	for p, values := range map[forest.Precision][]float64{
		forest.Float64: {-inf, -math.MaxFloat64, -1, -tiny, 0, tiny, 2 * tiny, 0.1, 1, 1e300, math.MaxFloat64},
		forest.Float32: {-inf, -math.MaxFloat32, -1, -tiny32, 0, tiny32, 2 * tiny32, float64(float32(0.1)), 1, math.MaxFloat32},
	} {
		for _, threshold := range values {
			s := onnx.Mirrored(threshold, p)
			if p.Round(s) != s {
				t.Errorf("%v: %v is no %v", threshold, s, p)
			}
			if quick := onnx.MirroredQuickly(threshold, p); math.Float64bits(quick) != math.Float64bits(s) {
				t.Errorf("%v: %v, and quickly %v", threshold, s, quick)
			}
			if back := onnx.Mirrored(s, p); math.Float64bits(back) != math.Float64bits(threshold) {
				t.Errorf("%v is read back as %v", threshold, back)
			}
			for _, x := range append(values, inf, math.Copysign(0, -1)) {
				if (x <= threshold) == (-x <= s) {
					t.Errorf("%v <= %v and %v <= %v are both %v", x, threshold, -x, s, x <= threshold)
				}
			}
		}
	}
}

// TestUnmirrored: what can't be mirrored becomes what no threshold is.
func TestUnmirrored(t *testing.T) {
	for _, p := range []forest.Precision{forest.Float32, forest.Float64} {
		for _, threshold := range []float64{math.Inf(1), math.Copysign(0, -1), math.NaN()} {
			if quick := onnx.MirroredQuickly(threshold, p); quick == quick {
				t.Errorf("%v: %v", threshold, quick)
			}
		}
	}
}

// TestMirroredFiles: splits that send NaN left are written mirrored where there are many, and are read back as they were; those that
// could not be are written as they are.
func TestMirroredFiles(t *testing.T) {
	forestOf := func(threshold float64, p forest.Precision) *forest.Forest {
		f := &forest.Forest{Features: 2, Outputs: 1, Input: p}
		for k := range 40 {
			flag := uint8(0)
			if k%3 > 0 {
				flag = forest.MissingLeft
			}
			f.Trees = append(f.Trees, forest.Tree{Feature: []int32{int32(k % 2), forest.Leaf, forest.Leaf}, Left: []int32{1, 0, 1}, Right: []int32{2, 0, 0},
				Threshold: []float64{threshold, 0, 0}, Flags: []uint8{flag, 0, 0}, Value: []float64{0.1, float64(k) / 7}, Output: forest.AllOutputs})
		}
		return f
	}
	for _, p := range []forest.Precision{forest.Float32, forest.Float64} {
		for _, c := range []struct {
			threshold float64
			mirrored  bool
		}{{0.5, true}, {0, true}, {-3, true}, {math.Inf(1), false}, {math.Copysign(0, -1), false}} {
			f := forestOf(c.threshold, p)
			for _, o := range []onnx.Options{{}, {MLOpset: 3}, {MLOpset: 1}} {
				if p == forest.Float64 && o.MLOpset == 1 {
					continue
				}
				lowered, file := encode(t, regressor(f), o)
				if tracks := bytes.Contains(file, []byte("nodes_missing_value_tracks_true")); tracks == c.mirrored {
					t.Errorf("%v at %v, %+v: NaN is routed by an attribute: %v", p, c.threshold, o, tracks)
				}
				back, err := onnx.Read(file)
				if err == nil {
					err = model.Equal(lowered, back)
				}
				if err != nil {
					t.Errorf("%v at %v, %+v: %v", p, c.threshold, o, err)
				}
			}
		}
	}
}
