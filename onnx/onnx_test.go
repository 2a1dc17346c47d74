package onnx_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
)

// every lists options whose files must say what the model says; those of conformance/ run under the real onnxruntime.
var every = []onnx.Options{
	{}, {MLOpset: 3}, {MLOpset: 1},
	{MLOpset: 5, Input: "double", Methods: []string{model.Apply}},
	{MLOpset: 1, Columns: true, Methods: []string{model.Apply, model.Predict}},
}

func encode(t testing.TB, m *model.Model, o onnx.Options) (lowered *model.Model, file []byte) {
	t.Helper()
	lowered, err := onnx.Lower(m, o)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := onnx.Write(&b, lowered, o); err != nil {
		t.Fatal(err)
	}
	size, err := onnx.Size(lowered, o)
	if err != nil || size != int64(b.Len()) {
		t.Fatalf("Size says %d (%v), Write wrote %d", size, err, b.Len())
	}
	return lowered, b.Bytes()
}

// TestFilesAnswerAsTheOriginals reads back what is written, which must be what was meant and must answer what scikit-learn
// answered, to the bit.
func TestFilesAnswerAsTheOriginals(t *testing.T) {
	for _, v := range vectors.Load(t, vectors.Pickled(vectors.TreesAndForests)) {
		m := v.Model(t)
		x := v.Rows(t)
		for _, o := range every {
			lowered, file := encode(t, m, o)
			back, err := onnx.Read(file)
			if err != nil {
				t.Fatalf("%s %+v: %v", v.Name(), o, err)
			}
			if err := model.Equal(lowered, back); err != nil {
				t.Fatalf("%s %+v: %v", v.Name(), o, err)
			}
			rows, err := x.Inputs(back)
			if err != nil {
				t.Fatalf("%s %+v: %v", v.Name(), o, err)
			}
			answers, err := back.Run(rows)
			if err != nil {
				t.Fatalf("%s %+v: %v", v.Name(), o, err)
			}
			for i, out := range back.Outputs {
				if want := v.Answers(t)[0].Of(t, out.Method, out.Target); want != nil {
					vectors.Compare(t, v.Name()+" "+out.Name, want, answers[i], out.Target)
				}
			}
		}
	}
}

// TestManyRows is a model with more leaf rows than numbers for them: they start anew in each tree.
func TestManyRows(t *testing.T) {
	onnx.SetLargestIndex(t, 1000)
	const leaves = 700 // two trees make more
	f := &forest.Forest{Features: 1, Outputs: 1, Input: forest.Float32, Combine: forest.Mean, Trees: []forest.Tree{comb(leaves, 0), comb(leaves, 0.25)}}
	m := regressor(f)
	lowered, file := encode(t, m, onnx.Options{MLOpset: 1})
	back, err := onnx.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := model.Equal(lowered, back); err != nil {
		t.Fatal(err)
	}
	for _, v := range []float64{0, 3, leaves - 2, leaves - 1} {
		in := &model.Tensor{Kind: model.Float32, Shape: []int{1, 1}, Float: []float64{v}}
		got, err := back.Run([]*model.Tensor{in})
		if err != nil {
			t.Fatal(err)
		}
		if want := v + 0.125; got[0].Float[0] != want {
			t.Errorf("%v: %v, want %v", v, got[0].Float[0], want)
		}
	}
}

// TestTooBig refuses before the first byte what a file can't hold.
func TestTooBig(t *testing.T) {
	m := regressor(&forest.Forest{Features: 1, Outputs: 1, Input: forest.Float32, Trees: []forest.Tree{comb(1000, 0)}})
	lowered, file := encode(t, m, onnx.Options{})
	onnx.SetLargestFile(t, len(file)-1)
	var b bytes.Buffer
	var big *fault.TooBig
	if err := onnx.Write(&b, lowered, onnx.Options{}); !errors.As(err, &big) || b.Len() > 0 {
		t.Errorf("%v, %d bytes written", err, b.Len())
	}
}

// comb is a tree over whole numbers: leaf i answers i plus an offset, found by halving.
func comb(leaves int, offset float64) forest.Tree {
	t := forest.Tree{Output: forest.AllOutputs}
	type span struct{ from, to, parent int }
	stack := []span{{0, leaves, -1}}
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		i := int32(len(t.Feature))
		if s.parent >= 0 && t.Left[s.parent] == 0 {
			t.Left[s.parent] = i
		} else if s.parent >= 0 {
			t.Right[s.parent] = i
		}
		if s.to-s.from == 1 {
			t.Feature, t.Threshold = append(t.Feature, forest.Leaf), append(t.Threshold, 0)
			t.Left, t.Right = append(t.Left, int32(len(t.Value))), append(t.Right, 0)
			t.Value = append(t.Value, float64(s.from)+offset)
			continue
		}
		middle := (s.from + s.to) / 2
		t.Feature, t.Threshold = append(t.Feature, 0), append(t.Threshold, float64(middle)-0.5)
		t.Left, t.Right = append(t.Left, 0), append(t.Right, 0)
		stack = append(stack, span{middle, s.to, int(i)}, span{s.from, middle, int(i)})
	}
	return t
}

func regressor(f *forest.Forest) *model.Model {
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: f.Features}}}
	v := m.Add(&model.Ensemble{X: 0, Forest: f})
	m.Outputs = []model.Output{{Name: model.Predict, Method: model.Predict, Value: v}}
	return m
}

// TestRootNumbers is the tree that some onnxruntimes take for a leaf (onnxruntime issue 24679) because the root's children, a
// leaf and a node, have the same number: the file must not number them alike.
func TestRootNumbers(t *testing.T) {
	tree := forest.Tree{Feature: []int32{0, 0, forest.Leaf, forest.Leaf, forest.Leaf}, Left: []int32{1, 3, 1, 0, 2}, Right: []int32{2, 4, 0, 0, 0},
		Threshold: []float64{5, 2, 0, 0, 0}, Value: []float64{10, 20, 30}, Output: forest.AllOutputs}
	f := &forest.Forest{Features: 1, Outputs: 1, Input: forest.Float32, Trees: []forest.Tree{tree, tree, tree}, Combine: forest.Mean}
	lowered, file := encode(t, regressor(f), onnx.Options{})
	back, err := onnx.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := model.Equal(lowered, back); err != nil {
		t.Fatal(err)
	}
	for k, pair := range onnx.RootChildren(t, file) {
		if pair[0] == pair[1] {
			t.Errorf("tree %d: both children of the root have number %d", k, pair[0])
		}
	}
}
