package pmml

import (
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// treeReader reads the nodes of a tree, without recursion.
type treeReader struct {
	labelTexts
	tree     forest.Tree  // the last one that was read; its slices are used again
	frames   []frame      // open nodes
	kids     []kid        // children of the open nodes, the outermost's first
	row      []float64    // of the leaf that is read
	pure     []int32      // per class, the row of a leaf that has only it; -1
	labels   []int32      // per leaf row, the class in the leaf's score
	features featureCache // of the forest that is read
	outer    []int32      // per open node, see follow
	keep     bool         // inner nodes may become leaves, so their distributions are kept
}

// labelTexts are the texts of a target's labels.
type labelTexts struct {
	classes [][]byte       // as they stand in most files
	index   map[string]int // of a label by its text
	entry   [][]byte       // per class, a ScoreDistribution up to its count, as Write writes it
	lone    [][]byte       // per class, the distributions of a leaf that has only it; nil where classes are many
}

// frame is an open node.
type frame struct {
	node        int32
	kids        int32  // where its children begin
	kid         kid    // what the node will be to its parent
	score       []byte // nil: none
	counted     bool   // it has a ScoreDistribution
	probability bool   // by probability
	more        *moreOfFrame
}

// moreOfFrame is what few nodes have.
type moreOfFrame struct {
	defaultChild []byte
	row          []float64 // its ScoreDistribution where it may be needed later
}

// kid is a child with its predicate.
type kid struct {
	node, feature int32
	predicate     predicate
	threshold     float64 // of lessOrEqual and greaterThan
	more          *moreOfKid
}

// moreOfKid is what few predicates and nodes have.
type moreOfKid struct {
	set []float64 // of isIn and isNotIn
	id  []byte    // of the Node
}

// set is the categories of isIn and isNotIn.
func (k *kid) set() []float64 { return k.more.set }

func (k *kid) id() []byte {
	if k.more == nil {
		return nil
	}
	return k.more.id
}

func (t *treeReader) setClasses(values []string) {
	l := labelTexts{index: map[string]int{}}
	for i, v := range values {
		l.classes = append(l.classes, appendEscaped(nil, v))
		l.index[v] = i
	}
	l.entry = entries(l.classes)
	l.lone = loneClasses(l.entry, true)
	t.labelTexts = l
	t.row = make([]float64, len(values))
}

// read reads the tree whose root's start was read last, as tree k of the target's forest; a lone one is all of it.
func (t *treeReader) read(r *reader, b *body, to *target, k int, lone bool) (forest.Tree, error) {
	t.keep = b.lastTrue && to.labels != nil
	scored := lone && to.labels != nil // which is told by the labels of all leaves
	if e := r.expect(to.forest, k); e != nil && !scored && t.follow(r, b, to, e) {
		return *e, nil
	}
	if err := t.nodes(r, b, to); err != nil {
		return forest.Tree{}, err
	}
	if scored {
		t.scores(to)
	}
	return r.keep(&t.tree, to.forest, k)
}

// nodes reads the tree's nodes into t.tree.
func (t *treeReader) nodes(r *reader, b *body, to *target) error {
	switch b.strategy {
	case "", "none", "nullPrediction", "defaultChild":
	default:
		return r.unsupported("PMML with missingValueStrategy %q", b.strategy)
	}
	tree := &t.tree
	*tree = forest.Tree{Output: forest.AllOutputs, Feature: tree.Feature[:0], Left: tree.Left[:0], Right: tree.Right[:0],
		Threshold: tree.Threshold[:0], Flags: tree.Flags[:0], Value: tree.Value[:0]}
	t.frames, t.kids, t.labels = t.frames[:0], t.kids[:0], t.labels[:0]
	t.forgetRows(to)
	if err := t.open(r, tree); err != nil {
		return err
	}
	for len(t.frames) > 0 {
		if err := t.quick(r, b, to, tree); err != nil {
			return err
		}
		if len(t.frames) == 0 {
			break
		}
		tok, err := r.next()
		if err != nil {
			return err
		}
		if tok == tokenEnd {
			if err := t.close(r, b, to, tree); err != nil {
				return err
			}
			continue
		}
		if string(r.name) == "Node" {
			if err := t.open(r, tree); err != nil {
				return err
			}
			continue
		}
		if err := t.inside(r, to); err != nil {
			return err
		}
	}
	return nil
}

// forgetRows begins a tree whose leaf rows are all to come.
func (t *treeReader) forgetRows(to *target) {
	t.pure = t.pure[:0]
	for range to.classes() {
		t.pure = append(t.pure, -1)
	}
}

// open starts a node.
func (t *treeReader) open(r *reader, tree *forest.Tree) error {
	if err := r.countNode(); err != nil {
		return err
	}
	if len(t.frames) > 0 {
		f := &t.frames[len(t.frames)-1]
		if t.keep && f.counted && (f.more == nil || f.more.row == nil) && len(t.kids) == int(f.kids) { // a child's distribution comes
			if f.more == nil {
				f.more = &moreOfFrame{}
			}
			f.more.row = slices.Clone(t.row)
			if err := t.room(r, len(t.row)); err != nil {
				return err
			}
		}
	}
	f := frame{node: addNode(tree), kids: int32(len(t.kids)), score: r.raw("score"), kid: kid{predicate: end}}
	if id := r.raw("id"); id != nil {
		f.kid.more = &moreOfKid{id: id}
	}
	if child := r.raw("defaultChild"); child != nil {
		f.more = &moreOfFrame{defaultChild: child}
	}
	t.frames = append(t.frames, f)
	return nil
}

func addNode(tree *forest.Tree) int32 {
	tree.Feature = append(tree.Feature, forest.Leaf)
	tree.Left = append(tree.Left, 0)
	tree.Right = append(tree.Right, 0)
	tree.Threshold = append(tree.Threshold, 0)
	tree.Flags = append(tree.Flags, 0)
	if tree.Category != nil {
		tree.Category = append(tree.Category, forest.NoSet)
	}
	return int32(len(tree.Feature) - 1)
}

// inside reads what a Node has besides Nodes.
func (t *treeReader) inside(r *reader, to *target) error {
	f := &t.frames[len(t.frames)-1]
	switch string(r.name) {
	case "Extension", "Partition":
		return r.skip()
	case "ScoreDistribution":
		if to.labels == nil {
			return r.refuseElement()
		}
		if len(t.kids) > int(f.kids) {
			return r.broken("a ScoreDistribution behind a Node")
		}
		return t.count(r, f)
	}
	if f.kid.predicate != end {
		return r.unsupported("the element %s in a Node that has its predicate", r.name)
	}
	switch string(r.name) {
	case "True":
		f.kid.predicate = always
	case "False":
		f.kid.predicate = never
	case "SimplePredicate":
		if err := t.compare(r, &f.kid); err != nil {
			return err
		}
	case "SimpleSetPredicate":
		return t.set(r, &f.kid)
	default:
		return r.unsupported("the predicate %s", r.name)
	}
	return r.skip()
}

// count reads a ScoreDistribution.
func (t *treeReader) count(r *reader, f *frame) error {
	if !f.counted {
		f.counted = true
		clear(t.row)
	}
	class, err := t.class(r, r.raw("value"))
	if err != nil {
		return err
	}
	text := r.raw("recordCount")
	if p := r.raw("probability"); p != nil {
		text, f.probability = p, true
	} else if f.probability {
		return r.unsupported("a ScoreDistribution without probability beside one with")
	}
	v, ok := number(text, 64)
	if !ok || v < 0 || math.IsInf(v, 0) {
		return r.broken("the count %q", text)
	}
	if t.row[class] != 0 {
		return r.broken("two ScoreDistributions for the class %q", r.raw("value"))
	}
	t.row[class] = v
	return r.skip()
}

// class finds a label.
func (t *treeReader) class(r *reader, raw []byte) (int, error) {
	if i := t.known(raw); i >= 0 {
		return i, nil
	}
	text, err := r.decode(raw)
	if err != nil {
		return 0, err
	}
	if i, ok := t.index[text]; ok {
		return i, nil
	}
	return 0, r.broken("the class %q, which is no value of the target", text)
}

// scores keeps the labels in the leaves' scores of a lone tree, where they are not all those of the largest probabilities.
func (t *treeReader) scores(to *target) {
	k := to.classes()
	tree := &t.tree
	for row, label := range t.labels {
		if model.Largest(tree.Value[row*k:(row+1)*k]) != int(label) {
			to.scored = true
		}
	}
	if !to.scored {
		return
	}
	value := make([]float64, 0, len(t.labels)*(k+1))
	for row, label := range t.labels {
		value = append(value, tree.Value[row*k:(row+1)*k]...)
		value = append(value, float64(label))
	}
	tree.Value = value
	to.forest.Outputs = k + 1
}
