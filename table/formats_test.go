package table

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// What numpy saved (testdata/make.py), and what must be read.
func TestNPYOfNumpy(t *testing.T) {
	ints, eighths := "[0 1 2 3 100 127]", "[0 0.125 0.25 0.375 12.5 15.875]"
	for name, want := range map[string]string{
		"f8_fortran": "float64[2 3]" + eighths, "f8_big": "float64[2 3]" + eighths, "f4": "float32[2 3]" + eighths,
		"f2": "float32[6][0.0999755859375 -0 65504 5.960464477539063e-08 +Inf NaN]",
		"i1": "int64[2 3][0 -1 -2 -3 -100 -127]", "i2_big": "int64[2 3][0 -1 -2 -3 -100 -127]", "i4": "int64[2 3]" + ints,
		"i8_fortran_big": "int64[2 3]" + ints, "u1": "int64[2 3]" + ints, "u2": "int64[2 3]" + ints, "u8": "int64[2 3]" + ints,
		"u4": "int64[2 3][2147483648 2147483649 2147483650 2147483651 2147483748 2147483775]", "version3": "int64[2 3]" + ints,
		"b1": "bool[2 3][0 0 1 1 1 1]", "U": "string[2 2][a äß  𝔘]", "U_big": "string[2][a äß]", "S": "string[3][a  \xe4b]", "scalar": "float64[1][1.5]",
	} {
		data, err := os.ReadFile("testdata/" + name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		tab, err := Open(name, data)
		if err != nil {
			t.Error(err)
			continue
		}
		x := tensorOf(t, tab)
		items := fmt.Sprint(x.Float)
		switch {
		case x.Kind == model.String:
			items = fmt.Sprint(x.Text)
		case !x.Kind.IsFloat():
			items = fmt.Sprint(x.Int)
		}
		if got := fmt.Sprintf("%v%v%s", x.Kind, x.Shape, items); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		for _, n := range []int{7, 9, 60, len(data) - 1} {
			if _, err := Open(name, data[:n]); err == nil {
				t.Errorf("%s cut to %d bytes is read", name, n)
			}
		}
	}
}

// TestCube reads rows that are arrays themselves (numpy.zeros((2, 2, 2))): their items are columns.
func TestCube(t *testing.T) {
	data, err := os.ReadFile("testdata/cube.npy")
	if err != nil {
		t.Fatal(err)
	}
	tab, err := Open("cube.npy", data)
	if err != nil || tab.Rows() != 2 || len(tab.Columns) != 4 {
		t.Errorf("%d rows of %d columns: %v", tab.Rows(), len(tab.Columns), err)
	}
}

func TestRefused(t *testing.T) {
	for name, want := range map[string]string{
		"object.npy": "Python objects", "record.npy": "records", "c16.npy": "<c16", "u8_large.npy": "does not fit int64",
		"rows_lz4.parquet": "LZ4", "rows_rle.parquet": "run-length", "rows_time.parquet": "column when", "rows_nested.parquet": "nested",
	} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Open(name, data)
		var unsupported *fault.Unsupported
		if !errors.As(err, &unsupported) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, data := range []string{"", "PK\x03\x04", "a\x00b", "\xff\xfe", "a,b\n1\n", "PAR1", "PAR1aaaa\xff\xff\xff\xffPAR1", "\x93NUMPY\x09\x00aaaaaa"} {
		if _, err := Open("x", []byte(data)); err == nil {
			t.Errorf("%q is read", data)
		}
	}
	huge := "\x93NUMPY\x01\x00\x50\x00" + fmt.Sprintf("%-79s\n", "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000,)}")
	if _, err := Open("x", []byte(huge)); err == nil {
		t.Error("a terabyte is read")
	}
}

// What pandas wrote: an index, missing values, integers that no float64 holds.
func TestTablesOfPandas(t *testing.T) {
	for name, columns := range map[string]string{
		"rows.csv":     " int64,x float64,i int64,n int64,b bool,s string,c string",
		"rows_tab.csv": "x float64,i int64,n int64,b bool,c string",
		"rows.parquet": "x float64,i int64,n int64,b bool,s string,c string",
	} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		tab, err := Open(name, data)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for i := range tab.Columns {
			c := &tab.Columns[i]
			list = append(list, fmt.Sprintf("%s %v", c.Name, c.Kind))
			var items string
			for k := range tab.Rows() {
				if c.IsMissing(k) {
					items += "| "
				} else {
					items += "|" + string(c.appendCell(nil, k))
				}
			}
			want := map[string]string{"": "|5|6|7", "x": "|0.1| |-0.0", "i": "|1|2|3", "n": "|1| |9007199254740993", "b": "|true|false|true", "s": "|a| |ä", "c": "|u|v|u"}[c.Name]
			if items != want {
				t.Errorf("%s, column %s: %s, want %s", name, c.Name, items, want)
			}
		}
		if got := strings.Join(list, ","); got != columns {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestHeaders(t *testing.T) {
	for text, want := range map[string]bool{
		"a,b\n1,2\n": true, "1,2\n3,4\n": false, "a,b\nc,d\n": true, "a,b\na,d\n": false, "setosa\nsetosa\nvirginica\n": false, "label\nsetosa\n": true,
		"0,1,2\n5,6,7\n": true, ",a\n0,1\n": true, "a,true\n1,2\n": false, "nan,1\n2,3\n": false, "\xef\xbb\xbfa;b\n1;2\n": true, "a\n": true,
	} {
		tab, err := Open("x", []byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if tab.Named != want {
			t.Errorf("%q: names %v, want %v", text, tab.Named, want)
		}
	}
}

func TestInputs(t *testing.T) {
	matrix := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float32, Width: 2, Columns: []string{"b", "a"}}}}
	plain := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 2}}}
	columns := &model.Model{Inputs: []model.Input{{Name: "b", Kind: model.Float64, Width: 1}, {Name: "a", Kind: model.Int64, Width: 1}}}
	for _, c := range []struct {
		m          *model.Model
		text, want string
	}{
		{matrix, "a,x,b\n0.1,9,2\n", "[2 0.10000000149011612]"},
		{matrix, "0.5,2\n", "[0.5 2]"},
		{matrix, "a,x\n1,2\n", "not equal: the table has no column b"},
		{matrix, "a,a,b\n1,2,3\n", "two columns"},
		{plain, "u,v\n0.1,NA\n", "[0.1 NaN]"},
		{plain, ",u,v\n0,1,2\n", "is it an index?"},
		{plain, "u,v\n1,z\n", "column v"},
		{columns, "a,b\n7,0.5\n", "[0.5] [7]"},
		{columns, "0.5,7\n", "[0.5] [7]"},
		{columns, "a,b\nNA,0.5\n2,1\n", "row 0 has no value"},
		{columns, "a,b\n1.5,0.5\n", "column a"},
	} {
		tab, err := Open("x", []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		xs, err := tab.Inputs(c.m)
		var got []string
		for _, x := range xs {
			if x.Kind.IsFloat() {
				got = append(got, fmt.Sprint(x.Float))
			} else {
				got = append(got, fmt.Sprint(x.Int))
			}
		}
		if err != nil {
			got = []string{err.Error()}
		}
		if s := strings.Join(got, " "); !strings.Contains(s, c.want) {
			t.Errorf("%q: %s, want %s", c.text, s, c.want)
		}
	}
}
