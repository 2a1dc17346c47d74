package pmml

import (
	"bytes"
	"math"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// close ends the innermost open node: it becomes a leaf, or the split that its children's predicates make. Engines try
// the children in order; a comparison with a missing value is not true.
func (t *treeReader) close(r *reader, b *body, to *target, tree *forest.Tree) error {
	f := t.frames[len(t.frames)-1]
	t.frames = t.frames[:len(t.frames)-1]
	if f.more != nil {
		r.cells -= len(f.more.row)
	}
	kids := t.kids[f.kids:]
	t.kids = t.kids[:f.kids]
	if f.kid.predicate == end {
		return r.broken("a Node without predicate")
	}
	f.kid.node = f.node
	if len(t.frames) == 0 && f.kid.predicate != always {
		return r.unsupported("a root Node with a predicate")
	}
	var err error
	switch {
	case len(kids) == 0:
		err = t.leaf(r, to, tree, f.node, f.score, f.counted)
	case len(kids) == 2:
		var done bool
		if done, err = pairSplit(r, b, to, tree, f.node, &f, kids); !done && err == nil {
			err = t.chainSplit(r, b, to, tree, &f, kids)
		}
	default:
		err = t.chainSplit(r, b, to, tree, &f, kids)
	}
	if err != nil {
		return err
	}
	if len(t.frames) > 0 {
		t.kids = append(t.kids, f.kid)
	}
	return nil
}

// pairSplit is a node of two children whose predicates fit one comparison; done is false where they are something else.
func pairSplit(r *reader, b *body, to *target, tree *forest.Tree, i int32, f *frame, kids []kid) (done bool, err error) {
	first, second := kids[0], kids[1]
	if first.predicate == always && second.predicate == isMissing { // so is written that all goes left
		setSplit(tree, i, second.feature, math.Inf(1), first.node, second.node, true)
		return true, nil
	}
	left, right := first, second
	if first.predicate == greaterThan || first.predicate == isMissing {
		left, right = second, first
	}
	compared := first.predicate == lessOrEqual || first.predicate == greaterThan
	complement := compared && (first.predicate == lessOrEqual && second.predicate == greaterThan || first.predicate == greaterThan && second.predicate == lessOrEqual)
	if complement && (first.feature != second.feature || first.threshold != second.threshold) {
		return false, nil
	}
	if !complement && (second.predicate != always || !compared) {
		return false, nil
	}
	var missingLeft bool
	switch {
	case b.strategy == "defaultChild":
		if f.more == nil || len(f.more.defaultChild) == 0 {
			return false, r.unsupported("a split without defaultChild")
		}
		missingLeft = bytes.Equal(f.more.defaultChild, left.id())
		if missingLeft == bytes.Equal(f.more.defaultChild, right.id()) {
			return false, r.broken("the defaultChild %q, which is no child", f.more.defaultChild)
		}
	case b.strategy == "nullPrediction", complement:
		if complement && b.lastTrue {
			return false, r.unsupported("a prediction of an inner Node for missing values")
		}
		to.forest.RefusesNaN = true // engines answer nothing
	default:
		missingLeft = first.predicate == greaterThan
	}
	setSplit(tree, i, first.feature, first.threshold, left.node, right.node, missingLeft)
	return true, nil
}

// chainSplit is a node of any number of children: the first whose predicate is true is taken. It becomes a chain of
// splits; where nothing need be true, the node's own score ends it.
func (t *treeReader) chainSplit(r *reader, b *body, to *target, tree *forest.Tree, f *frame, kids []kid) error {
	last := kids[len(kids)-1]
	rest := int32(-1)
	switch {
	case last.predicate == always:
		rest, kids = last.node, kids[:len(kids)-1]
	case b.lastTrue:
		rest = addNode(tree)
		if err := r.countNode(); err != nil {
			return err
		}
		if f.more != nil && f.more.row != nil {
			copy(t.row, f.more.row)
		}
		if err := t.leaf(r, to, tree, rest, f.score, f.counted); err != nil {
			return err
		}
	default:
		return r.unsupported("a Node of which no child need be true")
	}
	if len(kids) == 0 {
		return r.unsupported("a Node with a single child that is always true")
	}
	for _, k := range kids {
		switch compares := k.predicate != isMissing && k.predicate != isNotMissing; {
		case compares && b.strategy == "defaultChild":
			return r.unsupported("missingValueStrategy %q in a Node that is no plain split", b.strategy)
		case compares && b.strategy == "nullPrediction":
			to.forest.RefusesNaN = true
		}
	}
	for j := len(kids) - 1; j >= 0; j-- {
		i := f.node
		if j > 0 {
			i = addNode(tree)
			if err := r.countNode(); err != nil {
				return err
			}
		}
		switch k := kids[j]; k.predicate {
		case lessOrEqual:
			setSplit(tree, i, k.feature, k.threshold, k.node, rest, false)
		case greaterThan:
			setSplit(tree, i, k.feature, k.threshold, rest, k.node, true)
		case isIn:
			setSplit(tree, i, k.feature, 0, k.node, rest, false)
			setCategories(tree, i, k.set())
		case isNotIn:
			setSplit(tree, i, k.feature, 0, rest, k.node, true)
			setCategories(tree, i, k.set())
		case isNotMissing:
			setSplit(tree, i, k.feature, math.Inf(1), k.node, rest, false)
		case isMissing:
			setSplit(tree, i, k.feature, math.Inf(1), rest, k.node, false)
		default:
			return r.unsupported("a Node of which a child is always or never true")
		}
		rest = i
	}
	return nil
}

func setSplit(tree *forest.Tree, i, feature int32, threshold float64, left, right int32, missingLeft bool) {
	tree.Feature[i], tree.Threshold[i], tree.Left[i], tree.Right[i] = feature, threshold, left, right
	tree.Flags[i] = 0
	if missingLeft {
		tree.Flags[i] = forest.MissingLeft
	}
}

// setCategories makes a split ask for categories.
func setCategories(tree *forest.Tree, i int32, set []float64) {
	if tree.Category == nil {
		tree.Category = make([]int32, len(tree.Feature))
		for j := range tree.Category {
			tree.Category[j] = forest.NoSet
		}
	}
	tree.Category[i] = int32(len(tree.Sets))
	tree.Sets = append(tree.Sets, set)
}

// leaf makes node i a leaf of a score, and of the counts in the row where there are some. Leaves of one class share a row.
func (t *treeReader) leaf(r *reader, to *target, tree *forest.Tree, i int32, score []byte, counted bool) error {
	if score == nil && (to.labels == nil || !counted) {
		return r.broken("a leaf without score")
	}
	if to.labels == nil {
		v, ok := number(score, 64)
		if !ok || math.IsInf(v, 0) {
			return r.broken("the score %q", score)
		}
		tree.Left[i] = int32(len(tree.Value))
		tree.Value = append(tree.Value, v)
		return t.room(r, 1)
	}
	class := -1
	if score != nil {
		var err error
		if class, err = t.class(r, score); err != nil {
			return err
		}
	}
	if !counted {
		return r.unsupported("a leaf of a classification without ScoreDistribution")
	}
	return t.counted(r, tree, i, class)
}

// counted makes node i a leaf of the counts in the row, and of a class; -1 is that of the largest count.
func (t *treeReader) counted(r *reader, tree *forest.Tree, i int32, class int) error {
	if !t.shares() {
		return r.broken("a leaf without records")
	}
	best := model.Largest(t.row)
	if class < 0 {
		class = best
	}
	one := t.lonely(best) && class == best
	if one && t.pure[best] >= 0 {
		tree.Left[i] = t.pure[best]
		return nil
	}
	tree.Left[i] = int32(len(tree.Value) / len(t.row))
	if one {
		t.pure[best] = tree.Left[i]
	}
	tree.Value = append(tree.Value, t.row...)
	t.labels = append(t.labels, int32(class))
	return t.room(r, len(t.row))
}

// shares makes the counts in the row parts of their sum; false where there is none.
func (t *treeReader) shares() bool {
	sum := 0.0
	for _, v := range t.row {
		sum += v
	}
	for j, v := range t.row {
		t.row[j] = v / sum
	}
	return sum != 0 && !math.IsInf(sum, 0)
}

// lonely tells whether the row has nothing but the class with the largest part.
func (t *treeReader) lonely(best int) bool { return t.row[best] == 1 && pure(t.row) }

// room counts leaf values against the limit.
func (t *treeReader) room(r *reader, n int) error {
	if r.cells += n; r.cells > r.lim.Cells {
		return fault.TooBigf(fault.At(int64(r.at)), "", "%d leaf values", r.cells)
	}
	return nil
}
