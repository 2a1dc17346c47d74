package onnx

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/parallel"
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

// stored is a constant whose items are still where they stand in the file.
type stored struct {
	elem  int64 // ONNX's type
	shape []int
	n     int
	at    func(i int) uint64 // the bits of a number
	text  []string
}

func parseTensor(data []byte) (name string, s *stored, err error) {
	s = &stored{shape: []int{}}
	var raw []byte
	hasRaw := false
	var numbers []uint64
	items := int64(1)
	err = fields(data, func(n number, v uint64, b []byte) error {
		switch n {
		case tensorName:
			name = string(b)
		case tensorType:
			s.elem = int64(v)
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
				if s.shape = append(s.shape, int(d)); len(s.shape) > mostAxes {
					return fault.TooBigf(fault.Where{}, "", "a constant of over %d axes", mostAxes)
				}
			}
		case tensorRaw:
			raw, hasRaw = b, true
		case tensorStrings:
			s.text = append(s.text, string(b))
		case tensorInt32s, tensorInt64s, tensorUint64s:
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
	if _, ok := kindOf(s.elem); !ok && !s.unsigned() {
		return name, nil, fault.Unsupportedf(fault.Where{}, "a constant of ONNX type %d", s.elem)
	}
	s.at, s.n = func(i int) uint64 { return numbers[i] }, len(numbers)
	if s.unsigned() {
		s.at = func(i int) uint64 { return numbers[i] & (1<<(8*itemSizes[s.elem]) - 1) }
	}
	if hasRaw {
		size := itemSizes[s.elem]
		if size == 0 || len(raw)%size != 0 {
			return name, nil, fault.Brokenf(fault.Where{}, "constant %s: %d bytes of data", name, len(raw))
		}
		s.n = len(raw) / size
		s.at = map[int]func(i int) uint64{
			8: func(i int) uint64 { return binary.LittleEndian.Uint64(raw[8*i:]) },
			4: func(i int) uint64 { return uint64(binary.LittleEndian.Uint32(raw[4*i:])) },
			2: func(i int) uint64 { return uint64(binary.LittleEndian.Uint16(raw[2*i:])) },
			1: func(i int) uint64 { return uint64(raw[i]) },
		}[size]
		if s.elem == elemInt32 {
			s.at = func(i int) uint64 { return uint64(int64(int32(binary.LittleEndian.Uint32(raw[4*i:])))) }
		}
	}
	if s.elem == elemString {
		s.n = len(s.text)
	} else if s.text != nil {
		return name, nil, fault.Brokenf(fault.Where{}, "constant %s: text in a constant of numbers", name)
	}
	if int64(s.n) != items {
		return name, nil, fault.Brokenf(fault.Where{}, "constant %s: %d items for shape %v", name, s.n, s.shape)
	}
	return name, s, nil
}

// itemSizes are the bytes of an item in raw data.
var itemSizes = map[int64]int{elemFloat: 4, elemDouble: 8, elemInt32: 4, elemInt64: 8, elemBool: 1, elemUint8: 1, elemUint16: 2, elemUint32: 4}

// unsigned tells whether items are whole numbers without a sign, which no kind holds.
func (s *stored) unsigned() bool {
	return s.elem == elemUint8 || s.elem == elemUint16 || s.elem == elemUint32
}

// tensor decodes the items, unless an expected tensor has the same.
func (s *stored) tensor(expected []*model.Tensor) *model.Tensor {
	kind, _ := kindOf(s.elem)
	switch kind {
	case model.Float64:
		return floatTensor(kind, s.shape, s.n, expected, func(i int) float64 { return math.Float64frombits(s.at(i)) })
	case model.Float32:
		return floatTensor(kind, s.shape, s.n, expected, func(i int) float64 { return float64(math.Float32frombits(uint32(s.at(i)))) })
	case model.String:
		return &model.Tensor{Kind: kind, Shape: s.shape, Text: s.text}
	}
	return &model.Tensor{Kind: kind, Shape: s.shape, Int: convert(s.n, func(i int) int64 { return int64(s.at(i)) })}
}

// floatTensor is a tensor of n items, which are those of an expected tensor if that has the same.
func floatTensor(kind model.Kind, shape []int, n int, expected []*model.Tensor, at func(i int) float64) *model.Tensor {
	all := among(expected, shape, n, at)
	if all == nil {
		all = convert(n, at)
	}
	return &model.Tensor{Kind: kind, Shape: shape, Float: all}
}

// among are the items of a tensor of a shape that has the same n items, in whichever precision, or nil.
func among(expected []*model.Tensor, shape []int, n int, at func(i int) float64) []float64 {
	for _, e := range expected {
		if !slices.Equal(e.Shape, shape) || len(e.Float) != n {
			continue
		}
		const some = 1 << 16 // items at a time, on all cores
		differ := parallel.Each((n+some-1)/some, func(k int) error {
			from := k * some
			for i, v := range e.Float[from:min(n, from+some)] {
				if math.Float64bits(at(from+i)) != math.Float64bits(v) {
					return errOthers
				}
			}
			return nil
		})
		if differ == nil {
			return e.Float
		}
	}
	return nil
}

var errOthers = errors.New("other items")

func convert[T any](n int, at func(i int) T) []T {
	to := make([]T, n)
	for i := range to {
		to[i] = at(i)
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
