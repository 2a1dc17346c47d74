package pickle

// build is BUILD: the state of what lies below it.
func (m *machine) build() error {
	state, err := m.pop()
	if err != nil {
		return err
	}
	target, err := m.top()
	if err != nil {
		return err
	}
	if m.d.src.Watch != nil {
		m.watch(Event{Act: SetState, Callee: target, Args: []Value{state}})
	}
	switch t := target.(type) {
	case *Object:
		if t.State == nil {
			t.State = state
		} else if err := m.mergeState(t, state); err != nil {
			return err
		}
		if m.arrays && isWrapper(t.Class) {
			v, err := m.readWrapper(t)
			if err != nil {
				return err
			}
			m.stack[len(m.stack)-1] = v
		} else if m.d.src.Built != nil && m.in.src != nil {
			m.d.src.Built(t)
		}
		return nil
	case *NDArray:
		return m.setArrayState(t, state)
	case *DType:
		return m.setDTypeState(t, state)
	case *Dict:
		if d, ok := state.(*Dict); ok && len(d.Keys) == 0 {
			return nil
		}
	}
	return m.unsupported("BUILD on a %s", KindOf(target))
}

// mergeState is a second BUILD: it updates the instance's dict, but must not touch a state that others share.
func (m *machine) mergeState(o *Object, state Value) error {
	first, ok := o.State.(*Dict)
	second, ok2 := state.(*Dict)
	if !ok || !ok2 {
		return m.unsupported("an object with two states")
	}
	if err := m.d.spend(int64(len(first.Keys)+len(second.Keys)) * stepCost); err != nil {
		return err
	}
	merged := &Dict{}
	for _, d := range []*Dict{first, second} {
		flat := make([]Value, 0, 2*len(d.Keys))
		for i := range d.Keys {
			flat = append(flat, d.Keys[i], d.Values[i])
		}
		if err := m.setItems(merged, flat); err != nil {
			return err
		}
	}
	o.State = merged
	return nil
}
