package pickle

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync/atomic"
	"testing"
)

// TestNoBytes: items of no bytes may be any number, which takes no memory before it is refused.
func TestNoBytes(t *testing.T) {
	for _, kind := range []byte("SVU") {
		a := &NDArray{DType: DType{Kind: kind}, Shape: []int{1 << 40}}
		_, err1 := a.Float64s()
		_, err2 := a.Column().Int32s()
		_, err3 := a.Column().Bools()
		_, err4 := a.Int64s()
		for i, err := range []error{err1, err2, err3, err4} {
			if err == nil {
				t.Errorf("kind %c: numbers were read (%d)", kind, i)
			}
		}
	}
}

// TestThinned reads what was kept, and says so where something else is asked for.
func TestThinned(t *testing.T) {
	field := func(name string, offset int) Field {
		return Field{Name: name, Offset: offset, DType: DType{Kind: 'i', Size: 8}}
	}
	data := []byte{1, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0}
	records := func(fields ...Field) *NDArray {
		return &NDArray{DType: DType{Kind: 'V', Size: 16, Fields: fields}, Shape: []int{2}, Data: data}
	}
	var missed atomic.Bool
	a := records(field("a", 0), field("b", 8))
	a.KeepFields(&missed, "b")
	c, err := a.Field("b")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Int64s(); err != nil || !slices.Equal(got, []int64{-2, 4}) || len(a.Data) != 8 {
		t.Errorf("%v in %d bytes: %v", got, len(a.Data), err)
	}
	if _, err := a.Field("none"); err == nil || missed.Load() {
		t.Errorf("a field that never was: %v", err)
	}
	if _, err := a.Field("a"); err == nil || !missed.Load() {
		t.Errorf("a field that was dropped: %v", err)
	}
	// Fields over one another would take more than the records did.
	over := records(field("a", 0), field("a", 8), field("a", 0), field("a", 0), field("a", 0))
	if over.KeepFields(&missed, "a"); over.thin != nil || len(over.Data) != len(data) {
		t.Errorf("%d bytes are left of %d", len(over.Data), len(data))
	}

	missed.Store(false)
	rows := &NDArray{DType: DType{Kind: 'u', Size: 1}, Shape: []int{4, 8}, Data: data}
	rows.KeepRows(&missed, func(i int) bool { return i%2 == 1 })
	if row, ok := rows.Row(3); !ok || !slices.Equal(row, data[24:32]) || missed.Load() {
		t.Errorf("row 3 is %v", row)
	}
	if _, ok := rows.Row(2); ok || !missed.Load() {
		t.Error("a row that was dropped is there")
	}
	missed.Store(false)
	if _, err := rows.At(0); err == nil || !missed.Load() {
		t.Error("an item is read of an array that lacks rows")
	}
	missed.Store(false)
	rows.Drop(&missed)
	if _, ok := rows.Bytes(); ok || !missed.Load() {
		t.Error("a dropped array has bytes")
	}
}

// TestEqualRows: equal rows are kept once where that saves half of them, and each is read as it was.
func TestEqualRows(t *testing.T) {
	const rows, kept = 600, 400 // every third is dropped
	for _, c := range []struct{ size, different, bytes int }{
		{16, 2, 32},
		{16, 150, 150 * 16}, // 2 bytes each say where a row is: with 150 different ones it is half
		{16, 151, 16 * kept},
		{8, 100, 100 * 8},
		{8, 101, 8 * kept},
		{4, 1, 4 * kept}, // nothing to save
		{0, 1, 0},
	} {
		at := func(i int) []byte {
			row := make([]byte, c.size)
			for k := range row {
				row[k] = byte(k)
			}
			if c.size > 0 {
				binary.LittleEndian.PutUint16(row[c.size-2:], uint16((i/3*2+i%3)%c.different))
			}
			return row
		}
		a := &NDArray{DType: DType{Kind: 'u', Size: 1}, Shape: []int{rows, c.size}}
		for i := range rows {
			a.Data = append(a.Data, at(i)...)
		}
		var missed atomic.Bool
		a.KeepRows(&missed, func(i int) bool { return i%3 != 2 })
		if len(a.Data) != c.bytes {
			t.Errorf("%d different rows of %d bytes: %d are kept, not %d", c.different, c.size, len(a.Data), c.bytes)
		}
		for i := range rows {
			row, ok := a.Row(i)
			if ok != (i%3 != 2) || ok && !bytes.Equal(row, at(i)) {
				t.Fatalf("%d different rows of %d bytes: row %d is %v, %v", c.different, c.size, i, row, ok)
			}
		}
	}
}
