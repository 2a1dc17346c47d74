package sklearn

import (
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/pickle"
)

// Thin drops, of a tree that was just decoded, what few conversions ask for, which is more than half of it: impurities, weights, and
// the values of nodes that are no leaves. Where a conversion asks all the same, missed is set, and the model must be made anew of a
// file decoded whole. Of other objects it drops nothing.
func Thin(o *pickle.Object, missed *atomic.Bool) {
	if o.Class != treeClass {
		return
	}
	e := &object{Object: o}
	nodes, ok1 := attrArray(e, "nodes")
	values, ok2 := attrArray(e, "values")
	if !ok1 || !ok2 || nodes == values || len(nodes.Shape) != 1 || len(values.Shape) != 3 || values.Shape[0] != nodes.Shape[0] {
		return
	}
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
	values.KeepRows(missed, func(i int) bool { return isLeaf(lefts[i], rights[i]) })
	nodes.KeepFields(missed, "left_child", "right_child", "feature", "threshold", missingField, "n_node_samples")
}
