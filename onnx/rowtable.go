package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// largestIndex is the largest integer below which every integer is a float32. Only tests change it.
var largestIndex = 1 << 24

// table is a forest as a row table: number holds, for each row of X and each slot, a row number of values (leaf values) and
// leaves (the original's node numbers); index holds it as an integer (-1: not yet). Where trees answer their values themselves, number holds
// these, and there are no tables.
type table struct {
	slots
	number model.Ref
	index  model.Ref
	values *model.Tensor // nil where number holds the values
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
	if t.values != nil && t.steps > 1 && t.width <= widestSum {
		return l.mean(f, l.to.add(&model.RowSum{X: t.number, Table: turnedTable(t.values), Groups: f.Outputs / t.width})), nil
	}
	v := t.number
	if t.values != nil {
		v = l.to.add(&model.Lookup{X: l.whole(t), Table: t.values})
	}
	if t.values == nil || t.width < f.Outputs {
		v = l.to.add(&model.Reshape{X: v, Row: []int{t.steps, f.Outputs}})
	}
	if t.steps > 1 {
		v = l.to.add(&model.CumSum{X: v})
	}
	return l.mean(f, l.to.add(&model.Pick{X: v, Index: t.steps - 1})), nil
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
	m, err := l.compared(f, x)
	if err != nil {
		return nil, err
	}
	var shares []share
	for _, slots := range slotRuns(f, s.all) {
		p := share{slots: slots}
		var trees []int
		for _, slot := range slots {
			if slot.tree >= 0 {
				trees = append(trees, slot.tree)
			}
		}
		if p.x, p.columns, err = m.columns(trees); err != nil {
			return nil, err
		}
		shares = append(shares, p)
	}
	leafwise := l.leafwise(f)
	offsets, err := t.build(f, shares, leafwise, !leafwise && l.answersValues(f, s))
	if err != nil {
		return nil, err
	}
	t.number = l.ensembles(shares)
	if offsets != nil {
		t.number = l.to.add(&model.Offset{X: l.whole(t), By: offsets})
		t.index = t.number
	}
	l.tables[f] = t
	return t, nil
}

// answersValues tells whether the tree operator answers leaf values as they are: one of each tree, in float64, and added to 0, so that a sum may
// not begin with -0. It does with the splits' precision, and wider splits than need be would make it slower.
func (l *lowering) answersValues(f *forest.Forest, s slots) bool {
	if l.o.MLOpset != 5 || f.Input != forest.Float64 || f.Acc != forest.Float64 || s.width > 1 || s.steps == 1 {
		return false
	}
	return !slices.ContainsFunc(s.all[:f.Outputs], func(first slot) bool {
		values := first.row
		if first.tree >= 0 {
			values = f.Trees[first.tree].Value
		}
		return slices.ContainsFunc(values, func(v float64) bool { return v == 0 && math.Signbit(v+first.plus) })
	})
}

// leafwise tells whether a step asks for the leaves of a forest.
func (l *lowering) leafwise(f *forest.Forest) bool {
	return slices.ContainsFunc(l.from.Ops, func(op model.Op) bool {
		leaves, ok := op.(*model.Leaves)
		return ok && leaves.Forest == f
	})
}

