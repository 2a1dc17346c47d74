package onnx_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/onnx"
)

// rewrite is a protobuf message with other contents of the fields that hold bytes.
func rewrite(t *testing.T, message []byte, do func(field protowire.Number, content []byte) []byte) []byte {
	t.Helper()
	var out []byte
	for len(message) > 0 {
		n, typ, size := protowire.ConsumeTag(message)
		if size < 0 {
			t.Fatal("no message")
		}
		whole := size + protowire.ConsumeFieldValue(n, typ, message[size:])
		if typ == protowire.BytesType {
			content, _ := protowire.ConsumeBytes(message[size:])
			out = protowire.AppendBytes(protowire.AppendTag(out, n, typ), do(n, content))
		} else {
			out = append(out, message[:whole]...)
		}
		message = message[whole:]
	}
	return out
}

// edit rewrites the attribute of a file's tree ensembles that has a name: its integers, or the bytes of its numbers.
func edit(t *testing.T, file []byte, name string, ints func([]uint64) []uint64, raw func([]byte) []byte) []byte {
	const graph, node, attribute, attributeName, attributeT, attributeFloats, attributeInts, tensorRaw = 7, 1, 5, 1, 5, 7, 8, 9
	edited := 0
	out := rewrite(t, file, func(n protowire.Number, content []byte) []byte {
		if n != graph {
			return content
		}
		return rewrite(t, content, func(n protowire.Number, content []byte) []byte {
			if n != node {
				return content
			}
			return rewrite(t, content, func(n protowire.Number, content []byte) []byte {
				is := false
				if n == attribute {
					rewrite(t, content, func(n protowire.Number, content []byte) []byte {
						is = is || n == attributeName && string(content) == name
						return content
					})
				}
				if !is {
					return content
				}
				edited++
				return rewrite(t, content, func(n protowire.Number, content []byte) []byte {
					switch {
					case n == attributeInts && ints != nil:
						var all []uint64
						for len(content) > 0 {
							v, size := protowire.ConsumeVarint(content)
							all, content = append(all, v), content[size:]
						}
						var out []byte
						for _, v := range ints(all) {
							out = protowire.AppendVarint(out, v)
						}
						return out
					case n == attributeFloats && raw != nil:
						return raw(bytes.Clone(content))
					case n == attributeT && raw != nil:
						return rewrite(t, content, func(n protowire.Number, content []byte) []byte {
							if n == tensorRaw {
								return raw(bytes.Clone(content))
							}
							return content
						})
					}
					return content
				})
			})
		})
	})
	if edited != 1 {
		t.Fatalf("%d attributes %s", edited, name)
	}
	return out
}

// twoTrees is a forest in which every number of a node is another one.
func twoTrees() *forest.Forest {
	tree := forest.Tree{Feature: []int32{0, 1, forest.Leaf, forest.Leaf, 1, forest.Leaf, forest.Leaf}, Left: []int32{1, 2, 0, 1, 5, 2, 3},
		Right: []int32{4, 3, 0, 0, 6, 0, 0}, Threshold: []float64{0.5, 1.5, 0, 0, 2.5, 0, 0}, Value: []float64{0.1, 0.25, 0.7, 3}, Output: forest.AllOutputs}
	return &forest.Forest{Features: 2, Outputs: 1, Input: forest.Float32, Trees: []forest.Tree{tree, tree}, Combine: forest.Mean}
}

