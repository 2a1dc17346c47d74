package conformance

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/nlpodyssey/gopickle/types"

	"github.com/seed-2867d59c/treeport/pickle"
)

// bytesOf is a byte string: gopickle has those of Python 2 as Go strings.
func bytesOf(v any) ([]byte, bool) {
	switch v := plain(v).(type) {
	case []byte:
		return v, true
	case string:
		return []byte(v), true
	case *types.ByteArray:
		return *v, true
	}
	return nil, false
}

const (
	multiarrayOld = "numpy.core.multiarray."
	multiarrayNew = "numpy._core.multiarray."
)

// plain is a scalar of numpy as the number or text that it stands for; everything else stays as it is.
func plain(v any) any {
	o, ok := v.(*peerObject)
	if !ok || !o.class.is(multiarrayOld+"scalar", multiarrayNew+"scalar") || len(o.args) != 2 {
		return v
	}
	dtype, ok := o.args[0].(*peerObject)
	data, ok2 := bytesOf(o.args[1])
	if !ok || !ok2 || len(dtype.args) == 0 {
		return v
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if state, ok := dtype.state.(*types.Tuple); ok && state.Get(1) == ">" {
		order = binary.BigEndian
	}
	switch code, _ := dtype.args[0].(string); code {
	case "f8":
		return math.Float64frombits(order.Uint64(data))
	case "f4":
		return float64(math.Float32frombits(order.Uint32(data)))
	case "i8", "u8":
		return int(order.Uint64(data))
	case "i4":
		return int(int32(order.Uint32(data)))
	case "u4":
		return int(order.Uint32(data))
	case "i1":
		return int(int8(data[0]))
	case "u1":
		return int(data[0])
	case "b1":
		return data[0] != 0
	default:
		if strings.HasPrefix(code, "U") {
			var b strings.Builder
			for ; len(data) >= 4; data = data[4:] {
				if r := order.Uint32(data); r != 0 {
					b.WriteRune(rune(r))
				}
			}
			return b.String()
		}
		if strings.HasPrefix(code, "S") {
			return data
		}
	}
	return v
}

// array compares arrays. In protocols up to 4 it is _reconstruct with a state (version, shape, dtype, is_fortran, data), in
// protocol 5 _frombuffer(data, dtype, shape, order).
func (c *comparison) array(ours *pickle.NDArray, theirs any) error {
	v, ok := theirs.(*peerObject)
	if !ok {
		return unlike(ours, theirs)
	}
	var shape, dtype, data any
	fortran := false
	state, built := v.state.(*types.Tuple)
	switch {
	case v.class.is(multiarrayOld+"_reconstruct", multiarrayNew+"_reconstruct") && built && state.Len() == 5:
		shape, dtype, data = state.Get(1), state.Get(2), state.Get(4)
		fortran = state.Get(3) == true || state.Get(3) == 1
	case v.class.is("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer") && len(v.args) >= 4:
		data, dtype, shape = v.args[0], v.args[1], v.args[2]
		fortran = v.args[3] == "F"
	case v.class.is(multiarrayOld+"scalar", multiarrayNew+"scalar"):
		return unlike(ours, theirs)
	default:
		return fmt.Errorf("an array against %s.%s", v.class.module, v.class.name)
	}
	c.arrays++
	dims, ok := shape.(*types.Tuple)
	if !ok || dims.Len() != len(ours.Shape) {
		return fmt.Errorf("an array of shape %v against %v", ours.Shape, shape)
	}
	for i, n := range ours.Shape {
		if dims.Get(i) != n {
			return fmt.Errorf("an array of shape %v against %v", ours.Shape, *dims)
		}
	}
	if dt, ok := dtype.(*peerObject); !ok {
		return unlike(ours, dtype)
	} else if err := c.dtype(ours.DType, dt); err != nil {
		return err
	}
	if ours.DType.Kind == 'O' {
		list, ok := data.(*types.List)
		if !ok {
			return unlike(ours, data)
		}
		return c.list(ours.Objects, *list)
	}
	if ours.Fortran != (fortran && dims.Len() > 1) {
		return fmt.Errorf("an array in Fortran's order: %v against %v", ours.Fortran, fortran)
	}
	b, ok := bytesOf(data)
	c.bytes += len(b)
	if !ok || !bytes.Equal(ours.Data, b) {
		return fmt.Errorf("an array of %d other bytes (%d)", len(ours.Data), len(b))
	}
	return nil
}

// dtype compares a dtype: its code, byte order and fields.
func (c *comparison) dtype(ours pickle.DType, theirs *peerObject) error {
	state, ok := theirs.state.(*types.Tuple)
	if !theirs.class.is("numpy.dtype") || len(theirs.args) == 0 || !ok || state.Len() < 7 {
		return unlike(&ours, theirs)
	}
	code, _ := theirs.args[0].(string)
	if code == "" || code[0] != ours.Kind {
		return fmt.Errorf("dtype %s against %s", ours, code)
	}
	if (state.Get(1) == ">") != ours.BigEndian {
		return fmt.Errorf("dtype %s against byte order %v", ours, state.Get(1))
	}
	if names, ok := state.Get(3).(*types.Tuple); ok || ours.Fields != nil {
		fields, ok2 := state.Get(4).(*types.Dict)
		if !ok || !ok2 || names.Len() != len(ours.Fields) {
			return fmt.Errorf("dtype %s against other fields", ours)
		}
		for i, f := range ours.Fields {
			field, ok := fields.Get(names.Get(i))
			pair, ok2 := field.(*types.Tuple)
			if names.Get(i) != f.Name || !ok || !ok2 || pair.Get(1) != f.Offset {
				return fmt.Errorf("field %s at %d against %v", f.Name, f.Offset, field)
			}
			dt, ok := pair.Get(0).(*peerObject)
			if !ok {
				return fmt.Errorf("field %s without a dtype", f.Name)
			}
			if err := c.dtype(f.DType, dt); err != nil {
				return fmt.Errorf("field %s: %w", f.Name, err)
			}
		}
		return nil
	}
	if digits := strings.TrimLeft(code[1:], "?"); digits != "" && ours.Kind != 'O' {
		size := ours.Size
		if ours.Kind == 'U' {
			size /= 4
		}
		if digits != fmt.Sprint(size) && digits != "0" {
			return fmt.Errorf("dtype %s against %s", ours, code)
		}
	}
	return nil
}
