package pickle

// global is GLOBAL, STACK_GLOBAL and INST: a name, and for INST a call of it.
func (m *machine) global(op byte) error {
	var g Global
	if op == opStackGlobal {
		name, err := m.pop()
		if err != nil {
			return err
		}
		module, err := m.pop()
		if err != nil {
			return err
		}
		n, ok := name.(Text)
		mod, ok2 := module.(Text)
		if !ok || !ok2 {
			return m.broken("STACK_GLOBAL of no text")
		}
		g = Global{string(mod), string(n)}
	} else {
		module, err := m.in.line(m.d.spend)
		if err != nil {
			return err
		}
		g.Module = string(module)
		name, err := m.in.line(m.d.spend)
		if err != nil {
			return err
		}
		g.Name = string(name)
		if !ValidText([]byte(g.Module)) || !ValidText(name) {
			return m.broken("a name that is not UTF-8")
		}
		if err := m.d.spend(int64(len(g.Module) + len(g.Name))); err != nil {
			return err
		}
	}
	v, err := m.d.name(g, m.at)
	if err != nil {
		return err
	}
	m.watch(Event{Act: Import, Callee: v})
	if op != opInst {
		m.push(v)
		return nil
	}
	args, err := m.popMark()
	if err != nil {
		return err
	}
	return m.call(v, args)
}

// obj is OBJ: a class and its arguments above a mark.
func (m *machine) obj() error {
	items, err := m.popMark()
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return m.broken("OBJ without a class")
	}
	return m.call(items[0], items[1:])
}

// reduce is REDUCE: a callable and its arguments.
func (m *machine) reduce() error {
	args, err := m.pop()
	if err != nil {
		return err
	}
	callee, err := m.pop()
	if err != nil {
		return err
	}
	t, ok := args.(*Tuple)
	if !ok {
		return m.broken("the arguments of a call are a %s", KindOf(args))
	}
	return m.call(callee, t.Items)
}

// newObj is NEWOBJ and NEWOBJ_EX: class.__new__(class, *args, **named).
func (m *machine) newObj(ex bool) error {
	var named *Dict
	if ex {
		v, err := m.pop()
		if err != nil {
			return err
		}
		d, ok := v.(*Dict)
		if !ok {
			return m.broken("the named arguments of a class are a %s", KindOf(v))
		}
		if len(d.Keys) > 0 {
			named = d
		}
	}
	args, err := m.pop()
	if err != nil {
		return err
	}
	class, err := m.pop()
	if err != nil {
		return err
	}
	t, ok := args.(*Tuple)
	if !ok {
		return m.broken("the arguments of a class are a %s", KindOf(args))
	}
	m.watch(Event{Act: New, Callee: class, Args: t.Items, Named: named})
	return m.instance(class, t.Items, named)
}

// instance pushes an object of a class.
func (m *machine) instance(class Value, args []Value, named *Dict) error {
	o := m.objects.one()
	o.Args, o.Named, o.Offset = args, named, m.at
	switch c := class.(type) {
	case Global:
		m.d.called(c)
		o.Class = c
	case *Object:
		o.Call = c
	default:
		return m.broken("a %s is called", KindOf(class))
	}
	m.push(o)
	return nil
}

// call pushes what a call would have made. Calls that only say how a plain value or an instance is written are resolved
// here; every other one stays an Object.
func (m *machine) call(callee Value, args []Value) error {
	g, ok := callee.(Global)
	if !ok {
		if class, given, named, ok := partialNew(callee); ok && len(args) == 0 {
			m.watch(Event{Act: New, Callee: class, Args: given, Named: named})
			return m.instance(class, given, named)
		}
		m.watch(Event{Act: Call, Callee: callee, Args: args})
		return m.instance(callee, args, nil)
	}
	m.watch(Event{Act: Call, Callee: callee, Args: args})
	m.d.called(g)
	v, err := m.known(g, args)
	if err != nil {
		return err
	}
	if v == nil {
		return m.instance(callee, args, nil)
	}
	if o, ok := v.(*Object); ok && o.Offset == 0 {
		o.Offset = m.at
	}
	m.push(v)
	return nil
}
