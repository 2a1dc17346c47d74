package forest_test

import (
	"fmt"

	"github.com/seed-2867d59c/treeport/forest"
)

// A forest of two stumps over one feature: x <= 0.5 and x <= 2 go left.
func Example() {
	stump := func(threshold, left, right float64) forest.Tree {
		return forest.Tree{
			Feature: []int32{0, forest.Leaf, forest.Leaf}, Left: []int32{1, 0, 1}, Right: []int32{2, 0, 0},
			Threshold: []float64{threshold, 0, 0}, Value: []float64{left, right}, Output: forest.AllOutputs,
		}
	}
	f := &forest.Forest{Features: 1, Outputs: 1, Input: forest.Float32, Combine: forest.Mean,
		Trees: []forest.Tree{stump(0.5, 1, 2), stump(2, 10, 20)}}
	if err := f.Check("example"); err != nil {
		panic(err)
	}
	fmt.Println(f.Predict([]float64{1}, nil))
	// Output: [6]
}
