package pipelines

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/store"
)

// What converting takes at its most, by the size of the file: of a plain one, whose numbers are read where they are, and of a compressed
// one, which is a third of its content or less. Measured on forests of all sizes (see bench/RESULTS.md).
const (
	memoryAtLeast    = 16 << 20
	memoryPlain      = 3 // bytes for each byte of the file
	memoryCompressed = 12
)

// estimate is how much memory converting a file may take, in bytes.
func estimate(o store.Object) int64 {
	factor := int64(memoryPlain)
	if slices.Contains(compressed, strings.ToLower(path.Ext(o.Key))) || strings.HasSuffix(o.Key, ".joblib") || strings.HasSuffix(o.Key, ".skops") {
		factor = memoryCompressed // a .joblib may be compressed, or not: its name doesn't tell
	}
	return memoryAtLeast + factor*max(o.Size, 0) // -1: not known
}

// number reads a number, 0 if there is none.
func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// secondsPerByte and secondsAtLeast are what converting takes of one core, measured like the memory.
const (
	secondsAtLeast = 0.002
	secondsPerByte = 25e-9
)

// Seconds is about how long one core takes to convert the model.
func (i *Item) Seconds() float64 {
	return secondsAtLeast + secondsPerByte*float64(i.Memory-memoryAtLeast)/memoryPlain
}
