package pickle

import (
	"encoding/binary"
	"math"

	"github.com/seed-2867d59c/treeport/fault"
)

// machine runs the opcodes of one pickle. Nothing in it recurses: depth in the file is depth of the stack here.
type machine struct {
	d      *decoder
	in     *input
	arrays bool // whether joblib's wrappers become arrays; not in a pickle that joblib gave to pickle.load
	at     int64
	stack  []Value
	marks  []int // heights of the stack at which a mark lies
	fence  int   // the last of marks, or 0: nothing below it may be popped
	memo   []Value
	sparse map[uint64]Value // memo entries far beyond the others

	// Room for what pickles hold thousands of.
	values  slab[Value]
	tuples  slab[Tuple]
	dicts   slab[Dict]
	objects slab[Object]
	wrapped slab[NDArray] // by joblib
}

// stepCost is what an opcode is taken to allocate: a slot of the stack, one of a container, and a small value.
const stepCost = 40

// run executes opcodes up to STOP and returns the value on top.
func (m *machine) run() (Value, error) {
	in, d := m.in, m.d
	for {
		if in.pos == len(in.buf) && !in.more(1) {
			return nil, in.short()
		}
		m.at = in.base + int64(in.pos)
		op := in.buf[in.pos]
		in.pos++
		d.ops++
		d.memory -= stepCost
		if d.ops > d.lim.MaxOpcodes || d.memory < 0 {
			return nil, d.spent(m.at)
		}
		if p := protocolOf[op]; p > d.protocol {
			d.protocol = p
		}

		var err error
		var b []byte
		switch op {
		case opStop:
			return m.pop()
		case opMark:
			m.fence = len(m.stack)
			m.marks = append(m.marks, m.fence)
		case opPop:
			if len(m.stack) == m.fence && len(m.marks) > 0 {
				m.unmark()
			} else {
				_, err = m.pop()
			}
		case opPopMark:
			_, err = m.popMark()
		case opDup:
			var v Value
			if v, err = m.top(); err == nil {
				m.push(v)
			}

		case opNone:
			m.push(None{})
		case opNewTrue:
			m.push(true)
		case opNewFalse:
			m.push(false)
		case opBinInt1:
			if b, err = in.view(1); err == nil {
				m.push(int64(b[0]))
			}
		case opBinInt2:
			if b, err = in.view(2); err == nil {
				m.push(int64(binary.LittleEndian.Uint16(b)))
			}
		case opBinInt:
			if b, err = in.view(4); err == nil {
				m.push(int64(int32(binary.LittleEndian.Uint32(b))))
			}
		case opBinFloat:
			if b, err = in.view(8); err == nil {
				m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
			}
		case opInt, opLong, opFloat:
			err = m.number(op)
		case opLong1, opLong4:
			if b, err = m.counted(op); err == nil {
				m.push(long(b))
			}

		case opBinBytes, opShortBinBytes, opBinBytes8, opByteArray8, opBinString, opShortBinString:
			if op == opBinString || op == opShortBinString {
				d.byteStrings = true
			}
			if b, err = m.counted(op); err == nil {
				m.push(Bytes(b))
			}
		case opBinUnicode, opShortBinUnicode, opBinUnicode8:
			err = m.text(op)
		case opString:
			d.byteStrings = true
			if b, err = in.line(d.spend); err == nil {
				var ok bool
				if b, ok = unquote(b); !ok {
					err = m.broken("STRING is not a quoted string")
				} else if err = d.spend(int64(len(b))); err == nil {
					m.push(Bytes(append([]byte(nil), b...)))
				}
			}
		case opUnicode:
			if b, err = in.line(d.spend); err == nil {
				if err = d.spend(int64(len(b))); err != nil {
					break
				}
				if s, ok := rawUnicode(b); ok {
					m.push(Text(s))
				} else {
					err = m.broken("UNICODE with a bad escape")
				}
			}

		case opEmptyTuple:
			m.push(m.tuples.one())
		case opTuple1, opTuple2, opTuple3:
			err = m.tuple(op - opTuple1 + 1)
		case opTuple:
			var items []Value
			if items, err = m.popMark(); err == nil {
				m.push(m.tupleOf(items))
			}
		case opEmptyList:
			m.push(&List{})
		case opList:
			var items []Value
			if items, err = m.popMark(); err == nil {
				m.push(&List{Items: items})
			}
		case opEmptyDict:
			m.push(m.dicts.one())
		case opDict:
			var items []Value
			if items, err = m.popMark(); err == nil {
				dict := &Dict{}
				m.push(dict)
				err = m.setItems(dict, items)
			}
		case opEmptySet:
			m.push(&Set{})
		case opFrozenSet:
			var items []Value
			if items, err = m.popMark(); err == nil {
				m.push(&Set{Items: items, Frozen: true})
			}
		case opAppend, opAppends, opAddItems:
			err = m.appendItems(op)
		case opSetItem, opSetItems:
			err = m.setItemsOnTop(op)

		case opGet:
			var n uint64
			if n, err = m.index(); err == nil {
				err = m.get(n)
			}
		case opBinGet:
			if b, err = in.view(1); err == nil {
				err = m.get(uint64(b[0]))
			}
		case opLongBinGet:
			if b, err = in.view(4); err == nil {
				err = m.get(uint64(binary.LittleEndian.Uint32(b)))
			}
		case opPut:
			var n uint64
			if n, err = m.index(); err == nil {
				err = m.put(n)
			}
		case opBinPut:
			if b, err = in.view(1); err == nil {
				err = m.put(uint64(b[0]))
			}
		case opLongBinPut:
			if b, err = in.view(4); err == nil {
				err = m.put(uint64(binary.LittleEndian.Uint32(b)))
			}
		case opMemoize:
			err = m.put(uint64(len(m.memo) + len(m.sparse)))

		case opGlobal, opInst, opStackGlobal:
			err = m.global(op)
		case opReduce:
			err = m.reduce()
		case opNewObj:
			err = m.newObj(false)
		case opNewObjEx:
			err = m.newObj(true)
		case opObj:
			err = m.obj()
		case opBuild:
			err = m.build()

		case opPersID:
			if b, err = in.line(d.spend); err == nil {
				m.watch(Event{Act: Persist, Args: []Value{Text(b)}})
				m.push(&Persistent{ID: Text(b)})
			}
		case opBinPersID:
			var v Value
			if v, err = m.pop(); err == nil {
				m.watch(Event{Act: Persist, Args: []Value{v}})
				m.push(&Persistent{ID: v})
			}
		case opProto:
			if b, err = in.view(1); err == nil {
				if b[0] > newest {
					err = m.unsupported("pickle protocol %d", b[0])
				} else {
					d.protocol = max(d.protocol, b[0])
				}
			}
		case opFrame:
			if b, err = in.view(8); err == nil {
				n := binary.LittleEndian.Uint64(b)
				if n >= 1<<62 {
					err = m.broken("a FRAME of %d bytes", n)
				} else {
					in.frameEnd = max(in.frameEnd, in.offset()+int64(n))
				}
			}
		case opExt1, opExt2, opExt4:
			err = m.unsupported("copyreg's extension registry (EXT opcodes)")
		case opNextBuffer:
			err = m.unsupported("an out-of-band buffer (NEXT_BUFFER): the data are in another file")
		case opReadOnlyBuffer:
			_, err = m.top()
		default:
			err = m.broken("byte 0x%02x is no pickle opcode", op)
		}
		if err != nil {
			return nil, err
		}
	}
}

func (m *machine) broken(format string, args ...any) error {
	return fault.Brokenf(fault.At(m.at), format, args...)
}

func (m *machine) unsupported(format string, args ...any) error {
	return fault.Unsupportedf(fault.At(m.at), format, args...)
}
