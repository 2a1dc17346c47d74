// Package table reads the rows that models are asked about, and the answers that are known already, from npy, npz, csv
// and parquet files, and writes answers back.
//
// Open tells the format by the bytes. (*Table).Inputs makes of a table what a model takes; (*Table).Tensor makes of one
// the answers that a model is expected to give.
package table

import (
	"bytes"
	"math"
	"unicode/utf8"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// MaxCells is how many cells a table may have: 2 GiB of numbers. A parquet file of a few kilobytes can claim any number.
const MaxCells = 1 << 28

// maxColumns is how many columns a table may have.
const maxColumns = 1 << 20

// Table is rows by column. All columns are equally long.
type Table struct {
	Columns []Column
	// Named is set where the file gave its columns names; else Column.Name is empty.
	Named bool
	// Flat is set where the file held values, not rows: an npy of one dimension.
	Flat bool
	rows int
}

// Column is one column. Just one of the slices is in use, by Kind, as in model.Tensor.
type Column struct {
	Name  string
	Kind  model.Kind
	Float []float64 // of Float64, and of Float32 (every item a float32 number); NaN is a missing one
	Int   []int64   // of Int64, and of Bool (0 or 1)
	Text  []string  // of String
	// Missing marks the items that are not there; nil where all are, and for floats.
	Missing []bool
	// fields are the items as a file of text has them, for whoever wants text of what looks like numbers; nil: not of such a file.
	fields []string
}

// Rows is the number of rows.
func (t *Table) Rows() int { return t.rows }

// Names lists the columns' names.
func (t *Table) Names() []string {
	names := make([]string, len(t.Columns))
	for i := range t.Columns {
		names[i] = t.Columns[i].Name
	}
	return names
}

// New makes a table of columns that are equally long.
func New(columns ...Column) *Table {
	t := &Table{Columns: columns}
	for i := range columns {
		t.Named = t.Named || columns[i].Name != ""
	}
	if len(columns) > 0 {
		t.rows = columns[0].Len()
	}
	return t
}

// Len is the number of items.
func (c *Column) Len() int {
	switch {
	case c.Kind.IsFloat():
		return len(c.Float)
	case c.Kind == model.String:
		return len(c.Text)
	}
	return len(c.Int)
}

// IsMissing tells whether item i is not there.
func (c *Column) IsMissing(i int) bool {
	if c.Kind.IsFloat() {
		return math.IsNaN(c.Float[i])
	}
	return c.Missing != nil && c.Missing[i]
}

// Open reads a table; its format is told by its bytes. name is for messages only. Faults are *fault.Broken,
// *fault.Unsupported and *fault.TooBig, with the name, row and column. The table doesn't alias data.
func Open(name string, data []byte) (*Table, error) {
	t, err := open(data)
	return t, fault.InFile(err, name)
}

func open(data []byte) (*Table, error) {
	switch {
	case bytes.HasPrefix(data, []byte(npyMagic)):
		return readNPY(data)
	case bytes.HasPrefix(data, []byte(parquetMagic)):
		return readParquet(data)
	case bytes.HasPrefix(data, []byte(zipMagic)):
		return readNPZ(data)
	case len(data) == 0:
		return nil, fault.Brokenf(fault.Where{}, "an empty file")
	case bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data):
		return nil, fault.Unsupportedf(fault.Where{}, "neither npy nor parquet nor text in UTF-8")
	}
	return readCSV(data)
}

// cells checks the size that a file claims before anything is allocated for it.
func cells(rows, columns int64) error {
	switch {
	case columns > maxColumns:
		return fault.TooBigf(fault.Where{}, "", "%d columns, at most %d", columns, maxColumns)
	case columns > 0 && rows > MaxCells/columns:
		return fault.TooBigf(fault.Where{}, "", "%d rows of %d columns, at most %d cells", rows, columns, MaxCells)
	}
	return nil
}
