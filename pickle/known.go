package pickle

import "strings"

// known resolves a call of a function that this package knows; nil for others, and for arguments not foreseen.
func (m *machine) known(g Global, args []Value) (Value, error) {
	n := len(args)
	switch g.Module {
	case "numpy":
		if g.Name == "dtype" && n >= 1 && n <= 4 {
			return m.newDType(args[0])
		}
	case "numpy.core.multiarray", "numpy._core.multiarray":
		switch {
		case g.Name == "_reconstruct" && n == 3:
			if class, ok := args[0].(Global); ok && plainArray(class) {
				return m.newArray(class, args)
			}
		case g.Name == "scalar" && (n == 1 || n == 2):
			return m.scalar(args)
		}
	case "numpy.core.numeric", "numpy._core.numeric":
		if g.Name == "_frombuffer" && (n == 4 || n == 5) {
			return m.fromBuffer(args)
		}
	case "numpy._core._internal":
		if g.Name == "_convert_to_stringdtype_kwargs" && (n == 1 || n == 2) {
			return m.stringDType(args)
		}
	case "copy_reg", "copyreg":
		return m.copyreg(g.Name, args)
	case "_codecs":
		if g.Name == "encode" && n == 2 {
			return m.encoded(args)
		}
	case "__builtin__", "builtins":
		return m.builtin(g.Name, args)
	case "collections":
		if g.Name == "OrderedDict" && n <= 1 {
			return m.ordered(args)
		}
	}
	return nil, nil
}

// plainArray says whether a class is ndarray, or one of numpy's subclasses that keep its state as it is: all but the
// masked arrays.
func plainArray(class Global) bool {
	module := class.Module + "."
	return strings.HasPrefix(module, "numpy.") && !strings.HasPrefix(module, "numpy.ma.")
}

var ndarrayClass = Global{"numpy", "ndarray"}

func (m *machine) newDType(code Value) (Value, error) {
	if d, ok := code.(*DType); ok {
		copied := *d
		return &copied, nil
	}
	if g, ok := code.(Global); ok && g.Name == "record" && plainArray(g) {
		return &DType{Kind: 'V', depth: 1}, nil // of a recarray: a void type whose items are of another class
	}
	s, ok := AsString(code)
	if !ok {
		return nil, nil // a dtype of a Python type: nobody's pickles have them
	}
	d, ok := parseDType(s)
	if !ok {
		return nil, m.unsupported("a dtype %q", s)
	}
	d.depth = 1
	return &d, nil
}

// copyreg resolves the ways of writing an instance that older protocols have (copyreg.py).
func (m *machine) copyreg(name string, args []Value) (Value, error) {
	if len(args) == 0 {
		return nil, nil
	}
	class, ok := args[0].(Global)
	if !ok {
		return nil, nil
	}
	o := &Object{Class: class}
	switch {
	case name == "__newobj__":
		o.Args = args[1:]
	case name == "__newobj_ex__" && len(args) == 3:
		t, ok := args[1].(*Tuple)
		d, ok2 := args[2].(*Dict)
		if !ok || !ok2 {
			return nil, nil
		}
		o.Args = t.Items
		if len(d.Keys) > 0 {
			o.Named = d
		}
	case name == "_reconstructor" && len(args) == 3:
		switch base := args[2].(type) {
		case None:
		case *Dict:
			// A subclass of dict or list brings what it holds as the base's value.
			o.Dict = base
		case *List:
			o.Items = base.Items[:len(base.Items):len(base.Items)]
		default:
			o.Args = []Value{base}
		}
	default:
		return nil, nil
	}
	m.d.called(class)
	return o, nil
}

// partialNew recognises functools.partial(class.__new__, class, *args, **named), by which protocols 2 and 3 write what
// is NEWOBJ_EX in protocol 4 (save_reduce in pickle.py).
func partialNew(callee Value) (class Global, args []Value, named *Dict, ok bool) {
	o, isObject := callee.(*Object)
	if !isObject || o.Class != (Global{"functools", "partial"}) || len(o.Args) != 1 {
		return
	}
	state, isTuple := o.State.(*Tuple)
	if !isTuple || len(state.Items) < 3 {
		return
	}
	method, isObject := o.Args[0].(*Object)
	if !isObject || method.Class.Name != "getattr" || len(method.Args) != 2 {
		return
	}
	given, isTuple := state.Items[1].(*Tuple)
	if name, _ := AsString(method.Args[1]); name != "__new__" || !isTuple || len(given.Items) == 0 {
		return
	}
	class, ok = given.Items[0].(Global)
	if of, same := method.Args[0].(Global); !same || of != class {
		return class, nil, nil, false
	}
	if d, isDict := state.Items[2].(*Dict); isDict && len(d.Keys) > 0 {
		named = d
	}
	return class, given.Items[1:], named, ok
}

// encoded is _codecs.encode(text, 'latin1'), as Python 3 writes bytes in protocols 0 to 2.
func (m *machine) encoded(args []Value) (Value, error) {
	text, ok := args[0].(Text)
	codec, ok2 := AsString(args[1])
	if !ok || !ok2 || codec != "latin1" && codec != "latin-1" {
		return nil, nil
	}
	if err := m.d.spend(int64(len(text))); err != nil {
		return nil, err
	}
	if b, ok := latin1(string(text)); ok {
		return Bytes(b), nil
	}
	return nil, nil
}

func (m *machine) builtin(name string, args []Value) (Value, error) {
	n := len(args)
	switch name {
	case "bytearray", "bytes":
		switch {
		case n == 0:
			return Bytes{}, nil
		case n == 1:
			if b, ok := args[0].(Bytes); ok {
				return b, nil
			}
		case n == 2:
			return m.encoded(args)
		}
	case "set", "frozenset":
		if n == 0 {
			return &Set{Frozen: name == "frozenset"}, nil
		}
		if list, ok := args[0].(*List); ok && n == 1 {
			if err := m.d.spend(int64(len(list.Items)) * 16); err != nil {
				return nil, err
			}
			return &Set{Items: append([]Value(nil), list.Items...), Frozen: name == "frozenset"}, nil
		}
	case "complex":
		if n == 2 {
			re, ok := args[0].(float64)
			im, ok2 := args[1].(float64)
			if ok && ok2 {
				return complex(re, im), nil
			}
		}
	case "object.__new__":
		if n >= 1 {
			if class, ok := args[0].(Global); ok {
				m.d.called(class)
				return &Object{Class: class, Args: args[1:]}, nil
			}
		}
	}
	return nil, nil
}

// ordered is an OrderedDict, empty or (Python 2) of a list of pairs.
func (m *machine) ordered(args []Value) (Value, error) {
	d := &Dict{}
	if len(args) == 0 {
		return d, nil
	}
	list, ok := args[0].(*List)
	if !ok {
		return nil, nil
	}
	var flat []Value
	for _, item := range list.Items {
		var pair []Value
		switch p := item.(type) {
		case *List:
			pair = p.Items
		case *Tuple:
			pair = p.Items
		}
		if len(pair) != 2 {
			return nil, nil
		}
		flat = append(flat, pair...)
	}
	if err := m.d.spend(int64(len(flat)) * 16); err != nil {
		return nil, err
	}
	return d, m.setItems(d, flat)
}
