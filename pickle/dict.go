package pickle

import (
	"encoding/binary"
	"math"
	"math/big"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
)

// fewKeys is up to how many keys a dict is searched from end to end; beyond, it gets an index.
const fewKeys = 24

// maxKeyParts bounds the tuples in a key: shared tuples in tuples hash in exponential time.
const maxKeyParts = 10000

// setItemsOnTop is SETITEM and SETITEMS.
func (m *machine) setItemsOnTop(op byte) error {
	var items []Value
	var err error
	if op == opSetItem {
		from := len(m.stack) - 2
		if from < m.fence {
			return m.broken("the stack is empty")
		}
		items = m.stack[from:]
		m.stack = m.stack[:from]
	} else {
		if items, err = m.aboveMark(); err != nil {
			return err
		}
		m.stack = m.stack[:m.fence]
		m.unmark()
	}
	target, err := m.top()
	if err != nil {
		return err
	}
	switch t := target.(type) {
	case *Dict:
		return m.setItems(t, items)
	case *Object:
		m.watch(Event{Act: AddItems, Callee: t, Args: items})
		if t.Dict == nil {
			t.Dict = m.dicts.one()
		}
		return m.setItems(t.Dict, items)
	}
	return m.broken("SETITEMS on what is no dict")
}

// setItems adds keys and values, which alternate in items, to a dict.
func (m *machine) setItems(dict *Dict, items []Value) error {
	if len(items)%2 != 0 {
		return m.broken("a key without a value")
	}
	n := len(dict.Keys) + len(items)/2
	if int64(n) > m.d.lim.MaxItems {
		return fault.TooBigf(fault.At(m.at), "max-items", "a dict of more than %d items", m.d.lim.MaxItems)
	}
	if dict.Keys == nil {
		dict.Keys, dict.Values = m.values.some(n)[:0], m.values.some(n)[:0]
	}
	if dict.index == nil && n > fewKeys {
		dict.index = make(map[any]int, n)
		for i, k := range dict.Keys {
			key, _ := m.key(k)
			dict.index[key] = i
		}
	}
	for i := 0; i < len(items); i += 2 {
		key, err := m.key(items[i])
		if err != nil {
			return err
		}
		at := -1
		if dict.index != nil {
			if j, ok := dict.index[key]; ok {
				at = j
			}
		} else {
			at = m.place(dict.Keys, items[i], key)
		}
		if at >= 0 {
			dict.Values[at] = items[i+1]
			continue
		}
		if dict.index != nil {
			dict.index[key] = len(dict.Keys)
			if err := m.d.spend(2 * stepCost); err != nil {
				return err
			}
		}
		dict.Keys = append(dict.Keys, items[i])
		dict.Values = append(dict.Values, items[i+1])
	}
	return nil
}

// place is where a key is among others, or -1; key is its canonical form. Names, the keys of nearly every dict, need none.
func (m *machine) place(keys []Value, item Value, key any) int {
	if name, ok := item.(Text); ok {
		for i, k := range keys {
			if other, ok := k.(Text); ok && other == name {
				return i
			}
		}
		return -1
	}
	bytes, isBytes := item.(Bytes)
	return slices.IndexFunc(keys, func(k Value) bool {
		if other, ok := k.(Bytes); ok {
			return isBytes && string(other) == string(bytes)
		}
		other, _ := m.key(k)
		return other == key
	})
}

type (
	bytesKey   string
	bigKey     string
	complexKey complex128
	tupleKey   string
)