// compared is what a forest's splits compare: x in the forest's precision, and columns for splits by categories.
func (l *lowering) compared(f *forest.Forest, x model.Ref) (*members, error) {
	if f.Input == forest.Float64 && l.o.MLOpset == 1 {
		return nil, fmt.Errorf("float64 comparisons need ml-opset 3 or later")
	}
	return l.membersOf(f, l.cast(l.refs[x], kindOfPrecision(f.Input))), nil
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

// share is a tree operator for some of the slots, which lie one after the other.
type share struct {
	slots   []slot
	x       model.Ref // what the trees compare, with the columns for their categories
	columns memberColumns
	lowered *forest.Forest // one output per slot
}

// ensembles adds the operators, side by side.
func (l *lowering) ensembles(shares []share) model.Ref {
	all := &model.Concat{}
	for _, p := range shares {
		l.finish(p.lowered, p.x)
		all.Xs = append(all.Xs, l.to.add(&model.Ensemble{X: p.x, Forest: p.lowered}))
	}
	if len(all.Xs) == 1 {
		return all.Xs[0]
	}
	return l.to.add(all)
}

// The most that one tree operator is given. onnxruntime loads a TreeEnsemble of ai.onnx.ml 5 in a time that grows with the square of its
// trees; and what it reads and writes of a batch of rows shall stay in a processor's cache.
const (
	mostTrees = 400
	mostSets  = 4096 // of categories, each of which is a column
)

// slotRuns cuts slots into runs that one tree operator takes.
func slotRuns(f *forest.Forest, all []slot) [][]slot {
	var runs [][]slot
	runLength := (len(all) + (len(all)-1)/mostTrees) / (1 + (len(all)-1)/mostTrees) // rounded up
	sets := map[string]bool{}
	from := 0
	for k, slot := range all {
		if k-from == runLength || len(sets) > mostSets {
			runs, from = append(runs, all[from:k]), k
			clear(sets)
		}
		if slot.tree >= 0 {
			eachSet(&f.Trees[slot.tree], func(_ int32, key string, _ []float64) { sets[key] = true })
		}
	}
	return append(runs, all[from:])
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

// build fills the tables and makes the forests that answer their row numbers. Where there are more rows than float32 can count,
// numbers start anew in each tree and offsets says how far to shift each. With themselves the forests answer the values, and there are no tables.
func (t *table) build(f *forest.Forest, shares []share, leafwise, themselves bool) (offsets []int64, err error) {
	var places []place
	n := 0
	for i := range shares {
		p := &shares[i]
		p.lowered = &forest.Forest{Outputs: len(p.slots), Input: f.Input, Trees: make([]forest.Tree, len(p.slots))}
		for k, slot := range p.slots {
			rows := 1
			if slot.tree >= 0 && leafwise {
				rows = f.Trees[slot.tree].Leaves()
			} else if slot.tree >= 0 {
				rows = len(f.Trees[slot.tree].Value) / t.width
			}
			places = append(places, place{slot, &p.lowered.Trees[k], p.columns, n, rows})
			n += rows
		}
	}
	_ = parallel.Each(len(places), func(i int) error {
		p := places[i]
		if p.tree >= 0 {
			*p.to = loweredSplits(f, &f.Trees[p.tree], p.columns)
		} else {
			*p.to = loneLeaf(0)
		}
		return nil
	})
	for _, p := range shares {
		for k := range p.lowered.Trees {
			p.lowered.Trees[k].Output = int32(k)
		}
	}
	if themselves {
		for _, p := range places {
			p.answer(f)
		}
		return nil, nil
	}
	t.values = &model.Tensor{Kind: kindOfPrecision(f.Acc)}
	if t.width > 1 && !leafwise { // a row that was there before has its number
		r := rowCollector{RowSet: forest.RowSet{Width: t.width}, distinct: true, acc: f.Acc}
		for _, p := range places {
			p.fill(f, &r, nil)
		}
		t.values.Shape, t.values.Float = []int{r.Len(), t.width}, r.Values
		if r.err == nil && r.Len() > largestIndex {
			return nil, fault.TooBigf(fault.Where{}, "", "%d distinct leaf rows", r.Len())
		}
		return nil, r.err
	}
	t.values.Shape, t.values.Float = []int{n, t.width}, joined(f, places, leafwise)
	shared := t.values.Float != nil
	if !shared {
		t.values.Float = make([]float64, n*t.width)
	}
	if leafwise {
		t.leaves = &model.Tensor{Kind: model.Int64, Shape: []int{n}, Int: make([]int64, n)}
	}
	if n > largestIndex {
		offsets = make([]int64, len(places))
	}
	return offsets, parallel.Each(len(places), func(i int) error {
		p := places[i]
		r := rowCollector{RowSet: forest.RowSet{Width: t.width}, first: p.first, acc: f.Acc}
		if offsets != nil {
			if offsets[i], r.first = int64(p.first), 0; p.rows-1 > largestIndex {
				return fault.TooBigf(fault.Where{}, "", "a tree has more leaves than float32 can count")
			}
		}
		if shared {
			p.to.Value = make([]float64, p.rows)
			for k := range p.to.Value {
				p.to.Value[k] = float64(r.first + k)
			}
			return nil
		}
		r.Values = t.values.Float[p.first*t.width:][: 0 : p.rows*t.width]
		var leaves []int64
		if leafwise {
			leaves = t.leaves.Int[p.first:][:p.rows]
		}
		p.fill(f, &r, leaves)
		return r.err
	})
}

// joined are a forest's leaf values, if they are held one after another and a table of them would be the same; else nil.
func joined(f *forest.Forest, places []place, leafwise bool) []float64 {
	all := f.Joined()
	if all == nil || leafwise || len(places) != len(f.Trees) {
		return nil
	}
	err := parallel.Each(len(places), func(i int) error {
		if places[i].tree != i {
			return errOtherTable
		}
		for _, v := range f.Trees[i].Value {
			if math.Float64bits(f.Acc.Round(v+places[i].plus)) != math.Float64bits(v) {
				return errOtherTable
			}
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return all
}

var errOtherTable = errors.New("leaf values that are not those of the table")

// place is where a slot's tree goes, and its rows: so many from the first on, if none is kept once for several leaves.
type place struct {
	slot
	to          *forest.Tree
	columns     memberColumns
	first, rows int
}

// answer gives the tree its own values, which it shares where nothing is added to them.
func (p place) answer(f *forest.Forest) {
	p.to.Value = p.row
	if p.tree >= 0 {
		p.to.Value = f.Trees[p.tree].Value
	}
	if !math.Signbit(p.plus) {
		p.to.Value = slices.Clone(p.to.Value)
		for i := range p.to.Value {
			p.to.Value[i] += p.plus
		}
	}
}

// fill gives the tree the numbers of its rows as leaf values. Where there are leaves, each has a row of its own, and they become the numbers of
// the original's nodes.
func (p place) fill(f *forest.Forest, r *rowCollector, leaves []int64) {
	if p.tree < 0 {
		p.to.Value[0] = float64(r.add(p.row, p.plus))
		return
	}
	from, width := &f.Trees[p.tree], r.Width
	p.to.Value = make([]float64, 0, p.rows)
	if leaves == nil {
		for at := 0; at < len(from.Value); at += width {
			p.to.Value = append(p.to.Value, float64(r.add(from.Value[at:at+width], p.plus)))
		}
		return
	}
	p.to.Left = append([]int32(nil), from.Left...)
	for i := range from.Feature {
		if from.IsLeaf(int32(i)) {
			n := len(p.to.Value)
			p.to.Left[i], leaves[n] = int32(n), int64(i)
			p.to.Value = append(p.to.Value, float64(r.add(from.Row(int32(i), width), p.plus)))
		}
	}
}

// loweredSplits is a tree without leaf values whose splits the tree operator can ask.
func loweredSplits(f *forest.Forest, from *forest.Tree, columns memberColumns) forest.Tree {
	to := forest.Tree{Feature: from.Feature, Left: from.Left, Right: from.Right, Threshold: from.Threshold, Flags: from.Flags}
	if f.Input == forest.Float32 {
		to.Threshold = roundedDown(from)
	}
	columns.lower(from, &to)
	return to
}

// rowCollector numbers leaf rows; equal ones get one number where distinct is set.
type rowCollector struct {
	forest.RowSet
	distinct bool
	first    int // number, of those that are not
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
	return r.first + int(r.Append(r.row))
}

// roundedDown are a tree's thresholds as float32: the largest not above each. Since x is a float32 too, x <= t asks the same
// of either. Infinity stays.
func roundedDown(t *forest.Tree) []float64 {
	if !slices.ContainsFunc(t.Threshold, func(v float64) bool { return float64(float32(v)) != v }) {
		return t.Threshold
	}
	all := slices.Clone(t.Threshold)
	forest.FloorFloat32(all)
	return all
}

// loneLeaf is a tree of one leaf.
func loneLeaf(value float64) forest.Tree {
	return forest.Tree{Feature: []int32{forest.Leaf}, Left: []int32{0}, Right: []int32{0}, Threshold: []float64{0}, Value: []float64{value}}
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
