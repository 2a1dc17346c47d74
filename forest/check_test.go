package forest

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPreorder spoils trees that are numbered in preorder, one number at a time: what the quick check takes the thorough one takes too,
// and of trees that are whole it takes all.
func TestPreorder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	taken := 0
	for range 20_000 {
		tree := Tree{Output: AllOutputs, Value: []float64{1, 2, 3}}
		var grow func(leaves int)
		grow = func(leaves int) {
			i := tree.Len()
			tree.Feature, tree.Threshold = append(tree.Feature, Leaf), append(tree.Threshold, 0)
			tree.Left, tree.Right = append(tree.Left, int32(r.IntN(3))), append(tree.Right, 0)
			if leaves == 1 {
				return
			}
			tree.Feature[i], tree.Left[i] = int32(r.IntN(4)), int32(i+1)
			some := 1 + r.IntN(leaves-1)
			grow(some)
			tree.Right[i] = int32(tree.Len())
			grow(leaves - some)
		}
		grow(1 + r.IntN(8))
		if !tree.inPreorder(4, 3) || tree.checkNodes(4, 3) != nil {
			t.Fatalf("%+v is refused", tree)
		}
		at, v := r.IntN(tree.Len()), int32(r.IntN(tree.Len()+4)-2)
		switch r.IntN(4) {
		case 0:
			tree.Feature[at] = v
		case 1:
			tree.Left[at] = v
		case 2:
			tree.Right[at] = v
		case 3:
			tree.Threshold[at] = math.NaN()
		}
		if tree.inPreorder(4, 3) {
			taken++
			if err := tree.checkNodes(4, 3); err != nil {
				t.Fatalf("%+v is taken, though %v", tree, err)
			}
		}
	}
	if taken < 1000 {
		t.Errorf("only %d spoiled trees were taken", taken)
	}
}
