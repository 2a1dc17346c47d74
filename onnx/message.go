package onnx

import (
	"encoding/binary"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is a protobuf message before it is written: its size is known before its first byte, so that everything
// streams. Long lists are not held but said: how many bytes they take, and how to produce them.
type message struct {
	parts []part
	bytes int // size of all parts
}

// part is either some finished bytes or what produces size bytes.
type part struct {
	raw  []byte
	size int
	emit func(*stream)
}

func (m *message) tail() *[]byte {
	if n := len(m.parts); n == 0 || m.parts[n-1].emit != nil {
		m.parts = append(m.parts, part{})
	}
	return &m.parts[len(m.parts)-1].raw
}

func (m *message) add(f func(b []byte) []byte) {
	raw := m.tail()
	before := len(*raw)
	*raw = f(*raw)
	m.bytes += len(*raw) - before
}

func (m *message) int(n number, v int64) {
	m.add(func(b []byte) []byte { return protowire.AppendVarint(protowire.AppendTag(b, n, varint), uint64(v)) })
}

func (m *message) text(n number, s string) {
	m.add(func(b []byte) []byte { return protowire.AppendString(protowire.AppendTag(b, n, bytesT), s) })
}

// message puts a message in as field n.
func (m *message) message(n number, sub *message) {
	m.header(n, sub.bytes)
	m.parts = append(m.parts, sub.parts...)
	m.bytes += sub.bytes
}

// lazy puts in field n of size bytes that emit will produce.
func (m *message) lazy(n number, size int, emit func(*stream)) {
	m.header(n, size)
	m.parts = append(m.parts, part{size: size, emit: emit})
	m.bytes += size
}

func (m *message) header(n number, size int) {
	m.add(func(b []byte) []byte { return protowire.AppendVarint(protowire.AppendTag(b, n, bytesT), uint64(size)) })
}

// write sends the whole message.
func (m *message) write(w io.Writer) error {
	s := &stream{w: w, buf: make([]byte, 0, streamSize)}
	for _, p := range m.parts {
		if p.emit != nil {
			p.emit(s)
			continue
		}
		s.bytes(p.raw)
	}
	s.flush()
	return s.err
}

const streamSize = 256 << 10

// stream is a buffer in front of a writer. The first error stays and ends all writing.
type stream struct {
	w   io.Writer
	buf []byte
	err error
}

func (s *stream) flush() {
	if s.err == nil && len(s.buf) > 0 {
		_, s.err = s.w.Write(s.buf)
	}
	s.buf = s.buf[:0]
}

func (s *stream) room(n int) {
	if len(s.buf)+n > cap(s.buf) {
		s.flush()
	}
}

func (s *stream) bytes(b []byte) {
	for len(b) > 0 {
		s.room(1)
		n := min(len(b), cap(s.buf)-len(s.buf))
		s.buf = append(s.buf, b[:n]...)
		b = b[n:]
	}
}

func (s *stream) byte(v byte) {
	s.room(1)
	s.buf = append(s.buf, v)
}

func (s *stream) varint(v uint64) {
	s.room(binary.MaxVarintLen64)
	if v < 0x80 {
		s.buf = append(s.buf, byte(v))
		return
	}
	s.buf = binary.AppendUvarint(s.buf, v)
}

func (s *stream) fixed32(v float32) {
	s.room(4)
	s.buf = binary.LittleEndian.AppendUint32(s.buf, math.Float32bits(v))
}

func (s *stream) fixed64(v uint64) {
	s.room(8)
	s.buf = binary.LittleEndian.AppendUint64(s.buf, v)
}
