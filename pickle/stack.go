package pickle

import (
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
)

func (m *machine) push(v Value) {
	if len(m.stack) == cap(m.stack) {
		m.grow()
	}
	m.stack = append(m.stack, v)
}

// grow doubles the room of the stack. append would take a quarter more each time, and five times as much in all.
func (m *machine) grow() { m.stack = slices.Grow(m.stack, max(len(m.stack), 64)) }

func (m *machine) pop() (Value, error) {
	n := len(m.stack) - 1
	if n < m.fence {
		return nil, m.broken("the stack is empty")
	}
	v := m.stack[n]
	m.stack = m.stack[:n]
	return v, nil
}

func (m *machine) top() (Value, error) {
	if len(m.stack) <= m.fence {
		return nil, m.broken("the stack is empty")
	}
	return m.stack[len(m.stack)-1], nil
}

// unmark takes the last mark away and leaves what lies above it.
func (m *machine) unmark() {
	m.marks = m.marks[:len(m.marks)-1]
	m.fence = 0
	if n := len(m.marks); n > 0 {
		m.fence = m.marks[n-1]
	}
}

// aboveMark is what lies above the last mark, still in the stack.
func (m *machine) aboveMark() ([]Value, error) {
	if len(m.marks) == 0 {
		return nil, m.broken("there is no mark")
	}
	items := m.stack[m.fence:]
	if int64(len(items)) > m.d.lim.MaxItems {
		return nil, fault.TooBigf(fault.At(m.at), "max-items", "a container of %d items", len(items))
	}
	return items, nil
}

// popMark takes the last mark and what lies above it.
func (m *machine) popMark() ([]Value, error) {
	items, err := m.aboveMark()
	if err != nil {
		return nil, err
	}
	rest := m.stack[:m.fence]
	m.unmark()
	if len(items) > handedOver && len(rest) < len(items)/4 {
		m.stack = slices.Clone(rest)
		return slices.Clip(items), nil
	}
	m.stack = rest
	return m.copied(items), nil
}

// handedOver is the number of items from which on a stack of little else becomes them: a copy would need as much memory again.
const handedOver = 1 << 16

func (m *machine) tuple(n byte) error {
	from := len(m.stack) - int(n)
	if from < m.fence {
		return m.broken("the stack is empty")
	}
	items := m.copied(m.stack[from:])
	m.stack = append(m.stack[:from], m.tupleOf(items))
	return nil
}

func (m *machine) tupleOf(items []Value) *Tuple {
	t := m.tuples.one()
	t.Items = items
	return t
}

// copied are values of the stack, which is used again.
func (m *machine) copied(items []Value) []Value {
	if len(items) == 0 {
		return nil
	}
	own := m.values.some(len(items))
	copy(own, items)
	return own
}

// memoSlack is how far beyond the memo's end an entry may lie and still be kept in the slice.
const memoSlack = 1024

func (m *machine) put(n uint64) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	if int64(len(m.memo)+len(m.sparse)) >= m.d.lim.MaxMemo {
		return fault.TooBigf(fault.At(m.at), "max-memo", "more than %d memo entries", m.d.lim.MaxMemo)
	}
	have := uint64(len(m.memo))
	switch {
	case n < have:
		m.memo[n] = v
	case n < have+memoSlack:
		// Gaps are charged like opcodes: a file of short PUTs must not buy 16 KiB with each.
		if err := m.d.spend(int64(n-have) * stepCost); err != nil {
			return err
		}
		for uint64(len(m.memo)) < n {
			m.memo = append(m.memo, nil)
		}
		m.memo = append(m.memo, v)
	default:
		if m.sparse == nil {
			m.sparse = map[uint64]Value{}
		}
		m.sparse[n] = v
	}
	return nil
}

func (m *machine) get(n uint64) error {
	var v Value
	if n < uint64(len(m.memo)) {
		v = m.memo[n]
	}
	if v == nil {
		v = m.sparse[n]
	}
	if v == nil {
		return m.broken("memo entry %d was never put", n)
	}
	m.push(v)
	return nil
}
