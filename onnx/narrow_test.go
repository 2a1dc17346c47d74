package onnx_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/steps"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
)

// ONNX's numbers for the types of constants.
const elemFloat, elemUint8, elemUint16, elemDouble, elemUint32 = 1, 2, 4, 11, 12

// constant is an initializer of a file.
type constant struct {
	name, raw []byte
	elem      uint64
	dims      []uint64
	listed    bool // bytes are written as a list of integers instead
}

// constants rewrites the initializers of a file.
func constants(t *testing.T, file []byte, do func(c *constant)) []byte {
	const graph, initializer, dims, elem, ints, name, raw = 7, 5, 1, 2, 5, 8, 9
	return rewrite(t, file, func(n protowire.Number, content []byte) []byte {
		if n != graph {
			return content
		}
		return rewrite(t, content, func(n protowire.Number, content []byte) []byte {
			if n != initializer {
				return content
			}
			c := constant{}
			for rest := content; len(rest) > 0; {
				n, typ, size := protowire.ConsumeTag(rest)
				rest = rest[size:]
				v, _ := protowire.ConsumeVarint(rest)
				b, _ := protowire.ConsumeBytes(rest)
				switch n {
				case dims:
					c.dims = append(c.dims, v)
				case elem:
					c.elem = v
				case name:
					c.name = b
				case raw:
					c.raw = bytes.Clone(b)
				}
				rest = rest[protowire.ConsumeFieldValue(n, typ, rest):]
			}
			do(&c)
			var out []byte
			for _, d := range c.dims {
				out = protowire.AppendVarint(protowire.AppendTag(out, dims, protowire.VarintType), d)
			}
			out = protowire.AppendVarint(protowire.AppendTag(out, elem, protowire.VarintType), c.elem)
			out = protowire.AppendBytes(protowire.AppendTag(out, name, protowire.BytesType), c.name)
			if c.listed {
				var all []byte
				for _, v := range c.raw {
					all = protowire.AppendVarint(all, uint64(v))
				}
				return protowire.AppendBytes(protowire.AppendTag(out, ints, protowire.BytesType), all)
			}
			return protowire.AppendBytes(protowire.AppendTag(out, raw, protowire.BytesType), c.raw)
		})
	})
}

// lookedUp is the table of the first lookup of a program.
func lookedUp(m *model.Model) *model.Tensor {
	for _, op := range m.Ops {
		if lookup, ok := op.(*model.Lookup); ok {
			return lookup.Table
		}
	}
	return nil
}

// TestNarrow: tables are written in the fewest bytes that lose nothing, and are read as they were, sharing the items of one that is expected.
func TestNarrow(t *testing.T) {
	want := map[string][]uint64{
		"table of counts in bytes":                      {elemUint8, elemUint8},
		"table of counts in bytes, of more records":     {elemUint8, elemUint16},
		"table of counts in two bytes":                  {elemUint16, elemUint16},
		"table of counts in two bytes, of more records": {elemUint16, elemUint32},
		"table of counts in four bytes":                 {elemUint32, elemUint32},
		"table of counts but for two weights":           {elemDouble},
		"table of counts but for a -0":                  {elemDouble},
		"table of whole numbers beyond four bytes":      {elemDouble},
		"table of numbers that are float32":             {elemFloat},
		"table of numbers that are float32 but for one": {elemDouble},
	}
	for _, c := range steps.Tables() {
		lowered, file := encode(t, c.Model, onnx.Options{})
		table := lookedUp(lowered)
		elems := func(file []byte) (all []uint64) {
			constants(t, file, func(c *constant) {
				if c.dims != nil && c.dims[0] == uint64(table.Rows()) {
					all = append(all, c.elem)
				}
			})
			return all
		}
		if got := elems(file); !slices.Equal(got, want[c.Name]) {
			t.Errorf("%s: written as types %v, want %v", c.Name, got, want[c.Name])
		}
		if _, oldest := encode(t, c.Model, onnx.Options{MLOpset: 1}); !slices.Equal(elems(oldest), []uint64{elemDouble}) {
			t.Errorf("%s: written as types %v with ml-opset 1", c.Name, elems(oldest))
		}
		plain, err := onnx.Read(file)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		expecting, err := onnx.ReadExpecting(file, forest.Limits{}, lowered)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		for _, back := range []*model.Model{plain, expecting} {
			if err := model.Equal(lowered, back); err != nil {
				t.Errorf("%s: %v", c.Name, err)
			}
		}
		if &lookedUp(expecting).Float[0] != &table.Float[0] || &lookedUp(plain).Float[0] == &table.Float[0] {
			t.Errorf("%s: the items are not shared just where they are expected", c.Name)
		}
	}
}

