package onnx

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// The table of a lookup is written in fewer bytes where that loses nothing, and onnxruntime makes it float64 when it loads the file (with its
// optimizations disabled: in each call). Probabilities are the records that each counts, and those of its row, in one, two or four bytes; other
// numbers are float32, if all are:
//
//	counts [rows, classes] -> Cast -> Div -> table        numbers -> Cast -> table
//	records [rows, 1]      -> Cast ---^
//
// With ml-opset 1 tables stay as they are: such files are for whoever knows little of ONNX.

// smallTable is how many items are not worth the operators.
const smallTable = 512

// table adds the table of a lookup to the step that makes out, and answers its name.
func (e *encoder) table(out string, t *model.Tensor) string {
	if t.Kind != model.Float64 || len(t.Float) < smallTable || e.o.MLOpset == 1 {
		return e.constant(out, "table", t)
	}
	if records := recordsOf(t); records != nil {
		table, counts, all := e.free(out+".table"), e.free(out+".counts"), e.free(out+".records")
		width := t.Shape[1]
		e.constants = append(e.constants,
			unsignedTensor(counts, t.Shape, func(i int) uint32 { return uint32(math.Round(t.Float[i] * float64(records[i/width]))) }),
			unsignedTensor(all, []int{len(records), 1}, func(i int) uint32 { return records[i] }))
		e.node("", "Div", []string{e.double(counts), e.double(all)}, []string{table})
		return table
	}
	if slices.ContainsFunc(t.Float, func(v float64) bool { return math.Float64bits(float64(float32(v))) != math.Float64bits(v) }) {
		return e.constant(out, "table", t)
	}
	return e.double(e.constant(out, "table", &model.Tensor{Kind: model.Float32, Shape: t.Shape, Float: t.Float}))
}

// double casts a constant to float64.
func (e *encoder) double(constant string) string {
	out := e.free(constant + "_double")
	e.node("", "Cast", []string{constant}, []string{out}, intAttr("to", elemDouble))
	return out
}

var errNoCounts = errors.New("numbers that count nothing")

// recordsOf are the records of each row, of which its items are whole parts; nil if some are not.
func recordsOf(t *model.Tensor) []uint32 {
	if len(t.Shape) != 2 {
		return nil
	}
	records := make([]uint32, t.Shape[0])
	const some = 1 << 10 // rows at a time
	err := parallel.Each((len(records)+some-1)/some, func(k int) error {
		width := t.Shape[1]
		c := make([]float64, width)
		for i := k * some; i < min(len(records), (k+1)*some); i++ {
			n, ok := forest.Counts(t.Float[i*width:(i+1)*width], c)
			if !ok || slices.ContainsFunc(c, func(v float64) bool { return math.Signbit(v) || v > math.MaxUint32 }) {
				return errNoCounts
			}
			records[i] = uint32(n)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return records
}

// unsignedTypes are the ONNX types of whole numbers without a sign, by their bytes.
var unsignedTypes = map[int]int64{1: elemUint8, 2: elemUint16, 4: elemUint32}

// unsignedTensor is a constant of such numbers, in as few bytes as the largest takes.
func unsignedTensor(name string, shape []int, at func(i int) uint32) *message {
	n, size := items(shape), 1
	for i := range n {
		switch v := at(i); {
		case v > math.MaxUint16:
			size = 4
		case v > math.MaxUint8:
			size = max(size, 2)
		}
	}
	m := tensorHead(name, shape, unsignedTypes[size])
	m.lazy(tensorRaw, n*size, cut(n, func(from, to int, b []byte) []byte {
		for i := from; i < to; i++ {
			switch v := at(i); size {
			case 1:
				b = append(b, byte(v))
			case 2:
				b = binary.LittleEndian.AppendUint16(b, uint16(v))
			default:
				b = binary.LittleEndian.AppendUint32(b, v)
			}
		}
		return b
	}))
	return m
}

// foldCasts makes constants of what casts make of constants, and of tables that are written as counts and records. Other unsigned constants are
// not supported.
func (f *file) foldCasts(expected []*model.Tensor) error {
	g, readers := makersOf(f.nodes), f.readers()
	folded := map[*node]bool{}
	for _, n := range f.nodes {
		if from, ok := castToDouble(n); ok && f.consts[from] != nil && f.consts[from].Kind == model.Float32 && len(n.outputs) == 1 {
			t := f.consts[from]
			f.consts[n.outputs[0]] = &model.Tensor{Kind: model.Float64, Shape: t.Shape, Float: t.Float}
			folded[n] = true
		}
		if n.op != "Div" || len(n.inputs) != 2 || len(n.outputs) != 1 {
			continue
		}
		casts := [2]*node{g.before(n, 0, "Cast"), g.before(n, 1, "Cast")}
		var parts [2]*stored
		for i, cast := range casts { // no constant is read twice, so that a small file does not make many tables
			if from, ok := castToDouble(cast); ok && readers[n.inputs[i]] == 1 && readers[from] == 1 {
				parts[i] = f.unsigned[from]
			}
		}
		counts, records := parts[0], parts[1]
		if counts == nil || records == nil || len(counts.shape) != 2 || !slices.Equal(records.shape, []int{counts.shape[0], 1}) {
			continue
		}
		width := counts.shape[1]
		f.consts[n.outputs[0]] = floatTensor(model.Float64, counts.shape, counts.n, expected, func(i int) float64 {
			return float64(counts.at(i)) / float64(records.at(i/width))
		})
		folded[n] = true
		for _, cast := range casts {
			delete(f.unsigned, cast.inputs[0])
			folded[cast] = true
		}
	}
	if len(f.unsigned) > 0 {
		return fault.Unsupportedf(fault.Where{}, "unsigned constants that are not the counts of a table and its records")
	}
	f.nodes = slices.DeleteFunc(f.nodes, func(n *node) bool { return folded[n] })
	return nil
}

// castToDouble is what a node casts to float64, if it does.
func castToDouble(n *node) (from string, ok bool) {
	if n == nil || n.op != "Cast" || len(n.inputs) != 1 {
		return "", false
	}
	to, err := n.int("to", 0)
	return n.inputs[0], err == nil && to == elemDouble
}
