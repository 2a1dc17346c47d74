package onnx

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
)

// TestStarts cuts lists of varints at random items, and decodes the parts.
func TestStarts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var run []byte
		items := make([]uint32, 1+r.IntN(60))
		for i := range items {
			items[i] = r.Uint32() >> r.IntN(32)
			run = binary.AppendUvarint(run, uint64(items[i]))
		}
		cuts := []uint32{0}
		for i := range items[1:] {
			if r.IntN(5) == 0 {
				cuts = append(cuts, uint32(i+1))
			}
		}
		a := intsAttr("a", pieces{n: 1, render: func(_ int, b []byte) []byte { return append(b, run...) }})
		n := &node{attrs: map[string]attr{"a": a.parts[0].raw}}
		l := n.ints("a")
		starts, err := l.starts(cuts)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint32
		for k := range cuts {
			part, err := l.between(nil, starts[k], starts[k+1])
			if err != nil {
				t.Fatal(err)
			}
			if k+1 < len(cuts) && len(part) != int(cuts[k+1]-cuts[k]) {
				t.Fatalf("items %d to %d of %v: %v", cuts[k], cuts[k+1], items, part)
			}
			got = append(got, part...)
		}
		whole, err := n.ints("a").uint32s()
		if err != nil || !slices.Equal(got, items) || !slices.Equal(whole, items) {
			t.Fatalf("%v, %v, not %v: %v", got, whole, items, err)
		}
	}
}

// TestApart: forests that were written are read tree by tree, on all cores.
func TestApart(t *testing.T) {
	m := benchModel(7, 300, 1)
	lowered, err := Lower(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var file sink
	if err := Write(&file, lowered, Options{}); err != nil {
		t.Fatal(err)
	}
	parsed, err := parseFile(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(parsed.nodes, func(n *node) bool { return n.op == "TreeEnsemble" })
	f := &forest.Forest{Outputs: 7}
	c, err := readColumns5(parsed.nodes[i], f)
	if err != nil {
		t.Fatal(err)
	}
	roots, err := parsed.nodes[i].ints("tree_roots").uint32s()
	if err != nil || len(roots) != 7 || !c.apart(roots) {
		t.Fatalf("roots %v: %v", roots, err)
	}
	f.Trees = make([]forest.Tree, len(roots))
	if err := c.treesApart(f, roots, nil); err != nil {
		t.Fatal(err)
	}
	for k := range f.Trees {
		if n := f.Trees[k].Len(); n != 599 {
			t.Errorf("tree %d has %d nodes", k, n)
		}
	}
}

type sink []byte

func (s *sink) Write(b []byte) (int, error) {
	*s = append(*s, b...)
	return len(b), nil
}

// TestCodes renders numbers of every length.
func TestCodes(t *testing.T) {
	var codes []uint32
	var want, leafs []byte
	for shift := range 31 {
		for _, v := range []uint32{1 << shift, 1<<shift - 1, 1<<shift | 1} {
			leaf := v % 3 & 1
			codes = append(codes, v<<1|leaf)
			want, leafs = binary.AppendUvarint(want, uint64(v)), append(leafs, byte(leaf))
		}
	}
	got, gotLeafs := appendCodes(make([]byte, 0, len(want)+8), nil, codes)
	if !slices.Equal(got, want) || !slices.Equal(gotLeafs, leafs) {
		t.Errorf("%v and %v, not %v and %v", got, gotLeafs, want, leafs)
	}
}
