package pmml

import (
	"bytes"
	"math"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// treeReader reads the nodes of a tree, without recursion.
type treeReader struct {
	classes [][]byte       // texts of the labels, as they stand in most files
	index   map[string]int // of a label by its text
	frames  []frame        // open nodes
	kids    []kid          // children of the open nodes, the outermost's first
	row     []float64      // of the leaf that is read
	pure    []int32        // per class, the row of a leaf that has only it; -1
	labels  []int32        // per leaf row, the class in the leaf's score
	keep    bool           // inner nodes may become leaves, so their distributions are kept
}

// frame is an open node.
type frame struct {
	node         int32
	kid          kid // what the node will be to its parent
	kids         int // where its children begin
	score        []byte
	hasScore     bool
	counted      bool // it has a ScoreDistribution
	probability  bool // by probability
	defaultChild []byte
	row          []float64 // its ScoreDistribution where it may be needed later
}

// kid is a child with its predicate.
type kid struct {
	node      int32
	predicate predicate
	feature   int32
	threshold float64   // of lessOrEqual and greaterThan
	set       []float64 // of isIn and isNotIn
	id        []byte
}

func (t *treeReader) setClasses(values []string) {
	t.classes = nil
	t.index = map[string]int{}
	for i, v := range values {
		t.classes = append(t.classes, appendEscaped(nil, v))
		t.index[v] = i
	}
	t.row = make([]float64, len(values))
}

// read reads the tree whose root's start was read last, and adds it to the target.
func (t *treeReader) read(r *reader, b *body, to *target, lone bool) error {
	switch b.strategy {
	case "", "none", "nullPrediction", "defaultChild":
	default:
		return r.unsupported("PMML with missingValueStrategy %q", b.strategy)
	}
	tree := forest.Tree{Output: forest.AllOutputs}
	t.frames, t.kids, t.labels = t.frames[:0], t.kids[:0], t.labels[:0]
	t.pure, t.keep = t.pure[:0], b.lastTrue
	for range to.classes() {
		t.pure = append(t.pure, -1)
	}
	if err := t.open(r, &tree); err != nil {
		return err
	}
	for len(t.frames) > 0 {
		tok, err := r.next()
		if err != nil {
			return err
		}
		if tok == tokenEnd {
			if err := t.close(r, b, to, &tree); err != nil {
				return err
			}
			continue
		}
		if string(r.name) == "Node" {
			if err := t.open(r, &tree); err != nil {
				return err
			}
			continue
		}
		if err := t.inside(r, to); err != nil {
			return err
		}
	}
	if lone && to.labels != nil {
		t.scores(to, &tree)
	}
	to.forest.Trees = append(to.forest.Trees, tree)
	return nil
}

// open starts a node.
func (t *treeReader) open(r *reader, tree *forest.Tree) error {
	if r.nodes++; r.nodes > r.lim.Nodes {
		return fault.TooBigf(fault.At(int64(r.at)), "nodes", "%d nodes", r.nodes)
	}
	if len(t.frames) > 0 {
		f := &t.frames[len(t.frames)-1]
		if t.keep && f.counted && f.row == nil && len(t.kids) == f.kids { // a child's distribution comes
			f.row = append([]float64{}, t.row...)
			if err := t.room(r, len(f.row)); err != nil {
				return err
			}
		}
	}
	score := r.raw("score")
	t.frames = append(t.frames, frame{node: addNode(tree), kids: len(t.kids), score: score, hasScore: score != nil, defaultChild: r.raw("defaultChild"), kid: kid{predicate: end, id: r.raw("id")}})
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
		if len(t.kids) > f.kids {
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
	if len(t.classes) <= fewClasses {
		for i, c := range t.classes {
			if bytes.Equal(c, raw) {
				return i, nil
			}
		}
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

// scores keeps the labels in the leaves' scores, where they are not all those of the largest probabilities.
func (t *treeReader) scores(to *target, tree *forest.Tree) {
	k := to.classes()
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
