package table

import (
	"bytes"
	"io"
	"math"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

const parquetMagic = "PAR1"

// A parquet file may have so many cells for each of its bytes, and so many in any case: 32 MB of numbers.
const (
	parquetPerByte = 200
	parquetAtLeast = int64(1 << 22)
)

// readParquet reads a flat parquet file: numbers, booleans and text, null or not.
func readParquet(data []byte) (t *Table, err error) {
	// Its claims are checked beforehand (parquetguard.go), but not what pages hold: levels, indices into dictionaries and lengths
	// inside encodings that contradict each other are found by the library's decoders on the way, and some of those panic. A check
	// would have to decode every page in every encoding, as the library does.
	defer func() {
		if p := recover(); p != nil {
			t, err = nil, fault.Brokenf(fault.Where{}, "parquet: %v", p)
		}
	}()
	if err := guardFooter(data); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true))
	if err != nil {
		return nil, fault.Brokenf(fault.Where{}, "parquet: %v", err)
	}
	fields := f.Root().Columns()
	// Runs of equal values take next to nothing, so that the length of a file bounds its rows only so far.
	if most := max(parquetAtLeast, parquetPerByte*int64(len(data))); int64(len(fields)) > 0 && f.NumRows() > most/int64(len(fields)) {
		return nil, fault.TooBigf(fault.Where{}, "", "%d rows of %d columns in a parquet file of %d bytes, at most %d cells", f.NumRows(), len(fields), len(data), most)
	}
	if err := cells(f.NumRows(), int64(len(fields))); err != nil {
		return nil, err
	}
	if f.NumRows() < 0 || len(fields) == 0 {
		return nil, fault.Brokenf(fault.Where{}, "parquet: %d rows of %d columns", f.NumRows(), len(fields))
	}
	for _, field := range fields {
		if !field.Leaf() || field.Repeated() {
			return nil, fault.Unsupportedf(fault.In("column "+field.Name()), "a nested parquet column")
		}
	}
	if err := guardPages(f, data); err != nil {
		return nil, err
	}
	t = &Table{Named: true, Columns: make([]Column, len(fields)), rows: int(f.NumRows())}
	for j, field := range fields {
		c, err := newParquetColumn(field)
		if err != nil {
			return nil, err
		}
		if err := c.read(field, t.rows); err != nil {
			return nil, err
		}
		if c.Len() != t.rows {
			return nil, fault.Brokenf(fault.In("column "+field.Name()), "%d values for %d rows", c.Len(), t.rows)
		}
		t.Columns[j] = c.Column
	}
	return t, nil
}

// parquetColumn is a column that is being read.
type parquetColumn struct {
	Column
	unsigned bool
	physical parquet.Kind
}

func newParquetColumn(field *parquet.Column) (*parquetColumn, error) {
	c := &parquetColumn{Column: Column{Name: field.Name()}, physical: field.Type().Kind()}
	logical := field.Type().LogicalType()
	var plain bool // no meaning beyond a number or a text
	switch c.physical {
	case parquet.Boolean:
		c.Kind, plain = model.Bool, true
	case parquet.Int32, parquet.Int64:
		c.Kind = model.Int64
		plain = logical == nil || logical.Value == nil
		if !plain {
			v, ok := logical.Value.(*format.IntType)
			plain, c.unsigned = ok, ok && !v.IsSigned
		}
	case parquet.Float:
		c.Kind, plain = model.Float32, true
	case parquet.Double:
		c.Kind, plain = model.Float64, true
	case parquet.ByteArray:
		c.Kind = model.String
		plain = logical == nil || logical.Value == nil
		if !plain {
			switch logical.Value.(type) {
			case *format.StringType, *format.EnumType:
				plain = true
			}
		}
	}
	if !plain {
		return nil, fault.Unsupportedf(fault.In("column "+c.Name), "a parquet column of type %v; there are numbers, booleans and text", field.Type())
	}
	return c, nil
}

// read appends the column's values, null ones as missing.
func (c *parquetColumn) read(field *parquet.Column, rows int) error {
	pages := field.Pages()
	defer pages.Close()
	values := make([]parquet.Value, 1024)
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fault.Brokenf(fault.In("column "+c.Name), "parquet: %v", err)
		}
		reader := page.Values()
		for {
			n, err := reader.ReadValues(values)
			if c.Len()+n > rows {
				return fault.Brokenf(fault.In("column "+c.Name), "more values than the %d rows", rows)
			}
			for _, v := range values[:n] {
				if err := c.add(v, rows); err != nil {
					return err
				}
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return fault.Brokenf(fault.In("column "+c.Name), "parquet: %v", err)
			}
		}
		parquet.Release(page)
	}
}

func (c *parquetColumn) add(v parquet.Value, rows int) error {
	i := c.Len()
	if v.IsNull() && !c.Kind.IsFloat() {
		c.miss(i, rows)
	}
	switch c.Kind {
	case model.Float64, model.Float32:
		switch {
		case v.IsNull():
			c.Float = append(c.Float, math.NaN())
		case c.Kind == model.Float32:
			c.Float = append(c.Float, float64(v.Float()))
		default:
			c.Float = append(c.Float, v.Double())
		}
	case model.Bool:
		var b int64
		if !v.IsNull() && v.Boolean() {
			b = 1
		}
		c.Int = append(c.Int, b)
	case model.Int64:
		var n int64
		switch {
		case v.IsNull():
		case c.physical == parquet.Int64:
			n = v.Int64()
		case c.unsigned:
			n = int64(v.Uint32())
		default:
			n = int64(v.Int32())
		}
		if n < 0 && c.unsigned {
			return fault.Unsupportedf(fault.In("column "+c.Name), "row %d: %d does not fit int64", i, uint64(n))
		}
		c.Int = append(c.Int, n)
	case model.String:
		var s string
		if !v.IsNull() {
			s = string(v.ByteArray()) // a copy: the page is given back
		}
		c.Text = append(c.Text, s)
	}
	return nil
}
