package conformance

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pmml"
	"github.com/seed-2867d59c/treeport/table"
)

// TestPMMLDepth: both engines walk a tree's nodes recursively, so the deepest end in a Java StackOverflowError: no answer, and
// never a wrong one. dt_reg_deep, 10,000 deep, is at the edge: a process answers it or not, by what Java has compiled so far.
func TestPMMLDepth(t *testing.T) {
	t.Parallel()
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			run := start(t, engine.name, engine.script)
			for _, v := range cases(t, func(v *vectors.Vector) bool { return v.Case == deepCase }) {
				for _, o := range open(t, v) {
					a, err := o.convertTo("PMML", convert.Options{})
					if err != nil {
						t.Fatal(err)
					}
					got, err := run.Evaluate(a.data, ".pmml", o.x, 1)
					if err != nil && strings.Contains(err.Error(), "StackOverflow") {
						t.Logf("%s: %v", o.name, err)
						continue
					}
					if err != nil {
						t.Errorf("%s: %v", o.name, err)
						continue
					}
					if _, wrong := o.differences(a, got); wrong != nil {
						t.Errorf("%s: %v", o.name, wrong)
					}
				}
			}
			var deepest []string
			for _, way := range []struct {
				name  string
				right func(i int) bool
			}{
				{"right", func(int) bool { return true }},
				{"left", func(int) bool { return false }},
				{"zigzag", func(i int) bool { return i%2 == 0 }},
			} {
				reached := 0
				for depth := leastDepth; depth <= 1<<16; depth *= 2 {
					if err := chain(run, depth, way.right, t.TempDir()); err != nil {
						if !strings.Contains(err.Error(), "StackOverflow") {
							t.Errorf("%s, depth %d: %v", way.name, depth, err)
						}
						break
					}
					reached = depth
				}
				if reached < leastDepth {
					t.Errorf("%s: not even %d deep", way.name, leastDepth)
				}
				deepest = append(deepest, fmt.Sprintf("%s %d", way.name, reached))
			}
			t.Logf("%s: %v", engine.name, deepest)
		})
	}
}

// leastDepth is deeper than any tree that scikit-learn grows of ordinary data.
const leastDepth = 500

// chain asks an engine about a tree that cuts one unit after the other off the numbers from 0 to depth, from below or from
// above, as side says: what is answered to x is x, rounded up.
func chain(run *Runner, depth int, right func(i int) bool, dir string) error {
	tree := forest.Tree{Output: forest.AllOutputs}
	node := func(feature, left, right int32, threshold float64) {
		tree.Feature, tree.Threshold = append(tree.Feature, feature), append(tree.Threshold, threshold)
		tree.Left, tree.Right = append(tree.Left, left), append(tree.Right, right)
	}
	leaf := func(value int) {
		node(forest.Leaf, int32(len(tree.Value)), 0, 0)
		tree.Value = append(tree.Value, float64(value))
	}
	low, high := 0, depth
	for i := range depth {
		at := int32(2 * i)
		if right(i) {
			node(0, at+1, at+2, float64(low))
			leaf(low)
			low++
		} else {
			node(0, at+2, at+1, float64(high-1))
			leaf(high)
			high--
		}
	}
	leaf(low)
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 1}}}
	f := &forest.Forest{Features: 1, Outputs: 1, Input: forest.Float32, Trees: []forest.Tree{tree}}
	m.Outputs = []model.Output{{Name: "variable", Value: m.Add(&model.Ensemble{Forest: f}), Method: model.Predict}}
	lowered, err := pmml.Lower(m, pmml.Options{})
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := pmml.Write(&out, lowered, pmml.Options{}); err != nil {
		return err
	}
	rows := &model.Tensor{Kind: model.Float64, Shape: []int{3, 1}, Float: []float64{0, float64(depth) / 2, float64(depth)}}
	name := filepath.Join(dir, "x.npy")
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := table.WriteTensor(file, rows); err != nil {
		return err
	}
	got, err := run.Evaluate(out.Bytes(), ".pmml", name, 1)
	if err != nil {
		return err
	}
	for i, x := range rows.Float {
		if y := got[lowered.Outputs[0].Name].Float[i]; y != math.Ceil(x) {
			return fmt.Errorf("%v is answered %v", x, y)
		}
	}
	return nil
}
