package catboost

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/seed-2867d59c/treeport/fault"
)

// flat reads flatbuffers, every place checked: what lies outside of the bytes is zero, and the first such place is kept in err.
type flat struct {
	data []byte
	base int // of data in the file, for messages
	took int // bytes of the vectors that were read
	err  error
}

// mostReads is how often the bytes of vectors are read on average. Few are read twice; many that point at the same bytes could make
// much of a small file.
const mostReads = 4

// at is the n bytes at a place.
func (f *flat) at(place, n int) []byte {
	if place < 0 || n < 0 || place > len(f.data) || n > len(f.data)-place {
		if f.err == nil {
			f.err = fault.Brokenf(fault.At(int64(f.base+max(place, 0))), "a CatBoost model whose parts point outside of it")
		}
		return make([]byte, 8) // any number's width
	}
	return f.data[place : place+n]
}

func (f *flat) u16(place int) int { return int(binary.LittleEndian.Uint16(f.at(place, 2))) }
func (f *flat) u32(place int) int { return int(binary.LittleEndian.Uint32(f.at(place, 4))) }
func (f *flat) i32(place int) int { return int(int32(binary.LittleEndian.Uint32(f.at(place, 4)))) }
func (f *flat) f32(place int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(f.at(place, 4)))
}
func (f *flat) f64(place int) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(f.at(place, 8)))
}

// table is a table of flatbuffers: its fields are found in its vtable.
type table struct {
	f      *flat
	place  int
	vtable int
	size   int // of the vtable
}

func (f *flat) table(place int) table {
	t := table{f: f, place: place, vtable: place - f.i32(place)}
	t.size = f.u16(t.vtable)
	return t
}

// field is the place of a field; 0: it is absent.
func (t table) field(i int) int {
	if entry := 4 + 2*i; entry+2 <= t.size {
		if offset := t.f.u16(t.vtable + entry); offset != 0 {
			return t.place + offset
		}
	}
	return 0
}

// points is the place that a field points at; 0: it is absent.
func (t table) points(i int) int {
	p := t.field(i)
	if p == 0 {
		return 0
	}
	return p + t.f.u32(p)
}

func (t table) int(i, absent int) int {
	if p := t.field(i); p != 0 {
		return t.f.i32(p)
	}
	return absent
}

func (t table) byte(i int) byte {
	if p := t.field(i); p != 0 {
		return t.f.at(p, 1)[0]
	}
	return 0
}

func (t table) float(i int, absent float64) float64 {
	if p := t.field(i); p != 0 {
		return t.f.f64(p)
	}
	return absent
}

// vector is the place of a vector's first item and how many there are, all of them within the bytes.
func (t table) vector(i, width int) (place, n int) {
	p := t.points(i)
	if p == 0 {
		return 0, 0
	}
	n = t.f.u32(p)
	if n > len(t.f.data)/width {
		n = len(t.f.data)/width + 1 // and no such number is within the bytes
	}
	t.f.at(p+4, n*width)
	if t.f.took += n * width; t.f.took > mostReads*len(t.f.data) && t.f.err == nil {
		t.f.err = fault.Brokenf(fault.At(int64(t.f.base+p)), "a CatBoost model whose parts overlap")
	}
	if t.f.err != nil {
		return 0, 0
	}
	return p + 4, n
}

// text is a field of text.
func (t table) text(i int) string {
	p, n := t.vector(i, 1)
	if n == 0 {
		return ""
	}
	s := string(t.f.at(p, n))
	if !utf8.ValidString(s) && t.f.err == nil {
		t.f.err = fault.Brokenf(fault.At(int64(t.f.base+p)), "a text that is not UTF-8")
	}
	return s
}

// tables are a field of tables.
func (t table) tables(i int) []table {
	p, n := t.vector(i, 4)
	all := make([]table, n)
	for k := range all {
		at := p + 4*k
		all[k] = t.f.table(at + t.f.u32(at))
	}
	return all
}

func (t table) ints(i int) []int32 {
	p, n := t.vector(i, 4)
	all := make([]int32, n)
	for k := range all {
		all[k] = int32(t.f.i32(p + 4*k))
	}
	return all
}

func (t table) singles(i int) []float32 {
	p, n := t.vector(i, 4)
	all := make([]float32, n)
	for k := range all {
		all[k] = t.f.f32(p + 4*k)
	}
	return all
}

func (t table) doubles(i int) []float64 {
	p, n := t.vector(i, 8)
	all := make([]float64, n)
	for k := range all {
		all[k] = t.f.f64(p + 8*k)
	}
	return all
}
