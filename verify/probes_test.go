package verify

import (
	"math"
	"testing"
	"time"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// grow makes a complete tree of a depth over a number of features, numbered depth first as scikit-learn numbers them, or
// breadth first as max_leaf_nodes may. Thresholds are such that every node can be reached.
func grow(depth, features int, breadth bool) forest.Tree {
	n := 1<<(depth+1) - 1
	t := forest.Tree{Feature: make([]int32, n), Left: make([]int32, n), Right: make([]int32, n), Threshold: make([]float64, n), Output: forest.AllOutputs}
	next := int32(1)
	type job struct {
		node   int32
		depth  int
		lo, hi []float64
	}
	lo, hi := make([]float64, features), make([]float64, features)
	for j := range hi {
		hi[j] = 1
	}
	jobs := []job{{0, 0, lo, hi}}
	for len(jobs) > 0 {
		j := jobs[len(jobs)-1]
		jobs = jobs[:len(jobs)-1]
		if breadth {
			jobs = append([]job{j}, jobs...)
			j = jobs[len(jobs)-1]
			jobs = jobs[:len(jobs)-1]
		}
		i := j.node
		if !breadth {
			// depth first: a node is numbered when it is visited
			i = next - 1
			next++
		}
		if j.depth == depth {
			t.Feature[i], t.Left[i] = forest.Leaf, int32(len(t.Value)/2)
			p := float64(i%3) / 2
			t.Value = append(t.Value, p, 1-p)
			continue
		}
		f := (j.depth*7 + int(j.node)) % features
		mid := j.lo[f]*0.6 + j.hi[f]*0.4
		t.Feature[i], t.Threshold[i] = int32(f), mid
		left, right := job{0, j.depth + 1, j.lo, with(j.hi, f, mid)}, job{0, j.depth + 1, with(j.lo, f, mid), j.hi}
		if breadth {
			left.node, right.node = next, next+1
			next += 2
			t.Left[i], t.Right[i] = left.node, right.node
			jobs = append([]job{right, left}, jobs...)
			continue
		}
		under := int32(1)<<(depth-j.depth) - 1 // nodes of the left subtree
		t.Left[i], t.Right[i] = i+1, i+1+under
		left.node, right.node = i+1, i+1+under
		jobs = append(jobs, right, left)
	}
	return t
}

func classifier(f *forest.Forest) *model.Model {
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: f.Features}}}
	p := m.Add(&model.Ensemble{X: 0, Forest: f})
	label := m.Add(&model.ArgMax{X: p})
	m.Outputs = []model.Output{{Name: "label", Value: label, Method: model.Predict}, {Name: "probabilities", Value: p, Method: model.PredictProba}}
	return m
}

// Every split of a tree that is small enough for the budget has rows on both of its sides that differ in one step of
// float32 (float64 where rows are not rounded), and its threshold itself.
func TestProbesStandAtSplits(t *testing.T) {
	for _, input := range []forest.Precision{forest.Float32, forest.Float64} {
		for _, breadth := range []bool{false, true} {
			f := &forest.Forest{Features: 3, Outputs: 2, Input: input, Combine: forest.Mean, RefusesNaN: true, Trees: []forest.Tree{grow(4, 3, breadth), grow(3, 3, breadth)}}
			if err := f.Check("f"); err != nil {
				t.Fatal(err)
			}
			probes, err := Probes(classifier(f), 2000)
			if err != nil {
				t.Fatal(err)
			}
			x := probes[0]
			for k := range f.Trees {
				tree := &f.Trees[k]
				for i := range int32(tree.Len()) {
					if tree.IsLeaf(i) {
						continue
					}
					j, th := int(tree.Feature[i]), tree.Threshold[i]
					below, above := floor32(th), 0.0
					above = float64(math.Nextafter32(float32(below), 2))
					if input == forest.Float64 {
						below, above = th, math.Nextafter(th, 2)
					}
					var left, right, exact bool
					for r := range x.Rows() {
						row := x.Float[r*3 : r*3+3]
						if !reaches(f, tree, row, i) {
							continue
						}
						left = left || row[j] == below
						right = right || row[j] == above
						exact = exact || row[j] == th
					}
					if !left || !right || !exact {
						t.Errorf("%v, tree %d, node %d: below %v, above %v, at %v", input, k, i, left, right, exact)
					}
				}
			}
		}
	}
}

