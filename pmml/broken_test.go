package pmml

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// twoTrees is a classifier of three classes by two trees.
func twoTrees(t *testing.T) (lowered *model.Model, file string) {
	tree := forest.Tree{Feature: []int32{0, 1, forest.Leaf, forest.Leaf, forest.Leaf}, Left: []int32{1, 2, 0, 1, 2}, Right: []int32{4, 3, 0, 0, 0},
		Threshold: []float64{0.5, 1.5, 0, 0, 0}, Value: []float64{0.25, 0.5, 0.25, 0, 1, 0, 0.5, 0, 0.5}, Output: forest.AllOutputs}
	f := &forest.Forest{Features: 2, Outputs: 3, Input: forest.Float32, Trees: []forest.Tree{tree, tree}, Combine: forest.Mean, RefusesNaN: true, RefusesInf: true}
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 2}}}
	proba := m.Add(&model.Ensemble{X: 0, Forest: f})
	label := m.Add(&model.Lookup{X: m.Add(&model.ArgMax{X: proba}), Table: &model.Tensor{Kind: model.Int64, Shape: []int{3}, Int: []int64{3, 5, 7}}})
	m.Outputs = []model.Output{{Name: "label", Method: model.Predict, Value: label}, {Name: "probabilities", Method: model.PredictProba, Value: proba}}
	lowered, err := Lower(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return lowered, string(written(t, lowered, Options{}))
}

// TestBroken spoils a file in one place each, for the quick reader and the general one, with and without the right model
// expected.
func TestBroken(t *testing.T) {
	lowered, file := twoTrees(t)
	external := `<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]>`
	for _, c := range []struct{ name, from, to string }{
		{"a document type", "<PMML", "<!DOCTYPE PMML><PMML"},
		{"an external one", "<PMML", `<!DOCTYPE PMML SYSTEM "http://example.com/x.dtd"><PMML`},
		{"an external entity", "<PMML", external + "<PMML"},
		{"a lot of laughs", "<PMML", `<!DOCTYPE PMML [<!ENTITY a "&b;&b;"><!ENTITY b "&c;&c;">]><PMML`},
		{"an unknown entity", `score="3"`, `score="&x;"`},
		{"a surrogate", `score="3"`, `score="&#xD800;"`},
		{"a class of none", `score="3"`, `score="4"`},
		{"an empty class", `score="3"`, `score=""`},
		{"an empty field", `field="x1"`, `field=""`},
		{"an empty threshold", `value="0.5"`, `value=""`},
		{"an empty count", `recordCount="1"`, `recordCount=""`},
		{"a field of none", `field="x1"`, `field="x9"`},
		{"a threshold of NaN", `value="0.5"`, `value="NaN"`},
		{"an infinite threshold", `value="0.5"`, `value="INF"`},
		{"a count of NaN", `recordCount="1"`, `recordCount="NaN"`},
		{"an infinite count", `recordCount="1"`, `recordCount="1e999"`},
		{"a negative count", `recordCount="1"`, `recordCount="-1"`},
		{"a class twice", `<ScoreDistribution value="5"`, `<ScoreDistribution value="3"`},
		{"a node without predicate", `<Node><True/>`, `<Node>`},
		{"a tree that ends early", `</Node>`, ``},
		{"a tree of another function", `<TreeModel functionName="classification">`, `<TreeModel functionName="regression">`},
		{"a label twice", `<Value value="5"/>`, `<Value value="3"/>`},
		{"a label less", `<Value value="5"/>`, ``},
		{"a column twice", `<MiningField name="x2"`, `<MiningField name="x1"`},
		{"a column of none", `<MiningField name="x2"`, `<MiningField name="x9"`},
	} {
		bad := strings.Replace(file, c.from, c.to, 1)
		if bad == file {
			t.Errorf("%s: no %s in\n%s", c.name, c.from, file)
		}
		for _, data := range [][]byte{[]byte(bad), slow([]byte(bad))} {
			for _, expected := range []*model.Model{nil, lowered} {
				_, err := ReadExpecting(data, Limits{}, expected)
				var broken *fault.Broken
				var unsupported *fault.Unsupported
				if !errors.As(err, &broken) && !errors.As(err, &unsupported) {
					t.Errorf("%s: %v", c.name, err)
				}
			}
		}
	}
}

// TestLimits reads a file within limits that are just what it has, and within less of each.
func TestLimits(t *testing.T) {
	_, file := twoTrees(t)
	has := Limits{Nodes: 10, Trees: 2, Features: 2, Classes: 3}
	for _, data := range [][]byte{[]byte(file), slow([]byte(file))} {
		if _, err := Read(data, has); err != nil {
			t.Errorf("%+v: %v", has, err)
		}
		for flag, field := range map[string]*int{"max-nodes": &has.Nodes, "max-trees": &has.Trees, "max-features": &has.Features, "max-classes": &has.Classes} {
			*field--
			_, err := Read(data, has)
			if big := (*fault.TooBig)(nil); !errors.As(err, &big) || big.Limit != flag {
				t.Errorf("%s %d: %v", flag, *field, err)
			}
			*field++
		}
	}
}
