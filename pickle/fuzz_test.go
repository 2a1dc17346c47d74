package pickle

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
)

// FuzzDecode: no bytes may crash, hang or fill memory, every error says what it is, and whatever decodes can be walked
// and read. Siblings are files with the same bytes, so that the readers of .npy and zfiles are reached too.
func FuzzDecode(f *testing.F) {
	err := filepath.WalkDir("testdata/vectors", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".index") {
			return err
		}
		data, err := os.ReadFile(path)
		f.Add(data)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("ZF0x10                x\x9c"))
	f.Add([]byte("\x93NUMPY\x01\x00\x46\x00{'descr': [('a', '<f8'), ('b', '<i4', (2,))], 'fortran_order': False, 'shape': (1,)}"))
	lim := Limits{MaxMemory: 128 << 20, MaxInflated: 32 << 20, MaxDictionary: 8 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		src := Source{Data: data}
		src.Sibling = func(string) ([]byte, error) {
			return data[max(0, strings.Index(string(data), "\x93NUMPY")):], nil
		}
		doc, err := Decode(src, lim)
		if err != nil {
			if !isFault(err) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		walkArrays(doc.Root)
	})
}

// isFault tells whether an error is one of those that bytes may cause.
func isFault(err error) bool {
	var broken *fault.Broken
	var unsupported *fault.Unsupported
	var big *fault.TooBig
	return errors.As(err, &broken) || errors.As(err, &unsupported) || errors.As(err, &big)
}

// FuzzAgree: a stream in small pieces gives what a slice gives.
func FuzzAgree(f *testing.F) {
	paths, _ := filepath.Glob("testdata/vectors/*.pkl")
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lim := Limits{MaxMemory: 128 << 20}.orDefault()
		run := func(in *input) (Value, error) {
			d := &decoder{lim: lim, doc: &Document{}, uses: map[Global]int{}, in: in, memory: lim.MaxMemory}
			return (&machine{d: d, in: in, arrays: true}).run()
		}
		a, err := run(overSlice(data))
		b, err2 := run(overReader(&dribble{data: data}))
		if (err == nil) != (err2 == nil) {
			t.Fatalf("slice: %v; stream: %v", err, err2)
		}
		if err == nil && len(data) < 1<<12 {
			x, y := (&describer{met: map[Value]int{}}), (&describer{met: map[Value]int{}})
			if where := differ(x.value(a), y.value(b), ""); where != "" {
				t.Fatal(where)
			}
		}
	})
}

// dribble gives its bytes a few at a time.
type dribble struct {
	data []byte
	n    int
}

func (d *dribble) Read(p []byte) (int, error) {
	if len(d.data) == 0 {
		return 0, io.EOF
	}
	d.n = d.n%7 + 1
	n := copy(p, d.data[:min(d.n, len(d.data))])
	d.data = d.data[n:]
	return n, nil
}

// walkArrays reads every array in every way.
func walkArrays(root Value) {
	seen := map[Value]bool{}
	todo := []Value{root}
	for len(todo) > 0 && len(seen) < 10000 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch v.(type) {
		case *Tuple, *List, *Dict, *Object, *NDArray:
			if seen[v] {
				continue
			}
			seen[v] = true
		}
		switch v := v.(type) {
		case *Tuple:
			todo = append(todo, v.Items...)
		case *List:
			todo = append(todo, v.Items...)
		case *Dict:
			v.Get("x")
			todo = append(append(todo, v.Keys...), v.Values...)
		case *Object:
			v.Attr("x")
			todo = append(append(todo, v.Args...), v.Items...)
			if v.State != nil {
				todo = append(todo, v.State)
			}
			if v.Dict != nil {
				todo = append(todo, v.Dict)
			}
		case *NDArray:
			todo = append(todo, v.Objects...)
			_ = v.DType.String()
			if v.Len() > 1000 {
				continue
			}
			_, _ = v.Float64s()
			_, _ = v.Int64s()
			_, _ = v.Bools()
			_, _ = v.Strings()
			_, _ = v.Float64At(0)
			_, _ = v.Int64At(v.Len() - 1)
			for _, f := range v.DType.Fields {
				if c, err := v.Field(f.Name); err == nil {
					_, _ = c.Float64s()
					_, _ = c.Int32s()
				}
			}
		}
	}
}
