package pickle

import "strconv"

// Value is one decoded value. The set is closed:
//
//	None, bool, int64, *big.Int, float64, complex128, Text, Bytes, Global,
//	*Tuple, *List, *Dict, *Set, *Object, *NDArray, *DType, *Persistent
//
// Containers and objects are pointers, so that what is shared (or refers to itself) in the pickle is shared here: whoever
// walks values must expect cycles. numpy's scalars of bool, integer, float, str and bytes types arrive as the plain
// value; those of other types as an NDArray with an empty shape.
type Value any

// None is Python's None.
type None struct{}

// Text is a Python 3 str or a Python 2 unicode, in UTF-8 (lone surrogates as their three bytes).
type Text string

// Bytes is a Python 3 bytes or bytearray, or a Python 2 str. It may alias the input.
type Bytes []byte

// Global is a class or function, by name only: nothing is ever imported or called.
type Global struct{ Module, Name string }

func (g Global) String() string { return g.Module + "." + g.Name }

// Tuple is a Python tuple.
type Tuple struct{ Items []Value }

// List is a Python list.
type List struct{ Items []Value }

// Dict is a Python dict in the order of the pickle; Keys[i] belongs to Values[i]. A key set twice stands once.
type Dict struct {
	Keys   []Value
	Values []Value
	// index finds a key by its canonical form, in dicts of many keys.
	index map[any]int
}

// Get finds the value of a key that is text, whether the pickle has it as text or (Python 2) as bytes.
func (d *Dict) Get(key string) (Value, bool) {
	if d == nil {
		return nil, false
	}
	if d.index != nil {
		i, ok := d.index[Text(key)]
		if !ok {
			i, ok = d.index[bytesKey(key)]
		}
		if !ok {
			return nil, false
		}
		return d.Values[i], true
	}
	for i, k := range d.Keys {
		if s, ok := AsString(k); ok && s == key {
			return d.Values[i], true
		}
	}
	return nil, false
}

// Set is a Python set or frozenset.
type Set struct {
	Items  []Value
	Frozen bool
}

// Object is what a REDUCE, NEWOBJ, INST or OBJ opcode would have made by a call, kept as data. Every way of writing an
// instance (copy_reg._reconstructor, __newobj__, __newobj_ex__, object.__new__) ends as the same Object of its class.
type Object struct {
	Class Global
	// Call is what would be called where that is not a Global (an Object, for instance a bound method): then Class is zero.
	Call  Value
	Args  []Value // arguments of the call
	Named *Dict   // keyword arguments of NEWOBJ_EX; nil without
	State Value   // argument of BUILD (__setstate__ or the instance's dict); nil without
	Items []Value // what APPEND(S) or ADDITEMS would have added
	Dict  *Dict   // what SETITEM(S) would have set; nil without
	// Offset of the opcode that made it, in the decompressed stream.
	Offset int64
}

// Attr finds an attribute in the object's state: a dict, or a tuple (dict, slots) as __reduce_ex__(2) writes it.
func (o *Object) Attr(name string) (Value, bool) {
	switch s := o.State.(type) {
	case *Dict:
		return s.Get(name)
	case *Tuple:
		for _, item := range s.Items {
			if d, ok := item.(*Dict); ok {
				if v, ok := d.Get(name); ok {
					return v, true
				}
			}
		}
	}
	return nil, false
}

// Persistent is a persistent id (opcodes PERSID, BINPERSID).
type Persistent struct{ ID Value }

// NDArray is a numpy array.
type NDArray struct {
	DType   DType
	Shape   []int
	Fortran bool // columns first
	// Data holds the items in DType's byte order, without gaps; it may alias the input, and must not be written to. nil for
	// an array with objects, and shorter than the shape says where somebody used KeepRows or Drop.
	Data []byte
	// Objects holds the items of an array of objects (dtype O), text (StringDType, with what stands for what is missing) or records
	// with objects (as tuples), in C order. It is never aliased.
	Objects []Value
	thin    *thinned // nil: it is whole
	// Class is the subclass of ndarray where the array is of one (numpy.matrix, numpy.memmap, ...); else numpy.ndarray.
	Class Global
}

// Len is the number of items.
func (a *NDArray) Len() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// DType is a numpy dtype.
type DType struct {
	Kind      byte // numpy's kind: b i u f c S U V O M m T
	Size      int  // bytes of an item (U: four for a character)
	BigEndian bool
	Fields    []Field // of a record; else nil
	// Sub is the item type of a sub-array dtype of shape SubShape; else nil.
	Sub      *DType
	SubShape []int
	// Meta is what the dtype carries beside: the unit of datetimes, metadata, what stands for missing text (T); nil without.
	Meta Value
	// depth is how many dtypes lie inside each other in this one, and objects whether any of them is of objects.
	depth   int
	objects bool
}

// Field is one field of a record dtype.
type Field struct {
	Name   string
	Offset int
	DType  DType
}

func (d DType) String() string {
	order := "<"
	if d.BigEndian {
		order = ">"
	}
	switch {
	case d.Kind == 'O':
		return "O"
	case d.Kind == 'T':
		return "StringDType"
	case d.Kind == 'b', d.Kind == 'S', d.Kind == 'V', d.Size == 1:
		order = "|"
	}
	size := d.Size
	if d.Kind == 'U' {
		size /= 4
	}
	return order + string(d.Kind) + strconv.Itoa(size)
}

// AsString is the text of a Text or Bytes value: names are bytes in Python 2 pickles.
func AsString(v Value) (string, bool) {
	switch v := v.(type) {
	case Text:
		return string(v), true
	case Bytes:
		return string(v), true
	}
	return "", false
}
