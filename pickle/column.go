package pickle

import (
	"encoding/binary"
	"math"

	"github.com/seed-2867d59c/treeport/fault"
)

// Column is a view of the numbers of an array, or of one field of an array of records: item i is Data[i*stride:] of a
// given type. The bulk readers give items in C order whatever the order in memory, and are what to use on trees.
type Column struct {
	dtype  DType
	data   []byte // begins at the first item
	stride int
	n      int
	shape  []int // of an array in Fortran order; else nil
	gone   bool  // the array does not hold its items any more
}

// Column is the array's numbers.
func (a *NDArray) Column() Column {
	if !a.whole() {
		return Column{gone: true}
	}
	c := Column{dtype: a.DType, data: a.Data, stride: a.DType.Size, n: a.Len()}
	if a.Fortran {
		c.shape = a.Shape
	}
	return c
}

// Field is a field of an array of records.
func (a *NDArray) Field(name string) (Column, error) {
	c := a.Column()
	if c.gone || a.lacks(name) {
		return c, errThinned()
	}
	if a.DType.objects {
		return c, fault.Unsupportedf(fault.Where{}, "the field %q of records with objects", name)
	}
	for i := range a.DType.Fields { // which are large
		if f := &a.DType.Fields[i]; f.Name == name {
			c.dtype = f.DType
			if c.n > 0 {
				c.data = c.data[f.Offset:]
			}
			return c, nil
		}
	}
	return c, fault.Brokenf(fault.Where{}, "records without a field %q", name)
}

// DType is the type of the items.
func (c Column) DType() DType { return c.dtype }

// Len is the number of items.
func (c Column) Len() int { return c.n }

// Slice is a view of the items from (included) to (not included) of a field of records.
func (c Column) Slice(from, to int) Column {
	c.n = to - from
	if c.n > 0 {
		c.data = c.data[from*c.stride:]
	}
	return c
}

// Words are the items of eight bytes as they lie in memory, item i at data[i*stride:], little-endian; false where they are otherwise.
func (c Column) Words() (data []byte, stride int, ok bool) {
	return c.data, c.stride, !c.gone && c.dtype.Size == 8 && !c.dtype.BigEndian && c.shape == nil
}

// Float64s reads booleans, integers and floats of up to 64 bits.
func (c Column) Float64s() ([]float64, error) {
	if err := c.check("biuf"); err != nil { // before memory is taken: items of no bytes may be any number
		return nil, err
	}
	out, err := c.AppendFloat64s(make([]float64, 0, c.n))
	return reorder(out, c.shape), err
}

// AppendFloat64s is Float64s into out, in the order in memory.
func (c Column) AppendFloat64s(out []float64) ([]float64, error) {
	if err := c.check("biuf"); err != nil {
		return nil, err
	}
	if c.dtype.Kind == 'f' && c.dtype.Size == 8 && !c.dtype.BigEndian {
		for i, at := 0, 0; i < c.n; i, at = i+1, at+c.stride {
			out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(c.data[at:])))
		}
		return out, nil
	}
	for i := range c.n {
		out = append(out, c.float(i))
	}
	return out, nil
}

// Int64s reads booleans and integers.
func (c Column) Int64s() ([]int64, error) {
	if err := c.check("biu"); err != nil {
		return nil, err
	}
	out := make([]int64, c.n)
	if c.dtype.Kind == 'i' && c.dtype.Size == 8 && !c.dtype.BigEndian {
		for i, at := 0, 0; i < len(out); i, at = i+1, at+c.stride {
			out[i] = int64(binary.LittleEndian.Uint64(c.data[at:]))
		}
	} else {
		for i := range out {
			var err error
			if out[i], err = c.int(i); err != nil {
				return nil, err
			}
		}
	}
	return reorder(out, c.shape), nil
}

// Int32s reads booleans and integers that must fit.
func (c Column) Int32s() ([]int32, error) {
	if err := c.check("biu"); err != nil { // before memory is taken: items of no bytes may be any number
		return nil, err
	}
	out, err := c.AppendInt32s(make([]int32, 0, c.n))
	return reorder(out, c.shape), err
}

