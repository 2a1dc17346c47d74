package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/model"
)

// Attributes of a node, as messages. Lists are packed: a quarter smaller, and taken by onnxruntime and onnx's checker.

func attribute(name string, kind int64) *message {
	a := &message{}
	a.text(attrName, name)
	a.int(attrType, kind)
	return a
}

func intAttr(name string, v int64) *message {
	a := attribute(name, typeInt)
	a.int(attrI, v)
	return a
}

// An each calls put with every item of a list, in order; it is run once for the size and once for the bytes.
type each func(put func(v uint64))

// intsAttr is a list of integers, none of them negative.
func intsAttr(name string, items each) *message {
	a := attribute(name, typeInts)
	size := 0
	items(func(v uint64) { size += protowire.SizeVarint(v) })
	a.lazy(attrInts, size, func(s *stream) { items(s.varint) })
	return a
}

// floatsAttr is a list of float32.
func floatsAttr(name string, n int, items func(put func(v float32))) *message {
	a := attribute(name, typeFloats)
	a.lazy(attrFloats, 4*n, func(s *stream) { items(s.fixed32) })
	return a
}

// stringsAttr is a list of strings, which protobuf can't pack.
func stringsAttr(name string, items func(put func(v string))) *message {
	a := attribute(name, typeStrings)
	size := 0
	items(func(v string) { size += protowire.SizeTag(attrStrings) + protowire.SizeBytes(len(v)) })
	tag := byte(protowire.EncodeTag(attrStrings, bytesT))
	a.parts = append(a.parts, part{size: size, emit: func(s *stream) {
		items(func(v string) {
			s.byte(tag)
			s.varint(uint64(len(v)))
			s.bytes([]byte(v))
		})
	}})
	a.bytes += size
	return a
}

func tensorAttr(name string, t *message) *message {
	a := attribute(name, typeTensorA)
	a.message(attrT, t)
	return a
}

// listTensor is a tensor of n items of itemSize bytes that emit produces.
func listTensor(elem int64, n, itemSize int, emit func(*stream)) *message {
	t := &message{}
	t.int(tensorDims, int64(n))
	t.int(tensorType, elem)
	t.lazy(tensorRaw, n*itemSize, emit)
	return t
}

// elemType is ONNX's number for a kind.
func elemType(k model.Kind) int64 {
	return [...]int64{model.Float64: elemDouble, model.Float32: elemFloat, model.Int64: elemInt64, model.Bool: elemBool, model.String: elemString}[k]
}

// tensor is a constant: an initializer of a graph, or an attribute's value.
func tensor(name string, t *model.Tensor) *message {
	m := &message{}
	for _, d := range t.Shape {
		m.int(tensorDims, int64(d))
	}
	m.int(tensorType, elemType(t.Kind))
	if name != "" {
		m.text(tensorName, name)
	}
	switch t.Kind {
	case model.Float64:
		m.lazy(tensorRaw, 8*len(t.Float), func(s *stream) {
			for _, v := range t.Float {
				s.fixed64(math.Float64bits(v))
			}
		})
	case model.Float32:
		m.lazy(tensorRaw, 4*len(t.Float), func(s *stream) {
			for _, v := range t.Float {
				s.fixed32(float32(v))
			}
		})
	case model.Int64:
		m.lazy(tensorRaw, 8*len(t.Int), func(s *stream) {
			for _, v := range t.Int {
				s.fixed64(uint64(v))
			}
		})
	case model.Bool:
		m.lazy(tensorRaw, len(t.Int), func(s *stream) {
			for _, v := range t.Int {
				s.byte(byte(v))
			}
		})
	case model.String:
		for _, v := range t.Text {
			m.text(tensorStrings, v)
		}
	}
	return m
}

// scalar is a constant without dimensions.
func scalar(k model.Kind, v float64) *model.Tensor {
	t := &model.Tensor{Kind: k}
	if k.IsFloat() {
		t.Float = []float64{v}
	} else {
		t.Int = []int64{int64(v)}
	}
	return t
}

func vector(items ...int64) *model.Tensor {
	return &model.Tensor{Kind: model.Int64, Shape: []int{len(items)}, Int: items}
}
