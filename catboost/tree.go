package catboost

import (
	"math"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// deepest is how many splits a symmetric tree may have (oblivious_tree_options.cpp).
const deepest = 16

// readTrees makes the forest: the sums begin at 0 and take tree after tree, in float64 (cpu/evaluator_impl.cpp).
func (b *Booster) readTrees(trees table, splits []split, lim *forest.Budget) error {
	r := &treeReader{
		booster: b, budget: lim, splits: splits, asked: trees.ints(1), starts: trees.ints(3), values: trees.doubles(8),
	}
	r.steps, r.nodes = trees.vector(10, 4)
	r.flat, r.leaves = trees.f, trees.ints(11)
	sizes := trees.ints(2)
	if len(sizes) == 0 {
		return unsupported("a CatBoost model without trees")
	}
	if len(r.starts) != len(sizes) {
		return broken("%d trees begin, %d have a size", len(r.starts), len(sizes))
	}
	for _, v := range r.values {
		if v-v != 0 {
			return broken("a leaf value of %v", v)
		}
	}
	if err := lim.Trees(fault.Where{}, len(sizes)); err != nil {
		return err
	}
	b.Forest = b.newForest(len(sizes))
	begin := 0
	for i, size := range sizes {
		t := &b.Forest.Trees[i]
		t.Output = forest.AllOutputs
		start := r.starts[i]
		if size < 0 || int(start) != begin || begin+int(size) > len(r.asked) {
			return broken("tree %d: %d splits from %d on, of %d", i, size, start, len(r.asked))
		}
		begin += int(size)
		var err error
		if r.nodes == 0 {
			err = r.symmetric(t, r.asked[start:start+size])
		} else {
			err = r.free(t, int(start), int(size))
		}
		if err != nil {
			return err
		}
	}
	if begin != len(r.asked) || r.nodes == 0 && r.used != len(r.values) {
		return broken("%d splits and %d leaf values, the trees have %d and %d", len(r.asked), len(r.values), begin, r.used)
	}
	return nil
}

type treeReader struct {
	booster *Booster
	budget  *forest.Budget
	splits  []split
	asked   []int32 // the number of the split of each level, or of each node
	starts  []int32 // of each tree, in asked
	values  []float64
	used    int // values of the leaves so far

	flat         *flat
	steps, nodes int     // place and number of the distances to the children of each node: 0 for none
	leaves       []int32 // of each node, where its values begin
}

// node appends a node without children or values.
func node(t *forest.Tree) int32 {
	t.Feature, t.Left, t.Right = append(t.Feature, forest.Leaf), append(t.Left, 0), append(t.Right, 0)
	t.Threshold, t.Flags = append(t.Threshold, 0), append(t.Flags, 0)
	return int32(len(t.Feature) - 1)
}

// ask makes a split of node k: not greater than the border goes left.
func (r *treeReader) ask(t *forest.Tree, k int32, number int32) error {
	if number < 0 || int(number) >= len(r.splits) {
		return broken("split %d of %d", number, len(r.splits))
	}
	s := r.splits[number]
	t.Feature[k], t.Threshold[k] = s.feature, s.border
	if !s.nanRight {
		t.Flags[k] = forest.MissingLeft
	}
	return nil
}

// symmetric makes the whole binary tree of a symmetric one, the last split at the root, so that leaves stand in the order of
// their numbers.
func (r *treeReader) symmetric(t *forest.Tree, levels []int32) error {
	if len(levels) > deepest {
		return unsupported("a CatBoost tree of %d levels", len(levels))
	}
	leaves := 1 << len(levels)
	width := r.booster.Outputs
	if leaves > (len(r.values)-r.used)/width {
		return broken("%d leaf values, the trees have more leaves", len(r.values))
	}
	if err := r.budget.Nodes(fault.Where{}, 2*leaves-1); err != nil {
		return err
	}
	for level := len(levels) - 1; level >= 0; level-- {
		for range 1 << (len(levels) - 1 - level) {
			k := node(t)
			t.Left[k], t.Right[k] = 2*k+1, 2*k+2
			if err := r.ask(t, k, levels[level]); err != nil {
				return err
			}
		}
	}
	for i := range leaves {
		t.Left[node(t)] = int32(i)
	}
	t.Value = r.values[r.used : r.used+leaves*width : r.used+leaves*width]
	r.used += leaves * width
	return nil
}

// free makes the tree of a list of nodes. Where a child is 0 away, the row stays: it is in a leaf of its node.
func (r *treeReader) free(t *forest.Tree, start, size int) error {
	if r.nodes != len(r.asked) || len(r.leaves) != len(r.asked) || size == 0 {
		return broken("the arrays of its nodes differ in length")
	}
	splits := 0
	for k := start; k < start+size; k++ {
		if r.flat.u32(r.steps+4*k) != 0 {
			splits++
		}
	}
	if err := r.budget.Nodes(fault.Where{}, 2*splits+1); err != nil {
		return err
	}
	type pending struct {
		from int // a node of CatBoost's
		at   int32
	}
	node(t)
	stack := []pending{{start, 0}}
	reached := make([]bool, size) // under another node
	count := 1
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		place := r.steps + 4*p.from
		near := [2]int{r.flat.u16(place), r.flat.u16(place + 2)}
		if near == [2]int{} {
			if err := r.leaf(t, p.at, p.from); err != nil {
				return err
			}
			continue
		}
		if err := r.ask(t, p.at, r.asked[p.from]); err != nil {
			return err
		}
		for side, distance := range near {
			k := node(t)
			if side == 0 {
				t.Left[p.at] = k
			} else {
				t.Right[p.at] = k
			}
			if distance == 0 {
				if err := r.leaf(t, k, p.from); err != nil {
					return err
				}
				continue
			}
			child := p.from + distance
			if child >= start+size {
				return broken("node %d: a child %d away, outside of its tree", p.from, distance)
			}
			if reached[child-start] {
				return broken("node %d has two parents", child)
			}
			reached[child-start] = true
			count++
			stack = append(stack, pending{child, k})
		}
	}
	if count != size {
		return broken("%d nodes of a tree, of which its root reaches %d", size, count)
	}
	return nil
}

// leaf makes a leaf of node k with the values of a node of CatBoost's.
func (r *treeReader) leaf(t *forest.Tree, k int32, from int) error {
	width := r.booster.Outputs
	at := int(uint32(r.leaves[from]))
	if at > len(r.values)-width {
		return broken("node %d: leaf values %d of %d", from, at, len(r.values))
	}
	if r.used += width; r.used > len(r.values) { // each leaf has its own, or a small file would make many
		return broken("leaves that share their values")
	}
	if len(t.Value)/width >= math.MaxInt32 {
		return broken("too many leaves")
	}
	t.Left[k] = int32(len(t.Value) / width)
	t.Value = append(t.Value, r.values[at:at+width]...)
	return nil
}
