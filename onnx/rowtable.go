package onnx

import (
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// largestIndex is the largest integer below which every integer is a float32. Only tests change it.
var largestIndex = 1 << 24

// table is a forest as a row table: number holds, for each row of X and each slot, a row number of values (leaf values) and
// leaves (the original's node numbers); index holds it as an integer (-1: not yet).
type table struct {
	slots
	number model.Ref
	index  model.Ref
	values *model.Tensor
	leaves *model.Tensor // nil unless a step asks for leaf numbers
}

// rows looks a forest's leaf rows up and adds them in the order of the trees, in the forest's precision.
func (l *lowering) rows(op *model.Ensemble) (model.Ref, error) {
	f := op.Forest
	if total, ok := l.sumsExactly(f); ok {
		return l.exactSum(f, op.X, total)
	}
	t, err := l.table(f, op.X)
	if err != nil {
		return 0, err
	}
	var v model.Ref
	if t.steps > 1 && t.width <= widestSum {
		v = l.to.add(&model.RowSum{X: t.number, Table: turnedTable(t.values), Groups: f.Outputs / t.width})
	} else {
		v = l.to.add(&model.Lookup{X: l.whole(t), Table: t.values})
		if t.width < f.Outputs {
			v = l.to.add(&model.Reshape{X: v, Row: []int{t.steps, f.Outputs}})
		}
		if t.steps > 1 {
			v = l.to.add(&model.CumSum{X: v})
		}
		v = l.to.add(&model.Pick{X: v, Index: t.steps - 1})
	}
	return l.mean(f, v), nil
}

// mean divides a forest's sums where the forest does.
func (l *lowering) mean(f *forest.Forest, sums model.Ref) model.Ref {
	if n := len(f.Trees); f.Combine == forest.Mean && n > 1 {
		return l.to.add(&model.Div{X: sums, By: float64(n)})
	}
	return sums
}

// leaves looks leaf numbers up, of the original's trees in their order.
func (l *lowering) leaves(op *model.Leaves) (model.Ref, error) {
	t, err := l.table(op.Forest, op.X)
	if err != nil {
		return 0, err
	}
	index := l.whole(t)
	if columns := t.columns(len(op.Forest.Trees)); columns != nil {
		index = l.to.add(&model.Take{X: index, Columns: columns})
	}
	return l.to.add(&model.Lookup{X: index, Table: t.leaves}), nil
}

// table adds the ensemble that answers row numbers, once for each forest.
func (l *lowering) table(f *forest.Forest, x model.Ref) (*table, error) {
	if t := l.tables[f]; t != nil {
		return t, nil
	}
	s, err := slotsOf(f)
	if err != nil {
		return nil, err
	}
	t := &table{slots: s, index: -1}
	wide, members, err := l.compared(f, x)
	if err != nil {
		return nil, err
	}
	lowered, offsets, err := t.build(f, members, l.leafwise(f))
	if err != nil {
		return nil, err
	}
	l.finish(lowered, wide)
	t.number = l.ensembles(wide, lowered)
	if offsets != nil {
		t.number = l.to.add(&model.Offset{X: l.whole(t), By: offsets})
		t.index = t.number
	}
	l.tables[f] = t
	return t, nil
}

// leafwise tells whether a step asks for the leaves of a forest.
func (l *lowering) leafwise(f *forest.Forest) bool {
	return slices.ContainsFunc(l.from.Ops, func(op model.Op) bool {
		leaves, ok := op.(*model.Leaves)
		return ok && leaves.Forest == f
	})
}

// compared is what a forest's splits compare: x in the forest's precision, with columns for its splits by categories.
func (l *lowering) compared(f *forest.Forest, x model.Ref) (wide model.Ref, m *members, err error) {
	if f.Input == forest.Float64 && l.o.MLOpset == 1 {
		return 0, nil, fmt.Errorf("float64 comparisons need ml-opset 3 or later")
	}
	return l.members(f, l.cast(l.refs[x], kindOfPrecision(f.Input)))
}

// finish makes a forest one that the tree operator takes: over all columns of x, and in the operator's precision.
func (l *lowering) finish(f *forest.Forest, x model.Ref) {
	f.Features, f.Acc = l.to.types[x].Row[0], l.operatorAcc(f)
	if l.o.MLOpset == 5 {
		splitLoneLeaves(f)
	}
}

// operatorAcc is the precision in which the tree operator answers.
func (l *lowering) operatorAcc(f *forest.Forest) forest.Precision {
	if l.o.MLOpset == 5 {
		return f.Input
	}
	return forest.Float32
}

// mostTrees is how many trees one tree operator is given: onnxruntime loads a TreeEnsemble of ai.onnx.ml 5 in a time that grows with
// the square of its trees, and the answers of a batch of rows shall stay in a processor's cache.
const mostTrees = 400

// ensembles adds a forest with an output for each tree, as one ensemble or, of very many trees, as several side by side.
func (l *lowering) ensembles(x model.Ref, f *forest.Forest) model.Ref {
	parts := (len(f.Trees) + mostTrees - 1) / mostTrees
	if parts == 1 {
		return l.to.add(&model.Ensemble{X: x, Forest: f})
	}
	all := &model.Concat{}
	for i := range parts {
		from, to := len(f.Trees)*i/parts, len(f.Trees)*(i+1)/parts
		part := *f
		part.Trees, part.Outputs = f.Trees[from:to], to-from
		for k := range part.Trees {
			part.Trees[k].Output = int32(k)
		}
		all.Xs = append(all.Xs, l.to.add(&model.Ensemble{X: x, Forest: &part}))
	}
	return l.to.add(all)
}

// whole is a table's row numbers as integers.
func (l *lowering) whole(t *table) model.Ref {
	if t.index < 0 {
		t.index = l.to.add(&model.Cast{X: t.number, To: model.Int64})
	}
	return t.index
}

// turnedTable has the rows of a table as its columns.
func turnedTable(t *model.Tensor) *model.Tensor {
	rows, width := t.Shape[0], t.Shape[1]
	turned := &model.Tensor{Kind: t.Kind, Shape: []int{width, rows}, Float: t.Float}
	if width > 1 {
		turned.Float = make([]float64, len(t.Float))
		for i, v := range t.Float {
			turned.Float[i%width*rows+i/width] = v
		}
	}
	return turned
}

// build fills the tables and makes the forest that answers their row numbers: one output per slot. Where there are more
// rows than float32 can count, numbers start anew in each tree and offsets says how far to shift each.
func (t *table) build(f *forest.Forest, members *members, leafwise bool) (lowered *forest.Forest, offsets []int64, err error) {
	lowered = &forest.Forest{Outputs: len(t.slots.all), Input: f.Input, Acc: forest.Float32, Trees: make([]forest.Tree, len(t.slots.all))}
	r := rowCollector{RowSet: forest.RowSet{Width: t.width}, distinct: t.width > 1 && !leafwise, acc: f.Acc}
	starts := make([]int64, len(lowered.Trees))
	for k, slot := range t.slots.all {
		to := &lowered.Trees[k]
		starts[k] = int64(r.Len())
		if slot.tree < 0 {
			*to = loneLeaf(float64(r.add(slot.row, slot.plus)), int32(k))
			if leafwise {
				t.leaves = appendInt(t.leaves, 0)
			}
			continue
		}
		from := &f.Trees[slot.tree]
		*to = loweredSplits(f, from, members)
		to.Output = int32(k)
		if leafwise {
			to.Left = append([]int32(nil), from.Left...)
			for i := range from.Feature {
				if from.IsLeaf(int32(i)) {
					to.Left[i] = int32(len(to.Value))
					to.Value = append(to.Value, float64(r.add(from.Row(int32(i), t.width), slot.plus)))
					t.leaves = appendInt(t.leaves, int64(i))
				}
			}
			continue
		}
		for at := 0; at < len(from.Value); at += t.width {
			to.Value = append(to.Value, float64(r.add(from.Value[at:at+t.width], slot.plus)))
		}
	}
	if r.err != nil {
		return nil, nil, r.err
	}
	if r.Len() > largestIndex {
		if r.distinct {
			return nil, nil, fault.TooBigf(fault.Where{}, "", "%d distinct leaf rows", r.Len())
		}
		offsets = starts
		for k := range lowered.Trees {
			for i := range lowered.Trees[k].Value {
				lowered.Trees[k].Value[i] -= float64(starts[k])
				if lowered.Trees[k].Value[i] > float64(largestIndex) {
					return nil, nil, fault.TooBigf(fault.Where{}, "", "tree %d has more leaves than float32 can count", k)
				}
			}
		}
	}
	t.values = &model.Tensor{Kind: kindOfPrecision(f.Acc), Shape: []int{r.Len(), t.width}, Float: r.Values}
	return lowered, offsets, nil
}

// loweredSplits is a tree without leaf values whose splits the tree operator can ask.
func loweredSplits(f *forest.Forest, from *forest.Tree, m *members) forest.Tree {
	to := forest.Tree{Feature: from.Feature, Left: from.Left, Right: from.Right, Threshold: from.Threshold, Flags: from.Flags}
	if f.Input == forest.Float32 {
		to.Threshold = roundedDown(from)
	}
	m.lower(from, &to)
	return to
}

func appendInt(t *model.Tensor, v int64) *model.Tensor {
	if t == nil {
		t = &model.Tensor{Kind: model.Int64, Shape: []int{0}}
	}
	t.Int = append(t.Int, v)
	t.Shape[0]++
	return t
}

// rowCollector numbers leaf rows; equal ones get one number where distinct is set.
type rowCollector struct {
	forest.RowSet
	distinct bool
	acc      forest.Precision
	row      []float64
	err      error
}

// add is the number of the row, to each value of which plus is added.
func (r *rowCollector) add(row []float64, plus float64) int {
	r.row = r.row[:0]
	for _, v := range row {
		if r.acc.Round(v) != v && v == v && r.err == nil {
			r.err = fmt.Errorf("the leaf value %v is added in %v", v, r.acc)
		}
		r.row = append(r.row, v+plus)
	}
	if r.distinct {
		return int(r.Add(r.row))
	}
	return int(r.Append(r.row))
}

// roundedDown are a tree's thresholds as float32: the largest not above each. Since x is a float32 too, x <= t asks the same
// of either. Infinity stays.
func roundedDown(t *forest.Tree) []float64 {
	if !slices.ContainsFunc(t.Threshold, func(v float64) bool { return float64(float32(v)) != v }) {
		return t.Threshold
	}
	all := make([]float64, len(t.Threshold))
	for i, v := range t.Threshold {
		all[i] = forest.FloorFloat32(v)
	}
	return all
}

// loneLeaf is a tree of one leaf.
func loneLeaf(value float64, output int32) forest.Tree {
	return forest.Tree{Feature: []int32{forest.Leaf}, Left: []int32{0}, Right: []int32{0}, Threshold: []float64{0}, Value: []float64{value}, Output: output}
}

// splitLoneLeaves turns a tree of one leaf into a split between two leaves of the same row. TreeEnsemble 5 has no roots that
// are leaves; a root whose two children are one leaf is what stands for it, and onnxruntime then looks the leaf up under
// the root's own number.
func splitLoneLeaves(f *forest.Forest) {
	for k := range f.Trees {
		if t := &f.Trees[k]; t.Len() == 1 {
			row := t.Left[0]
			*t = forest.Tree{Feature: []int32{0, forest.Leaf, forest.Leaf}, Left: []int32{1, row, row}, Right: []int32{2, 0, 0},
				Threshold: make([]float64, 3), Value: t.Value, Output: t.Output}
		}
	}
}
