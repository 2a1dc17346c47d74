package table

import (
	"bytes"
	"encoding/csv"
	"math"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

// TestQuotes: fields are quoted where encoding/csv quotes them, and as it does.
func TestQuotes(t *testing.T) {
	fields := []string{"a", "", " a", "\ta", "a ", "a,b", `a"b`, `"`, "a\nb", "a\r\nb", "\r", `\.`, "\u00a0x", "\xff", "é", "\u2003", "1;2", "#", "nan"}
	var want bytes.Buffer
	w := csv.NewWriter(&want)
	for i := range fields {
		if err := w.Write([]string{fields[i], fields[len(fields)-1-i]}); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	first, second := Column{Kind: model.String, Text: fields}, Column{Kind: model.String}
	for i := range fields {
		second.Text = append(second.Text, fields[len(fields)-1-i])
	}
	var got bytes.Buffer
	unnamed := New(first, second)
	unnamed.Named = false
	if err := WriteCSV(&got, unnamed); err != nil {
		t.Fatal(err)
	}
	if got.String() != want.String() {
		t.Errorf("%q, want %q", got.String(), want.String())
	}
}

// TestFloatsOfCSV: integers that turn out to be floats further down, and everything that Python's repr writes.
func TestFloatsOfCSV(t *testing.T) {
	text := "x\n1\n\n-7\n0.1\n1e999\n-inf\nnan\n9007199254740993\n-0\n5e-324\n"
	want := []float64{1, math.NaN(), -7, 0.1, math.Inf(1), math.Inf(-1), math.NaN(), 9007199254740992, math.Copysign(0, -1), 5e-324}
	tab, err := Open("x.csv", []byte(strings.ReplaceAll(text, "\n\n", "\nNA\n")))
	if err != nil {
		t.Fatal(err)
	}
	got := tab.Columns[0]
	if got.Kind != model.Float64 || len(got.Float) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, v := range want {
		if got.Float[i] != v && v == v || math.Signbit(got.Float[i]) != math.Signbit(v) && v == v {
			t.Errorf("row %d: %v, want %v", i, got.Float[i], v)
		}
	}
}

// wide is a table like a classifier's answers: 10,000 rows of a label and ten probabilities.
func wide() *Table {
	label := Column{Name: "label", Kind: model.String}
	columns := make([]Column, 10)
	for i := range 10000 {
		label.Text = append(label.Text, []string{"yes", "no"}[i%2])
		for j := range columns {
			columns[j].Name = "p"
			columns[j].Float = append(columns[j].Float, float64(i*j%101)/101)
		}
	}
	return New(append([]Column{label}, columns...)...)
}

func BenchmarkWriteCSV(b *testing.B) {
	t := wide()
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if err := WriteCSV(&out, t); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadCSV(b *testing.B) {
	var out bytes.Buffer
	if err := WriteCSV(&out, wide()); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(out.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open("x.csv", out.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}
