package onnx

import (
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
)

// SetLargestIndex makes row numbers start anew with fewer rows than float32 needs, until the test ends.
func SetLargestIndex(t *testing.T, n int) {
	old := largestIndex
	largestIndex = n
	t.Cleanup(func() { largestIndex = old })
}

// SetLargestFile makes files too big that are not, until the test ends.
func SetLargestFile(t *testing.T, n int) {
	old := largestFile
	largestFile = n
	t.Cleanup(func() { largestFile = old })
}

// RootChildren are the numbers that a TreeEnsemble gives to the two children of each root.
func RootChildren(t *testing.T, data []byte) [][2]uint64 {
	f, err := parseFile(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all [][2]uint64
	for _, n := range f.nodes {
		if n.op != "TreeEnsemble" {
			continue
		}
		for roots := n.ints("tree_roots"); ; {
			root, ok := roots.next()
			if !ok {
				break
			}
			all = append(all, [2]uint64{item(n.ints("nodes_truenodeids"), root), item(n.ints("nodes_falsenodeids"), root)})
		}
	}
	if len(all) == 0 {
		t.Fatal("no TreeEnsemble")
	}
	return all
}

func item(l *list, i uint64) uint64 {
	for range i {
		l.next()
	}
	v, _ := l.next()
	return v
}

// Mirrored is the threshold of the negated column that stands for another.
var Mirrored = mirrored

// MirroredQuickly is Mirrored without a branch.
func MirroredQuickly(threshold float64, p forest.Precision) float64 {
	if p == forest.Float32 {
		return float64(math.Float32frombits(mirroredFloat(math.Float32bits(float32(threshold)), math.MaxUint32)))
	}
	return math.Float64frombits(mirroredDouble(math.Float64bits(threshold), math.MaxUint64))
}
