package onnx

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/forest"
)

// slots say which trees a row table asks, and in which order their leaf rows are added: the slots lie one after the other
// as steps of a running sum, each of which adds one leaf row as wide as the answer (width is Outputs) or, where trees add
// to one output each, a value for every output (width is 1).
type slots struct {
	all   []slot
	width int
	steps int
}

// slot is a tree, or what is the same for all rows: a leaf row of its own.
type slot struct {
	tree int // -1: none
	row  []float64
	// plus is added to every leaf value. -0 leaves it as it is; 0 makes 0 of -0, as a sum does that starts from 0.
	plus float64
}

var minusZero = math.Copysign(0, -1)

// slotsOf lays the trees out. Base values come first, as a tree of one leaf. Outputs with fewer trees than others are filled
// up with -0, which changes no sum.
func slotsOf(f *forest.Forest) (slots, error) {
	trees := make([][]int, f.Outputs)
	whole := 0
	for k := range f.Trees {
		if output := f.Trees[k].Output; output == forest.AllOutputs {
			whole++
		} else {
			trees[output] = append(trees[output], k)
		}
	}
	s := slots{width: f.Outputs}
	switch whole {
	case len(f.Trees):
		if f.Base != nil {
			s.all = append(s.all, slot{tree: -1, row: f.Base, plus: minusZero})
		}
		for k := range f.Trees {
			s.all = append(s.all, slot{tree: k, plus: minusZero})
		}
		s.steps = len(s.all)
		return s, nil
	case 0:
	default:
		return s, fmt.Errorf("trees that add to one output beside trees that add to all")
	}
	s.width = 1
	for j := range trees {
		s.steps = max(s.steps, len(trees[j]))
	}
	if f.Base != nil {
		for _, v := range f.Base {
			s.all = append(s.all, slot{tree: -1, row: []float64{v}, plus: minusZero})
		}
	}
	for i := range s.steps {
		plus := minusZero
		if i == 0 && f.Base == nil {
			plus = 0
		}
		for j := range trees {
			if i < len(trees[j]) {
				s.all = append(s.all, slot{tree: trees[j][i], plus: plus})
			} else {
				s.all = append(s.all, slot{tree: -1, row: []float64{minusZero + plus}, plus: minusZero})
			}
		}
	}
	s.steps = len(s.all) / f.Outputs
	return s, nil
}

// columns are the slots of the trees 0 to n-1, nil where slots are just these trees.
func (s *slots) columns(n int) []int {
	columns := make([]int, n)
	same := len(s.all) == n
	for i, slot := range s.all {
		if slot.tree >= 0 {
			columns[slot.tree] = i
			same = same && slot.tree == i
		}
	}
	if same {
		return nil
	}
	return columns
}
