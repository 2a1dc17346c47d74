package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// The file as it is read: nodes with their attributes still encoded, since the lists of a forest are decoded straight into
// its arrays.

type file struct {
	producer string
	opsets   map[string]int64
	metadata []model.Property
	nodes    []*node
	consts   map[string]*model.Tensor
	inputs   []declared
	outputs  []declared
}

type declared struct {
	name string
	elem int64
	dims []int64 // -1: any
}

type node struct {
	domain, op      string
	inputs, outputs []string
	attrs           map[string]attr
}

// attr is an AttributeProto, undecoded.
type attr []byte

// fields calls do for every field of a message: v is the number of a varint or fixed field, b the content of a
// length-delimited one.
func fields(data []byte, do func(n number, v uint64, b []byte) error) error {
	for len(data) > 0 {
		n, typ, size := protowire.ConsumeTag(data)
		if size < 0 {
			return fault.Brokenf(fault.Where{}, "no protobuf message: %v", protowire.ParseError(size))
		}
		data = data[size:]
		var v uint64
		var b []byte
		switch typ {
		case varint:
			v, size = protowire.ConsumeVarint(data)
		case fixed32:
			var w uint32
			w, size = protowire.ConsumeFixed32(data)
			v = uint64(w)
		case fixed64:
			v, size = protowire.ConsumeFixed64(data)
		case bytesT:
			b, size = protowire.ConsumeBytes(data)
			if b == nil {
				b = []byte{}
			}
		default:
			return fault.Brokenf(fault.Where{}, "no protobuf message: wire type %d", typ)
		}
		if size < 0 {
			return fault.Brokenf(fault.Where{}, "no protobuf message: %v", protowire.ParseError(size))
		}
		data = data[size:]
		if err := do(n, v, b); err != nil {
			return err
		}
	}
	return nil
}

