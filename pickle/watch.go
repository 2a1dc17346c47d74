package pickle

// Act is what loading a pickle would do.
type Act uint8

const (
	Import   Act = iota // a module is imported and a name looked up in it (GLOBAL, STACK_GLOBAL, INST)
	Call                // something is called (REDUCE, INST, OBJ)
	New                 // the __new__ of a class is called (NEWOBJ, NEWOBJ_EX)
	SetState            // __setstate__ is called, or attributes are set (BUILD)
	AddItems            // append, extend, add or __setitem__ of an object are called (APPENDS, ADDITEMS, SETITEMS)
	Persist             // persistent_load is called, which plain loaders don't have (PERSID, BINPERSID)
)

// Event is one thing that loading a pickle would do (pickle.py, class _Unpickler).
type Event struct {
	Act    Act
	Offset int64   // of the opcode, in the decompressed stream
	Callee Value   // a Global, or what else is called; of SetState and AddItems, the object
	Args   []Value // what is handed over. It may change later, and lies in the stack: keep none of it
	Named  *Dict   // keyword arguments; nil without
}

func (m *machine) watch(e Event) {
	if m.d.src.Watch != nil {
		e.Offset = m.at
		m.d.src.Watch(e)
	}
}
