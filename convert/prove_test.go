package convert

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// TestWrongFilesAreNotKept writes through writers that make mistakes: the proof must find each, and no file may be left.
func TestWrongFilesAreNotKept(t *testing.T) {
	s, err := Open("../testdata/iris_forest.joblib", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sel, err := s.Only("")
	if err != nil {
		t.Fatal(err)
	}
	right := Formats
	defer func() { Formats = right }()
	onnx := right[0]
	spoiled := func(m *model.Model, spoil func(*forest.Forest)) *model.Model {
		wrong := *m
		wrong.Ops = append([]model.Op{}, m.Ops...)
		for i, op := range wrong.Ops {
			if e, ok := op.(*model.Ensemble); ok {
				f := *e.Forest
				f.Trees = append([]forest.Tree{}, f.Trees...)
				spoil(&f)
				wrong.Ops[i] = &model.Ensemble{X: e.X, Forest: &f}
			}
		}
		return &wrong
	}
	threshold := func(f *forest.Forest) {
		t := &f.Trees[7]
		t.Threshold = append([]float64{}, t.Threshold...)
		t.Threshold[0]++
	}
	for name, format := range map[string]Format{
		"writes another threshold": {Lower: onnx.Lower, Read: onnx.Read, Write: func(w io.Writer, m *model.Model, o Options) error {
			return onnx.Write(w, spoiled(m, threshold), o)
		}},
		"lowers to another threshold": {Write: onnx.Write, Read: onnx.Read, Lower: func(m *model.Model, o Options) (*model.Model, error) {
			lowered, err := onnx.Lower(m, o)
			return spoiled(lowered, threshold), err
		}},
		"swaps two trees": {Lower: onnx.Lower, Read: onnx.Read, Write: func(w io.Writer, m *model.Model, o Options) error {
			return onnx.Write(w, spoiled(m, func(f *forest.Forest) { f.Trees[0], f.Trees[1] = f.Trees[1], f.Trees[0] }), o)
		}},
		"writes half": {Lower: onnx.Lower, Read: onnx.Read, Write: func(w io.Writer, m *model.Model, o Options) error {
			return onnx.Write(&half{w: w}, m, o)
		}},
	} {
		format.Name, format.Extensions, format.Tolerance = name, []string{".bad"}, onnx.Tolerance
		Formats = []Format{format}
		file := filepath.Join(t.TempDir(), "wrong.bad")
		_, err := Write(s, sel, []string{file}, Options{})
		var mismatch *fault.Mismatch
		if !errors.As(err, &mismatch) {
			t.Errorf("%s: %v", name, err)
		}
		left, err := os.ReadDir(filepath.Dir(file))
		if err != nil || len(left) != 0 {
			t.Errorf("%s: %d files left behind (%v)", name, len(left), err)
		}
	}
}

// half drops what comes after the first two thousand bytes.
type half struct {
	w io.Writer
	n int
}

func (h *half) Write(p []byte) (int, error) {
	keep := p[:max(0, min(len(p), 2000-h.n))]
	h.n += len(p)
	if _, err := h.w.Write(keep); err != nil {
		return 0, err
	}
	return len(p), nil
}
