package sklearn

import (
	"sync"
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Thinner reads trees as they are decoded, and drops of their arrays what few conversions ask for, which is more than half: impurities,
// weights, and the values of nodes that are no leaves. Where a conversion asks all the same, or reads a tree twice, Missed is set, and the
// model must be made anew of a file decoded whole.
type Thinner struct {
	Missed atomic.Bool
	Trees  int // that were met
	// seen are nodes that were met: a pickle may hold the same array in many trees, for a few bytes each.
	seen map[*pickle.NDArray]bool
	mu   sync.Mutex
	read map[*pickle.NDArray]readNodes // of trees that nobody has asked for yet
}

// readNodes is what stays of records once all were read.
type readNodes struct {
	out    forest.Tree
	routes bool
}

// plainNode is the least size of a record whose numbers take eight bytes each.
const plainNode = 4 * 8

// Built is what pickle.Source.Built is to be. Of objects that are no trees it drops nothing.
func (t *Thinner) Built(o *pickle.Object) {
	if o.Class != treeClass {
		return
	}
	t.Trees++
	e := &object{Object: o}
	nodes, ok1 := attrArray(e, "nodes")
	values, ok2 := attrArray(e, "values")
	if !ok1 || !ok2 || nodes == values || t.seen[nodes] || len(nodes.Shape) != 1 || len(values.Shape) != 3 || values.Shape[0] != nodes.Shape[0] {
		return
	}
	if t.seen == nil {
		t.seen, t.read = map[*pickle.NDArray]bool{}, map[*pickle.NDArray]readNodes{}
	}
	t.seen[nodes] = true
	if samples, err := nodes.Field(samplesField); err != nil || samples.DType().Size == 0 {
		return // nothing would be left
	}
	kept := []string{missingField, samplesField}
	if missing, err := nodes.Field(missingField); err == nil && missing.DType().Size > 0 && values.Shape[2] > 1 {
		kept = kept[:1] // only isolation forests ask for the other, and have no classes
	}
	r, err := (&tree{object: e, nodes: nodes, count: nodes.Shape[0]}).records()
	if err != nil || !r.isPlain || nodes.DType.Size < plainNode || r.readAll() != nil {
		return // what is wrong with it is said when it is read
	}
	left, right := r.out.Left, r.out.Right
	values.KeepRows(&t.Missed, func(i int) bool { return isLeaf(left[i], right[i]) })
	nodes.KeepFields(&t.Missed, kept...)
	t.mu.Lock()
	t.read[nodes] = readNodes{r.out, r.routes}
	t.mu.Unlock()
}

// take is what was read of nodes as they were decoded, or nil. Whoever takes it may change it.
func (t *Thinner) take(nodes *pickle.NDArray) *records {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r, found := t.read[nodes]
	if !found {
		return nil
	}
	delete(t.read, nodes)
	return &records{out: r.out, routes: r.routes}
}
