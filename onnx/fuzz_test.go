package onnx_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/steps"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
)

// Whatever the bytes, Read answers a model or one of fault's errors. What it takes can be asked, and where it can be lowered, it can be
// written and read again as the same.
func FuzzONNX(f *testing.F) {
	for i, v := range vectors.Load(f, vectors.Pickled(vectors.TreesAndForests)) {
		if i%97 == 0 {
			_, file := encode(f, v.Model(f), every[i%len(every)])
			f.Add(file)
		}
	}
	for i, c := range steps.Cases() {
		if i%9 == 0 {
			_, file := encode(f, c.Model, onnx.Options{})
			f.Add(file)
		}
	}
	for _, c := range steps.Tables() {
		_, file := encode(f, c.Model, onnx.Options{})
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := onnx.Read(data)
		var unsupported *fault.Unsupported
		if err != nil {
			var broken *fault.Broken
			var big *fault.TooBig
			if !errors.As(err, &broken) && !errors.As(err, &unsupported) && !errors.As(err, &big) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		in := make([]*model.Tensor, len(m.Inputs))
		for i, input := range m.Inputs {
			if input.Width > 1000 {
				return
			}
			in[i] = model.NewTensor(model.Type{Kind: input.Kind, Row: []int{input.Width}}, 2)
		}
		_, _ = m.Run(in)
		lowered, err := onnx.Lower(m, onnx.Options{})
		if err != nil {
			if !errors.As(err, &unsupported) {
				t.Fatalf("lowered again: %v", err)
			}
			return
		}
		var b bytes.Buffer
		if err := onnx.Write(&b, lowered, onnx.Options{}); err != nil {
			t.Fatalf("written again: %v", err)
		}
		back, err := onnx.Read(b.Bytes())
		if err != nil {
			t.Fatalf("read again: %v", err)
		}
		if err := model.Equal(lowered, back); err != nil {
			t.Fatal(err)
		}
	})
}