func reaches(f *forest.Forest, t *forest.Tree, row []float64, node int32) bool {
	var i int32
	for {
		if i == node {
			return true
		}
		if t.IsLeaf(i) {
			return false
		}
		v := f.Input.Round(row[t.Feature[i]])
		if v <= t.Threshold[i] || v != v && t.MissingLeft(i) {
			i = t.Left[i]
		} else {
			i = t.Right[i]
		}
	}
}

func TestProbesAreTheSameEveryTime(t *testing.T) {
	f := &forest.Forest{Features: 5, Outputs: 2, Trees: []forest.Tree{grow(6, 5, false)}}
	a, err := Probes(classifier(f), 0)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Probes(classifier(f), 0)
	if !a[0].Same(b[0]) {
		t.Error("two runs differ")
	}
	nan, infinite, zero := 0, 0, 0
	for _, v := range a[0].Float {
		if v != v {
			nan++
		}
		if math.IsInf(v, 0) {
			infinite++
		}
		if v == 0 && math.Signbit(v) {
			zero++
		}
	}
	if rows := a[0].Rows(); rows < 900 || rows > 1000 || nan == 0 || infinite == 0 || zero == 0 {
		t.Errorf("%d rows, %d NaN, %d infinities, %d -0", rows, nan, infinite, zero)
	}
}

// Four trees of pure leaves: votes of two against two are half of all rows or less, and are found.
func TestProbesFindTies(t *testing.T) {
	f := &forest.Forest{Features: 6, Outputs: 2, Combine: forest.Mean}
	for range 4 {
		tree := grow(5, 6, false)
		for i := range tree.Value {
			tree.Value[i] = float64((i/2 + len(f.Trees) + i%2) % 2)
		}
		f.Trees = append(f.Trees, tree)
	}
	m := classifier(f)
	probes, err := Probes(m, 500)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := m.Run(probes)
	if err != nil {
		t.Fatal(err)
	}
	ties := 0
	for i := range answers[1].Rows() {
		if tied(answers[1].Float[2*i : 2*i+2]) {
			ties++
		}
	}
	if ties < 10 {
		t.Errorf("%d ties", ties)
	}
}

// A model that refuses NaN gets none.
func TestProbesWithoutNaN(t *testing.T) {
	f := &forest.Forest{Features: 5, Outputs: 2, RefusesNaN: true, Trees: []forest.Tree{grow(6, 5, false)}}
	probes, err := Probes(classifier(f), 500)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range probes[0].Float {
		if v != v {
			t.Fatal("a NaN")
		}
	}
}

// Columns that go through casts and a concatenation are found again; inputs are of their own kind.
func TestProbesThroughColumns(t *testing.T) {
	f := &forest.Forest{Features: 2, Outputs: 2, Input: forest.Float32, Trees: []forest.Tree{grow(3, 2, false)}}
	m := &model.Model{Inputs: []model.Input{{Name: "a", Kind: model.Float32, Width: 1}, {Name: "b", Kind: model.Float32, Width: 1}}}
	x := m.Add(&model.Concat{Xs: []model.Ref{1, 0}})
	p := m.Add(&model.Ensemble{X: x, Forest: f})
	m.Outputs = []model.Output{{Name: "p", Value: p, Method: model.PredictProba}}
	probes, err := Probes(m, 200)
	if err != nil {
		t.Fatal(err)
	}
	if len(probes) != 2 || probes[0].Kind != model.Float32 {
		t.Fatalf("%d inputs", len(probes))
	}
	root := floor32(f.Trees[0].Threshold[0])
	found := false
	for _, v := range probes[1-f.Trees[0].Feature[0]].Float {
		found = found || v == root
	}
	if !found {
		t.Errorf("no row stands at the root's threshold %v", root)
	}
}

// The time doesn't grow with the trees: 2 million nodes are as quick as 2 thousand.
func TestProbesOfBigForests(t *testing.T) {
	big := grow(19, 8, false)
	f := &forest.Forest{Features: 8, Outputs: 2, Trees: []forest.Tree{big, big}}
	start := time.Now()
	probes, err := Probes(classifier(f), 1000)
	took := time.Since(start)
	if err != nil || probes[0].Rows() < 900 {
		t.Fatalf("%d rows, %v", probes[0].Rows(), err)
	}
	t.Logf("%d nodes: %v", f.Nodes(), took)
	if took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}
