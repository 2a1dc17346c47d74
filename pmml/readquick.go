package pmml

import (
	"bytes"

	"github.com/seed-2867d59c/treeport/forest"
)

// Most of a file are the Nodes of its trees, and most files that are read are Write's own. So a tree's elements are looked for
// in the very bytes that Write makes of them first, and are read as tags with attributes where they stand in others. Both
// ways lead to the same steps.

const (
	nodeStart    = `<Node>`
	scoredStart  = `<Node score="`
	nodeEnd      = `</Node>`
	alwaysTrue   = `<True/>`
	comparison   = `<SimplePredicate field="`
	comparisonLE = `" operator="lessOrEqual" value="`
	comparisonGT = `" operator="greaterThan" value="`
	emptyEnd     = `"/>`
	// Names and numbers that are longer are not looked for.
	longestName   = 1 << 10
	longestNumber = 64
)

// nodeName is the name of the elements that quick opens.
var nodeName = []byte("Node")

// quick reads on within the innermost open Node as long as all is as Write writes it.
func (t *treeReader) quick(r *reader, b *body, to *target, tree *forest.Tree) error {
	if t.keep {
		return nil
	}
	for len(t.frames) > 0 && !r.empty && r.nodes < r.lim.Nodes && r.cells < r.lim.Cells {
		rest := r.data[r.pos:]
		shallow := len(r.open)+2 <= r.depth // a Node and its predicate are not too deep
		switch {
		case shallow && begins(rest, scoredStart):
			n, ok, err := t.quickLeaf(r, to, tree, rest)
			if !ok || err != nil {
				return err
			}
			r.pos += n
		case shallow && begins(rest, nodeStart):
			k, n, ok := t.quickPredicate(r, rest[len(nodeStart):])
			if !ok {
				return nil
			}
			r.nodes++
			r.open = append(r.open, nodeName)
			k.node = addNode(tree)
			t.frames = append(t.frames, frame{node: k.node, kids: int32(len(t.kids)), kid: k})
			r.pos += len(nodeStart) + n
		case begins(rest, nodeEnd) && len(r.open[len(r.open)-1]) == len(nodeName):
			r.at = r.pos
			r.pos += len(nodeEnd)
			r.open = r.open[:len(r.open)-1]
			if err := t.close(r, b, to, tree); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func begins(text []byte, with string) bool {
	return len(text) >= len(with) && string(text[:len(with)]) == with
}

// quickLeaf reads a leaf, which rest begins with, of n bytes. ok is false where it is another way written, or no leaf.
func (t *treeReader) quickLeaf(r *reader, to *target, tree *forest.Tree, rest []byte) (n int, ok bool, err error) {
	k, value, class, n := t.leafText(r, to, rest)
	if n == 0 {
		return 0, false, nil
	}
	r.at = r.pos
	r.nodes++
	k.node = addNode(tree)
	t.kids = append(t.kids, k)
	if to.labels != nil {
		return n, true, t.counted(r, tree, k.node, class)
	}
	r.cells++
	tree.Left[k.node] = int32(len(tree.Value))
	tree.Value = append(tree.Value, value)
	return n, true, nil
}

// leafText is what a leaf says that rest begins with: its predicate; its value or, with the counts in the row, its class. n is how many
// bytes it takes, 0 where it is another way written, or no leaf.
func (t *treeReader) leafText(r *reader, to *target, rest []byte) (k kid, value float64, class, n int) {
	at := len(scoredStart)
	if to.labels == nil {
		if value, n = quickNumber(rest[at:]); n == 0 {
			return k, 0, 0, 0
		}
	} else {
		if n = bytes.IndexByte(rest[at:min(len(rest), at+longestName)], '"'); n < 0 {
			return k, 0, 0, 0
		}
		if class = t.known(rest[at : at+n]); class < 0 {
			return k, 0, 0, 0
		}
	}
	if at += n; !begins(rest[at:], `">`) {
		return k, 0, 0, 0
	}
	at += 2
	k, n, ok := t.quickPredicate(r, rest[at:])
	if !ok {
		return k, 0, 0, 0
	}
	at += n
	if to.labels != nil {
		if t.lone != nil && bytes.HasPrefix(rest[at:], t.lone[class]) && begins(rest[at+len(t.lone[class]):], nodeEnd) {
			at += len(t.lone[class])
			clear(t.row)
			t.row[class] = 1
		} else {
			if n = t.quickCounts(rest[at:]); n == 0 {
				return k, 0, 0, 0
			}
			at += n
		}
	}
	if !begins(rest[at:], nodeEnd) {
		return k, 0, 0, 0
	}
	return k, value, class, at + len(nodeEnd)
}

// quickNumber is the finite number that a value begins with, of n bytes; 0 where there is none.
func quickNumber(rest []byte) (v float64, n int) {
	if v, n = decimal(rest); n > 0 {
		return v, n
	}
	if n = bytes.IndexByte(rest[:min(len(rest), longestNumber)], '"'); n < 0 {
		return 0, 0
	}
	v, ok := number(rest[:n], 64)
	if !ok || v-v != 0 {
		return 0, 0
	}
	return v, n
}

// known is the class of a label as it stands in most files; -1 where it is not among them.
func (t *treeReader) known(label []byte) int {
	if len(t.classes) > fewClasses {
		if i, ok := t.index[string(label)]; ok && bytes.Equal(t.classes[i], label) {
			return i
		}
		return -1
	}
	for i, c := range t.classes {
		if bytes.Equal(c, label) {
			return i
		}
	}
	return -1
}

// quickCounts reads the ScoreDistributions that rest begins with into the row, in the order of the classes; those left out are 0. n is
// how many bytes they take, 0 where there are none.
func (t *treeReader) quickCounts(rest []byte) (n int) {
	for j, entry := range t.entry {
		t.row[j] = 0
		if !bytes.HasPrefix(rest[n:], entry) {
			continue
		}
		v, size := decimal(rest[n+len(entry):])
		end := n + len(entry) + size
		if size == 0 || v < 0 || !begins(rest[end:], emptyEnd) {
			return 0
		}
		t.row[j] = v
		n = end + len(emptyEnd)
	}
	return n
}

// quickPredicate reads the predicate that rest begins with, of n bytes.
func (t *treeReader) quickPredicate(r *reader, rest []byte) (k kid, n int, ok bool) {
	if begins(rest, alwaysTrue) {
		return kid{predicate: always}, len(alwaysTrue), true
	}
	if !begins(rest, comparison) {
		return k, 0, false
	}
	at := len(comparison)
	for n = 0; at+n < len(rest) && n < longestName && rest[at+n] != '"'; n++ {
	}
	if k.feature, ok = t.features.find(rest[at:at+n], r.literal); !ok {
		return k, 0, false
	}
	switch at += n; {
	case begins(rest[at:], comparisonLE):
		k.predicate = lessOrEqual
	case begins(rest[at:], comparisonGT):
		k.predicate = greaterThan
	default:
		return k, 0, false
	}
	at += len(comparisonLE) // the other is as long
	v, n := quickNumber(rest[at:])
	if n == 0 || !begins(rest[at+n:], emptyEnd) {
		return k, 0, false
	}
	k.threshold, ok = thresholdOf(v, rest[at:at+n], r.input, false)
	return k, at + n + len(emptyEnd), ok
}

// featureCache remembers features by their names, each in one place: the same few are asked for again and again.
type featureCache [256]struct {
	name    string
	feature int32
}

func (c *featureCache) find(name []byte, literal map[string]int32) (int32, bool) {
	n := len(name)
	if n < 2 {
		feature, ok := literal[string(name)]
		return feature, ok
	}
	e := &c[byte(n)+name[n-1]*16+name[n-2]]
	if string(name) == e.name {
		return e.feature, true
	}
	feature, ok := literal[string(name)]
	if ok {
		e.name, e.feature = string(name), feature
	}
	return feature, ok
}
