package vectors

import (
	"bytes"
	"compress/zlib"
	"io"
	"os"
	"testing"
)

// Seed adds the file of every n-th case to a fuzz target, if it has at most so many bytes. Compressed ones are inflated: mutations of
// compressed bytes would change little.
func Seed(f *testing.F, n, most int) {
	f.Helper()
	for i, v := range EachCase(f, func(*Vector) bool { return true }) {
		if i%n != 0 {
			continue
		}
		data, err := os.ReadFile(v.File())
		if err != nil {
			f.Fatal(err)
		}
		if r, err := zlib.NewReader(bytes.NewReader(data)); err == nil {
			if data, err = io.ReadAll(r); err != nil {
				f.Fatal(err)
			}
		}
		if len(data) <= most {
			f.Add(data)
		}
	}
}
