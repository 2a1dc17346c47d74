package pickle

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/fault"
)

// thinned is what an array does not hold any more, since who decodes the file said that nobody will ask for it.
type thinned struct {
	fields []string // of records
	dtype  DType    // with those fields
	rows   *rowBits // that are still there; nil: all
	places []uint16 // of those rows, where equal ones are held once; nil: they lie one after another
	all    bool     // nothing is there
	missed *atomic.Bool
}

// rowBits is a set of rows, with their places among those of the set.
type rowBits struct {
	words  []uint64
	before []int // rows of the set before each word
}

// KeepFields makes an array of records hold only the named fields; integers of eight bytes become ones of four where all fit. missed
// is set when somebody asks for another field: what was made of the array is to be made again then, of a file decoded whole. Arrays
// of other kinds stay as they are.
func (a *NDArray) KeepFields(missed *atomic.Bool, names ...string) {
	if a.thin != nil || len(a.DType.Fields) == 0 || a.DType.objects || len(a.Shape) != 1 {
		return
	}
	t := &thinned{missed: missed, dtype: a.DType}
	kept := DType{Kind: a.DType.Kind, depth: a.DType.depth}
	var columns []Column
	whole := a.Column()
	for _, f := range a.DType.Fields {
		if !slices.Contains(names, f.Name) {
			t.fields = append(t.fields, f.Name)
			continue
		}
		c := whole
		if c.dtype = f.DType; c.n > 0 {
			c.data = c.data[f.Offset:]
		}
		if c.fitsInt32() {
			f.DType.Size = 4
		}
		f.Offset = kept.Size
		if kept.Size += f.DType.Size; kept.Size > a.DType.Size {
			return // fields that lie over one another
		}
		kept.Fields = append(kept.Fields, f)
		columns = append(columns, c)
	}
	n := a.Shape[0]
	data := make([]byte, n*kept.Size)
	const some = 256 // records at a time, no more than a processor keeps near
	for from := 0; from < n; from += some {
		for k, c := range columns {
			f := kept.Fields[k]
			c.Slice(from, min(n, from+some)).put(data[from*kept.Size+f.Offset:], kept.Size, f.DType.Size)
		}
	}
	a.DType, a.Data, a.thin = kept, data, t
}

// put copies the first size bytes of each item: all, or of integers that fit the lower half, which is two's complement.
func (c Column) put(to []byte, stride, size int) {
	switch size {
	case 8:
		for i, at, from := 0, 0, 0; i < c.n; i, at, from = i+1, at+stride, from+c.stride {
			binary.LittleEndian.PutUint64(to[at:], binary.LittleEndian.Uint64(c.data[from:]))
		}
	case 4:
		for i, at, from := 0, 0, 0; i < c.n; i, at, from = i+1, at+stride, from+c.stride {
			binary.LittleEndian.PutUint32(to[at:], binary.LittleEndian.Uint32(c.data[from:]))
		}
	default:
		for i := range c.n {
			copy(to[i*stride:i*stride+size], c.data[i*c.stride:])
		}
	}
}

// fitsInt32 tells whether the items are integers of eight bytes in the usual order that four would hold.
func (c Column) fitsInt32() bool {
	if c.dtype.Kind != 'i' || c.dtype.Size != 8 || c.dtype.BigEndian {
		return false
	}
	for i, at := 0, 0; i < c.n; i, at = i+1, at+c.stride {
		if v := int64(binary.LittleEndian.Uint64(c.data[at:])); v < math.MinInt32 || v > math.MaxInt32 {
			return false
		}
	}
	return true
}

// KeepRows makes an array in C order hold only some rows of its first axis, which only Row reads then. missed is as KeepFields'.
func (a *NDArray) KeepRows(missed *atomic.Bool, keep func(row int) bool) {
	size, ok := a.rowSize()
	if a.thin != nil || !ok {
		return
	}
	n := a.Shape[0]
	set := &rowBits{words: make([]uint64, (n+63)/64), before: make([]int, (n+63)/64)}
	kept := 0
	for i := range n {
		if i%64 == 0 {
			set.before[i/64] = kept
		}
		if keep(i) {
			set.words[i/64] |= 1 << (i % 64)
			kept++
		}
	}
	data, places := a.once(set, kept, size)
	if places == nil {
		data = make([]byte, 0, kept*size)
		for i := range n {
			if _, ok := set.place(i); ok {
				data = append(data, a.Data[i*size:(i+1)*size]...)
			}
		}
	}
	a.Data, a.thin = data, &thinned{rows: set, places: places, missed: missed}
}

