package pmml

import (
	"slices"

	"github.com/seed-2867d59c/treeport/internal/parallel"
)

// Trees are rendered on all cores, in pieces that are handed on in their order: a small tree is one piece, and a large one is cut,
// so that a core holds less than a MB of text, most of it in its cache. Where a writer stands in a tree is what it has on its stack;
// it goes on from there.

// piece is where the rendering of some nodes of a tree begins.
type piece struct {
	tree  int
	stack []step
}

const pieceSize = 256 << 10 // bytes, about

// pieceSteps is how many steps of a tree make a piece: the more classes the leaves list, the fewer.
func pieceSteps(t *target) int { return max(64, pieceSize/stepSize(t)) }

// stepSize is about how many bytes a step takes, or less.
func stepSize(t *target) int { return 64 + 24*t.classes() }

// pieces cuts all trees of a target.
func pieces(t *target) []piece {
	trees, steps := t.forest.Trees, pieceSteps(t)
	cut := make([][]piece, len(trees))
	_ = parallel.Each(len(trees), func(k int) error {
		cut[k] = []piece{{k, beginning}}
		if trees[k].Len() <= steps/2 { // each node is a step, and its end may be another
			return nil
		}
		w := treeWriter{t: t, tree: &trees[k], stack: slices.Clone(beginning)}
		for w.pass(steps); len(w.stack) > 0; w.pass(steps) {
			cut[k] = append(cut[k], piece{k, slices.Clone(w.stack)})
		}
		return nil
	})
	return slices.Concat(cut...)
}

// beginning is the stack of a tree of which nothing is written.
var beginning = []step{{predicate: always}}

// first tells whether a piece is where its tree begins.
func (p piece) first() bool { return slices.Equal(p.stack, beginning) }

// grouped are the pieces that are rendered and written one after the other at a time: small trees are many, and to hand each of them on
// would take longer than to render it.
func grouped(list []piece, t *target) [][]piece {
	var groups [][]piece
	nodes := 0
	for i, p := range list {
		n := t.forest.Trees[p.tree].Len()
		if nodes += n; i == 0 || nodes > pieceSteps(t)/8 {
			groups, nodes = append(groups, nil), n
		}
		last := &groups[len(groups)-1]
		*last = append(*last, p)
	}
	return groups
}

// render writes all trees of a target. begin and end write what stands around each of them; they may be called at the same time,
// and only for the same tree one after the other.
func (e *encoder) render(t *target, begin, end func(w *treeWriter, k int)) {
	if e.flush() != nil {
		return
	}
	list := grouped(pieces(t), t)
	errs := make([]error, len(list))
	idle := make(chan *treeWriter, len(list))
	at := 0
	err := parallel.Ordered(len(list), func(i int, b []byte) []byte {
		var w *treeWriter
		select {
		case w = <-idle:
		default:
			w = newTreeWriter(e, t)
		}
		steps := 0
		for _, p := range list[i] {
			steps += min(pieceSteps(t), t.forest.Trees[p.tree].Len())
		}
		if size := stepSize(t) * steps; cap(b) < size {
			b = make([]byte, 0, size+size/8)
		}
		w.b, w.err = b, nil
		for _, p := range list[i] {
			if p.first() {
				begin(w, p.tree)
			}
			w.piece(p)
			if len(w.stack) == 0 {
				end(w, p.tree)
			}
		}
		b, errs[i] = w.b, w.err
		idle <- w
		return b
	}, func(b []byte) error {
		if errs[at] != nil {
			return errs[at]
		}
		at++
		_, err := e.w.Write(b)
		return err
	})
	if err != nil {
		e.err = err
	}
}

// beginTree writes the Segment of tree k up to the root.
func (w *treeWriter) beginTree(k int) {
	w.text(`<Segment><True/><TreeModel functionName="`, function(w.t), `"><MiningSchema>`)
	for _, feature := range w.used(k) {
		w.b = append(w.b, w.active[feature]...)
	}
	w.text("</MiningSchema>")
}

func (w *treeWriter) endTree(int) { w.text("</TreeModel></Segment>\n") }

// isNarrow tells whether a threshold is one that Lower makes for float32 numbers: read as float32, it is not more.
func isNarrow(t float64) bool { return float64(float32(t)) <= t }
