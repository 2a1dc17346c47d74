package skops_test

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/skops"
)

// FuzzSkops: no bytes may crash, hang or fill memory, and every error says what it is. The bytes are a file, and, so that
// the checksums of a zip archive do not keep mutations out, a schema beside an array and the end of an .npz file.
func FuzzSkops(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.skops")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, []byte(nil))
		archive, err := pickle.OpenArchive(pickle.Source{Data: data}, pickle.Limits{})
		if err != nil {
			f.Fatal(err)
		}
		text, err := archive.Read("schema.json")
		if err != nil {
			f.Fatal(err)
		}
		if len(text) < 20000 {
			f.Add([]byte(nil), text)
		}
	}
	array := npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1,)}", "12345678")
	for _, node := range []string{
		`"__loader__": "NdArrayNode", "type": "numpy", "file": "a.npy"`,
		`"__loader__": "SparseMatrixNode", "type": "scipy", "file": "a.npz"`,
		`"__loader__": "NdArrayNode", "type": "json", "content": [` + jsonOne + `], "shape": {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [` + jsonOne + `]}`,
		`"__loader__": "TreeNode", "__reduce__": {"args": ` + jsonOne + `}, "content": ` + jsonOne,
		`"__loader__": "RandomGeneratorNode", "content": {"bit_generator": {"state": 1}}`,
	} {
		f.Add([]byte(array), []byte(schema("numpy:ndarray", node)))
	}
	lim := pickle.Limits{MaxMemory: 64 << 20, MaxInflated: 16 << 20}
	f.Fuzz(func(t *testing.T, file, text []byte) {
		if len(text) > 0 {
			npz := pack(t, zip.Store, "format.npy", npy("{'descr': '|S3', 'fortran_order': False, 'shape': ()}", "csr"), "shape.npy", string(file))
			file = pack(t, zip.Store, "schema.json", string(text), "a.npy", string(file), "a.npz", string(npz))
		}
		skops.Sniff(file)
		doc, err := skops.Decode(pickle.Source{Name: "f", Data: file}, lim)
		var b *fault.Broken
		var u *fault.Unsupported
		var big *fault.TooBig
		switch {
		case err == nil && doc.Root == nil:
			t.Fatal("nothing")
		case err != nil && !errors.As(err, &b) && !errors.As(err, &u) && !errors.As(err, &big):
			t.Fatalf("%T: %v", err, err)
		}
	})
}
