package pmml

import (
	"math"
	"slices"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// treeWriter writes nodes of one target's trees, without recursion: a tree may be as deep as it has splits. What it writes stays
// in its own buffer.
type treeWriter struct {
	*encoder
	t     *target
	tree  *forest.Tree
	row   int  // width of the leaf rows
	all   bool // leaves list classes without records, too
	stack []step
	count []float64
	score [][]byte // per class, the score attribute's value
	entry [][]byte // per class, a ScoreDistribution up to its count
	lone  [][]byte // per class, the distributions of a leaf that has only it; nil where classes are many
	seen  []bool   // per feature
}

// step is a node to be written, or its end.
type step struct {
	node, parent int32
	predicate    predicate
}

// predicate is what stands in a node, about its parent's feature and threshold.
type predicate uint8

const (
	end    predicate = iota // the node was written; its end tag follows
	inline                  // its children stand in the place of the node
	always
	never // read only
	lessOrEqual
	greaterThan
	isMissing
	isNotMissing
	isIn
	isNotIn
)

func newTreeWriter(e *encoder, t *target) *treeWriter {
	own := *e
	own.w, own.b = nil, nil
	w := &treeWriter{encoder: &own, t: t, row: t.forest.Outputs, seen: make([]bool, t.forest.Features)}
	k := t.classes()
	w.count = make([]float64, k)
	for j := range k {
		w.score = append(w.score, appendEscaped(nil, string(appendLabel(nil, t.labels, j))))
	}
	w.entry = entries(w.score)
	return w
}

// used lists the features of tree k, in order; the first feature where it uses none, since a schema can't be empty.
func (w *treeWriter) used(k int) []int32 {
	clear(w.seen)
	var list []int32
	for _, f := range w.t.forest.Trees[k].Feature {
		if f >= 0 && !w.seen[f] {
			w.seen[f] = true
			list = append(list, f)
		}
	}
	if list == nil {
		list = []int32{0}
	}
	slices.Sort(list)
	return list
}

// piece writes the nodes of a piece. Its end is where the next one begins.
func (w *treeWriter) piece(p piece) {
	t := &w.t.forest.Trees[p.tree]
	w.tree = t
	if all := !w.sparse || p.tree == 0; all != w.all || w.lone == nil {
		w.all = all
		w.lone = loneClasses(w.entry, all)
	}
	if t.Output != forest.AllOutputs {
		w.fail("trees["+strconv.Itoa(p.tree)+"]", "a tree that was not lowered")
		return
	}
	w.stack = append(w.stack[:0], p.stack...)
	for steps := pieceSteps(w.t); steps > 0 && len(w.stack) > 0 && w.err == nil; steps-- {
		switch s := w.pop(); {
		case s.predicate == end:
			w.b = append(w.b, "</Node>"...)
		case t.IsLeaf(s.node):
			w.leaf(s)
		default:
			if s.predicate != inline {
				w.b = append(w.b, "<Node>"...)
				w.predicate(s)
			}
			w.enter(s)
		}
	}
}

// pass does as many steps of piece, and writes nothing.
func (w *treeWriter) pass(steps int) {
	for ; steps > 0 && len(w.stack) > 0; steps-- {
		if s := w.pop(); s.predicate != end && !w.tree.IsLeaf(s.node) {
			w.enter(s)
		}
	}
}

func (w *treeWriter) pop() step {
	last := len(w.stack) - 1
	s := w.stack[last]
	w.stack = w.stack[:last]
	return s
}

// enter puts a split's end on the stack, where it has one, and its children.
func (w *treeWriter) enter(s step) {
	if s.predicate != inline {
		w.stack = append(w.stack, step{predicate: end})
	}
	w.split(s.node)
}

func (w *treeWriter) fail(path, format string, args ...any) {
	w.err = fault.Unsupportedf(fault.In(path), format, args...)
}

// split puts a node's children on the stack: first the one that a NaN does not take. The second one is taken where the
// first is not; so its own children may stand in its place, behind the first. That saves an element for every split, and
// Nodes go into one another only where first children do: engines read and walk them by recursion.
func (w *treeWriter) split(i int32) {
	t := w.tree
	left, right := t.Left[i], t.Right[i]
	if set := t.Set(i); set != nil || all(t, i) {
		w.unusual(i, set != nil)
		return
	}
	// Which way a NaN goes, and which nodes are leaves, no processor guesses: there is no branch for it.
	flip := int32(0)
	if t.MissingLeft(i) {
		flip = -1
	}
	swap := (left ^ right) & flip
	first, second := step{left ^ swap, i, lessOrEqual + predicate(flip&1)}, step{right ^ swap, i, inline}
	if t.IsLeaf(second.node) {
		second.predicate = always
	}
	if all(t, second.node) && !standsIn(t, second.node) {
		second.predicate = always
	}
	w.stack = append(w.stack, second, first)
}

// unusual is split for one that asks for categories, or sends all numbers left.
func (w *treeWriter) unusual(i int32, set bool) {
	t := w.tree
	left, right := step{node: t.Left[i], parent: i}, step{node: t.Right[i], parent: i}
	first, second := &left, &right
	switch missingLeft := t.MissingLeft(i); {
	case set && missingLeft:
		right.predicate = isNotIn
		first, second = &right, &left
	case set:
		left.predicate = isIn
	case missingLeft: // nothing comes to the right; its predicate says what was asked
		left.predicate, right.predicate = always, isMissing
	default:
		left.predicate = isNotMissing
	}
	if second.predicate == end {
		second.predicate = always
		if standsIn(t, second.node) {
			second.predicate = inline
		}
	}
	w.stack = append(w.stack, *second, *first)
}

// standsIn tells whether the children of node j may stand in for it.
func standsIn(t *forest.Tree, j int32) bool {
	return !t.IsLeaf(j) && !(t.MissingLeft(j) && all(t, j))
}

// all tells whether the split of node i sends all numbers left.
func all(t *forest.Tree, i int32) bool { return t.Set(i) == nil && math.IsInf(t.Threshold[i], 1) }

func (w *treeWriter) predicate(s step) {
	var feature int32
	if s.predicate > always {
		feature = w.tree.Feature[s.parent]
	}
	switch s.predicate {
	case always:
		w.b = append(w.b, "<True/>"...)
		return
	case isMissing:
		w.b = append(w.b, w.isMissing[feature]...)
		return
	case isNotMissing:
		w.b = append(w.b, w.isNotMissing[feature]...)
		return
	case isIn:
		w.b = append(w.b, w.isIn[feature]...)
		w.array(w.tree.Set(s.parent))
		return
	case isNotIn:
		w.b = append(w.b, w.isNotIn[feature]...)
		w.array(w.tree.Set(s.parent))
		return
	case lessOrEqual:
		w.b = append(w.b, w.le[feature]...)
	case greaterThan:
		w.b = append(w.b, w.gt[feature]...)
	}
	t := w.tree.Threshold[s.parent]
	if w.t.forest.Input == forest.Float32 && !isNarrow(t) {
		w.fail("", "the threshold %v, which was not lowered", t)
	}
	w.b = appendFloat(w.b, t)
	w.b = append(w.b, `"/>`...)
}

// array writes the categories of a SimpleSetPredicate, and its end.
func (w *treeWriter) array(set []float64) {
	w.text(`<Array type="real" n="`, strconv.Itoa(len(set)), `">`)
	for i, v := range set {
		if i > 0 {
			w.text(" ")
		}
		w.b = appendFloat(w.b, v)
	}
	w.text("</Array></SimpleSetPredicate>")
}

func (w *treeWriter) leaf(s step) {
	row := w.tree.Row(s.node, w.row)
	w.b = append(w.b, `<Node score="`...)
	if w.t.labels == nil {
		if v := row[0]; v-v != 0 {
			w.fail("", "PMML can't hold the leaf value %v", v)
			return
		}
		w.b = appendFloat(w.b, row[0])
		w.b = append(w.b, `">`...)
		w.predicate(s)
		w.b = append(w.b, "</Node>"...)
		return
	}
	p := row[:len(w.count)]
	best := model.Largest(p)
	label := best
	if w.t.scored {
		label = int(row[len(w.count)])
		if label < 0 || label >= len(w.count) {
			w.fail("", "a leaf of label %d of %d", label, len(w.count))
			return
		}
	}
	w.b = append(w.b, w.score[label]...)
	w.b = append(w.b, `">`...)
	w.predicate(s)
	if w.lone != nil && p[best] == 1 && pure(p) {
		w.b = append(w.b, w.lone[best]...)
	} else {
		counts(p, w.count)
		w.b = appendCounts(w.b, w.entry, w.count, w.all)
	}
	w.b = append(w.b, "</Node>"...)
}