// AppendInt32s is Int32s into out, in the order in memory.
func (c Column) AppendInt32s(out []int32) ([]int32, error) {
	if err := c.check("biu"); err != nil {
		return nil, err
	}
	if c.dtype.Kind != 'i' || c.dtype.BigEndian || c.dtype.Size < 4 {
		for i := range c.n {
			v, err := c.int(i)
			if err != nil {
				return nil, err
			}
			if v != int64(int32(v)) {
				return nil, tooWide(v)
			}
			out = append(out, int32(v))
		}
		return out, nil
	}
	if c.dtype.Size == 4 {
		for i, at := 0, 0; i < c.n; i, at = i+1, at+c.stride {
			out = append(out, int32(binary.LittleEndian.Uint32(c.data[at:])))
		}
		return out, nil
	}
	for i, at := 0, 0; i < c.n; i, at = i+1, at+c.stride {
		v := int64(binary.LittleEndian.Uint64(c.data[at:]))
		if v != int64(int32(v)) {
			return nil, tooWide(v)
		}
		out = append(out, int32(v))
	}
	return out, nil
}

func tooWide(v int64) error {
	return fault.Unsupportedf(fault.Where{}, "the number %d, which is more than 32 bits hold", v)
}

// Bools reads booleans, and integers as Python's bool has them.
func (c Column) Bools() ([]bool, error) {
	if err := c.check("biu"); err != nil { // before memory is taken: items of no bytes may be any number
		return nil, err
	}
	out, err := c.AppendBools(make([]bool, 0, c.n))
	return reorder(out, c.shape), err
}

// AppendBools is Bools into out, in the order in memory.
func (c Column) AppendBools(out []bool) ([]bool, error) {
	if err := c.check("biu"); err != nil {
		return nil, err
	}
	if c.dtype.Size == 1 {
		for i, at := 0, 0; i < c.n; i, at = i+1, at+c.stride {
			out = append(out, c.data[at] != 0)
		}
		return out, nil
	}
	for i := range c.n {
		out = append(out, c.bits(i) != 0)
	}
	return out, nil
}

// check says whether items can be read as numbers of one of the kinds.
func (c Column) check(kinds string) error {
	if c.gone {
		return errThinned()
	}
	for i := range kinds {
		if c.dtype.Kind == kinds[i] && c.dtype.Size <= 8 {
			return nil
		}
	}
	return fault.Unsupportedf(fault.Where{}, "numbers from an array of type %s", c.dtype)
}

// bits are the bytes of item i in memory as one number.
func (c Column) bits(i int) uint64 {
	b := c.data[i*c.stride:]
	if c.dtype.BigEndian {
		switch c.dtype.Size {
		case 1:
			return uint64(b[0])
		case 2:
			return uint64(binary.BigEndian.Uint16(b))
		case 4:
			return uint64(binary.BigEndian.Uint32(b))
		}
		return binary.BigEndian.Uint64(b)
	}
	switch c.dtype.Size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}

func (c Column) float(i int) float64 {
	v := c.bits(i)
	switch {
	case c.dtype.Kind == 'i':
		return float64(c.signed(v))
	case c.dtype.Kind == 'b' && v != 0:
		return 1
	case c.dtype.Kind != 'f':
		return float64(v)
	case c.dtype.Size == 8:
		return math.Float64frombits(v)
	case c.dtype.Size == 4:
		return float64(math.Float32frombits(uint32(v)))
	}
	return half(uint16(v))
}

func (c Column) int(i int) (int64, error) {
	v := c.bits(i)
	switch {
	case c.dtype.Kind == 'i':
		return c.signed(v), nil
	case c.dtype.Kind == 'b' && v != 0:
		return 1, nil
	case v > math.MaxInt64:
		return 0, fault.Unsupportedf(fault.Where{}, "the number %d at %d, which is more than 63 bits hold", v, i)
	}
	return int64(v), nil
}

func (c Column) signed(v uint64) int64 {
	shift := 64 - 8*c.dtype.Size
	return int64(v<<shift) >> shift
}

// half is an IEEE 754 binary16.
func half(v uint16) float64 {
	sign, exp, frac := 1.0, int(v>>10&31), float64(v&1023)
	if v>>15 != 0 {
		sign = -1
	}
	switch exp {
	case 0:
		return sign * math.Ldexp(frac, -24)
	case 31:
		if frac != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+frac, exp-25)
}

// reorder turns items in Fortran order into C order; shape nil: they are.
func reorder[T any](in []T, shape []int) []T {
	if shape == nil {
		return in
	}
	out := make([]T, len(in))
	for i := range out {
		out[i] = in[fortranIndex(i, shape)]
	}
	return out
}

// fortranIndex is where the item that is i-th in C order lies in Fortran order.
func fortranIndex(i int, shape []int) int {
	at, step := 0, 1
	for _, d := range shape {
		step *= d
	}
	for k := len(shape) - 1; k >= 0; k-- {
		step /= shape[k]
		at += i % shape[k] * step
		i /= shape[k]
	}
	return at
}
