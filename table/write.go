package table

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// WriteCSV writes a line of names, where there are any, and a line per row. Floats are the shortest text that reads back
// to the same float64, and always look like floats (1.0); a missing float is nan, another missing item NA.
func WriteCSV(w io.Writer, t *Table) error {
	const flush = 1 << 16
	b := make([]byte, 0, flush+flush/4)
	if t.Named {
		for j := range t.Columns {
			b = appendComma(b, j)
			b = appendField(b, t.Columns[j].Name)
		}
		b = append(b, '\n')
	}
	for i := range t.rows {
		for j := range t.Columns {
			b = appendComma(b, j)
			b = t.Columns[j].appendCell(b, i)
		}
		b = append(b, '\n')
		if len(b) >= flush {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}

func appendComma(b []byte, column int) []byte {
	if column == 0 {
		return b
	}
	return append(b, ',')
}

// appendField appends text, in quotes where encoding/csv puts them.
func appendField(b []byte, text string) []byte {
	first, _ := utf8.DecodeRuneInString(text)
	if text != `\.` && !strings.ContainsAny(text, ",\"\r\n") && !unicode.IsSpace(first) {
		return append(b, text...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(text, `"`, `""`)...)
	return append(b, '"')
}

// appendCell appends item i as text.
func (c *Column) appendCell(b []byte, i int) []byte {
	switch {
	case c.Kind.IsFloat():
		return appendFloat(b, c.Float[i])
	case c.Kind == model.String && (c.Text[i] != "" || !c.IsMissing(i)):
		return appendField(b, c.Text[i])
	case c.IsMissing(i):
		return append(b, "NA"...)
	case c.Kind == model.Bool:
		return strconv.AppendBool(b, c.Int[i] != 0)
	}
	return strconv.AppendInt(b, c.Int[i], 10)
}

func appendFloat(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, "nan"...)
	case math.IsInf(v, 1):
		return append(b, "inf"...)
	case math.IsInf(v, -1):
		return append(b, "-inf"...)
	}
	start := len(b)
	b = strconv.AppendFloat(b, v, 'g', -1, 64)
	if !bytes.ContainsAny(b[start:], ".e") {
		b = append(b, ".0"...)
	}
	return b
}

// WriteNPY writes one npy array: of one dimension for one column, else a matrix. Columns of several kinds are written as
// Tensor converts them; bool is b1, text is U.
func WriteNPY(w io.Writer, t *Table) error {
	x, err := t.Tensor()
	if err != nil {
		return err
	}
	return WriteTensor(w, x)
}

// WriteTensor writes a tensor as npy 1.0, little endian, in C order.
func WriteTensor(w io.Writer, x *model.Tensor) error {
	size, descr := 8, ""
	switch x.Kind {
	case model.Float64:
		descr = "<f8"
	case model.Float32:
		size, descr = 4, "<f4"
	case model.Int64:
		descr = "<i8"
	case model.Bool:
		size, descr = 1, "|b1"
	case model.String:
		longest := 1
		for _, s := range x.Text {
			longest = max(longest, len([]rune(s)))
		}
		size, descr = longest*4, "<U"+strconv.Itoa(longest)
	}
	var shape []string
	for _, n := range x.Shape {
		shape = append(shape, strconv.Itoa(n))
	}
	if len(shape) == 1 {
		shape = append(shape, "") // (3,) is a tuple, (3) is not
	}
	header := "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + strings.TrimSuffix(strings.Join(shape, ", "), " ") + "), }"
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	if len(header) > math.MaxUint16 {
		return fault.Unsupportedf(fault.Where{}, "an array of %d dimensions as npy 1.0", len(x.Shape))
	}
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString(npyMagic + "\x01\x00")
	out.Write([]byte{byte(len(header)), byte(len(header) >> 8)})
	out.WriteString(header)
	item := make([]byte, size)
	for i := range x.Len() {
		putItem(item, x, i)
		out.Write(item)
	}
	return out.Flush() // the first error of any of them
}

func putItem(b []byte, x *model.Tensor, i int) {
	switch x.Kind {
	case model.Float64:
		npyOrder.PutUint64(b, math.Float64bits(x.Float[i]))
	case model.Float32:
		npyOrder.PutUint32(b, math.Float32bits(float32(x.Float[i])))
	case model.Int64:
		npyOrder.PutUint64(b, uint64(x.Int[i]))
	case model.Bool:
		b[0] = byte(x.Int[i])
	case model.String:
		clear(b)
		at := 0
		for _, r := range x.Text[i] {
			npyOrder.PutUint32(b[at:], uint32(r))
			at += 4
		}
	}
}

// WriteParquet writes a parquet file, each column under its name, in their order. What is missing is null (a float: NaN).
func WriteParquet(w io.Writer, t *Table) error {
	root := parquetRow{Group: parquet.Group{}}
	for j := range t.Columns {
		c := &t.Columns[j]
		name := c.Name
		if name == "" {
			name = strconv.Itoa(j)
		}
		if _, twice := root.Group[name]; twice {
			return fault.Unsupportedf(fault.In("column "+name), "parquet with two columns of one name")
		}
		var node parquet.Node
		switch c.Kind {
		case model.Float64:
			node = parquet.Leaf(parquet.DoubleType)
		case model.Float32:
			node = parquet.Leaf(parquet.FloatType)
		case model.Int64:
			node = parquet.Int(64)
		case model.Bool:
			node = parquet.Leaf(parquet.BooleanType)
		case model.String:
			node = parquet.String()
		}
		if c.Missing != nil {
			node = parquet.Optional(node)
		}
		root.Group[name] = node
		root.names = append(root.names, name)
	}
	out := parquet.NewWriter(w, parquet.NewSchema("rows", root))
	row := make(parquet.Row, len(t.Columns))
	for i := range t.rows {
		for j := range t.Columns {
			row[j] = t.Columns[j].parquetValue(i).Level(0, t.Columns[j].definition(i), j)
		}
		if _, err := out.WriteRows([]parquet.Row{row}); err != nil {
			return err
		}
	}
	return out.Close()
}

// definition is 1 for an item of a nullable column that is there, else 0.
func (c *Column) definition(i int) int {
	if c.Missing == nil || c.Missing[i] {
		return 0
	}
	return 1
}

func (c *Column) parquetValue(i int) parquet.Value {
	switch {
	case c.Missing != nil && c.Missing[i]:
		return parquet.NullValue()
	case c.Kind == model.Float64:
		return parquet.DoubleValue(c.Float[i])
	case c.Kind == model.Float32:
		return parquet.FloatValue(float32(c.Float[i]))
	case c.Kind == model.Bool:
		return parquet.BooleanValue(c.Int[i] != 0)
	case c.Kind == model.String:
		return parquet.ByteArrayValue([]byte(c.Text[i]))
	}
	return parquet.Int64Value(c.Int[i])
}

// parquetRow is a group that keeps the order of its columns; the library's own sorts them by name.
type parquetRow struct {
	parquet.Group
	names []string
}

func (r parquetRow) Fields() []parquet.Field {
	byName := map[string]parquet.Field{}
	for _, f := range r.Group.Fields() {
		byName[f.Name()] = f
	}
	fields := make([]parquet.Field, len(r.names))
	for i, name := range r.names {
		fields[i] = byName[name]
	}
	return fields
}
