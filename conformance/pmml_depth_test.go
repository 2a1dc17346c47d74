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
			deepest := 0
			for depth := leastDepth; depth <= 1<<16; depth *= 2 {
				if err := chain(run, depth, t.TempDir()); err != nil {
					if !strings.Contains(err.Error(), "StackOverflow") {
						t.Errorf("depth %d: %v", depth, err)
					}
					break
				}
				deepest = depth
			}
			if deepest < leastDepth {
				t.Errorf("not even %d deep", leastDepth)
			}
			pmmlResults.set(engine.name, "deepest chain", fmt.Sprint(deepest))
			t.Logf("%s: %d deep", engine.name, deepest)
		})
	}
}

// leastDepth is deeper than any tree that scikit-learn grows of ordinary data.
const leastDepth = 1000

// chain asks an engine about a tree whose node i says x <= i, or goes on: x in (i-1, i] is answered i.
func chain(run *Runner, depth int, dir string) error {
	var tree forest.Tree
	tree.Output = forest.AllOutputs
	for i := range depth {
		at := int32(2 * i)
		tree.Feature = append(tree.Feature, 0, forest.Leaf)
		tree.Left = append(tree.Left, at+1, int32(i))
		tree.Right = append(tree.Right, at+2, 0)
		tree.Threshold = append(tree.Threshold, float64(i), 0)
		tree.Value = append(tree.Value, float64(i))
	}
	tree.Feature, tree.Left, tree.Right = append(tree.Feature, forest.Leaf), append(tree.Left, int32(depth)), append(tree.Right, 0)
	tree.Threshold, tree.Value = append(tree.Threshold, 0), append(tree.Value, float64(depth))
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
