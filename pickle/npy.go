package pickle

import (
	"encoding/binary"
	"strconv"
)

// The .npy format (numpy/lib/format.py):
//
//	npy    = magic version length header data
//	magic  = 0x93 "NUMPY"
//	version = major minor             1.0, 2.0 or 3.0
//	length = 2 bytes (1.0) or 4       of the header
//	header = a Python literal: {'descr': dtype, 'fortran_order': bool, 'shape': tuple}
//	dtype  = text such as '<f8' | [ (name, dtype [, shape]), ... ]
//	data   = items | pickle (of objects)

const maxHeader = 1 << 20

const npyMagic = "\x93NUMPY"

// npyHeader is what an .npy file says of its items.
type npyHeader struct {
	dtype   DType
	shape   []int
	fortran bool
}

// npy reads an .npy file into an array.
func (m *machine) npy(a *NDArray) error {
	h, err := m.npyHeader()
	if err != nil {
		return err
	}
	if h.dtype.objects {
		return m.nestedArray(a, h.shape)
	}
	n, ok := bytesOf(h.shape, h.dtype.Size)
	if !ok {
		return m.broken("an array of an impossible shape")
	}
	data, err := m.take(uint64(n))
	if err != nil {
		return err
	}
	return m.fillArray(a, h.dtype, h.shape, h.fortran, Bytes(data))
}

func (m *machine) npyHeader() (h npyHeader, err error) {
	head, err := m.in.view(8)
	if err != nil {
		return h, err
	}
	if string(head[:6]) != npyMagic {
		return h, m.broken("no .npy file")
	}
	var size int
	switch version := head[6]; version {
	case 1:
		b, err := m.in.view(2)
		if err != nil {
			return h, err
		}
		size = int(binary.LittleEndian.Uint16(b))
	case 2, 3:
		b, err := m.in.view(4)
		if err != nil {
			return h, err
		}
		n := binary.LittleEndian.Uint32(b)
		if n > maxHeader {
			return h, m.broken("an .npy header of %d bytes", n)
		}
		size = int(n)
	default:
		return h, m.unsupported(".npy version %d", version)
	}
	header, err := m.take(uint64(size))
	if err != nil {
		return h, err
	}
	l := literal{text: header}
	v, ok := l.value(0)
	dict, ok2 := v.(*Dict)
	if !ok || !ok2 || len(dict.Keys) != 3 { // of a key that stands there twice, Python takes the last
		return h, m.broken("an .npy header that is no dict of three")
	}
	descr, _ := dict.Get("descr")
	order, _ := dict.Get("fortran_order")
	shapeValue, _ := dict.Get("shape")
	dt, ok := descrType(descr, 0)
	fortran, ok2 := order.(bool)
	shape, ok3 := shapeOf(shapeValue)
	if !ok || !ok2 || !ok3 {
		return h, m.broken("an .npy header without descr, fortran_order and shape")
	}
	return npyHeader{dt, shape, fortran}, nil
}

// descrType is the dtype of a descr. Fields without a name are padding.
func descrType(v Value, depth int) (DType, bool) {
	if s, ok := AsString(v); ok {
		d, ok := parseDType(s)
		d.depth = 1
		return d, ok
	}
	list, ok := v.(*List)
	if !ok || depth > maxDTypeDepth {
		return DType{}, false
	}
	d := DType{Kind: 'V', depth: 1, Fields: []Field{}}
	for _, item := range list.Items {
		t, ok := item.(*Tuple)
		if !ok || len(t.Items) < 2 || len(t.Items) > 3 {
			return d, false
		}
		nameValue := t.Items[0]
		if titled, ok := nameValue.(*Tuple); ok && len(titled.Items) == 2 {
			nameValue = titled.Items[1]
		}
		name, ok := AsString(nameValue)
		field, ok2 := descrType(t.Items[1], depth+1)
		if !ok || !ok2 {
			return d, false
		}
		if len(t.Items) == 3 {
			shape, ok := shapeOf(t.Items[2])
			size, ok2 := bytesOf(shape, field.Size)
			if !ok || !ok2 || size > maxItemSize {
				return d, false
			}
			base := field
			field = DType{Kind: 'V', Size: size, Sub: &base, SubShape: shape, depth: base.depth + 1, objects: base.objects}
		}
		if name != "" {
			d.Fields = append(d.Fields, Field{Name: name, Offset: d.Size, DType: field})
		}
		d.depth = max(d.depth, field.depth+1)
		d.objects = d.objects || field.objects
		if d.Size += field.Size; d.Size > maxItemSize {
			return d, false
		}
	}
	return d, true
}

