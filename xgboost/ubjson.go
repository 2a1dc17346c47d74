package xgboost

import (
	encodings "encoding/binary"

	"github.com/seed-2867d59c/treeport/fault"
)

// UBJSON as XGBoost writes it (src/common/json.cc, UBJReader). Numbers are big-endian.
//
//	value  = "Z" | "T" | "F" | kind number | "C" byte | "S" text | "[" array | "{" object
//	kind   = "d" | "D" | "i" | "U" | "I" | "l" | "L"
//	text   = "L" length bytes
//	array  = "$" kind "#" "L" length {number} | "#" "L" length {value} | {value} "]"
//	object = {text value} "}"
type ubjReader struct {
	data   []byte
	at     int
	budget *budget
}

func (r *ubjReader) broken(format string, args ...any) error {
	return fault.Brokenf(fault.At(int64(r.at)), format, args...)
}

func (r *ubjReader) next() (byte, error) {
	if r.at >= len(r.data) {
		return 0, r.broken("UBJSON that is cut off")
	}
	r.at++
	return r.data[r.at-1], nil
}

func (r *ubjReader) expect(mark byte) error {
	c, err := r.next()
	if err == nil && c != mark {
		err = r.broken("%q in UBJSON where %q belongs", c, mark)
	}
	return err
}

// bytes takes the next n bytes.
func (r *ubjReader) bytes(n uint64) ([]byte, error) {
	if n > uint64(len(r.data)-r.at) {
		return nil, r.broken("UBJSON that is cut off")
	}
	r.at += int(n)
	return r.data[r.at-int(n) : r.at : r.at], nil
}

func (r *ubjReader) length() (uint64, error) {
	if err := r.expect('L'); err != nil {
		return 0, err
	}
	b, err := r.bytes(8)
	if err != nil {
		return 0, err
	}
	return encodings.BigEndian.Uint64(b), nil
}

func (r *ubjReader) text() (string, error) {
	n, err := r.length()
	if err != nil {
		return "", err
	}
	b, err := r.bytes(n)
	if err != nil {
		return "", err
	}
	return string(b), r.budget.take(len(b) + valueCost)
}

func (r *ubjReader) value(depth int) (value, error) {
	if depth > deepest {
		return nil, r.broken("values more than %d deep inside each other", deepest)
	}
	if err := r.budget.take(valueCost); err != nil {
		return nil, err
	}
	mark, err := r.next()
	if err != nil {
		return nil, err
	}
	switch mark {
	case 'Z':
		return nil, nil
	case 'T', 'F':
		return mark == 'T', nil
	case 'C':
		c, err := r.next()
		return int64(int8(c)), err
	case 'S':
		return r.text()
	case '[':
		return r.array(depth)
	case '{':
		return r.object(depth)
	}
	v, ok := number(mark, r.data[r.at:])
	if !ok {
		return nil, r.broken("%q in UBJSON, which is no value of XGBoost's", mark)
	}
	r.at += widths[mark]
	return v, nil
}

func (r *ubjReader) array(depth int) (value, error) {
	switch {
	case r.at < len(r.data) && r.data[r.at] == '$':
		return r.typed()
	case r.at < len(r.data) && r.data[r.at] == '#':
		r.at++
		n, err := r.length()
		if err != nil {
			return nil, err
		}
		all := list{}
		for ; n > 0; n-- { // each item takes a byte at least, so that a false length ends with the file
			v, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		return all, nil
	}
	all := list{}
	for r.at < len(r.data) && r.data[r.at] != ']' {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, r.expect(']')
}

func (r *ubjReader) typed() (value, error) {
	r.at++ // $
	kind, err := r.next()
	if err != nil {
		return nil, err
	}
	width, ok := widths[kind]
	if !ok {
		return nil, r.broken("an array of %q in UBJSON, which is none of XGBoost's", kind)
	}
	if err := r.expect('#'); err != nil {
		return nil, err
	}
	n, err := r.length()
	if err != nil {
		return nil, err
	}
	if n > uint64(len(r.data)) {
		return nil, r.broken("UBJSON that is cut off")
	}
	data, err := r.bytes(n * uint64(width))
	return &numbers{kind, data}, err
}

func (r *ubjReader) object(depth int) (value, error) {
	o := object{}
	for r.at < len(r.data) && r.data[r.at] != '}' {
		key, err := r.text()
		if err != nil {
			return nil, err
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, there := o[key]; !there {
			o[key] = v
		}
	}
	return o, r.expect('}')
}
