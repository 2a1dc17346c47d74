package xgboost

import (
	encodings "encoding/binary"
	"math"

	"github.com/seed-2867d59c/treeport/fault"
)

// value is one of object, list, *numbers, string, float64, int64, bool or nil.
type value any

// object has the first of equal keys, as std::map has it.
type object map[string]value

type list []value

// numbers are an array of numbers of one type in big-endian order, aliasing the file (UBJSON's typed array).
type numbers struct {
	kind byte // d, D, i, U, I, l or L
	data []byte
}

// widths are the bytes of each type of number.
var widths = map[byte]int{'d': 4, 'D': 8, 'i': 1, 'U': 1, 'I': 2, 'l': 4, 'L': 8}

func (n *numbers) len() int { return len(n.data) / widths[n.kind] }

func (n *numbers) at(i int) value {
	v, _ := number(n.kind, n.data[i*widths[n.kind]:])
	return v
}

// number reads a number that data begins with.
func number(kind byte, data []byte) (v value, ok bool) {
	width, known := widths[kind]
	if !known || len(data) < width {
		return nil, false
	}
	order := encodings.BigEndian
	switch kind {
	case 'd':
		return float64(math.Float32frombits(order.Uint32(data))), true
	case 'D':
		return math.Float64frombits(order.Uint64(data)), true
	case 'i':
		return int64(int8(data[0])), true
	case 'U':
		return int64(data[0]), true
	case 'I':
		return int64(int16(order.Uint16(data))), true
	case 'l':
		return int64(int32(order.Uint32(data))), true
	}
	return int64(order.Uint64(data)), true
}

// budget counts down what may still be allocated.
type budget int64

// valueCost is about what a value costs beside the bytes that it aliases.
const valueCost = 48

func (b *budget) take(bytes int) error {
	*b -= budget(bytes)
	if *b < 0 {
		return fault.TooBigf(fault.Where{}, "max-memory", "the values of a model of XGBoost")
	}
	return nil
}

// deepest is how many values may stand inside each other: a model's trees are flat.
const deepest = 64

// node is a value with the place where it stands, so that every complaint can name it.
type node struct {
	v    value
	path string
}

func (n node) broken(format string, args ...any) error {
	return fault.Brokenf(fault.In(n.path), format, args...)
}

func (n node) unsupported(format string, args ...any) error {
	return fault.Unsupportedf(fault.In(n.path), format, args...)
}

// has tells whether an object has a key.
func (n node) has(key string) bool {
	o, _ := n.v.(object)
	_, ok := o[key]
	return ok
}

// get is a member of an object; its value is nil where there is none, which whoever takes it as something complains of.
func (n node) get(key string) node {
	o, _ := n.v.(object)
	path := key
	if n.path != "" {
		path = n.path + "." + key
	}
	return node{o[key], path}
}

// text is a string.
func (n node) text() (string, error) {
	s, ok := n.v.(string)
	if !ok {
		return "", n.broken("no text")
	}
	return s, nil
}

// len is how many items an array has; -1: it is none.
func (n node) len() int {
	switch v := n.v.(type) {
	case list:
		return len(v)
	case *numbers:
		return v.len()
	}
	return -1
}

// items are the items of an array.
func (n node) items() ([]value, error) {
	switch v := n.v.(type) {
	case list:
		return v, nil
	case *numbers:
		all := make([]value, v.len())
		for i := range all {
			all[i] = v.at(i)
		}
		return all, nil
	}
	return nil, n.broken("no array")
}

// array reads an array of count items (any number where count is negative), each by read.
func array[T any](n node, count int, read func(value) (T, bool)) ([]T, error) {
	if n.len() < 0 {
		return nil, n.broken("no array")
	}
	if count >= 0 && n.len() != count {
		return nil, n.broken("%d entries for %d", n.len(), count)
	}
	all := make([]T, n.len())
	l, _ := n.v.(list)
	typed, _ := n.v.(*numbers)
	for i := range all {
		var item value
		if typed != nil {
			item = typed.at(i)
		} else {
			item = l[i]
		}
		var ok bool
		if all[i], ok = read(item); !ok {
			return nil, n.broken("entry %d is no %T", i, all[i])
		}
	}
	return all, nil
}

func asInt(v value) (int64, bool) {
	i, ok := v.(int64)
	return i, ok
}

// asFloat is a number as float32. In JSON some releases wrote whole floats as integers.
func asFloat(v value) (float32, bool) {
	switch v := v.(type) {
	case float64:
		return float32(v), true
	case int64:
		return float32(v), true
	}
	return 0, false
}

// asBool is a bool, which later releases write as a number.
func asBool(v value) (bool, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case int64:
		return v != 0, v == 0 || v == 1
	}
	return false, false
}

func asText(v value) (string, bool) {
	s, ok := v.(string)
	return s, ok
}
