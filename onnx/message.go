package onnx

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
	"sort"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/internal/parallel"
)

// message is a protobuf message before it is written: its size is known before its first byte, so that everything
// streams. Long lists are not held but said: how many bytes they take, and how to produce them.
type message struct {
	parts []part
	bytes int // size of all parts
}

// part is either some finished bytes or a list.
type part struct {
	raw  []byte
	list pieces // where list.n is not 0
}

// pieces is a long list, cut so that its pieces can be rendered on all cores: render appends the bytes of piece i to b.
type pieces struct {
	n      int
	render func(i int, b []byte) []byte
}

// size is how many bytes all pieces take; it renders them.
func (p pieces) size() int {
	size := 0
	_ = parallel.Ordered(p.n, p.render, func(b []byte) error { size += len(b); return nil })
	return size
}

// itemsPerPiece is about how many items of a list a piece has.
const itemsPerPiece = 1 << 14

// cut makes pieces of a list of n items: render appends those from (included) to (not included).
func cut(n int, render func(from, to int, b []byte) []byte) pieces {
	return pieces{n: (n + itemsPerPiece - 1) / itemsPerPiece, render: func(i int, b []byte) []byte {
		return render(i*itemsPerPiece, min(n, (i+1)*itemsPerPiece), b)
	}}
}

func (m *message) tail() *[]byte {
	if n := len(m.parts); n == 0 || m.parts[n-1].list.n != 0 {
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
	for _, p := range sub.parts {
		if p.list.n == 0 {
			raw := m.tail()
			*raw = append(*raw, p.raw...)
		} else {
			m.parts = append(m.parts, p)
		}
	}
	m.bytes += sub.bytes
}

// lazy puts in field n, whose content is a list of size bytes.
func (m *message) lazy(n number, size int, list pieces) {
	m.header(n, size)
	m.run(size, list)
}

// shortList is how many bytes of a list are rendered at once instead of later.
const shortList = 4 << 10

// run puts in a list of size bytes which has the tags of its fields itself, or needs none.
func (m *message) run(size int, list pieces) {
	m.bytes += size
	if size > shortList {
		m.parts = append(m.parts, part{list: list})
		return
	}
	raw := m.tail()
	for i := range list.n {
		*raw = list.render(i, *raw)
	}
}

func (m *message) header(n number, size int) {
	m.add(func(b []byte) []byte { return protowire.AppendVarint(protowire.AppendTag(b, n, bytesT), uint64(size)) })
}

// write sends the whole message.
func (m *message) write(w io.Writer) error {
	if m.bytes <= bufferSize {
		all := make([]byte, 0, m.bytes)
		for _, p := range m.parts {
			all = append(all, p.raw...)
			for i := range p.list.n {
				all = p.list.render(i, all)
			}
		}
		_, err := w.Write(all)
		return err
	}
	starts := make([]int, len(m.parts)) // number of each part's first piece; finished bytes are one
	n := 0
	for i, p := range m.parts {
		starts[i] = n
		n += max(1, p.list.n)
	}
	out := bufio.NewWriterSize(w, bufferSize)
	err := parallel.Ordered(n, func(i int, b []byte) []byte {
		k := sort.SearchInts(starts, i+1) - 1
		if p := m.parts[k]; p.list.n != 0 {
			return p.list.render(i-starts[k], b)
		}
		return append(b, m.parts[k].raw...)
	}, func(b []byte) error {
		if len(b) < bufferSize/16 {
			_, err := out.Write(b)
			return err
		}
		if err := out.Flush(); err != nil { // what is long goes without being copied once more
			return err
		}
		_, err := w.Write(b)
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

const bufferSize = 256 << 10

// The items of lists.

func appendVarint(b []byte, v uint64) []byte {
	if v < 0x80 {
		return append(b, byte(v))
	}
	return binary.AppendUvarint(b, v)
}

func appendFloat(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
}

func appendDouble(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}
