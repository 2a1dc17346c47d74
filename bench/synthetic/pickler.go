package main

import (
	"bufio"
	"encoding/binary"
	"math"
)

// The opcodes that are written (Lib/pickletools.py).
const (
	proto, stop             = '\x80', '.'
	mark, build, reduce     = '(', 'b', 'R'
	none, newTrue, newFalse = 'N', '\x88', '\x89'
	binInt, binInt1         = 'J', 'K'
	binFloat                = 'G'
	shortUnicode            = '\x8c'
	shortBytes, longBytes   = 'C', '\x8e'
	emptyTuple, tuple       = ')', 't'
	tuple1, tuple2, tuple3  = '\x85', '\x86', '\x87'
	emptyList, appends      = ']', 'e'
	emptyDict, setItems     = '}', 'u'
	stackGlobal, newObject  = '\x93', '\x81'
	memoize, get, getFar    = '\x94', 'h', 'j'
)

// pickler writes values one opcode after the other. Errors wait in the Writer for its Flush.
type pickler struct {
	*bufio.Writer
	memo map[string]int
}

func (p *pickler) op(codes ...byte) { p.Write(codes) }

// once writes what is named for the first time, and refers to it later.
func (p *pickler) once(name string, write func()) {
	if at, ok := p.memo[name]; ok {
		p.op(getFar)
		p.Write(binary.LittleEndian.AppendUint32(nil, uint32(at)))
		return
	}
	write()
	p.op(memoize)
	p.memo[name] = len(p.memo)
}

// value writes a constant, or calls what writes more.
func (p *pickler) value(v any) {
	switch v := v.(type) {
	case nil:
		p.op(none)
	case bool:
		if v {
			p.op(newTrue)
		} else {
			p.op(newFalse)
		}
	case int:
		if v >= 0 && v < 256 {
			p.op(binInt1, byte(v))
			return
		}
		p.op(binInt)
		p.Write(binary.LittleEndian.AppendUint32(nil, uint32(int32(v))))
	case float64:
		p.op(binFloat)
		p.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
	case string:
		p.op(shortUnicode, byte(len(v)))
		p.WriteString(v)
	case func():
		v()
	default:
		panic(v)
	}
}

// items writes keys and values in turns into the dict that lies on the stack.
func (p *pickler) items(keysAndValues ...any) {
	p.op(mark)
	for _, v := range keysAndValues {
		p.value(v)
	}
	p.op(setItems)
}

func (p *pickler) tuple(values ...any) {
	p.op(mark)
	for _, v := range values {
		p.value(v)
	}
	p.op(tuple)
}

func (p *pickler) global(module, name string) {
	p.once(module+" "+name, func() {
		p.value(module)
		p.value(name)
		p.op(stackGlobal)
	})
}

// object is an instance of a Python class with this state.
func (p *pickler) object(module, name string, state ...any) {
	p.global(module, name)
	p.op(emptyTuple, newObject, emptyDict)
	p.items(state...)
	p.op(build)
}

// dtype is numpy's type of numbers: i8, f8, u1.
func (p *pickler) dtype(name string) {
	p.once("dtype "+name, func() {
		order := "<"
		if name == "u1" {
			order = "|"
		}
		p.global("numpy", "dtype")
		p.tuple(name, false, true)
		p.op(reduce)
		p.tuple(3, order, nil, nil, nil, -1, -1, 0)
		p.op(build)
	})
}

// array is numpy's array: fill writes its bytes.
func (p *pickler) array(dtype func(), itemSize int, fill func(), shape ...any) {
	p.global("numpy._core.multiarray", "_reconstruct")
	p.tuple(func() { p.global("numpy", "ndarray") }, func() { p.tuple(0) }, func() { p.op(shortBytes, 1, 'b') })
	p.op(reduce)
	p.tuple(1, func() { p.tuple(shape...) }, dtype, false, func() {
		size := itemSize
		for _, n := range shape {
			size *= n.(int)
		}
		p.op(longBytes)
		p.word(uint64(size))
		fill()
	})
	p.op(build)
}

// word writes eight bytes of an array.
func (p *pickler) word(bits uint64) {
	p.Write(binary.LittleEndian.AppendUint64(p.AvailableBuffer(), bits))
}

func (p *pickler) float(v float64) { p.word(math.Float64bits(v)) }