// literal reads the Python literals that headers are made of. Its depth is bounded by itself.
type literal struct {
	text []byte
	pos  int
}

const maxLiteralDepth = 2 * maxDTypeDepth

func (l *literal) skip() byte {
	for l.pos < len(l.text) && (l.text[l.pos] == ' ' || l.text[l.pos] == '\n' || l.text[l.pos] == '\t') {
		l.pos++
	}
	if l.pos == len(l.text) {
		return 0
	}
	return l.text[l.pos]
}

func (l *literal) value(depth int) (Value, bool) {
	if depth > maxLiteralDepth {
		return nil, false
	}
	switch c := l.skip(); {
	case c == '(':
		items, comma, ok := l.items(')', depth)
		if ok && len(items) == 1 && !comma {
			return items[0], true
		}
		return &Tuple{Items: items}, ok
	case c == '[':
		items, _, ok := l.items(']', depth)
		return &List{Items: items}, ok
	case c == '{':
		items, _, ok := l.items('}', depth)
		if !ok || len(items)%2 != 0 {
			return nil, false
		}
		d := &Dict{}
		for i := 0; i < len(items); i += 2 {
			d.Keys = append(d.Keys, items[i])
			d.Values = append(d.Values, items[i+1])
		}
		return d, true
	case c == '\'' || c == '"':
		return l.quoted(c)
	case c == '-' || c >= '0' && c <= '9':
		start := l.pos
		for l.pos++; l.pos < len(l.text) && l.text[l.pos] >= '0' && l.text[l.pos] <= '9'; l.pos++ {
		}
		n, err := strconv.ParseInt(string(l.text[start:l.pos]), 10, 64)
		if l.pos < len(l.text) && l.text[l.pos] == 'L' {
			l.pos++
		}
		return n, err == nil
	}
	start := l.pos
	for l.pos < len(l.text) && (l.text[l.pos] >= 'a' && l.text[l.pos] <= 'z' || l.text[l.pos] >= 'A' && l.text[l.pos] <= 'Z') {
		l.pos++
	}
	switch word := string(l.text[start:l.pos]); word {
	case "True", "False":
		return word == "True", true
	case "None":
		return None{}, true
	case "u", "b":
		if l.pos < len(l.text) && (l.text[l.pos] == '\'' || l.text[l.pos] == '"') {
			return l.quoted(l.text[l.pos])
		}
	}
	return nil, false
}

// items reads what stands between brackets, keys and values of a dict alternating, and says whether a comma came last.
func (l *literal) items(end byte, depth int) (items []Value, comma, ok bool) {
	l.pos++
	for {
		if l.skip() == end {
			l.pos++
			return items, comma, true
		}
		v, ok := l.value(depth + 1)
		if !ok {
			return nil, false, false
		}
		items = append(items, v)
		comma = false
		switch c := l.skip(); {
		case c == ',' || c == ':' && end == '}':
			l.pos++
			comma = true
		case c != end:
			return nil, false, false
		}
	}
}

func (l *literal) quoted(quote byte) (Value, bool) {
	start := l.pos
	for l.pos++; l.pos < len(l.text) && l.text[l.pos] != quote; l.pos++ {
		if l.text[l.pos] == '\\' {
			l.pos++
		}
	}
	if l.pos >= len(l.text) {
		return nil, false
	}
	l.pos++
	b, ok := unquote(l.text[start:l.pos])
	if !ok || !ValidText(b) {
		return nil, false
	}
	return Text(b), true
}
