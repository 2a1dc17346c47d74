package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// Rules of csv:
//
//   - Fields are parted by commas, or by semicolons or tabs where the first line has no comma.
//   - The first line holds names if none of its fields is a number, true, false or missing (pandas leaves the name of an
//     index empty: an empty first field is allowed), or if it counts the columns 0, 1, 2, ... as pandas does for want of
//     names. Where every column is text, it holds names if none of its fields is found again below itself.
//   - A column is int64, else float64, else bool (true and false), else text: the first that reads all its fields. Where a model
//     wants text, it is text whatever it looks like: 01 stays 01.
//   - Missing: an empty field, NA, N/A, nan, NaN, null, NULL, None, <NA>. In a column of text the text is kept as well.
//   - Numbers are read to the nearest float64; what is beyond its range is infinity, as in Python.

var missingWords = []string{"", "NA", "N/A", "nan", "NaN", "null", "NULL", "None", "<NA>"}

func readCSV(data []byte) (*Table, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = delimiter(data)
	r.TrimLeadingSpace = r.Comma != '\t'
	var columns [][]string
	rows := 0
	for {
		record, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, csvFault(err)
		}
		if columns == nil {
			columns = make([][]string, len(record))
		}
		rows++
		if err := cells(int64(rows), int64(len(record))); err != nil {
			return nil, err
		}
		for j, field := range record {
			columns[j] = append(columns[j], field)
		}
	}
	if rows == 0 {
		return nil, fault.Brokenf(fault.Where{}, "a csv file without rows")
	}
	t := &Table{Columns: make([]Column, len(columns)), rows: rows}
	if t.Named = hasHeader(columns); t.Named {
		t.rows--
	}
	return t, parallel.Each(len(columns), func(j int) error {
		name, fields := "", columns[j]
		if t.Named {
			name, fields = strings.TrimSpace(fields[0]), fields[1:]
		}
		t.Columns[j] = parseColumn(fields)
		t.Columns[j].Name, t.Columns[j].fields = name, fields
		return nil
	})
}

func delimiter(data []byte) rune {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	for _, c := range ",;\t" {
		if bytes.ContainsRune(line, c) {
			return c
		}
	}
	return ','
}

func csvFault(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fault.Brokenf(fault.Where{}, "csv, line %d, column %d: %v", p.Line, p.Column, p.Err)
	}
	return fault.Brokenf(fault.Where{}, "csv: %v", err)
}

func hasHeader(columns [][]string) bool {
	counted := len(columns) > 1
	for j, fields := range columns {
		counted = counted && fields[0] == strconv.Itoa(j)
	}
	if counted {
		return true
	}
	allText := true
	for j, fields := range columns {
		first := strings.TrimSpace(fields[0])
		if _, isNumber := parseFloat(first); isNumber || isBool(first) || isMissing(first) && (first != "" || j > 0 || len(columns) == 1) {
			return false
		}
		allText = allText && parseColumn(fields[1:]).Kind == model.String
	}
	if !allText {
		return true
	}
	for _, fields := range columns {
		if slices.Contains(fields[1:], fields[0]) {
			return false
		}
	}
	return true
}

// parseColumn reads fields as the narrowest kind that fits them all.
func parseColumn(fields []string) Column {
	isInt, isFloat, isBoolean, present := true, true, true, 0
	var floats []float64 // those read while the column may still be one of floats
	for i, field := range fields {
		field = strings.TrimSpace(field)
		if isMissing(field) {
			continue
		}
		present++
		if isInt {
			v, err := strconv.ParseInt(field, 10, 64)
			isInt = err == nil && (v != 0 || field[0] != '-') // -0 is a float
		}
		if isFloat && !isInt {
			if floats == nil {
				floats = make([]float64, len(fields))
				for k := range i {
					floats[k], _ = parseFloat(strings.TrimSpace(fields[k])) // an integer, or missing
				}
			}
			floats[i], isFloat = parseFloat(field)
		}
		isBoolean = isBoolean && isBool(field)
		if !isFloat && !isBoolean {
			break
		}
	}
	n := len(fields)
	switch {
	case present == 0:
		return Column{Kind: model.Float64, Float: slices.Repeat([]float64{math.NaN()}, n)}
	case isInt:
		c := Column{Kind: model.Int64, Int: make([]int64, n)}
		for i, field := range fields {
			if field = strings.TrimSpace(field); isMissing(field) {
				c.miss(i, n)
			} else {
				c.Int[i], _ = strconv.ParseInt(field, 10, 64)
			}
		}
		return c
	case isFloat:
		for i, field := range fields {
			if isMissing(strings.TrimSpace(field)) {
				floats[i] = math.NaN()
			}
		}
		return Column{Kind: model.Float64, Float: floats}
	case isBoolean:
		c := Column{Kind: model.Bool, Int: make([]int64, n)}
		for i, field := range fields {
			if field = strings.TrimSpace(field); isMissing(field) {
				c.miss(i, n)
			} else if strings.EqualFold(field, "true") {
				c.Int[i] = 1
			}
		}
		return c
	}
	c := Column{Kind: model.String, Text: slices.Clone(fields)}
	for i, field := range fields {
		if isMissing(strings.TrimSpace(field)) {
			c.miss(i, n)
		}
	}
	return c
}

func (c *Column) miss(i, n int) {
	if c.Missing == nil {
		c.Missing = make([]bool, n)
	}
	c.Missing[i] = true
}

func isMissing(field string) bool { return slices.Contains(missingWords, field) }

func isBool(field string) bool {
	return strings.EqualFold(field, "true") || strings.EqualFold(field, "false")
}

// parseFloat reads a decimal number or an infinity. Go's other notations (hexadecimal, with underscores) are text here.
func parseFloat(field string) (float64, bool) {
	if strings.ContainsAny(field, "xX_") {
		return 0, false
	}
	v, err := strconv.ParseFloat(field, 64)
	if errors.Is(err, strconv.ErrRange) {
		return v, true
	}
	return v, err == nil
}
