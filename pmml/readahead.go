package pmml

import (
	"bytes"
	"runtime"
	"slices"
	"sync"

	"github.com/seed-2867d59c/treeport/forest"
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
	if r.empty {
		return
	}
	var (
		mu      sync.Mutex
		read    []segmentRead
		at      = r.pos
		failed  bool
		workers sync.WaitGroup
	)
	next := func() (k int, s stretch, found bool) {
		mu.Lock()
		defer mu.Unlock()
		if s, found = nextSegment(r.data, at); !found || failed || len(read) >= r.lim.Trees-r.trees {
			return 0, s, false
		}
		at, read = s.to, append(read, segmentRead{})
		return len(read) - 1, s, true
	}
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			w := *r
			w.tree = treeReader{labelTexts: r.tree.labelTexts, row: make([]float64, len(r.tree.row))}
			w.attrs, w.open = nil, slices.Clone(r.open)
			for k, s, found := next(); found; k, s, found = next() {
				w.lim = r.lim.share(r, s.to-s.from, len(r.data)-r.pos)
				one := w.segmentAt(b, t, s, k)
				mu.Lock()
				read[k] = one
				failed = failed || one.trees == nil
				mu.Unlock()
				r.lim.Idle(r.data[s.from:s.to])
			}
		})
	}
	workers.Wait()
	for _, one := range read {
		if len(one.trees) != 1 || r.nodes+one.nodes > r.lim.Nodes || r.cells+one.cells > r.lim.Cells {
			return
		}
		t.forest.Trees = append(t.forest.Trees, one.trees[0])
		t.forest.RefusesNaN = t.forest.RefusesNaN || one.refusesNaN
		r.trees++
		r.nodes, r.cells, r.pos = r.nodes+one.nodes, r.cells+one.cells, one.at.to
	}
}

// segmentRead is what a Segment holds; no trees where it can't be told so.
type segmentRead struct {
	at           stretch
	trees        []forest.Tree
	refusesNaN   bool
	nodes, cells int
}

// nextSegment finds out where the next Segment is thought to stand, if one begins at the given place.
func nextSegment(data []byte, at int) (_ stretch, found bool) {
	for at < len(data) && (data[at] == '\n' || data[at] == ' ' || data[at] == '\t' || data[at] == '\r') {
		at++
	}
	if !begins(data[at:], segmentStart) {
		return stretch{}, false
	}
	n := segmentLength(data[at:])
	return stretch{at, at + n}, n > 0
}

// segmentLength is how far the next end of a Segment is; 0 where there is none. Write ends lines there and not before, and a
// byte is found faster than a text.
func segmentLength(data []byte) int {
	if n := bytes.IndexByte(data, '\n'); n >= 0 && bytes.HasSuffix(data[:n], []byte(segmentEnd)) {
		return n
	}
	n := bytes.Index(data, []byte(segmentEnd))
	if n < 0 {
		return 0
	}
	return n + len(segmentEnd)
}

// share is what is left of the limits for one of many readers, by the bytes that it reads: together they do not exceed them.
func (l Limits) share(r *reader, part, whole int) Limits {
	l.Nodes = int(float64(l.Nodes-r.nodes) * (float64(part) / float64(whole)))
	l.Cells = int(float64(l.Cells-r.cells) * (float64(part) / float64(whole)))
	return l
}

// segmentAt reads a Segment as tree k of the ensemble's target.
func (r *reader) segmentAt(b *body, t *target, at stretch, k int) segmentRead {
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
		return segmentRead{}
	}
	return segmentRead{at, f.Trees, f.RefusesNaN, r.nodes, r.cells}
}
