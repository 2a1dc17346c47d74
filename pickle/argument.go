package pickle

import (
	"encoding/binary"
	"math"
	"strconv"
)

// number reads INT, LONG and FLOAT. INT 00 and INT 01 are the booleans of protocols 0 and 1.
func (m *machine) number(op byte) error {
	line, err := m.in.line(m.d.spend)
	if err != nil {
		return err
	}
	if op == opFloat {
		v, ok := float(line)
		if !ok {
			return m.broken("FLOAT of no number")
		}
		m.push(v)
		return nil
	}
	if op == opInt && len(line) == 2 && line[0] == '0' && (line[1] == '0' || line[1] == '1') {
		m.push(line[1] == '1')
		return nil
	}
	if n := len(line); op == opLong && n > 0 && line[n-1] == 'L' {
		line = line[:n-1]
	}
	v, ok := decimal(line)
	if !ok {
		return m.broken("an integer that is no number")
	}
	m.push(v)
	return nil
}

// length reads the length that an opcode's argument begins with.
func (m *machine) length(op byte) (uint64, error) {
	switch op {
	case opShortBinBytes, opShortBinString, opShortBinUnicode, opLong1:
		b, err := m.in.view(1)
		if err != nil {
			return 0, err
		}
		return uint64(b[0]), nil
	case opBinBytes8, opByteArray8, opBinUnicode8:
		b, err := m.in.view(8)
		if err != nil {
			return 0, err
		}
		return binary.LittleEndian.Uint64(b), nil
	}
	b, err := m.in.view(4)
	if err != nil {
		return 0, err
	}
	n := uint64(binary.LittleEndian.Uint32(b))
	if (op == opBinString || op == opLong4) && n > math.MaxInt32 {
		return 0, m.broken("a negative length")
	}
	return n, nil
}

// counted reads the bytes of an opcode whose argument begins with its length, to keep.
func (m *machine) counted(op byte) ([]byte, error) {
	n, err := m.length(op)
	if err != nil {
		return nil, err
	}
	return m.take(n)
}

// take is input.take. Of bytes that are aliased Idle is told as they are passed: those of arrays are not looked at before all is decoded.
func (m *machine) take(n uint64) ([]byte, error) {
	b, err := m.in.take(n, m.d.spend)
	if in := m.in; in.src == nil && in.pos-in.passed >= idleAtATime && m.d.src.Idle != nil {
		m.d.src.Idle(in.buf[in.passed:in.pos])
		in.passed = in.pos
	}
	return b, err
}

func (m *machine) text(op byte) error {
	n, err := m.length(op)
	if err != nil {
		return err
	}
	var b []byte
	if n <= window/2 {
		b, err = m.in.view(int(n))
	} else {
		b, err = m.take(n)
	}
	if err != nil {
		return err
	}
	if !ValidText(b) {
		return m.broken("text that is not UTF-8")
	}
	if err := m.d.spend(int64(len(b))); err != nil {
		return err
	}
	m.push(Text(b))
	return nil
}

// index reads the decimal index of GET and PUT.
func (m *machine) index() (uint64, error) {
	line, err := m.in.line(m.d.spend)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(string(line), 10, 63)
	if err != nil {
		return 0, m.broken("a memo index that is no number")
	}
	return n, nil
}
