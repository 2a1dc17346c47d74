package sklearn

import (
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/pickle"
)

// Thinner drops, of trees as they are decoded, what few conversions ask for, which is more than half of them: impurities, weights, and
// the values of nodes that are no leaves. Where a conversion asks all the same, Missed is set, and the model must be made anew of a
// file decoded whole.
type Thinner struct {
	Missed atomic.Bool
	Trees  int // that were met
	// seen are nodes that were met: a pickle may hold the same array in many trees, for a few bytes each.
	seen map[*pickle.NDArray]bool
}

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
		t.seen = map[*pickle.NDArray]bool{}
	}
	t.seen[nodes] = true
	left, err1 := nodes.Field("left_child")
	right, err2 := nodes.Field("right_child")
	if err1 != nil || err2 != nil {
		return
	}
	lefts, err1 := left.Int32s()
	rights, err2 := right.Int32s()
	if err1 != nil || err2 != nil {
		return
	}
	values.KeepRows(&t.Missed, func(i int) bool { return isLeaf(lefts[i], rights[i]) })
	nodes.KeepFields(&t.Missed, "left_child", "right_child", "feature", "threshold", missingField, "n_node_samples")
}
