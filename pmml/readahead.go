package pmml

import (
	"bytes"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
)

// The trees of a forest are read on all cores: Segments are told by the texts of their tags, and each is read by a reader of its
// own. That is right as far as each of them ends where the next one was thought to begin. From the first one that does not, or
// that is refused, the caller goes on, one by one: what is said of a file does not depend on the number of cores.

const (
	segmentStart = "<Segment>"
	segmentEnd   = "</Segment>"
)

// stretch is where a Segment is thought to stand.
type stretch struct{ from, to int }

// ahead reads Segments of the ensemble whose Segmentation's start was read last into its target, as far as it gets.
func (r *reader) ahead(b *body, t *target) {
	list := r.stretches()
	if len(list) < 2 {
		return
	}
	size := list[len(list)-1].to - r.pos
	workers := make(chan *reader, runtime.GOMAXPROCS(0))
	for range cap(workers) {
		w := *r
		w.tree = treeReader{labelTexts: r.tree.labelTexts, row: make([]float64, len(r.tree.row))}
		w.attrs, w.open = nil, slices.Clone(r.open)
		workers <- &w
	}
	read := make([]ahead, len(list))
	var failed atomic.Bool
	_ = parallel.Each(len(list), func(i int) error {
		if failed.Load() {
			return nil
		}
		w := <-workers
		defer func() { workers <- w }()
		w.lim = r.lim.share(r, list[i].to-list[i].from, size)
		if read[i] = w.segmentAt(b, t, list[i], i); read[i].trees == nil {
			failed.Store(true)
		}
		return nil
	})
	for i, a := range read {
		if len(a.trees) != 1 || r.nodes+a.nodes > r.lim.Nodes || r.cells+a.cells > r.lim.Cells {
			return
		}
		t.forest.Trees = append(t.forest.Trees, a.trees[0])
		t.forest.RefusesNaN = t.forest.RefusesNaN || a.refusesNaN
		r.nodes, r.cells, r.pos = r.nodes+a.nodes, r.cells+a.cells, list[i].to
	}
}

// ahead is what a Segment holds; no trees where it can't be told so.
type ahead struct {
	trees        []forest.Tree
	refusesNaN   bool
	nodes, cells int
}

// stretches finds out where Segments are thought to stand, one behind the other from here on.
func (r *reader) stretches() []stretch {
	var list []stretch
	if r.empty {
		return nil
	}
	for at := r.pos; ; {
		for at < len(r.data) && (r.data[at] == '\n' || r.data[at] == ' ' || r.data[at] == '\t' || r.data[at] == '\r') {
			at++
		}
		if !begins(r.data[at:], segmentStart) {
			return list
		}
		n := segmentLength(r.data[at:])
		if n < 0 {
			return list
		}
		list = append(list, stretch{at, at + n})
		at += n
	}
}

// segmentLength is how far the next end of a Segment is; -1 where there is none. Write ends lines there and not before, and a
// byte is found faster than a text.
func segmentLength(data []byte) int {
	if n := bytes.IndexByte(data, '\n'); n >= 0 && bytes.HasSuffix(data[:n], []byte(segmentEnd)) {
		return n
	}
	n := bytes.Index(data, []byte(segmentEnd))
	if n >= 0 {
		n += len(segmentEnd)
	}
	return n
}

// share is what is left of the limits for one of many readers, by the bytes that it reads: together they do not exceed them.
func (l Limits) share(r *reader, part, whole int) Limits {
	l.Nodes = int(float64(l.Nodes-r.nodes) * (float64(part) / float64(whole)))
	l.Cells = int(float64(l.Cells-r.cells) * (float64(part) / float64(whole)))
	return l
}

// segmentAt reads a Segment as tree k of the ensemble's target.
func (r *reader) segmentAt(b *body, t *target, at stretch, k int) ahead {
	own, f := *t, *t.forest
	f.Trees = nil
	own.forest = &f
	depth := len(r.open)
	r.pos, r.empty, r.nodes, r.cells = at.from, false, 0, 0
	data := r.data
	r.data = data[:at.to]
	tok, err := r.next()
	if err == nil && tok == tokenStart {
		err = r.segment(func() error { return r.member(b, &own, k) })
	}
	r.data = data
	if whole := err == nil && r.pos == at.to && !r.empty && len(r.open) == depth; !whole {
		r.open = r.open[:min(depth, len(r.open))]
		return ahead{}
	}
	return ahead{f.Trees, f.RefusesNaN, r.nodes, r.cells}
}
