package pickle

import (
	"encoding/binary"
	"math"
	"math/big"
	"unicode/utf8"

	"github.com/seed-2867d59c/treeport/fault"
)

// Float64s reads booleans, integers and floats of up to 64 bits, in C order. Arrays of objects may hold such numbers.
func (a *NDArray) Float64s() ([]float64, error) {
	if a.DType.Kind != 'O' {
		return a.Column().Float64s()
	}
	out := make([]float64, len(a.Objects))
	for i, v := range a.Objects {
		switch v := v.(type) {
		case bool:
			if v {
				out[i] = 1
			}
		case int64:
			out[i] = float64(v)
		case float64:
			out[i] = v
		default:
			return nil, fault.Unsupportedf(fault.Where{}, "a number from a %s", KindOf(v))
		}
	}
	return out, nil
}

// Int64s reads booleans and integers, in C order.
func (a *NDArray) Int64s() ([]int64, error) {
	if a.DType.Kind != 'O' {
		return a.Column().Int64s()
	}
	out := make([]int64, len(a.Objects))
	for i, v := range a.Objects {
		switch v := v.(type) {
		case bool:
			if v {
				out[i] = 1
			}
		case int64:
			out[i] = v
		default:
			return nil, fault.Unsupportedf(fault.Where{}, "an integer from a %s", KindOf(v))
		}
	}
	return out, nil
}

// Bools reads booleans and integers, in C order.
func (a *NDArray) Bools() ([]bool, error) {
	if a.DType.Kind != 'O' {
		return a.Column().Bools()
	}
	ints, err := a.Int64s()
	out := make([]bool, len(ints))
	for i, v := range ints {
		out[i] = v != 0
	}
	return out, err
}

// Strings reads text (U), byte strings (S) and arrays of objects that are one or the other, in C order.
func (a *NDArray) Strings() ([]string, error) {
	out := make([]string, a.Len())
	for i := range out {
		v, err := a.At(i)
		if err != nil {
			return nil, err
		}
		s, ok := AsString(v)
		if !ok {
			if v == nil {
				return nil, fault.Unsupportedf(fault.Where{}, "text from an array of type %s", a.DType)
			}
			return nil, fault.Unsupportedf(fault.Where{}, "text from a %s", KindOf(v))
		}
		out[i] = s
	}
	return out, nil
}

// Float64At is the number that is i-th in C order.
func (a *NDArray) Float64At(i int) (float64, error) {
	v, err := a.At(i)
	if err != nil {
		return 0, err
	}
	switch v := v.(type) {
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case int64:
		return float64(v), nil
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f, nil
	case float64:
		return v, nil
	}
	return 0, fault.Unsupportedf(fault.Where{}, "a number from an array of type %s", a.DType)
}

// Int64At is the integer that is i-th in C order.
func (a *NDArray) Int64At(i int) (int64, error) {
	v, err := a.At(i)
	if err != nil {
		return 0, err
	}
	switch v := v.(type) {
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case int64:
		return v, nil
	}
	return 0, fault.Unsupportedf(fault.Where{}, "an integer from an array of type %s", a.DType)
}

// At is the item that is i-th in C order: a bool, int64, *big.Int, float64, Text, Bytes or object; nil for the items
// of other types.
func (a *NDArray) At(i int) (Value, error) {
	if i < 0 || i >= a.Len() {
		return nil, fault.Brokenf(fault.Where{}, "item %d of an array of %d", i, a.Len())
	}
	if a.DType.objects {
		return a.Objects[i], nil
	}
	if a.Fortran {
		i = fortranIndex(i, a.Shape)
	}
	c := a.Column()
	if c.gone {
		return nil, errThinned()
	}
	size := c.dtype.Size
	if size > 8 && a.DType.Kind != 'S' && a.DType.Kind != 'U' {
		return nil, nil
	}
	switch a.DType.Kind {
	case 'b':
		return c.bits(i) != 0, nil
	case 'i':
		return c.signed(c.bits(i)), nil
	case 'u':
		v := c.bits(i)
		if v > math.MaxInt64 {
			return new(big.Int).SetUint64(v), nil
		}
		return int64(v), nil
	case 'f':
		return c.float(i), nil
	case 'S':
		b := c.data[i*size : (i+1)*size]
		for len(b) > 0 && b[len(b)-1] == 0 {
			b = b[:len(b)-1]
		}
		return Bytes(b), nil
	case 'U':
		return c.text(i)
	}
	return nil, nil
}

// text is an item of type U: code points of four bytes, padded with zeros.
func (c Column) text(i int) (Value, error) {
	b := c.data[i*c.stride:][:c.dtype.Size]
	out := make([]byte, 0, len(b)/4)
	end := 0
	for ; len(b) >= 4; b = b[4:] {
		r := binary.LittleEndian.Uint32(b)
		if c.dtype.BigEndian {
			r = binary.BigEndian.Uint32(b)
		}
		if r > utf8.MaxRune {
			return nil, fault.Brokenf(fault.Where{}, "text with the code point 0x%x", r)
		}
		out = appendRune(out, rune(r))
		if r != 0 {
			end = len(out)
		}
	}
	return Text(out[:end]), nil
}
