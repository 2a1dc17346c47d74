package sklearn

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/pickle"
)

// benchTree is a balanced tree as scikit-learn 1.3 and later lay it out.
func benchTree(depth, classes int) *tree {
	kinds := []struct {
		name string
		kind byte
	}{{"left_child", 'i'}, {"right_child", 'i'}, {"feature", 'i'}, {"threshold", 'f'}, {"impurity", 'f'}, {"n_node_samples", 'i'},
		{"weighted_n_node_samples", 'f'}, {missingField, 'u'}}
	record := pickle.DType{Kind: 'V', Size: 64}
	for i, k := range kinds {
		size := 8
		if k.name == missingField {
			size = 1
		}
		record.Fields = append(record.Fields, pickle.Field{Name: k.name, Offset: 8 * i, DType: pickle.DType{Kind: k.kind, Size: size}})
	}
	n := 1<<(depth+1) - 1
	nodes, values := make([]byte, n*record.Size), make([]byte, 0, n*classes*8)
	put := func(node, field int, v uint64) { binary.LittleEndian.PutUint64(nodes[node*record.Size+8*field:], v) }
	next := 0
	var grow func(depth int) int
	grow = func(depth int) int {
		i := next
		next++
		for c := range classes {
			share := 1 / float64(classes)
			if depth == 0 {
				share = 0
				if c == i%classes {
					share = 1
				}
			}
			values = binary.LittleEndian.AppendUint64(values, math.Float64bits(share))
		}
		left, right, feature, threshold := -1, -1, -2, -2.0
		if depth > 0 {
			left, right = grow(depth-1), grow(depth-1)
			feature, threshold = i%20, math.Sin(float64(i))
		}
		put(i, 0, uint64(int64(left)))
		put(i, 1, uint64(int64(right)))
		put(i, 2, uint64(int64(feature)))
		put(i, 3, math.Float64bits(threshold))
		return i
	}
	grow(depth)
	t := &tree{object: &object{rel: Newest, file: newFile(Options{}), Object: &pickle.Object{Class: treeClass}}, features: 20, classes: []int{classes}, count: n}
	t.nodes = &pickle.NDArray{DType: record, Shape: []int{n}, Data: nodes}
	t.values = &pickle.NDArray{DType: pickle.DType{Kind: 'f', Size: 8}, Shape: []int{n, 1, classes}, Data: values}
	return t
}

// BenchmarkTree builds a tree out of its arrays.
func BenchmarkTree(b *testing.B) {
	for _, c := range []struct {
		name    string
		classes int
		read    func(t *tree, out *forest.Tree) error
	}{
		{"classifier", 2, func(t *tree, out *forest.Tree) error { _, err := t.shares(out, false); return err }},
		{"classifier10", 10, func(t *tree, out *forest.Tree) error { _, err := t.shares(out, false); return err }},
		{"regressor", 1, (*tree).regression},
	} {
		b.Run(c.name, func(b *testing.B) {
			t := benchTree(14, c.classes)
			b.SetBytes(int64(len(t.nodes.Data) + 8*c.classes*t.count))
			b.ReportAllocs()
			for b.Loop() {
				var out forest.Tree
				if err := c.read(t, &out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(t.count), "ns/node")
		})
	}
}
