package pickle

import (
	"math"
	"strconv"
)

// A dtype in a pickle is `numpy.dtype(code, align, copy)`, then BUILD with its state (descriptor.c, arraydescr_reduce and
// arraydescr_setstate):
//
//	code  = kind size, as in 'f8', 'U5', 'V64', 'O8', 'b1'
//	state = (version, order, subarray, names, fields, itemsize, alignment, flags [, metadata])
//
// order is '<', '>' or '|'; subarray is None or (dtype, shape); names is None or a tuple, and fields a dict of
// name: (dtype, offset [, title]). itemsize is -1 where the code says it.

// maxItemSize and maxDTypeDepth are bounds that no real dtype comes near.
const (
	maxItemSize   = 1 << 30
	maxDTypeDepth = 32
)

// maxDims is numpy 2's NPY_MAXDIMS.
const maxDims = 64

// parseDType reads a dtype's code, with or without a byte order before it.
func parseDType(code string) (DType, bool) {
	d := DType{}
	if len(code) > 0 {
		switch code[0] {
		case '>':
			d.BigEndian = true
			fallthrough
		case '<', '|', '=':
			code = code[1:]
		}
	}
	if code == "" {
		return d, false
	}
	d.Kind = code[0]
	n, err := strconv.ParseUint(code[1:], 10, 31)
	if code[1:] == "" && (d.Kind == 'O' || d.Kind == 'S' || d.Kind == 'U' || d.Kind == 'V') {
		n, err = 0, nil
	}
	if code == "?" {
		d.Kind, n, err = 'b', 1, nil
	}
	if (d.Kind == 'M' || d.Kind == 'm') && len(code) > 3 && code[1:3] == "8[" && code[len(code)-1] == ']' {
		d.Meta = Text(code[3 : len(code)-1])
		n, err = 8, nil
	}
	if err != nil || n > maxItemSize/4 {
		return d, false
	}
	d.Size = int(n)
	ok := false
	switch d.Kind {
	case 'b':
		ok = n == 1
	case 'i', 'u':
		ok = n == 1 || n == 2 || n == 4 || n == 8
	case 'f':
		ok = n == 2 || n == 4 || n == 8 || n == 12 || n == 16
	case 'c':
		ok = n == 8 || n == 16 || n == 24 || n == 32
	case 'M', 'm':
		ok = n == 8
	case 'O':
		d.Size, d.objects, ok = 8, true, n == 0 || n == 4 || n == 8
	case 'S', 'V':
		ok = true
	case 'U':
		d.Size, ok = 4*d.Size, true
	}
	return d, ok
}

// setDTypeState is BUILD on a dtype.
func (m *machine) setDTypeState(d *DType, state Value) error {
	t, ok := state.(*Tuple)
	if !ok || len(t.Items) < 8 || len(t.Items) > 9 {
		return m.broken("the state of a dtype is no tuple of 8 or 9")
	}
	items := t.Items
	if version, ok := items[0].(int64); !ok || version < 3 || version > 4 {
		return m.unsupported("a dtype of a version other than 3 and 4")
	}
	order, ok := AsString(items[1])
	if !ok {
		return m.broken("a dtype without a byte order")
	}
	next := DType{Kind: d.Kind, Size: d.Size, Meta: d.Meta, objects: d.objects, depth: 1}
	switch order {
	case ">":
		next.BigEndian = true
	case "<", "=", "|":
	default:
		return m.broken("a dtype of byte order %q", order)
	}
	size, ok := items[5].(int64)
	if !ok || size < -1 || size > maxItemSize {
		return m.broken("a dtype of a bad item size")
	}
	if size >= 0 {
		switch d.Kind {
		case 'V', 'S', 'U':
			next.Size = int(size)
		default:
			if int(size) != d.Size {
				return m.broken("a dtype %s of %d bytes", d, size)
			}
		}
		if d.Kind == 'U' && size%4 != 0 {
			return m.broken("text of %d bytes an item", size)
		}
	}
	if len(items) == 9 {
		if _, none := items[8].(None); !none {
			next.Meta = items[8]
		}
	}
	_, noSub := items[2].(None)
	_, noNames := items[3].(None)
	if (!noSub || !noNames) && d.Kind != 'V' {
		return m.broken("a dtype %s with fields", d)
	}
	if !noSub {
		if err := m.subArray(&next, items[2]); err != nil {
			return err
		}
	}
	if !noNames {
		if err := m.fields(&next, items[3], items[4]); err != nil {
			return err
		}
	}
	if next.depth > maxDTypeDepth {
		return m.unsupported("more than %d dtypes inside each other", maxDTypeDepth)
	}
	*d = next
	return nil
}

