package pickle

import (
	"bytes"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
)

// joblib takes arrays out of the pickle and leaves a wrapper in their place; right after the wrapper's BUILD its reader
// puts the array there (numpy_pickle.py and, for the older layouts, numpy_pickle_compat.py):
//
//	0.10+   NumpyArrayWrapper{subclass, shape, order, dtype, allow_mmap [, numpy_array_alignment_bytes]}, whose BUILD is
//	        followed, in the same stream, by
//	            array = [ padding ] items      items in order 'C' or 'F', of a dtype without objects
//	                  | pickle                 a whole one, for arrays of objects
//	            padding = length (one byte), and as many bytes; there if numpy_array_alignment_bytes is not None
//	0.8, 0.9  NDArrayWrapper{filename, subclass [, allow_mmap]}: an .npy file beside
//	          ZNDArrayWrapper{filename, init_args, state}: a zfile beside, which holds the items; state lacks only them

// isWrapper says whether a class is one of joblib's wrappers, of joblib itself or bundled inside another package.
func isWrapper(class Global) bool {
	switch class.Name {
	case "NumpyArrayWrapper", "NDArrayWrapper", "ZNDArrayWrapper":
		module := strings.TrimSuffix(class.Module, "_compat")
		return module == "joblib.numpy_pickle" || strings.HasSuffix(module, ".joblib.numpy_pickle")
	}
	return false
}

func (d *decoder) joblib() *Joblib {
	if d.doc.Joblib == nil {
		d.doc.Joblib = &Joblib{}
	}
	return d.doc.Joblib
}

// readWrapper returns the array that a wrapper stands for.
func (m *machine) readWrapper(w *Object) (Value, error) {
	j := m.d.joblib()
	j.Module = w.Class.Module
	j.Arrays++
	if w.Class.Name == "NumpyArrayWrapper" {
		j.Layout = "0.10+"
		return m.inlineArray(w)
	}
	if j.Layout == "" {
		j.Layout = "0.9"
	}
	if w.Class.Name == "NDArrayWrapper" {
		return m.npyBeside(w)
	}
	return m.zfileBeside(w)
}

func (m *machine) inlineArray(w *Object) (Value, error) {
	shapeValue, _ := w.Attr("shape")
	shape, ok := shapeOf(shapeValue)
	dtValue, _ := w.Attr("dtype")
	dt, ok2 := dtValue.(*DType)
	orderValue, _ := w.Attr("order")
	order, ok3 := AsString(orderValue)
	if !ok || !ok2 || !ok3 {
		return nil, m.broken("joblib's wrapper of an array without a shape, dtype and order")
	}
	if order != "C" && order != "F" {
		return nil, m.broken("joblib's wrapper of an array of order %q", order)
	}
	a := m.wrapped.one()
	a.Class = subclassOf(w)
	if dt.objects {
		return a, m.nestedArray(a, shape)
	}
	if err := m.padding(w); err != nil {
		return nil, err
	}
	n, ok := bytesOf(shape, dt.Size)
	if !ok {
		return nil, m.broken("an array of an impossible shape")
	}
	data, err := m.take(uint64(n))
	if err != nil {
		return nil, err
	}
	if len(data) <= smallArray { // who looks at it shall not make a mapped file's pages present again
		if err := m.d.spend(int64(len(data))); err != nil {
			return nil, err
		}
		data = bytes.Clone(data)
	}
	return a, m.fillArray(a, *dt, shape, order == "F", Bytes(data))
}

// smallArray is up to how many bytes arrays are copied: a tree's list of classes is.
const smallArray = 64

// padding skips what aligns an array.
func (m *machine) padding(w *Object) error {
	v, ok := w.Attr("numpy_array_alignment_bytes")
	if !ok {
		return nil
	}
	if _, none := v.(None); none {
		return nil
	}
	if n, ok := v.(int64); !ok || n < 1 || n > 255 {
		return m.broken("joblib's wrapper with an alignment that is none")
	}
	m.d.joblib().Aligned = true
	b, err := m.in.view(1)
	if err == nil {
		_, err = m.in.view(int(b[0]))
	}
	return err
}

