package catboost

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// TestBroken spoils real models, of symmetric trees and of lists of nodes, in one item of a vector each.
func TestBroken(t *testing.T) {
	const symmetric, free = "testdata/1.2.8-multi.cbm", "testdata/1.2.8-depthwise.cbm"
	const approx, asked, sizes, starts, floats, values, steps, leaves, bias = 0, 1, 2, 3, 5, 8, 10, 11, 16
	nan := math.Float64bits(math.NaN())
	// item sets item k of a vector of items of some bytes, counted from its end where k is negative.
	item := func(field, width, k int, bits uint64) func(trees table) {
		return func(trees table) {
			place, n := trees.vector(field, width)
			if k < 0 {
				k += n
			}
			var word [8]byte
			binary.LittleEndian.PutUint64(word[:], bits)
			copy(trees.f.data[place+width*k:place+width*(k+1)], word[:])
		}
	}
	shorter := func(field int) func(trees table) { return func(trees table) { trees.f.data[trees.points(field)]-- } }
	dimension := func(n uint32) func(trees table) {
		return func(trees table) { binary.LittleEndian.PutUint32(trees.f.data[trees.field(approx):], n) }
	}
	for name, c := range map[string]struct {
		model string
		spoil func(trees table)
	}{
		"negative outputs":        {symmetric, dimension(1<<32 - 1)},
		"no outputs":              {symmetric, dimension(0)},
		"outputs beyond number":   {symmetric, dimension(1<<31 - 1)},
		"fewer outputs":           {symmetric, dimension(2)},
		"a split too far":         {symmetric, item(asked, 4, 0, 1<<20)},
		"a negative split":        {symmetric, item(asked, 4, 0, 1<<32-1)},
		"a tree too large":        {symmetric, item(sizes, 4, -1, 99)},
		"a tree too small":        {symmetric, item(sizes, 4, -1, 0)},
		"a negative size":         {symmetric, item(sizes, 4, 0, 1<<32-1)},
		"a tree from elsewhere":   {symmetric, item(starts, 4, 1, 0)},
		"fewer starts":            {symmetric, shorter(starts)},
		"fewer leaf values":       {symmetric, shorter(values)},
		"fewer splits":            {symmetric, shorter(asked)},
		"a leaf of NaN":           {symmetric, item(values, 8, 0, nan)},
		"a leaf of infinity":      {symmetric, item(values, 8, 0, math.Float64bits(math.Inf(-1)))},
		"a bias of NaN":           {symmetric, item(bias, 8, 0, nan)},
		"fewer biases":            {symmetric, shorter(bias)},
		"a child too far":         {free, item(steps, 4, 0, 1<<16-1)},
		"a child of two":          {free, item(steps, 4, 0, 1<<16|1)},
		"children of no parent":   {free, item(steps, 4, 0, 0)},
		"a leaf too far":          {free, item(leaves, 4, -1, 1<<31)},
		"fewer children":          {free, shorter(steps)},
		"fewer leaves":            {free, shorter(leaves)},
		"a node's split too far":  {free, item(asked, 4, 0, 1<<20)},
		"a feature too far":       {symmetric, func(trees table) { putColumn(trees.tables(floats)[0], 1<<31-1) }},
		"a negative feature":      {symmetric, func(trees table) { putColumn(trees.tables(floats)[1], 1<<32-1) }},
		"two features of a place": {symmetric, func(trees table) { putColumn(trees.tables(floats)[1], 0) }},
		"a border of NaN": {symmetric, func(trees table) {
			place, _ := trees.tables(floats)[1].vector(3, 4)
			binary.LittleEndian.PutUint32(trees.f.data[place:], math.Float32bits(float32(math.NaN())))
		}},
	} {
		data, trees := open(t, c.model)
		c.spoil(trees)
		_, headErr := ParseHead(data, Limits{})
		_, err := Parse(data, Limits{})
		for _, err := range []error{headErr, err} {
			if _, is := asFault(err); err != nil && !is {
				t.Errorf("%s: %v", name, err)
			}
		}
		if broken, _ := asFault(err); !broken {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// asFault tells whether an error is a Broken, and whether it is one of fault's.
func asFault(err error) (broken, any bool) {
	var b *fault.Broken
	var u *fault.Unsupported
	var big *fault.TooBig
	broken = errors.As(err, &b)
	return broken, broken || errors.As(err, &u) || errors.As(err, &big)
}

func putColumn(feature table, v uint32) {
	binary.LittleEndian.PutUint32(feature.f.data[feature.field(2):], v)
}

// open is a model's file and the table of its trees, which aliases it.
func open(t *testing.T, name string) ([]byte, table) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(data, Limits{}); err != nil {
		t.Fatal(err)
	}
	f := &flat{data: data[8:], base: 8}
	core := f.table(f.u32(0))
	return data, f.table(core.points(1))
}

// TestLimits reads models within limits that are just what they have, and within less of each.
func TestLimits(t *testing.T) {
	for _, name := range []string{"testdata/1.2.8-multi.cbm", "testdata/1.2.8-lossguide.cbm"} {
		data, _ := open(t, name)
		b, err := Parse(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		has := forest.Limits{Nodes: b.Forest.Nodes(), Trees: len(b.Forest.Trees), Features: b.Features, Classes: b.Classes.Len()}
		if _, err := Parse(data, Limits{Model: has.Budget()}); err != nil {
			t.Errorf("%+v: %v", has, err)
		}
		for flag, field := range map[string]*int{"max-nodes": &has.Nodes, "max-trees": &has.Trees, "max-features": &has.Features, "max-classes": &has.Classes} {
			*field--
			_, err := Parse(data, Limits{Model: has.Budget()})
			if big := (*fault.TooBig)(nil); !errors.As(err, &big) || big.Limit != flag {
				t.Errorf("%s, %+v: %v", name, has, err)
			}
			*field++
		}
	}
}
