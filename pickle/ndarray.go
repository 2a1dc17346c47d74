package pickle

import "github.com/seed-2867d59c/treeport/fault"

// An array in a pickle is, in protocols 0 to 4, `_reconstruct(class, (0,), 'b')` and then BUILD with
//
//	state = (version, shape, dtype, is_fortran, data)
//
// where data are bytes, or a list of what the items are in Python where a dtype has objects in it: objects, tuples for records with
// objects, text for StringDType (methods.c, array_reduce and array_setstate). In protocol 5 contiguous arrays of other dtypes are
// `_frombuffer(buffer, dtype, shape, order)` of numpy's numeric.py.

// newArray is the empty array that _reconstruct makes.
func (m *machine) newArray(class Global, args []Value) (*NDArray, error) {
	shape, ok := shapeOf(args[1])
	if !ok {
		return nil, m.broken("an array without a shape")
	}
	if n, ok := bytesOf(shape, 1); !ok || n != 0 {
		return nil, m.broken("an array with a shape and no data")
	}
	return &NDArray{DType: DType{Kind: 'i', Size: 1}, Shape: shape, Class: class}, nil
}

// setArrayState is BUILD on an array.
func (m *machine) setArrayState(a *NDArray, state Value) error {
	t, ok := state.(*Tuple)
	if !ok || len(t.Items) < 4 || len(t.Items) > 5 {
		return m.broken("the state of an array is no tuple of 4 or 5")
	}
	items := t.Items
	if len(items) == 5 {
		if version, ok := items[0].(int64); !ok || version < 0 || version > 1 {
			return m.unsupported("an array of a version other than 0 and 1")
		}
		items = items[1:]
	}
	shape, ok := shapeOf(items[0])
	if !ok {
		return m.broken("an array without a shape")
	}
	dt, ok := items[1].(*DType)
	if !ok {
		return m.broken("an array without a dtype")
	}
	fortran, ok := truth(items[2])
	if !ok {
		return m.broken("an array without an order")
	}
	return m.fillArray(a, *dt, shape, fortran, items[3])
}

// fillArray gives an array its shape and data, which must fit each other.
func (m *machine) fillArray(a *NDArray, dt DType, shape []int, fortran bool, data Value) error {
	size := dt.Size
	if dt.objects {
		size = 1
	}
	want, ok := bytesOf(shape, size)
	if !ok {
		return m.broken("an array of an impossible shape")
	}
	a.DType, a.Shape, a.Fortran = dt, shape, fortran && len(shape) > 1
	if dt.objects {
		list, ok := data.(*List)
		if !ok {
			return m.broken("an array of objects without a list")
		}
		if len(list.Items) != want {
			return m.broken("an array of %d objects with %d", want, len(list.Items))
		}
		for _, item := range list.Items {
			if !dt.holds(item) {
				return m.broken("an array of type %s with a %s", dt, KindOf(item))
			}
		}
		if err := m.d.spend(int64(want) * 16); err != nil {
			return err
		}
		// The list has the objects in C order whatever is_fortran says (array_setstate, _setlist_pkl).
		a.Data, a.Objects, a.Fortran = nil, append([]Value(nil), list.Items...), false
		return nil
	}
	b, ok := data.(Bytes)
	if !ok {
		return m.broken("an array whose data are a %s", KindOf(data))
	}
	if len(b) != want {
		return m.broken("an array of %d bytes with %d", want, len(b))
	}
	a.Data, a.Objects = b, nil
	return nil
}

// fromBuffer is _frombuffer. Order 'K' comes with the order in which the axes of memory make up those of the array
// (numpy 2.3); such an array is brought into C order.
func (m *machine) fromBuffer(args []Value) (Value, error) {
	dt, ok := args[1].(*DType)
	shape, ok2 := shapeOf(args[2])
	order, ok3 := AsString(args[3])
	if !ok || !ok2 || !ok3 {
		return nil, m.broken("_frombuffer without a dtype, shape and order")
	}
	if dt.objects {
		return nil, m.broken("_frombuffer of objects")
	}
	a := &NDArray{Class: ndarrayClass}
	switch order {
	case "C", "A", "F":
		return a, m.fillArray(a, *dt, shape, order == "F", args[0])
	case "K":
		if err := m.fillArray(a, *dt, shape, false, args[0]); err != nil {
			return nil, err
		}
		if len(args) == 4 {
			return a, nil
		}
		if _, none := args[4].(None); none {
			return a, nil
		}
		if err := m.d.spend(int64(len(a.Data))); err != nil {
			return nil, err
		}
		axes, ok := shapeOf(args[4])
		if !ok || !a.turn(axes) {
			return nil, m.broken("_frombuffer with axes that are no order of axes")
		}
		return a, nil
	}
	return nil, m.unsupported("_frombuffer with order %q", order)
}

// turn makes axis i of an array out of its axis axes[i], as numpy's transpose does, and copies the items.
func (a *NDArray) turn(axes []int) bool {
	n := len(a.Shape)
	if len(axes) != n {
		return false
	}
	steps := make([]int, n) // bytes from item to item along each axis of memory
	step := a.DType.Size
	for i := n - 1; i >= 0; i-- {
		steps[i] = step
		step *= a.Shape[i]
	}
	shape, turned, seen := make([]int, n), make([]int, n), make([]bool, n)
	for i, axis := range axes {
		if axis >= n || seen[axis] {
			return false
		}
		seen[axis] = true
		shape[i], turned[i] = a.Shape[axis], steps[axis]
	}
	out := make([]byte, 0, len(a.Data))
	at := make([]int, n)
	for from, size := 0, a.DType.Size; len(out) < len(a.Data); {
		out = append(out, a.Data[from:from+size]...)
		for i := n - 1; i >= 0; i-- {
			at[i]++
			from += turned[i]
			if at[i] < shape[i] {
				break
			}
			from -= at[i] * turned[i]
			at[i] = 0
		}
	}
	a.Shape, a.Data = shape, out
	return true
}

func truth(v Value) (bool, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case int64:
		return v != 0, true
	}
	return false, false
}

// scalar is numpy's scalar(dtype, bytes): the plain value where Python has the type, else an array of no dimensions.
func (m *machine) scalar(args []Value) (Value, error) {
	dt, ok := args[0].(*DType)
	if !ok {
		return nil, m.broken("a scalar without a dtype")
	}
	if dt.Kind == 'O' {
		if len(args) < 2 {
			return None{}, nil
		}
		return args[1], nil
	}
	var data Value = Bytes(nil)
	if len(args) > 1 {
		data = args[1]
	} else if dt.Size > firstBuffer {
		return nil, fault.TooBigf(fault.At(m.at), "max-memory", "a scalar of %d bytes", dt.Size)
	} else {
		data = Bytes(make([]byte, dt.Size))
	}
	if inner, ok := data.(*NDArray); ok && dt.objects { // a record with objects is written as an array of it
		data = &List{Items: inner.Objects}
	}
	a := &NDArray{Class: ndarrayClass}
	if err := m.fillArray(a, *dt, nil, false, data); err != nil {
		return nil, err
	}
	switch dt.Kind {
	case 'b', 'i', 'u', 'f', 'S', 'U':
		v, err := a.At(0)
		if err != nil {
			return nil, err
		}
		if v != nil {
			return v, nil
		}
	}
	return a, nil
}