// key is the canonical form of a dict's key: equal keys have equal forms. Objects count by identity.
func (m *machine) key(value Value) (any, error) {
	switch v := value.(type) {
	case int64, None, Global, *Object, *Persistent, *DType:
		return value, nil // not v, which would be boxed again
	case Text:
		return value, m.keyCost(len(v))
	case Bytes:
		return bytesKey(v), m.keyCost(len(v))
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case float64:
		// 1.0 and 1 are one key; no two NaN are.
		if i := int64(v); float64(i) == v && i != math.MaxInt64 && i != math.MinInt64 {
			return i, nil
		}
		return v, nil
	case complex128:
		return complexKey(v), nil
	case *big.Int:
		if err := m.keyCost(v.BitLen() / 8); err != nil {
			return nil, err
		}
		return bigKey(string(v.Bytes()) + string(rune('1'+v.Sign()))), nil
	case *Set:
		if v.Frozen {
			return v, nil
		}
	case *Tuple:
		form, err := m.tupleForm(v)
		return tupleKey(form), err
	}
	return nil, m.broken("a dict's key is a %s, which cannot be one", KindOf(value))
}

// keyCost charges for long keys: one that lies in the memo can be used again for a few bytes each time.
func (m *machine) keyCost(n int) error {
	if n < 256 {
		return nil
	}
	return m.d.spend(8 * int64(n))
}

// tupleForm writes a tuple's parts one after another. What counts by identity gets a number, the same within one machine.
func (m *machine) tupleForm(t *Tuple) (string, error) {
	type level struct {
		items []Value
		next  int
	}
	var out []byte
	levels := []level{{items: t.Items}}
	for parts := 0; len(levels) > 0; parts++ {
		if parts > maxKeyParts {
			return "", m.unsupported("a dict's key is a tuple of more than %d parts", maxKeyParts)
		}
		if err := m.d.spend(stepCost); err != nil {
			return "", err
		}
		l := &levels[len(levels)-1]
		if l.next == len(l.items) {
			levels = levels[:len(levels)-1]
			out = append(out, ')')
			continue
		}
		item := l.items[l.next]
		l.next++
		if inner, ok := item.(*Tuple); ok {
			levels = append(levels, level{items: inner.Items})
			out = append(out, '(')
			continue
		}
		key, err := m.key(item)
		if err != nil {
			return "", err
		}
		n, ok := m.d.names[key]
		if !ok {
			n = uint64(len(m.d.names))
			if err := m.d.spend(2 * stepCost); err != nil {
				return "", err
			}
			if m.d.names == nil {
				m.d.names = map[any]uint64{}
			}
			m.d.names[key] = n
		}
		out = binary.AppendUvarint(append(out, ','), n)
	}
	return string(out), nil
}

// appendItems is APPEND, APPENDS and ADDITEMS.
func (m *machine) appendItems(op byte) error {
	var items []Value
	var err error
	if op == opAppend {
		v, err := m.pop()
		if err != nil {
			return err
		}
		items = []Value{v}
	} else {
		if items, err = m.aboveMark(); err != nil {
			return err
		}
		m.stack = m.stack[:m.fence]
		m.unmark()
	}
	target, err := m.top()
	if err != nil {
		return err
	}
	var list *[]Value
	switch t := target.(type) {
	case *List:
		list = &t.Items
	case *Set:
		if t.Frozen {
			return m.broken("ADDITEMS on a frozenset")
		}
		list = &t.Items
	case *Object:
		m.watch(Event{Act: AddItems, Callee: t, Args: items})
		list = &t.Items
	default:
		return m.broken("items added to a %s", KindOf(target))
	}
	if int64(len(*list)+len(items)) > m.d.lim.MaxItems {
		return fault.TooBigf(fault.At(m.at), "max-items", "a container of more than %d items", m.d.lim.MaxItems)
	}
	*list = append(*list, items...)
	return nil
}

// KindOf names the kind of a value for messages.
func KindOf(v Value) string {
	switch v.(type) {
	case None:
		return "None"
	case bool:
		return "bool"
	case int64, *big.Int:
		return "int"
	case float64:
		return "float"
	case complex128:
		return "complex"
	case Text:
		return "str"
	case Bytes:
		return "bytes"
	case Global:
		return "name"
	case *Tuple:
		return "tuple"
	case *List:
		return "list"
	case *Dict:
		return "dict"
	case *Set:
		return "set"
	case *Object:
		return "object"
	case *NDArray:
		return "array"
	case *DType:
		return "dtype"
	case *Persistent:
		return "persistent id"
	}
	return "value"
}
