package forest

import "testing"

// TestSharedSet: many splits may ask for one large set, of which a compiled forest must not make as many copies.
func TestSharedSet(t *testing.T) {
	set := make([]float64, 1000)
	for i := range set {
		set[i] = float64(2 * i)
	}
	chain := Tree{Sets: [][]float64{set}, Value: []float64{1, 2}, Output: AllOutputs}
	const splits = 1000
	for i := range int32(splits) {
		chain.Feature, chain.Category = append(chain.Feature, 0, Leaf), append(chain.Category, 0, NoSet)
		chain.Left, chain.Right = append(chain.Left, 2*i+2, 0), append(chain.Right, 2*i+1, 0)
	}
	chain.Feature, chain.Category = append(chain.Feature, Leaf), append(chain.Category, NoSet)
	chain.Left, chain.Right = append(chain.Left, 1), append(chain.Right, 0)
	chain.Threshold = make([]float64, len(chain.Feature))
	f := &Forest{Features: 1, Outputs: 1, Trees: []Tree{chain}}
	if err := f.Check("forest"); err != nil {
		t.Fatal(err)
	}
	if compile(f, wide, endRow) != nil {
		t.Errorf("%d splits of %d categories each are compiled", splits, len(set))
	}
	one := &Forest{Features: 1, Outputs: 1, Trees: []Tree{{Feature: chain.Feature[len(chain.Feature)-3:], Left: []int32{2, 0, 1}, Right: []int32{1, 0, 0},
		Threshold: make([]float64, 3), Category: []int32{0, NoSet, NoSet}, Sets: chain.Sets, Value: chain.Value, Output: AllOutputs}}}
	if err := one.Check("forest"); err != nil {
		t.Fatal(err)
	}
	if compile(one, wide, endRow) == nil {
		t.Error("a split with a set of its own is not compiled")
	}
}
