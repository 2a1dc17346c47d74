package forest

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/fault"
)

// Check tells whether the forest can be believed: arrays of equal length, children in range, every node reached exactly
// once from the root, features and leaf rows in range, no NaN among the thresholds. Nothing else looks at nodes before.
// The error is a *fault.Broken whose path is path.trees[i].
func (f *Forest) Check(path string) error {
	if len(f.Trees) == 0 {
		return fault.Brokenf(fault.In(path), "an ensemble without trees")
	}
	if f.Base != nil && len(f.Base) != f.Outputs {
		return fault.Brokenf(fault.In(path), "%d base values for %d outputs", len(f.Base), f.Outputs)
	}
	for k := range f.Trees {
		t := &f.Trees[k]
		if t.Output != AllOutputs && (t.Output < 0 || int(t.Output) >= f.Outputs) {
			return fault.Brokenf(fault.In(treePath(path, k)), "output %d of %d", t.Output, f.Outputs)
		}
		if err := t.Check(f.Features, f.RowWidth(t)); err != nil {
			return fault.Brokenf(fault.In(treePath(path, k)), "%v", err)
		}
	}
	return nil
}

func treePath(path string, k int) string { return fmt.Sprintf("%s.trees[%d]", path, k) }

// Check is Forest.Check for one tree; its error is plain, since only the caller knows where the tree stands.
func (t *Tree) Check(features, rowWidth int) error {
	n := len(t.Feature)
	switch {
	case n == 0:
		return fmt.Errorf("a tree without nodes")
	case n > math.MaxInt32:
		return fmt.Errorf("%d nodes, more than a tree may have", n)
	case len(t.Left) != n || len(t.Right) != n || len(t.Threshold) != n || t.Flags != nil && len(t.Flags) != n || t.Category != nil && len(t.Category) != n:
		return fmt.Errorf("the arrays of its nodes differ in length")
	case rowWidth <= 0 || len(t.Value)%rowWidth != 0:
		return fmt.Errorf("%d leaf values do not make rows of %d", len(t.Value), rowWidth)
	}
	if err := checkSets(t.Sets); err != nil {
		return err
	}
	rows := len(t.Value) / rowWidth
	if t.inPreorder(features, rows) {
		return nil
	}
	return t.checkNodes(features, rows)
}

// checkNodes is Check for nodes in any order.
func (t *Tree) checkNodes(features, rows int) error {
	n := len(t.Feature)
	parents := make([]uint8, n)
	forward := true // children stand behind their parents: then one parent each is enough to exclude cycles
	for i, feature := range t.Feature {
		if feature < 0 {
			if feature != Leaf {
				return fmt.Errorf("node %d: feature %d", i, feature)
			}
			if row := t.Left[i]; row < 0 || int(row) >= rows {
				return fmt.Errorf("node %d: leaf row %d of %d", i, row, rows)
			}
			continue
		}
		if int(feature) >= features {
			return fmt.Errorf("node %d: feature %d of %d", i, feature, features)
		}
		if t.Category != nil && t.Category[i] != NoSet {
			if set := t.Category[i]; set < 0 || int(set) >= len(t.Sets) {
				return fmt.Errorf("node %d: set %d of %d", i, set, len(t.Sets))
			}
		} else if math.IsNaN(t.Threshold[i]) {
			return fmt.Errorf("node %d: its threshold is NaN", i)
		}
		for _, child := range [2]int32{t.Left[i], t.Right[i]} {
			if child <= 0 || int(child) >= n {
				return fmt.Errorf("node %d: child %d of %d nodes", i, child, n)
			}
			if parents[child] != 0 {
				return fmt.Errorf("node %d has two parents", child)
			}
			parents[child] = 1
			forward = forward && int(child) > i
		}
	}
	for i := 1; i < n; i++ {
		if parents[i] == 0 {
			return fmt.Errorf("node %d has no parent", i)
		}
	}
	// Every node but the root has one parent: what the root does not reach can only be a cycle.
	if !forward && len(t.preorder()) != n {
		return fmt.Errorf("its nodes make a cycle")
	}
	return nil
}

// inPreorder tells whether a tree without categories is valid and its nodes are numbered as they are walked, left before right: a node
// that is no leaf is followed by its left child, a leaf by the right child of the last split that has none yet. So number most
// writers their nodes, and it is found out without looking back and forth.
func (t *Tree) inPreorder(features, rows int) bool {
	if t.Category != nil {
		return false
	}
	n := len(t.Feature)
	left, right, threshold := t.Left[:n], t.Right[:n], t.Threshold[:n]
	var room [64]int32
	pending := room[:] // right children that are still to come, behind the 0 that comes behind the last leaf
	count := 1         // of pending
	next := int32(0)   // the node that must come
	bad := int32(0)    // 0: no node is other than it must be
	// No processor guesses which nodes are leaves: what is to be done with one of either kind is done with all, and kept or not.
	for i, feature := range t.Feature {
		if uint(count) >= uint(len(pending)) {
			if count < 0 {
				return false
			}
			pending = append(pending, make([]int32, len(pending))...)
		}
		notNumber := int32(0)
		if threshold[i] != threshold[i] {
			notNumber = 1
		}
		leaf := feature >> 31 // all bits or none
		badInner := notNumber | (left[i] ^ int32(i+1)) | (int32(features)-1-feature)>>31
		badLeaf := (feature ^ Leaf) | left[i]>>31 | (int32(rows)-1-left[i])>>31
		bad |= (next ^ int32(i)) | (badInner ^ (badInner^badLeaf)&leaf)
		pending[count] = right[i]
		next = left[i] ^ (left[i]^pending[max(0, count-1)])&leaf
		count += 1 + 2*int(leaf)
	}
	return bad == 0 && count == 0
}

// checkSets finds a set of categories that is not in rising order, so that no search in it would find anything.
func checkSets(sets [][]float64) error {
	for k, set := range sets {
		if set == nil {
			return fmt.Errorf("set %d is absent", k)
		}
		for j, v := range set {
			if v != v || math.IsInf(v, 0) || j > 0 && v <= set[j-1] {
				return fmt.Errorf("set %d: category %v out of order", k, v)
			}
		}
	}
	return nil
}
