package sklearn

import (
	"encoding/binary"
	"math"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Fields of the nodes: missingField, from 1.3 on, says where a NaN goes, samplesField how many rows of the training data came by.
const (
	missingField = "missing_go_to_left"
	samplesField = "n_node_samples"
)

// nodesAtATime is how many nodes are read before the next ones: of records, which are gone through more than once, no more than a
// processor keeps near.
const nodesAtATime = 256

// records reads the nodes of a tree into out, which knows the values of no leaves yet.
type records struct {
	tree                            *tree // nil: all were read
	out                             forest.Tree
	left, right, feature, threshold pickle.Column
	missing                         pickle.Column
	routes                          bool // missing is there
	// plain are the numbers where all have eight bytes, little-endian, as most machines write them, which isPlain tells.
	plain   plainRecords
	isPlain bool
	// For the nodes that are read at a time.
	goesLeft [nodesAtATime]bool
	leaves   [nodesAtATime]int32
}

type plainRecords struct {
	left, right, feature, threshold []byte // of the first record
	stride                          int
}

func (t *tree) records() (*records, error) {
	r := &records{tree: t}
	for _, f := range [...]struct {
		name string
		to   *pickle.Column
	}{{"left_child", &r.left}, {"right_child", &r.right}, {"feature", &r.feature}, {"threshold", &r.threshold}} {
		c, err := t.nodes.Field(f.name)
		if err != nil {
			return nil, t.broken("%s: %v", f.name, err)
		}
		*f.to = c
	}
	if c, err := t.nodes.Field(missingField); err == nil {
		r.missing, r.routes = c, true
	}
	p := &r.plain
	r.isPlain = true
	for _, f := range [...]struct {
		column *pickle.Column
		kind   byte
		to     *[]byte
	}{{&r.left, 'i', &p.left}, {&r.right, 'i', &p.right}, {&r.feature, 'i', &p.feature}, {&r.threshold, 'f', &p.threshold}} {
		var plain bool
		*f.to, p.stride, plain = f.column.Words()
		r.isPlain = r.isPlain && plain && f.column.DType().Kind == f.kind
	}
	n := t.count
	ints := make([]int32, 3*n)
	r.out = forest.Tree{Left: ints[:n:n], Right: ints[n : 2*n : 2*n], Feature: ints[2*n:], Threshold: make([]float64, n)}
	return r, nil
}

// readAll reads all nodes.
func (r *records) readAll() error {
	for from := 0; from < r.tree.count; from += nodesAtATime {
		if err := r.read(from, min(r.tree.count, from+nodesAtATime)); err != nil {
			return err
		}
	}
	return nil
}

// read reads the nodes from (included) to (not included), unless they were read.
func (r *records) read(from, to int) error {
	out := &r.out
	if r.tree == nil {
		return nil
	}
	if !r.isPlain || !r.plain.read(out, from, to) {
		if err := r.columns(from, to); err != nil {
			return err
		}
	}
	if !r.routes {
		return nil
	}
	if _, err := r.missing.Slice(from, to).AppendBools(r.goesLeft[:0]); err != nil {
		return r.tree.broken("%s: %v", missingField, err)
	}
	var flags [nodesAtATime]uint8
	any := uint8(0)
	for i, left := range r.goesLeft[:to-from] {
		flag := uint8(0)
		if left { // without a branch in machine code, which would be guessed wrongly every other time
			flag = forest.MissingLeft
		}
		flags[i] = flag
		any |= flag
	}
	if any != 0 {
		if out.Flags == nil {
			out.Flags = make([]uint8, r.tree.count)
		}
		copy(out.Flags[from:to], flags[:]) // those of leaves mean nothing
	}
	return nil
}

// read is records.read but for missing values; false where a number needs more than 32 bits.
func (p *plainRecords) read(out *forest.Tree, from, to int) bool {
	left := out.Left[from:to]
	right, feature, threshold := out.Right[from:to][:len(left)], out.Feature[from:to][:len(left)], out.Threshold[from:to][:len(left)]
	lefts, rights, features, thresholds := p.left[from*p.stride:], p.right[from*p.stride:], p.feature[from*p.stride:], p.threshold[from*p.stride:]
	stride, at := p.stride, 0
	wide := int64(0)
	for i := range left {
		l, r, f := word(lefts, at), word(rights, at), word(features, at)
		left[i], right[i], feature[i] = int32(l), int32(r), int32(f)
		wide |= (l ^ int64(int32(l))) | (r ^ int64(int32(r))) | (f ^ int64(int32(f)))
		threshold[i] = math.Float64frombits(uint64(word(thresholds, at)))
		at += stride
	}
	return wide == 0
}

func word(b []byte, at int) int64 { return int64(binary.LittleEndian.Uint64(b[at : at+8])) }

// columns is plainRecords.read for numbers of any type, which says what is wrong with one.
func (r *records) columns(from, to int) error {
	out := &r.out
	for _, f := range []struct {
		name   string
		column pickle.Column
		to     []int32
	}{{"left_child", r.left, out.Left}, {"right_child", r.right, out.Right}, {"feature", r.feature, out.Feature}} {
		if _, err := f.column.Slice(from, to).AppendInt32s(f.to[from:from]); err != nil {
			return r.tree.broken("%s: %v", f.name, err)
		}
	}
	if _, err := r.threshold.Slice(from, to).AppendFloat64s(out.Threshold[from:from]); err != nil {
		return r.tree.broken("threshold: %v", err)
	}
	return nil
}

// isLeaf tells of a node by its children (TREE_LEAF in _tree.pyx).
func isLeaf(left, right int32) bool { return left == -1 && right == -1 }
