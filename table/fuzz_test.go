package table

import (
	"bytes"
	"os"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

// FuzzTable: no bytes make a reader crash, and what was read can be written and read again to the same items.
func FuzzTable(f *testing.F) {
	for _, name := range []string{"iris_X.npy", "iris_X.csv", "iris_X.parquet", "iris_predict.npy"} {
		data, err := os.ReadFile("../testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	var b bytes.Buffer
	if err := WriteParquet(&b, awkward()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(npz(f, map[string]string{"arr_0.npy": "../testdata/iris_X.npy"}))
	for _, s := range []string{"a,b\n1,x\n2,\n", "1;2\n3;4\n", "true\nfalse\n", "0,1\n1e999,-0\n", "\"a\nb\",c\nNA,nan\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tab, err := Open("x", data)
		if err != nil {
			return
		}
		for i := range tab.Columns {
			if n := tab.Columns[i].Len(); n != tab.Rows() {
				t.Fatalf("column %d has %d items of %d", i, n, tab.Rows())
			}
		}
		x, err := tab.Tensor()
		if err != nil || x.Kind == model.String || tab.Rows() > 1<<16 {
			return
		}
		var b bytes.Buffer
		if err := WriteTensor(&b, x); err != nil {
			t.Fatal(err)
		}
		again, err := Open("x", b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		y, err := again.Tensor()
		if err != nil || y.Len() != x.Len() {
			t.Fatalf("%v: %v, %v", err, x.Shape, y.Shape)
		}
	})
}