// TestBroken writes a forest in each encoding and spoils one list of its trees. Leaves of ai.onnx.ml 5 may have several parents: each
// has a copy then.
func TestBroken(t *testing.T) {
	set := func(i int, v uint64) func([]uint64) []uint64 {
		return func(all []uint64) []uint64 { all[i] = v; return all }
	}
	copied := func(to, from int) func([]uint64) []uint64 {
		return func(all []uint64) []uint64 { all[to] = all[from]; return all }
	}
	shorter := func(all []uint64) []uint64 { return all[:len(all)-1] }
	longer := func(all []uint64) []uint64 { return append(all, all[len(all)-1]) }
	nan := func(b []byte) []byte {
		binary.LittleEndian.PutUint32(b, math.Float32bits(float32(math.NaN())))
		return b
	}
	less := func(b []byte) []byte { return b[:len(b)-4] }
	more := func(b []byte) []byte { return append(b, b[len(b)-4:]...) }
	type spoil struct {
		attribute string
		ints      func([]uint64) []uint64
		raw       func([]byte) []byte
	}
	both := []spoil{
		{"nodes_featureids", set(0, 1000), nil},
		{"nodes_featureids", set(0, 1<<64-1), nil},
		{"nodes_truenodeids", set(0, 1000), nil},
		{"nodes_truenodeids", set(0, 1<<64-1), nil},
		{"nodes_truenodeids", set(0, 0), nil},
		{"nodes_falsenodeids", set(0, 0), nil},
		{"nodes_featureids", shorter, nil}, {"nodes_featureids", longer, nil},
		{"nodes_truenodeids", shorter, nil}, {"nodes_truenodeids", longer, nil},
		{"nodes_falsenodeids", shorter, nil}, {"nodes_falsenodeids", longer, nil},
	}
	newest := append([]spoil{
		{"nodes_falsenodeids", copied(0, 1), nil},
		{"nodes_splits", nil, nan}, {"nodes_splits", nil, less}, {"nodes_splits", nil, more},
		{"leaf_weights", nil, less}, {"leaf_weights", nil, more},
		{"leaf_targetids", set(0, 1000), nil}, {"leaf_targetids", shorter, nil}, {"leaf_targetids", longer, nil},
		{"nodes_trueleafs", shorter, nil}, {"nodes_trueleafs", longer, nil},
		{"nodes_falseleafs", shorter, nil}, {"nodes_falseleafs", longer, nil},
		{"tree_roots", set(0, 1000), nil}, {"tree_roots", set(1, 0), nil}, {"tree_roots", set(0, 1), nil}, {"tree_roots", shorter, nil}, {"tree_roots", longer, nil},
	}, both...)
	older := append([]spoil{
		{"nodes_falsenodeids", copied(0, 1), nil},
		{"nodes_values", nil, nan}, {"nodes_values", nil, less}, {"nodes_values", nil, more},
		{"nodes_treeids", shorter, nil}, {"nodes_treeids", longer, nil}, {"nodes_nodeids", shorter, nil}, {"nodes_nodeids", longer, nil}, {"nodes_nodeids", copied(1, 0), nil},
		{"target_ids", set(0, 1000), nil}, {"target_ids", shorter, nil}, {"target_ids", longer, nil},
		{"target_nodeids", set(0, 0), nil}, {"target_nodeids", set(0, 1000), nil}, {"target_nodeids", shorter, nil}, {"target_nodeids", longer, nil},
		{"target_treeids", set(0, 1000), nil}, {"target_treeids", shorter, nil}, {"target_treeids", longer, nil},
		{"target_weights", nil, less}, {"target_weights", nil, more},
	}, both...)
	for opset, spoils := range map[int][]spoil{5: newest, 1: older} {
		lowered, file := encode(t, regressor(twoTrees()), onnx.Options{MLOpset: opset})
		for i, c := range spoils {
			bad := edit(t, file, c.attribute, c.ints, c.raw)
			if string(bad) == string(file) {
				t.Errorf("ai.onnx.ml %d, %s: it is as it was", opset, c.attribute)
			}
			var broken *fault.Broken
			if _, err := onnx.Read(bad); !errors.As(err, &broken) {
				t.Errorf("ai.onnx.ml %d, %d, %s: %v", opset, i, c.attribute, err)
			}
			if _, err := onnx.ReadExpecting(bad, forest.Limits{}, lowered); !errors.As(err, &broken) {
				t.Errorf("ai.onnx.ml %d, %d, %s, where the right one is expected: %v", opset, i, c.attribute, err)
			}
		}
	}
}

// TestLimits reads a forest within limits that are just what it has, and within less of each.
func TestLimits(t *testing.T) {
	f := twoTrees()
	for _, opset := range []int{5, 3, 1} {
		_, file := encode(t, regressor(f), onnx.Options{MLOpset: opset})
		has := forest.Limits{Nodes: f.Nodes(), Trees: len(f.Trees), Features: f.Features}
		if _, err := onnx.ReadExpecting(file, has, nil); err != nil {
			t.Errorf("%+v: %v", has, err)
		}
		for flag, field := range map[string]*int{"max-nodes": &has.Nodes, "max-trees": &has.Trees, "max-features": &has.Features} {
			*field--
			_, err := onnx.ReadExpecting(file, has, nil)
			if big := (*fault.TooBig)(nil); !errors.As(err, &big) || big.Limit != flag {
				t.Errorf("ai.onnx.ml %d, %+v: %v", opset, has, err)
			}
			*field++
		}
	}
}
