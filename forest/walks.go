package forest

import (
	"slices"
	"sync"
)

// Walks remembers where rows ended in trees, so that a forest which shares trees with one that was asked before does not walk them again
// for the same rows: a model and what was made of it, whose splits are the same memory. It may be used by several goroutines.
type Walks struct {
	mu     sync.Mutex
	blocks []*walked
	room   int // of ends that may be remembered yet, where there are blocks
}

// mostRemembered is how many ends are remembered, of 4 bytes each.
const mostRemembered = 1 << 22

// walked are rows, by their keys, and their ends in the trees that were walked.
type walked struct {
	rows int
	keys any // []int32 or []int64, column by column

	mu    sync.Mutex
	trees map[*int32]ended // by the first of Tree.Feature
	room  []int32
}

type ended struct {
	tree *Tree
	ends []int32
}

// NewPredictor is the function of that name, with the same answers. A nil Walks remembers nothing.
func (w *Walks) NewPredictor(f *Forest, rows int) *Predictor {
	p := NewPredictor(f, rows)
	switch walker := p.walker.(type) {
	case *parted[int32]:
		walker.walks = w
	case *parted[int64]:
		walker.walks = w
	}
	return p
}

// rowsOf is what is known of rows that go through so many trees; nil where nothing is, nor may be.
func rowsOf[K key](w *Walks, keys []K, rows, trees int) *walked {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.blocks {
		if known, ok := b.keys.([]K); ok && b.rows == rows && slices.Equal(known, keys) {
			return b
		}
	}
	if w.blocks == nil {
		w.room = mostRemembered
	}
	if w.room < rows*trees {
		return nil
	}
	w.room -= rows * trees
	b := &walked{rows: rows, keys: slices.Clone(keys), trees: make(map[*int32]ended, trees), room: make([]int32, rows*trees)}
	w.blocks = append(w.blocks, b)
	return b
}

// ends writes the ends of the rows in a tree. Where they are not known, walk finds them.
func (b *walked) ends(t *Tree, ends []int32, walk func(t *Tree, ends []int32)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known, ok := b.trees[&t.Feature[0]]; ok && known.tree.walksLike(t) {
		copy(ends, known.ends)
		return
	}
	walk(t, ends)
	if len(b.room) >= len(ends) {
		b.trees[&t.Feature[0]] = ended{t, b.room[:copy(b.room, ends)]}
		b.room = b.room[len(ends):]
	}
}
