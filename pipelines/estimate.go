package pipelines

import (
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/store"
)

// What converting takes, by the size of the file: of a plain one, whose numbers are read where they are, and of a compressed one. Forests of
// 100 to 1,360 MB took at most 1.5 bytes of memory and 20 ns of a core for each byte of a plain file, 6.3 bytes and 70 ns for each of one that joblib
// had compressed.
const (
	memoryAtLeast    = 16 << 20
	memoryPlain      = 2
	memoryCompressed = 8

	secondsAtLeast    = 0.002
	secondsPlain      = 20e-9
	secondsCompressed = 80e-9
)

// estimate is how much memory converting an object may take, in bytes, and how long it takes one core, in seconds.
func estimate(b store.Bucket, o store.Object) (memory int64, seconds float64) {
	size := max(o.Size, 0) // -1: not known
	if packed(b, o) {
		return memoryAtLeast + memoryCompressed*size, secondsAtLeast + secondsCompressed*float64(size)
	}
	return memoryAtLeast + memoryPlain*size, secondsAtLeast + secondsPlain*float64(size)
}

// packed tells whether a file is compressed: by its name, and where a .joblib leaves that open and much depends on it, by its first byte,
// which is 0x80 of a plain pickle. What is not known is taken for compressed.
func packed(b store.Bucket, o store.Object) bool {
	const small = 1 << 20
	ext := strings.ToLower(path.Ext(o.Key))
	switch {
	case slices.Contains(compressed, ext), ext == ".skops":
		return true
	case ext != ".joblib" && ext != ".jbl":
		return false
	}
	folder, local := b.(*store.Folder)
	if !local || o.Size < small {
		return true
	}
	f, err := os.Open(folder.Path(o.Key))
	if err != nil {
		return true // reading it will say what is wrong
	}
	defer f.Close()
	first := make([]byte, 1)
	n, _ := f.Read(first)
	return n == 0 || first[0] != 0x80
}

// number reads a number, 0 if there is none.
func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}