func parseFile(data []byte) (*file, error) {
	f := &file{opsets: map[string]int64{}, consts: map[string]*model.Tensor{}}
	var graph []byte
	err := fields(data, func(n number, v uint64, b []byte) error {
		switch n {
		case modelProducer:
			f.producer = string(b)
		case modelGraph:
			graph = b
		case modelOpset:
			var domain string
			var version int64
			if err := fields(b, func(n number, v uint64, b []byte) error {
				switch n {
				case opsetDomain:
					domain = string(b)
				case opsetVersion:
					version = int64(v)
				}
				return nil
			}); err != nil {
				return err
			}
			f.opsets[domain] = version
		case modelMetadata:
			var p model.Property
			if err := fields(b, func(n number, _ uint64, b []byte) error {
				switch n {
				case entryKey:
					p.Key = string(b)
				case entryValue:
					p.Value = string(b)
				}
				return nil
			}); err != nil {
				return err
			}
			f.metadata = append(f.metadata, p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if graph == nil {
		return nil, fault.Brokenf(fault.Where{}, "no ONNX model: it has no graph")
	}
	return f, f.parseGraph(graph)
}

func (f *file) parseGraph(data []byte) error {
	return fields(data, func(n number, _ uint64, b []byte) error {
		switch n {
		case graphNode:
			nd, err := parseNode(b)
			f.nodes = append(f.nodes, nd)
			return err
		case graphInit:
			name, t, err := parseTensor(b)
			f.consts[name] = t
			return err
		case graphInput, graphOutput:
			d, err := parseDeclared(b)
			if n == graphInput {
				f.inputs = append(f.inputs, d)
			} else {
				f.outputs = append(f.outputs, d)
			}
			return err
		}
		return nil
	})
}

func parseNode(data []byte) (*node, error) {
	nd := &node{attrs: map[string]attr{}}
	err := fields(data, func(n number, _ uint64, b []byte) error {
		switch n {
		case nodeInput:
			nd.inputs = append(nd.inputs, string(b))
		case nodeOutput:
			nd.outputs = append(nd.outputs, string(b))
		case nodeOp:
			nd.op = string(b)
		case nodeDomain:
			nd.domain = string(b)
		case nodeAttr:
			name := ""
			if err := fields(b, func(n number, _ uint64, b []byte) error {
				if n == attrName {
					name = string(b)
				}
				return nil
			}); err != nil {
				return err
			}
			if _, twice := nd.attrs[name]; twice {
				return fault.Brokenf(fault.Where{}, "attribute %s stands twice", name)
			}
			nd.attrs[name] = b
		}
		return nil
	})
	return nd, err
}

func parseDeclared(data []byte) (declared, error) {
	d := declared{}
	err := fields(data, func(n number, _ uint64, b []byte) error {
		switch n {
		case valueName:
			d.name = string(b)
		case valueType:
			return fields(b, func(n number, _ uint64, b []byte) error {
				if n != typeTensor {
					return nil
				}
				return fields(b, func(n number, v uint64, b []byte) error {
					switch n {
					case tensorTypeElem:
						d.elem = int64(v)
					case tensorTypeShape:
						return fields(b, func(n number, _ uint64, b []byte) error {
							if n != shapeDim {
								return nil
							}
							dim := int64(-1)
							err := fields(b, func(n number, v uint64, _ []byte) error {
								if n == dimValue {
									dim = int64(v)
								}
								return nil
							})
							d.dims = append(d.dims, dim)
							return err
						})
					}
					return nil
				})
			})
		}
		return nil
	})
	return d, err
}

// kindOf is the kind that holds items of an ONNX type.
func kindOf(elem int64) (model.Kind, bool) {
	switch elem {
	case elemFloat:
		return model.Float32, true
	case elemDouble:
		return model.Float64, true
	case elemInt64, elemInt32:
		return model.Int64, true
	case elemBool:
		return model.Bool, true
	case elemString:
		return model.String, true
	}
	return 0, false
}

// largestTensor is the most items of one constant: as many as a file of 2 GiB can hold.
const largestTensor = math.MaxInt32

func parseTensor(data []byte) (name string, t *model.Tensor, err error) {
	t = &model.Tensor{Shape: []int{}}
	var elem int64
	var raw []byte
	hasRaw := false
	var numbers []uint64
	items := int64(1)
	err = fields(data, func(n number, v uint64, b []byte) error {
		switch n {
		case tensorName:
			name = string(b)
		case tensorType:
			elem = int64(v)
		case tensorDims:
			dims := []uint64{v}
			if b != nil {
				var err error
				if dims, err = packedVarints(b); err != nil {
					return err
				}
			}
			for _, d := range dims {
				if d > largestTensor || items*int64(d) > largestTensor {
					return fault.TooBigf(fault.Where{}, "", "a constant of over %d items", largestTensor)
				}
				items *= int64(d)
				t.Shape = append(t.Shape, int(d))
			}
		case tensorRaw:
			raw, hasRaw = b, true
		case tensorStrings:
			t.Text = append(t.Text, string(b))
		case tensorInt32s, tensorInt64s:
			if b == nil {
				numbers = append(numbers, v)
				return nil
			}
			more, err := packedVarints(b)
			numbers = append(numbers, more...)
			return err
		case tensorFloats, tensorDoubles:
			if b == nil {
				numbers = append(numbers, v)
				return nil
			}
			size := 4
			if n == tensorDoubles {
				size = 8
			}
			for ; len(b) >= size; b = b[size:] {
				if size == 4 {
					numbers = append(numbers, uint64(binary.LittleEndian.Uint32(b)))
				} else {
					numbers = append(numbers, binary.LittleEndian.Uint64(b))
				}
			}
		case tensorExternal, tensorLocation:
			if n == tensorExternal || v != 0 {
				return fault.Unsupportedf(fault.Where{}, "constants in a file beside the model")
			}
		}
		return nil
	})
	if err != nil {
		return name, nil, err
	}
	kind, ok := kindOf(elem)
	if !ok {
		return name, nil, fault.Unsupportedf(fault.Where{}, "a constant of ONNX type %d", elem)
	}
	t.Kind = kind
	if hasRaw {
		size := map[int64]int{elemFloat: 4, elemDouble: 8, elemInt32: 4, elemInt64: 8, elemBool: 1}[elem]
		if size == 0 || len(raw)%size != 0 {
			return name, nil, fault.Brokenf(fault.Where{}, "constant %s: %d bytes of data", name, len(raw))
		}
		numbers = make([]uint64, len(raw)/size)
		for i := range numbers {
			b := raw[i*size:]
			switch {
			case elem == elemInt32:
				numbers[i] = uint64(int64(int32(binary.LittleEndian.Uint32(b))))
			case size == 8:
				numbers[i] = binary.LittleEndian.Uint64(b)
			case size == 4:
				numbers[i] = uint64(binary.LittleEndian.Uint32(b))
			default:
				numbers[i] = uint64(b[0])
			}
		}
	}
	switch kind {
	case model.Float64:
		t.Float = convert(numbers, math.Float64frombits)
	case model.Float32:
		t.Float = convert(numbers, func(v uint64) float64 { return float64(math.Float32frombits(uint32(v))) })
	case model.Int64, model.Bool:
		t.Int = convert(numbers, func(v uint64) int64 { return int64(v) })
	}
	if n := int64(len(t.Float) + len(t.Int) + len(t.Text)); n != items {
		return name, nil, fault.Brokenf(fault.Where{}, "constant %s: %d items for shape %v", name, n, t.Shape)
	}
	return name, t, nil
}

func convert[T any](from []uint64, f func(uint64) T) []T {
	to := make([]T, len(from))
	for i, v := range from {
		to[i] = f(v)
	}
	return to
}

func packedVarints(b []byte) ([]uint64, error) {
	var all []uint64
	for len(b) > 0 {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, fault.Brokenf(fault.Where{}, "a packed list is cut off")
		}
		all, b = append(all, v), b[n:]
	}
	return all, nil
}

func (n *node) int(name string, otherwise int64) (int64, error) {
	a, ok := n.attrs[name]
	if !ok {
		return otherwise, nil
	}
	err := fields(a, func(f number, v uint64, _ []byte) error {
		if f == attrI {
			otherwise = int64(v)
		}
		return nil
	})
	return otherwise, err
}

func (n *node) text(name, otherwise string) (string, error) {
	a, ok := n.attrs[name]
	if !ok {
		return otherwise, nil
	}
	err := fields(a, func(f number, _ uint64, b []byte) error {
		if f == attrS {
			otherwise = string(b)
		}
		return nil
	})
	return otherwise, err
}

// list is a list of numbers that is read item by item, from an attribute or from the raw data of a tensor in it. Every list
// of a forest is as long as the forest, so none is ever decoded as a whole.
type list struct {
	data  []byte // fields that are still to be read
	run   []byte // rest of a packed field
	field number
	size  int // bytes of an item; 0 for varints
	bad   bool
}

// ints is the list of integers of an attribute; nil if there is none.
func (n *node) ints(name string) *list { return n.list(name, attrInts, 0) }

func (n *node) list(name string, field number, size int) *list {
	a, ok := n.attrs[name]
	if !ok {
		return nil
	}
	return &list{data: a, field: field, size: size}
}

// floats is the list of numbers of an attribute, or of the tensor in the attribute name+suffix; nil if there is none.
func (n *node) floats(name, suffix string) (*list, error) {
	if l := n.list(name, attrFloats, 4); l != nil && !l.empty() {
		return l, nil
	}
	return n.tensorList(name + suffix)
}

// tensorList is the content of an attribute that is a tensor of numbers (or uint8).
func (n *node) tensorList(name string) (*list, error) {
	a, ok := n.attrs[name]
	if !ok {
		return nil, nil
	}
	l := &list{size: -1}
	err := fields(a, func(f number, _ uint64, b []byte) error {
		if f != attrT {
			return nil
		}
		var elem int64
		err := fields(b, func(f number, v uint64, b []byte) error {
			switch f {
			case tensorType:
				elem = int64(v)
			case tensorRaw:
				l.run = b
			case tensorExternal:
				return fault.Unsupportedf(fault.Where{}, "constants in a file beside the model")
			}
			return nil
		})
		if err != nil {
			return err
		}
		switch elem {
		case elemFloat:
			l.size, l.field = 4, tensorFloats
		case elemDouble:
			l.size, l.field = 8, tensorDoubles
		case elemUint8:
			l.size, l.field = 1, tensorInt32s
		}
		if l.run == nil {
			l.data = b
			if elem == elemUint8 {
				l.size = 0
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if l.size < 0 {
		return nil, fault.Unsupportedf(fault.Where{}, "attribute %s of another type", name)
	}
	return l, nil
}

// empty tells whether nothing is left.
func (l *list) empty() bool {
	for len(l.run) == 0 && len(l.data) > 0 {
		n, typ, size := protowire.ConsumeTag(l.data)
		if size < 0 {
			l.bad = true
			return true
		}
		if n == l.field {
			if typ == bytesT {
				b, m := protowire.ConsumeBytes(l.data[size:])
				if m < 0 {
					l.bad = true
					return true
				}
				l.run, l.data = b, l.data[size+m:]
				continue
			}
			return false
		}
		m := protowire.ConsumeFieldValue(n, typ, l.data[size:])
		if m < 0 {
			l.bad = true
			return true
		}
		l.data = l.data[size+m:]
	}
	return len(l.run) == 0
}

// next is the next item, as the bits of the list's type; false at the end.
func (l *list) next() (uint64, bool) {
	if l == nil || l.bad || len(l.run) == 0 && l.empty() {
		return 0, false
	}
	if len(l.run) == 0 { // a list that is not packed: one field per item
		_, _, size := protowire.ConsumeTag(l.data)
		l.data = l.data[size:]
		v, m := l.item(l.data)
		l.data = l.data[m:]
		return v, !l.bad
	}
	v, m := l.item(l.run)
	l.run = l.run[m:]
	return v, !l.bad
}

// count is how many items are left, to allocate for: only as many as bytes are there.
func (l *list) count() int {
	if l == nil {
		return 0
	}
	rest, n := *l, 0
	for {
		if _, ok := rest.next(); !ok {
			return n
		}
		n++
	}
}

// peek is the item that next will answer, or otherwise at the end.
func (l *list) peek(otherwise uint64) uint64 {
	rest := *l
	if v, ok := rest.next(); ok {
		return v
	}
	return otherwise
}

func (l *list) item(b []byte) (v uint64, size int) {
	if len(b) < max(1, l.size) {
		l.bad = true
		return 0, len(b)
	}
	if l.size == 0 {
		if b[0] < 0x80 {
			return uint64(b[0]), 1
		}
		v, size = protowire.ConsumeVarint(b)
		if size < 0 {
			l.bad = true
			return 0, len(b)
		}
		return v, size
	}
	switch l.size {
	case 8:
		return binary.LittleEndian.Uint64(b), 8
	case 4:
		return uint64(binary.LittleEndian.Uint32(b)), 4
	}
	return uint64(b[0]), 1
}

// number is the next item as a floating point number; false at the end.
func (l *list) number() (float64, bool) {
	v, ok := l.next()
	if l != nil && l.size == 8 {
		return math.Float64frombits(v), ok
	}
	return float64(math.Float32frombits(uint32(v))), ok
}
