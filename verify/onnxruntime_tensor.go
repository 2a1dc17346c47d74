//go:build (linux || darwin || windows) && (amd64 || arm64) && !noonnxruntime

package verify

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/seed-2867d59c/treeport/model"
)

// Element types of tensors (ONNXTensorElementDataType).
const (
	ortFloat  = 1
	ortUint8  = 2
	ortInt8   = 3
	ortInt16  = 5
	ortInt32  = 6
	ortInt64  = 7
	ortString = 8
	ortBool   = 9
	ortDouble = 11
)

// maxORTItems is how many items an answer may have: 2 GiB of numbers.
const maxORTItems = 1 << 28

// toORT makes a tensor in the library's own memory.
func (o *onnxRuntime) toORT(t *model.Tensor) (value uintptr, err error) {
	kind := map[model.Kind]int32{model.Float64: ortDouble, model.Float32: ortFloat, model.Int64: ortInt64, model.Bool: ortBool, model.String: ortString}[t.Kind]
	shape := make([]int64, len(t.Shape))
	for i, n := range t.Shape {
		shape[i] = int64(n)
	}
	if err := o.check(o.createTensor(o.allocator, pointer(shape), uintptr(len(shape)), kind, &value)); err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			o.releaseValue(value)
			value = 0
		}
	}()
	if t.Kind == model.String {
		var pins runtime.Pinner
		defer pins.Unpin()
		texts, err := cStrings(t.Text, &pins)
		if err != nil {
			return value, err
		}
		err = o.check(o.fillStrings(value, pointer(texts), uintptr(len(texts))))
		runtime.KeepAlive(texts)
		return value, err
	}
	var data unsafe.Pointer
	if err := o.check(o.tensorData(value, &data)); err != nil || t.Len() == 0 {
		return value, err
	}
	switch t.Kind {
	case model.Float64:
		copy(unsafe.Slice((*float64)(data), t.Len()), t.Float)
	case model.Float32:
		for i, out := 0, unsafe.Slice((*float32)(data), t.Len()); i < len(out); i++ {
			out[i] = float32(t.Float[i])
		}
	case model.Int64:
		copy(unsafe.Slice((*int64)(data), t.Len()), t.Int)
	case model.Bool:
		for i, out := 0, unsafe.Slice((*byte)(data), t.Len()); i < len(out); i++ {
			out[i] = byte(t.Int[i])
		}
	}
	return value, nil
}

// fromORT copies a tensor; nil says that the value is none.
func (o *onnxRuntime) fromORT(value uintptr) (*model.Tensor, error) {
	var is int32
	if err := o.check(o.isTensor(value, &is)); err != nil || is == 0 {
		return nil, err
	}
	kind, shape, err := o.shape(value)
	if err != nil {
		return nil, err
	}
	t := &model.Tensor{Shape: shape}
	n := t.Len()
	if n < 0 || n > maxORTItems {
		return nil, fmt.Errorf("an answer of shape %v", shape)
	}
	if kind == ortString {
		t.Kind = model.String
		t.Text, err = o.texts(value, n)
		return t, err
	}
	var data unsafe.Pointer
	if err := o.check(o.tensorData(value, &data)); err != nil {
		return nil, err
	}
	switch kind {
	case ortDouble:
		t.Kind = model.Float64
		t.Float = widen[float64, float64](data, n)
	case ortFloat:
		t.Kind = model.Float32
		t.Float = widen[float32, float64](data, n)
	case ortInt64:
		t.Kind = model.Int64
		t.Int = widen[int64, int64](data, n)
	case ortInt32:
		t.Kind = model.Int64
		t.Int = widen[int32, int64](data, n)
	case ortInt16:
		t.Kind = model.Int64
		t.Int = widen[int16, int64](data, n)
	case ortInt8:
		t.Kind = model.Int64
		t.Int = widen[int8, int64](data, n)
	case ortUint8, ortBool:
		t.Kind = model.Int64
		if kind == ortBool {
			t.Kind = model.Bool
		}
		t.Int = widen[uint8, int64](data, n)
	default:
		return nil, fmt.Errorf("an answer of element type %d", kind)
	}
	return t, nil
}

type number interface {
	~float32 | ~float64 | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8
}

// widen copies n items from the library's memory.
func widen[From, To number](data unsafe.Pointer, n int) []To {
	out := make([]To, n)
	if n > 0 {
		for i, v := range unsafe.Slice((*From)(data), n) {
			out[i] = To(v)
		}
	}
	return out
}

func (o *onnxRuntime) shape(value uintptr) (kind int32, shape []int, err error) {
	var info, count uintptr
	if err := o.check(o.typeAndShape(value, &info)); err != nil {
		return 0, nil, err
	}
	defer o.releaseTypeAndSize(info)
	if err := o.check(o.elementType(info, &kind)); err != nil {
		return 0, nil, err
	}
	if err := o.check(o.dimensionsCount(info, &count)); err != nil {
		return 0, nil, err
	}
	sizes := make([]int64, count)
	if count > 0 {
		if err := o.check(o.dimensions(info, pointer(sizes), count)); err != nil {
			return 0, nil, err
		}
	}
	for _, n := range sizes {
		shape = append(shape, int(n))
	}
	if shape == nil {
		return 0, nil, fmt.Errorf("an answer without rows (a scalar)")
	}
	return kind, shape, nil
}

// texts copies the texts of a tensor; the library hands them out one after another, with the offsets of their starts.
func (o *onnxRuntime) texts(value uintptr, n int) ([]string, error) {
	texts := make([]string, n)
	if n == 0 {
		return texts, nil
	}
	var size uintptr
	if err := o.check(o.stringsLength(value, &size)); err != nil {
		return nil, err
	}
	content, offsets := make([]byte, size+1), make([]uintptr, n+1) // one more, so that neither is empty
	if err := o.check(o.stringsContent(value, pointer(content), size, pointer(offsets), uintptr(n))); err != nil {
		return nil, err
	}
	offsets[n] = size
	for i := range texts {
		texts[i] = string(content[offsets[i]:offsets[i+1]])
	}
	return texts, nil
}
