package skops

import (
	"strings"

	"github.com/seed-2867d59c/treeport/pickle"
)

// ndarray is an array, or a scalar of numpy, by "type":
//
//	"numpy"   "file": the .npy member
//	"json"    "content": [node, ...], "shape": node of a tuple      objects; of two dimensions and more, nodes of lists
func (d *decoder) ndarray(n *node) (pickle.Value, error) {
	class, err := d.class(n, false)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(class.Module+".", "numpy.") || strings.HasPrefix(class.Module+".", "numpy.ma.") {
		return nil, n.unsupported("an array of class %s", class)
	}
	kind, err := n.text("type")
	if err != nil {
		return nil, err
	}
	switch kind {
	case "numpy":
		name, err := n.text("file")
		if err != nil {
			return nil, err
		}
		a, err := d.archive.Array(name)
		if err != nil {
			return nil, err
		}
		if class.Name != ndarray.Name && len(a.Shape) == 0 {
			return scalar(a)
		}
		a.Class = class
		return a, nil
	case "json":
		a, err := d.objects(n)
		if err != nil {
			return nil, err
		}
		a.Class = class
		return a, nil
	}
	return nil, n.unsupported("an array of skops type %q", kind)
}

var ndarray = pickle.Global{Module: "numpy", Name: "ndarray"}

// scalar is a scalar of numpy as pickle has it: the plain value where Python has the type, else an array.
func scalar(a *pickle.NDArray) (pickle.Value, error) {
	if strings.IndexByte("biufSU", a.DType.Kind) >= 0 {
		if v, err := a.At(0); err != nil || v != nil {
			return v, err
		}
	}
	return a, nil
}

// objects is an array of objects. Its items are the nodes that lie as deep in lists as the shape is long: an item may be
// a list itself.
func (d *decoder) objects(n *node) (*pickle.NDArray, error) {
	shapeValue, err := d.within(n, "shape")
	if err != nil {
		return nil, err
	}
	shape, ok := shapeValue.(*pickle.Tuple)
	if !ok {
		return nil, n.broken("an array without a shape")
	}
	if len(shape.Items) == 0 {
		return nil, n.unsupported("an array of one object without dimensions, which skops cannot load")
	}
	content, err := n.field("content")
	if err != nil {
		return nil, err
	}
	items, err := d.values(content)
	if err != nil {
		return nil, err
	}
	for i := range shape.Items {
		size, ok := shape.Items[i].(int64)
		if !ok {
			return nil, n.broken("an array without a shape")
		}
		if i == 0 {
			if int64(len(items)) != size {
				return nil, n.broken("an array of %d objects with %d", size, len(items))
			}
			continue
		}
		var flat []pickle.Value
		for _, item := range items {
			row, ok := item.(*pickle.List)
			if !ok || int64(len(row.Items)) != size {
				return nil, n.broken("an array of objects with a row that is no list of %d", size)
			}
			if err := d.archive.Spend(size * 16); err != nil { // one list may be in many rows
				return nil, err
			}
			flat = append(flat, row.Items...)
		}
		items = flat
	}
	return d.archive.Objects(shape, items)
}

// masked is "content": {"data": node, "mask": node}, the arguments of numpy.ma.MaskedArray.
func (d *decoder) masked(n *node) (pickle.Value, error) {
	class, content, err := d.classed(n)
	if err != nil {
		return nil, err
	}
	data, err := d.within(content, "data")
	if err != nil {
		return nil, err
	}
	mask, err := d.within(content, "mask")
	if err != nil {
		return nil, err
	}
	return &pickle.Object{Class: class, Args: []pickle.Value{data, mask}, Offset: n.at}, nil
}

// dtype is "content": node of an empty array of that type.
func (d *decoder) dtype(n *node) (pickle.Value, error) {
	v, err := d.within(n, "content")
	if err != nil {
		return nil, err
	}
	a, ok := v.(*pickle.NDArray)
	if !ok {
		return nil, n.broken("a dtype that is none of an array")
	}
	dt := a.DType
	return &dt, nil
}

// parts are the arrays in the .npz file of a sparse matrix, by its format (scipy/sparse/_matrix_io.py).
var parts = map[string][]string{
	"csc": {"indices", "indptr", "data"},
	"csr": {"indices", "indptr", "data"},
	"bsr": {"indices", "indptr", "data"},
	"dia": {"offsets", "data"},
	"coo": {"row", "col", "data"},
}

// sparse is "type": "scipy", "file": the .npz member, which scipy's save_npz wrote. The state has scipy's names where
// pickles have them, but not what scipy computes of the arrays.
func (d *decoder) sparse(n *node) (pickle.Value, error) {
	class, err := d.class(n, true)
	if err != nil {
		return nil, err
	}
	if kind, err := n.text("type"); err != nil || kind != "scipy" {
		return nil, n.broken("a sparse matrix that is none of scipy")
	}
	name, err := n.text("file")
	if err != nil {
		return nil, err
	}
	npz, err := d.archive.Inner(name)
	if err != nil {
		return nil, err
	}
	f, err := npz.Array("format.npy")
	if err != nil {
		return nil, err
	}
	if f.Len() != 1 { // checked before there is room for as many
		return nil, n.broken("a sparse matrix without a format")
	}
	text, err := f.At(0)
	if err != nil {
		return nil, err
	}
	format, ok := pickle.AsString(text)
	if !ok {
		return nil, n.broken("a sparse matrix without a format")
	}
	names := parts[format]
	if names == nil || !strings.HasPrefix(class.Name, format+"_") {
		return nil, n.unsupported("a sparse %s in the format %q", class, format)
	}
	shape, err := npz.Array("shape.npy")
	if err != nil {
		return nil, err
	}
	if shape.Len() > 2 {
		return nil, n.broken("a sparse matrix of %d dimensions", shape.Len())
	}
	sizes, err := shape.Int64s()
	if err != nil {
		return nil, err
	}
	t := &pickle.Tuple{}
	for _, size := range sizes {
		t.Items = append(t.Items, size)
	}
	state := &pickle.Dict{Keys: []pickle.Value{pickle.Text("_shape")}, Values: []pickle.Value{t}}
	for _, part := range names {
		a, err := npz.Array(part + ".npy")
		if err != nil {
			return nil, err
		}
		state.Keys = append(state.Keys, pickle.Text(part))
		state.Values = append(state.Values, a)
	}
	return &pickle.Object{Class: class, State: state, Offset: n.at}, nil
}
