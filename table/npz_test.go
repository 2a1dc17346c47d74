package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"reflect"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
)

// npz packs files as numpy.savez_compressed does.
func npz(t testing.TB, members map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, file := range members {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestNPZ reads iris_X.npz, which numpy.savez_compressed wrote, as the npy file of the same rows.
func TestNPZ(t *testing.T) {
	want, err := os.ReadFile("../testdata/iris_X.npy")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Open("x", want)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("../testdata/iris_X.npz")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Open("x", data)
	if err != nil || !reflect.DeepEqual(got, rows) {
		t.Errorf("not the same rows: %v", err)
	}
	var unsupported *fault.Unsupported
	if _, err := Open("x", npz(t, map[string]string{"a.npy": "../testdata/iris_X.npy", "b.npy": "../testdata/iris_X.npy"})); !errors.As(err, &unsupported) {
		t.Error("two arrays: ", err)
	}
	var broken *fault.Broken
	for _, bad := range [][]byte{data[:len(data)/2], npz(t, map[string]string{"a.npy": "../testdata/iris_X.csv"})} {
		if _, err := Open("x", bad); !errors.As(err, &broken) {
			t.Error(err)
		}
	}
}
