// Package mutate makes wrong files out of right ones, the same for the same seed. Only tests use it.
package mutate

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
)

// Mutator makes mutants.
type Mutator struct{ rand *rand.Rand }

// New is a mutator whose mutants follow from the seed.
func New(seed uint64) *Mutator { return &Mutator{rand.New(rand.NewPCG(seed, 0))} }

// Mutate changes a copy of data in one of the ways in which files go wrong, and tells which. other is a file to take parts of.
func (m *Mutator) Mutate(data, other []byte) (mutant []byte, what string) {
	if len(data) == 0 {
		return []byte{byte(m.rand.Uint32())}, "a byte"
	}
	kinds := []func(data, other []byte) ([]byte, string){m.bits, m.splice, m.length, m.truncate}
	return kinds[m.rand.IntN(len(kinds))](slices.Clone(data), other)
}

// bits flips some.
func (m *Mutator) bits(data, _ []byte) ([]byte, string) {
	n := 1 << m.rand.IntN(4)
	for range n {
		data[m.rand.IntN(len(data))] ^= 1 << m.rand.IntN(8)
	}
	return data, fmt.Sprintf("%d bits flipped", n)
}

// splice takes a part out, repeats it, or puts one of another file in its place.
func (m *Mutator) splice(data, other []byte) ([]byte, string) {
	from, to := m.part(data)
	where := fmt.Sprintf("bytes %d to %d ", from, to)
	switch m.rand.IntN(3) {
	case 0:
		return slices.Delete(data, from, to), where + "taken out"
	case 1:
		return slices.Insert(data, to, slices.Clone(data[from:to])...), where + "twice"
	}
	from2, to2 := m.part(other)
	return slices.Replace(data, from, to, other[from2:to2]...), where + fmt.Sprintf("replaced by %d to %d of another file", from2, to2)
}

// part is a stretch of data, of few bytes more often than of many.
func (m *Mutator) part(data []byte) (from, to int) {
	if len(data) == 0 {
		return 0, 0
	}
	from = m.rand.IntN(len(data))
	return from, from + 1 + m.rand.IntN(1+(len(data)-from-1)>>m.rand.IntN(12))
}

// truncate cuts the end off.
func (m *Mutator) truncate(data, _ []byte) ([]byte, string) {
	n := m.rand.IntN(len(data))
	return data[:n], fmt.Sprintf("cut at %d", n)
}

// field is a number that may be a length: of some bytes, or written in digits, as protocol 0 and formats of text have them.
type field struct {
	at, size int
	order    binary.ByteOrder // nil: digits
	value    uint64
}

// length replaces a length, which it looks for: behind opcodes of pickle, in numbers of 4 and 8 bytes that are not larger than the
// file, and in digits.
func (m *Mutator) length(data, other []byte) ([]byte, string) {
	start := m.rand.IntN(len(data))
	for i := range data { // the first from anywhere on, around the end
		f, ok := m.fieldAt(data, (start+i)%len(data))
		if !ok {
			continue
		}
		values := []uint64{0, 1, f.value - 1, f.value + 1, 2 * f.value, 1<<8 - 1, 1<<16 - 1, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 40, 1<<63 - 1, 1 << 63, 1<<64 - 1}
		v := values[m.rand.IntN(len(values))]
		what := fmt.Sprintf("the length %d at %d made %d", f.value, f.at, v)
		switch b := data[f.at : f.at+f.size]; {
		case f.order == nil:
			return slices.Replace(data, f.at, f.at+f.size, strconv.AppendInt(nil, int64(v), 10)...), what
		case f.size == 1:
			b[0] = byte(v)
		case f.size == 2:
			f.order.PutUint16(b, uint16(v))
		case f.size == 4:
			f.order.PutUint32(b, uint32(v))
		default:
			f.order.PutUint64(b, v)
		}
		return data, what
	}
	return m.bits(data, other)
}

// widths are those of the lengths, and of the numbers of the memo, behind opcodes of pickle.
var widths = map[byte]int{
	'U': 1, 'C': 1, '\x8c': 1, '\x8a': 1, 'h': 1, 'q': 1, 'K': 1, 'M': 2,
	'T': 4, 'X': 4, 'B': 4, 'j': 4, 'r': 4, 'J': 4, '\x8b': 4, '\x8d': 8, '\x8e': 8, '\x95': 8, '\x96': 8,
}

func (m *Mutator) fieldAt(data []byte, at int) (f field, ok bool) {
	rest := data[at:]
	if c := rest[0]; c >= '0' && c <= '9' && (at == 0 || data[at-1] < '0' || data[at-1] > '9') {
		n := len(rest) - len(bytes.TrimLeft(rest, "0123456789"))
		if v, err := strconv.ParseUint(string(rest[:n]), 10, 63); err == nil && n > 1 {
			return field{at, n, nil, v}, true
		}
	}
	if n := widths[rest[0]]; n > 0 && len(rest) > n {
		if v := number(rest[1:1+n], binary.LittleEndian); v > 0 && v <= uint64(len(data)) {
			return field{at + 1, n, binary.LittleEndian, v}, true
		}
	}
	for _, n := range []int{8, 4} {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			if len(rest) >= n {
				if v := number(rest[:n], order); v > 0 && v <= uint64(len(data)) {
					return field{at, n, order, v}, true
				}
			}
		}
	}
	return f, false
}

func number(b []byte, order binary.ByteOrder) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(order.Uint16(b))
	case 4:
		return uint64(order.Uint32(b))
	}
	return order.Uint64(b)
}