func (m *machine) subArray(d *DType, v Value) error {
	t, ok := v.(*Tuple)
	if !ok || len(t.Items) != 2 {
		return m.broken("a sub-array that is no pair")
	}
	sub, ok := t.Items[0].(*DType)
	if !ok {
		return m.broken("a sub-array of no dtype")
	}
	shape, ok := shapeOf(t.Items[1])
	if !ok {
		return m.broken("a sub-array without a shape")
	}
	n, ok := bytesOf(shape, sub.Size)
	if !ok || n != d.Size {
		return m.broken("a sub-array of a size that does not fit")
	}
	copied := *sub
	d.Sub, d.SubShape = &copied, shape
	d.depth = max(d.depth, sub.depth+1)
	d.objects = d.objects || sub.objects
	return nil
}

func (m *machine) fields(d *DType, names, fields Value) error {
	list, ok := names.(*Tuple)
	dict, ok2 := fields.(*Dict)
	if !ok || !ok2 {
		return m.broken("a record without fields")
	}
	if err := m.d.spend(int64(len(list.Items)) * 128); err != nil {
		return err
	}
	d.Fields = make([]Field, 0, len(list.Items))
	for _, n := range list.Items {
		name, ok := AsString(n)
		if !ok {
			return m.broken("a field whose name is no text")
		}
		v, ok := dict.Get(name)
		if !ok {
			return m.broken("a record that lacks its field %q", name)
		}
		t, ok := v.(*Tuple)
		if !ok || len(t.Items) < 2 {
			return m.broken("the field %q is no pair", name)
		}
		dt, ok := t.Items[0].(*DType)
		offset, ok2 := t.Items[1].(int64)
		if !ok || !ok2 {
			return m.broken("the field %q is no dtype and offset", name)
		}
		if offset < 0 || offset > int64(d.Size-dt.Size) {
			return m.broken("the field %q lies outside its record", name)
		}
		d.Fields = append(d.Fields, Field{Name: name, Offset: int(offset), DType: *dt})
		d.objects = d.objects || dt.objects
		d.depth = max(d.depth, dt.depth+1)
	}
	return nil
}

// stringDType is numpy's _convert_to_stringdtype_kwargs(coerce [, na_object]): a dtype of text of any length (numpy 2).
func (m *machine) stringDType(args []Value) (Value, error) {
	d := &DType{Kind: 'T', Size: 16, depth: 1, objects: true}
	if len(args) == 2 {
		d.Meta = args[1]
	}
	return d, nil
}

// holds tells whether an item of an array with objects may be what numpy would write for it.
func (d DType) holds(item Value) bool {
	switch {
	case d.Kind == 'T':
		_, text := item.(Text)
		return text || d.Meta != nil
	case d.Fields != nil:
		t, ok := item.(*Tuple)
		return ok && len(t.Items) == len(d.Fields)
	}
	return d.Kind == 'O'
}

// shapeOf reads a shape: a tuple (or list) of sizes, or one size.
func shapeOf(v Value) ([]int, bool) {
	var items []Value
	switch v := v.(type) {
	case *Tuple:
		items = v.Items
	case *List:
		items = v.Items
	case int64:
		items = []Value{v}
	default:
		return nil, false
	}
	if len(items) > maxDims {
		return nil, false
	}
	shape := make([]int, len(items))
	for i, item := range items {
		n, ok := item.(int64)
		if !ok || n < 0 || n > math.MaxInt {
			return nil, false
		}
		shape[i] = int(n)
	}
	return shape, true
}

// bytesOf is the product of a shape and an item size, where it is no more than an int holds. As in numpy, sizes of zero
// do not excuse an overflow of the others.
func bytesOf(shape []int, size int) (int, bool) {
	n, zero := 1, size == 0
	if !zero {
		n = size
	}
	for _, d := range shape {
		if d == 0 {
			zero = true
			continue
		}
		if n > math.MaxInt/d {
			return 0, false
		}
		n *= d
	}
	if zero {
		return 0, true
	}
	return n, true
}
