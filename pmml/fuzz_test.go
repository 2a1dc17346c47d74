package pmml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// Whatever the bytes, Read answers a model or one of fault's errors, the same in its quick way as in the general one. What it takes
// is XML to encoding/xml, too, and can be lowered, written and read again to the same model.
func FuzzPMML(f *testing.F) {
	for _, v := range vectors(f) {
		v.Trees = v.Trees[:1] // small files are changed more tellingly
		v.Mean = false
		f.Add(written(f, lowered(f, v, Options{Sparse: true}), Options{Sparse: true}))
	}
	for _, m := range oddModels() {
		low, err := Lower(m, Options{})
		if err != nil {
			f.Fatal(err)
		}
		if data := written(f, low, Options{}); len(data) < 10_000 {
			f.Add(data)
		}
	}
	for _, m := range sheetModels() {
		o := Options{Methods: model.Methods(m)}
		low, err := Lower(m, o)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(written(f, low, o))
	}
	foreign, err := filepath.Glob("testdata/*/*.pmml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range foreign {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	lim := Limits{Depth: 2000, Nodes: 10_000, Cells: 100_000}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Read(data, lim)
		if any, anyErr := Read(slow(data), lim); (err == nil) != (anyErr == nil) || err == nil && model.Equal(m, any) != nil {
			t.Fatalf("read quickly: %v; read slowly: %v", err, anyErr)
		}
		if err != nil {
			var (
				broken      *fault.Broken
				unsupported *fault.Unsupported
				tooBig      *fault.TooBig
			)
			if !errors.As(err, &broken) && !errors.As(err, &unsupported) && !errors.As(err, &tooBig) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		d := xml.NewDecoder(bytes.NewReader(data))
		for {
			if _, err := d.RawToken(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("encoding/xml refuses it: %v", err)
			}
		}
		low, err := Lower(m, Options{})
		if err != nil {
			var unsupported *fault.Unsupported
			if !errors.As(err, &unsupported) {
				t.Fatal(err)
			}
			return
		}
		var b bytes.Buffer
		if err := Write(&b, low, Options{}); err != nil {
			t.Fatal(err)
		}
		back, err := Read(b.Bytes(), Limits{})
		if err != nil {
			t.Fatalf("%v\n%s", err, b.Bytes())
		}
		if err := model.Equal(low, back); err != nil {
			t.Fatalf("%v\n%s", err, b.Bytes())
		}
	})
}