// once holds equal rows of a set once: the leaves of a classifier have few different ones. places is nil where that would not save half of
// the bytes, or where too many are different.
func (a *NDArray) once(set *rowBits, kept, size int) (data []byte, places []uint16) {
	const place, mostDifferent = 2, 1 << 12 // bytes; rows
	most := min(kept*(size/2-place)/max(size, 1), mostDifferent)
	if most <= 0 {
		return nil, nil
	}
	known := map[string]uint16{}
	places = make([]uint16, 0, kept)
	for i := range a.Shape[0] {
		if _, ok := set.place(i); !ok {
			continue
		}
		row := a.Data[i*size : (i+1)*size]
		at, ok := known[string(row)]
		if !ok {
			if len(known) == most {
				return nil, nil
			}
			at = uint16(len(known))
			known[string(row)] = at
			data = append(data, row...)
		}
		places = append(places, at)
	}
	return data, places
}

func (s *rowBits) place(i int) (at int, ok bool) {
	word, bit := s.words[i/64], uint(i%64)
	return s.before[i/64] + bits.OnesCount64(word&(1<<bit-1)), word>>bit&1 != 0
}

// Drop makes an array of numbers hold nothing any more. missed is as KeepFields'.
func (a *NDArray) Drop(missed *atomic.Bool) {
	if a.Objects == nil {
		a.Data, a.thin = nil, &thinned{all: true, missed: missed}
	}
}

// rowSize is the bytes of a row of the first axis.
func (a *NDArray) rowSize() (int, bool) {
	if a.Objects != nil || a.Fortran || len(a.Shape) == 0 || a.Shape[0] == 0 {
		return 0, false
	}
	return len(a.Data) / a.Shape[0], true
}

// Row is the bytes of row i of the first axis of an array in C order; false where there is none.
func (a *NDArray) Row(i int) ([]byte, bool) {
	if a.Objects != nil || a.Fortran || len(a.Shape) == 0 || i < 0 || i >= a.Shape[0] {
		return nil, false
	}
	size := a.DType.Size
	for _, d := range a.Shape[1:] {
		size *= d
	}
	if t := a.thin; t != nil && (t.all || t.rows != nil) {
		at, ok := 0, false
		if t.rows != nil && !t.all {
			at, ok = t.rows.place(i)
		}
		if !ok {
			t.missed.Store(true)
			return nil, false
		}
		if i = at; t.places != nil {
			i = int(t.places[at])
		}
	}
	return a.Data[i*size : (i+1)*size : (i+1)*size], true
}

// Rows are the bytes of the rows from (included) to (not included), one after another, of an array in C order; false where there are none,
// or not all are there any more, which is not missed: Row has those that are.
func (a *NDArray) Rows(from, to int) ([]byte, bool) {
	size, ok := a.rowSize()
	if !ok || a.thin != nil || from < 0 || from > to || to > a.Shape[0] {
		return nil, false
	}
	return a.Data[from*size : to*size], true
}

// Bytes are the items as they lie in memory; false where not all are there.
func (a *NDArray) Bytes() ([]byte, bool) { return a.Data, a.whole() }

// whole tells whether all rows are there, for whoever is about to read them.
func (a *NDArray) whole() bool {
	if t := a.thin; t != nil && (t.all || t.rows != nil) {
		t.missed.Store(true)
		return false
	}
	return true
}

// lacks tells whether a field of records was there once.
func (a *NDArray) lacks(field string) bool {
	if a.thin == nil {
		return false
	}
	for _, name := range a.thin.fields {
		if name == field {
			a.thin.missed.Store(true)
			return true
		}
	}
	return false
}

// errThinned is seen by nobody whose caller looks at missed.
func errThinned() error { return fault.Unsupportedf(fault.Where{}, "numbers that were let go") }
