package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// Constants: TensorProto, in any of the ways it may hold its items.

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
				if t.Shape = append(t.Shape, int(d)); len(t.Shape) > mostAxes {
					return fault.TooBigf(fault.Where{}, "", "a constant of over %d axes", mostAxes)
				}
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