// nestedArray reads the pickle of an array of objects. joblib leaves it to pickle.load: a memo of its own, and wrappers
// in it would stay wrappers, so that this is the deepest there is. The dtype is the pickle's: .npy calls a StringDType one of objects.
func (m *machine) nestedArray(a *NDArray, shape []int) error {
	v, err := (&machine{d: m.d, in: m.in}).run()
	if err != nil {
		return err
	}
	inner, ok := v.(*NDArray)
	if !ok || !inner.DType.objects {
		return m.broken("an array of objects whose pickle is a %s", KindOf(v))
	}
	return m.fillArray(a, inner.DType, shape, false, &List{Items: inner.Objects})
}

func subclassOf(w *Object) Global {
	v, _ := w.Attr("subclass")
	if class, ok := v.(Global); ok {
		return class
	}
	return ndarrayClass
}

// longestName is how many bytes the name of a file may have, as on most systems.
const longestName = 255

// beside opens the file that a wrapper names. What it names comes out of the model, so it must be a bare name.
func (m *machine) beside(w *Object) (*input, string, error) {
	v, _ := w.Attr("filename")
	name, ok := AsString(v)
	if !ok {
		return nil, "", m.broken("joblib's wrapper of an array without a file name")
	}
	if name == "" || name == "." || name == ".." || len(name) > longestName || strings.ContainsAny(name, "/\\:\x00") {
		return nil, "", m.broken("an array in a file of no plain name: %q", name)
	}
	if m.d.src.Sibling == nil {
		return nil, "", m.unsupported("an array in the file %q beside: only this file was given", name)
	}
	data, ok := m.d.beside[name]
	if ok {
		return overSlice(data), name, nil
	}
	data, err := m.d.src.Sibling(name)
	if err != nil {
		return nil, "", err
	}
	if int64(len(data)) > m.d.lim.MaxInput {
		return nil, "", fault.TooBigf(fault.Where{File: name}, "max-input", "a file of %d bytes", len(data))
	}
	if m.d.beside == nil {
		m.d.beside = map[string][]byte{}
	}
	m.d.beside[name] = data
	m.d.packed.Add(int64(len(data)))
	return overSlice(data), name, nil
}

func (m *machine) npyBeside(w *Object) (Value, error) {
	in, name, err := m.beside(w)
	if err != nil {
		return nil, err
	}
	a := &NDArray{Class: subclassOf(w)}
	back := m.d.turnTo(in)
	err = (&machine{d: m.d, in: in}).npy(a)
	back()
	if err != nil {
		return nil, inFile(err, name)
	}
	if a.DType.objects {
		m.d.joblib().Layout = "0.8"
	}
	return a, nil
}

func (m *machine) zfileBeside(w *Object) (Value, error) {
	v, _ := w.Attr("state")
	state, ok := v.(*Tuple)
	if !ok || len(state.Items) == 0 || len(state.Items) > 4 {
		return nil, m.broken("joblib's wrapper of an array without a state")
	}
	in, name, err := m.beside(w)
	if err != nil {
		return nil, err
	}
	z, err := newZFile(in)
	if err != nil {
		return nil, inFile(err, name)
	}
	if z.wide {
		m.d.joblib().Layout = "0.8"
	}
	stream := overReader(m.d.inflating("zfile", z))
	back := m.d.turnTo(stream)
	data, err := stream.take(z.claimed, m.d.spend)
	if err == nil {
		err = stream.drain() // the length is checked at the end
	}
	back()
	if err != nil {
		return nil, inFile(err, name)
	}
	a := &NDArray{Class: ndarrayClass}
	if v, ok := w.Attr("init_args"); ok {
		if t, ok := v.(*Tuple); ok && len(t.Items) > 0 {
			if class, ok := t.Items[0].(Global); ok {
				a.Class = class
			}
		}
	}
	full := append(append([]Value(nil), state.Items...), Bytes(data))
	return a, m.setArrayState(a, &Tuple{Items: full})
}