// TestNarrowChanged: what a file says is read, not what was expected of it.
func TestNarrowChanged(t *testing.T) {
	for _, c := range steps.Tables() {
		lowered, file := encode(t, c.Model, onnx.Options{})
		table := lookedUp(lowered)
		constants(t, file, func(c *constant) {
			if len(c.dims) != 2 || c.dims[0] != uint64(table.Rows()) {
				return
			}
			size := len(c.raw) / int(c.dims[0]*c.dims[1])
			for _, item := range []int{0, len(c.raw)/size - 1} {
				changed := constants(t, file, func(other *constant) {
					if bytes.Equal(other.name, c.name) {
						other.raw[size*item+size-1] ^= 1
					}
				})
				plain, err1 := onnx.Read(changed)
				expecting, err2 := onnx.ReadExpecting(changed, forest.Limits{}, lowered)
				if err1 != nil || err2 != nil {
					t.Fatalf("%s: %v, %v", c.name, err1, err2)
				}
				if err := model.Equal(plain, expecting); err != nil {
					t.Errorf("%s: read otherwise where it is expected: %v", c.name, err)
				}
				if model.Equal(lowered, plain) == nil {
					t.Errorf("%s: a change of item %d is not read", c.name, item)
				}
			}
		})
	}
}

// TestNarrowQuotients: a row without records is what onnxruntime's division answers, NaN and infinity.
func TestNarrowQuotients(t *testing.T) {
	_, file := encode(t, steps.Tables()[0].Model, onnx.Options{})
	counts := true
	changed := constants(t, file, func(c *constant) {
		if c.elem == elemUint8 {
			copy(c.raw, map[bool][]byte{true: {0, 3}, false: {0}}[counts])
			counts = false
		}
	})
	m, err := onnx.Read(changed)
	if err != nil {
		t.Fatal(err)
	}
	if table := lookedUp(m); !math.IsNaN(table.Float[0]) || !math.IsInf(table.Float[1], 1) {
		t.Errorf("0/0 and 3/0 are %v", table.Float[:2])
	}
}

// TestUnsignedConstants: other constants of these types are not supported, and none makes two tables.
func TestUnsignedConstants(t *testing.T) {
	_, file := encode(t, steps.Tables()[0].Model, onnx.Options{})
	for name, changed := range map[string][]byte{
		"records in one row": constants(t, file, func(c *constant) {
			if len(c.dims) == 2 && c.dims[1] == 1 {
				slices.Reverse(c.dims)
			}
		}),
		"one too many": constants(t, file, func(c *constant) {
			if c.elem == elemUint8 && c.dims[1] > 1 {
				c.name = []byte("another")
			}
		}),
		"of records that two casts read": again(t, file, "Cast"),
		"of counts that two tables are":  again(t, file, "Div"),
		"cast to float32":                bytes.ReplaceAll(file, []byte("to\xa0\x01\x02\x18\x0b"), []byte("to\xa0\x01\x02\x18\x01")),
	} {
		var unsupported *fault.Unsupported
		if _, err := onnx.Read(changed); !errors.As(err, &unsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	cut := constants(t, file, func(c *constant) {
		if c.elem == elemUint8 {
			c.raw = c.raw[1:]
		}
	})
	var broken *fault.Broken
	if _, err := onnx.Read(cut); !errors.As(err, &broken) {
		t.Errorf("a count is missing: %v", err)
	}
}

// TestUnsignedList: counts may stand in a list of integers, too.
func TestUnsignedList(t *testing.T) {
	lowered, file := encode(t, steps.Tables()[0].Model, onnx.Options{})
	m, err := onnx.Read(constants(t, file, func(c *constant) { c.listed = c.elem == elemUint8 }))
	if err != nil {
		t.Fatal(err)
	}
	if err := model.Equal(lowered, m); err != nil {
		t.Error(err)
	}
}

// again is a file with the last node of an operator once more, which makes a value of another name of the same inputs.
func again(t *testing.T, file []byte, operator string) []byte {
	const graph, node, output, op = 7, 1, 2, 4
	return rewrite(t, file, func(n protowire.Number, content []byte) []byte {
		if n != graph {
			return content
		}
		var last []byte
		rewrite(t, content, func(n protowire.Number, content []byte) []byte {
			if n != node {
				return content
			}
			is := false
			other := rewrite(t, content, func(n protowire.Number, value []byte) []byte {
				is = is || n == op && string(value) == operator
				if n == output {
					return []byte("another")
				}
				return value
			})
			if is {
				last = other
			}
			return content
		})
		return protowire.AppendBytes(protowire.AppendTag(bytes.Clone(content), node, protowire.BytesType), last)
	})
}
