package skops_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/skops"
)

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestAsPickled holds every file of testdata/ against the pickle of the very same object (testdata/make.py).
func TestAsPickled(t *testing.T) {
	files, err := filepath.Glob("testdata/*.skops")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		base := strings.TrimSuffix(file, ".skops")
		t.Run(filepath.Base(base), func(t *testing.T) {
			data := read(t, file)
			if !skops.Sniff(data) {
				t.Error("not told to be a skops file")
			}
			got, err := skops.Decode(pickle.Source{Name: file, Data: data}, pickle.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			want, err := pickle.Decode(pickle.Source{Data: read(t, base+".pkl")}, pickle.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			release := base[strings.LastIndexByte(base, '-')+1:]
			protocol := map[string]int{"0.3.0": 0, "0.6.0": 1, "0.9.0": 1, "0.11.0": 2, "0.13.0": 2}[release]
			if got.Skops != release || got.Protocol != protocol || !slices.Equal(got.Layers, []string{"skops"}) {
				t.Errorf("release %s, protocol %d, layers %q", got.Skops, got.Protocol, got.Layers)
			}
			c := &comparison{t: t, met: map[pickle.Value]pickle.Value{}}
			c.values("root", got.Root, want.Root)
			if c.compared < 30 {
				t.Errorf("only %d values", c.compared)
			}
		})
	}
}

// comparison of what skops has (got) with what a pickle has (want).
type comparison struct {
	t        *testing.T
	met      map[pickle.Value]pickle.Value // by what was met in the pickle
	compared int
}

func (c *comparison) differ(path, format string, args ...any) {
	c.t.Errorf(path+": "+format, args...)
}

func (c *comparison) values(path string, got, want pickle.Value) {
	c.compared++
	if reflect.TypeOf(got) != reflect.TypeOf(want) {
		c.differ(path, "%T %v, not %T %v", got, pickle.Repr(got, 50), want, pickle.Repr(want, 50))
		return
	}
	if shared(want) {
		if before, ok := c.met[want]; ok {
			if before != got {
				c.differ(path, "another object, though the pickle has it twice")
			}
			return
		}
		c.met[want] = got
	}
	switch want := want.(type) {
	case *pickle.List:
		c.items(path, got.(*pickle.List).Items, want.Items)
	case *pickle.Tuple:
		c.items(path, got.(*pickle.Tuple).Items, want.Items)
	case *pickle.Set:
		c.items(path, got.(*pickle.Set).Items, want.Items)
	case *pickle.Dict:
		c.dicts(path, got.(*pickle.Dict), want)
	case *pickle.NDArray:
		got := got.(*pickle.NDArray)
		if !reflect.DeepEqual(got.DType, want.DType) || !slices.Equal(got.Shape, want.Shape) || got.Fortran != want.Fortran || got.Class != want.Class {
			c.differ(path, "%v %v %v, not %v %v %v", got.Class, got.DType, got.Shape, want.Class, want.DType, want.Shape)
		}
		if !bytes.Equal(got.Data, want.Data) {
			c.differ(path, "other bytes")
		}
		c.items(path, got.Objects, want.Objects)
	case *pickle.Object:
		c.objects(path, got.(*pickle.Object), want)
	case float64:
		if math.Float64bits(got.(float64)) != math.Float64bits(want) {
			c.differ(path, "%v, not %v", got, want)
		}
	default:
		if !reflect.DeepEqual(got, want) {
			c.differ(path, "%v, not %v", got, want)
		}
	}
}

// shared tells values whose identity counts.
func shared(v pickle.Value) bool {
	switch v := v.(type) {
	case *pickle.List, *pickle.Dict, *pickle.Set, *pickle.Object:
		return true
	case *pickle.NDArray:
		return len(v.Shape) > 0
	}
	return false
}

func (c *comparison) items(path string, got, want []pickle.Value) {
	if len(got) != len(want) {
		c.differ(path, "%d items, not %d", len(got), len(want))
		return
	}
	for i := range want {
		c.values(fmt.Sprintf("%s[%d]", path, i), got[i], want[i])
	}
}

func (c *comparison) dicts(path string, got, want *pickle.Dict) {
	if (got == nil) != (want == nil) {
		c.differ(path, "a dict %v, not %v", got != nil, want != nil)
	}
	if got == nil || want == nil {
		return
	}
	c.items(path+".keys", got.Keys, want.Keys)
	for i, k := range want.Keys {
		if i < len(got.Values) {
			c.values(path+"."+pickle.Repr(k, 30), got.Values[i], want.Values[i])
		}
	}
}

func (c *comparison) objects(path string, got, want *pickle.Object) {
	switch [2]string{got.Class.String(), want.Class.String()} { // what skops saves in another way than numpy's __reduce__
	case [2]string{"numpy.random.mtrand.RandomState", "numpy.random._pickle.__randomstate_ctor"}:
		state := want.State
		if t, ok := state.(*pickle.Tuple); ok { // of numpy 1.24 and newer
			state = t.Items[0]
		}
		c.values(path+".state", got.State, state)
		return
	case [2]string{"numpy.random._generator.Generator", "numpy.random._pickle.__generator_ctor"}:
		c.values(path+".state", got.State, want.Args[0].(*pickle.Object).State.(*pickle.Tuple).Items[0])
		return
	case [2]string{"numpy.ma.MaskedArray", "numpy.ma.core._mareconstruct"},
		[2]string{"numpy.ma.core.MaskedArray", "numpy.ma.core._mareconstruct"}:
		state := want.State.(*pickle.Tuple).Items // version, shape, dtype, order, data, mask, fill value
		data := got.Args[0].(*pickle.NDArray)
		if list, ok := state[4].(*pickle.List); ok {
			c.items(path+".data", data.Objects, list.Items)
		} else {
			c.values(path+".data", pickle.Bytes(data.Data), state[4])
		}
		c.values(path+".mask", pickle.Bytes(got.Args[1].(*pickle.NDArray).Data), state[5])
		return
	}
	if got.Class.Module == want.Class.Module && "__pyx_unpickle_"+got.Class.Name == want.Class.Name {
		return // a loss without parameters; skops keeps the class
	}
	if got.Class != want.Class {
		c.differ(path, "%v, not %v", got.Class, want.Class)
		return
	}
	c.items(path+".args", got.Args, want.Args)
	c.items(path+".items", got.Items, want.Items)
	c.dicts(path+".dict", got.Dict, want.Dict)
	if (got.State == nil) != (want.State == nil) {
		c.differ(path, "state %v, not %v", got.State, want.State)
	} else if want.State != nil {
		c.values(path, got.State, want.State)
	}
}
