package onnx

import (
	"encoding/binary"

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

// intsAttr is a list of integers, as varints.
func intsAttr(name string, items pieces) *message { return intsOfSize(name, items.size(), items) }

// intsOfSize is intsAttr where it is known how many bytes the varints take.
func intsOfSize(name string, size int, items pieces) *message {
	a := attribute(name, typeInts)
	a.lazy(attrInts, size, items)
	return a
}

// signedInts is a list of any integers.
func signedInts(name string, items []int64) *message {
	return intsAttr(name, cut(len(items), func(from, to int, b []byte) []byte {
		for _, v := range items[from:to] {
			b = appendVarint(b, uint64(v))
		}
		return b
	}))
}

// floatsAttr is a list of n float32.
func floatsAttr(name string, n int, items pieces) *message {
	a := attribute(name, typeFloats)
	a.lazy(attrFloats, 4*n, items)
	return a
}

// stringsAttr is a list of strings.
func stringsAttr(name string, items []string) *message {
	return stringPieces(name, cut(len(items), func(from, to int, b []byte) []byte {
		for _, s := range items[from:to] {
			b = appendString(b, s)
		}
		return b
	}))
}

// stringPieces is a list of strings, which protobuf can't pack, whose pieces are made by appendString.
func stringPieces(name string, items pieces) *message {
	a := attribute(name, typeStrings)
	a.run(items.size(), items)
	return a
}

// appendString appends an item of stringsAttr.
func appendString(b []byte, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, attrStrings, bytesT), s)
}

func tensorAttr(name string, t *message) *message {
	a := attribute(name, typeTensorA)
	a.message(attrT, t)
	return a
}

// listTensor is a tensor of n items of itemSize bytes.
func listTensor(elem int64, n, itemSize int, items pieces) *message {
	t := &message{}
	t.int(tensorDims, int64(n))
	t.int(tensorType, elem)
	t.lazy(tensorRaw, n*itemSize, items)
	return t
}

// elemType is ONNX's number for a kind.
func elemType(k model.Kind) int64 {
	return [...]int64{model.Float64: elemDouble, model.Float32: elemFloat, model.Int64: elemInt64, model.Bool: elemBool, model.String: elemString}[k]
}

// tensorHead is a tensor without its items.
func tensorHead(name string, shape []int, elem int64) *message {
	m := &message{}
	for _, d := range shape {
		m.int(tensorDims, int64(d))
	}
	m.int(tensorType, elem)
	if name != "" {
		m.text(tensorName, name)
	}
	return m
}

// tensor is a constant: an initializer of a graph, or an attribute's value.
func tensor(name string, t *model.Tensor) *message {
	m := tensorHead(name, t.Shape, elemType(t.Kind))
	switch t.Kind {
	case model.Float64:
		m.lazy(tensorRaw, 8*len(t.Float), doubles(t.Float))
	case model.Float32:
		m.lazy(tensorRaw, 4*len(t.Float), floats(t.Float))
	case model.Int64:
		m.lazy(tensorRaw, 8*len(t.Int), cut(len(t.Int), func(from, to int, b []byte) []byte {
			for _, v := range t.Int[from:to] {
				b = binary.LittleEndian.AppendUint64(b, uint64(v))
			}
			return b
		}))
	case model.Bool:
		m.lazy(tensorRaw, len(t.Int), cut(len(t.Int), func(from, to int, b []byte) []byte {
			for _, v := range t.Int[from:to] {
				b = append(b, byte(v))
			}
			return b
		}))
	case model.String:
		for _, v := range t.Text {
			m.text(tensorStrings, v)
		}
	}
	return m
}

func doubles(items []float64) pieces {
	return cut(len(items), func(from, to int, b []byte) []byte {
		for _, v := range items[from:to] {
			b = appendDouble(b, v)
		}
		return b
	})
}

func floats(items []float64) pieces {
	return cut(len(items), func(from, to int, b []byte) []byte {
		for _, v := range items[from:to] {
			b = appendFloat(b, v)
		}
		return b
	})
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
