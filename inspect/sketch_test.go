package inspect

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// chainOf is a tree in which each of n splits has a leaf to its left; it asks for one feature after the other.
func chainOf(n, features int) forest.Tree {
	t := forest.Tree{Output: forest.AllOutputs, Value: []float64{1, 2, 3, 4}}
	for i := range int32(n) {
		t.Feature = append(t.Feature, i%int32(features), forest.Leaf)
		t.Left = append(t.Left, 2*i+1, 0)
		t.Right = append(t.Right, 2*i+2, 0)
		t.Threshold = append(t.Threshold, float64(i)+0.5, 0)
	}
	t.Feature, t.Left, t.Right, t.Threshold = append(t.Feature, forest.Leaf), append(t.Left, 0), append(t.Right, 0), append(t.Threshold, 0)
	return t
}

func ensembleOf(width int, trees ...forest.Tree) *forest.Forest {
	return &forest.Forest{Features: width, Outputs: 4, Trees: trees}
}

func TestSketch(t *testing.T) {
	f := ensembleOf(2, chainOf(6, 2), chainOf(1, 1), chainOf(30, 2), chainOf(0, 1))
	if err := f.Check("f"); err != nil {
		t.Fatal(err)
	}
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 2, Columns: []string{"age", "\u202eincome"}}}}
	m.Add(&model.Ensemble{X: 0, Forest: f})
	m.Add(&model.Ensemble{X: 0, Forest: f}) // the same trees again are not counted again
	s := SketchOf(m)
	if want := []Share{{"age", 19}, {`\u202eincome`, 18}}; !reflect.DeepEqual(s.Features, want) || s.Splits != 37 {
		t.Errorf("%v of %d splits", s.Features, s.Splits)
	}
	if want := []Bin{{0, 2, 2}, {3, 5, 0}, {6, 8, 1}, {9, 11, 0}, {12, 14, 0}, {15, 17, 0}, {18, 20, 0}, {21, 23, 0}, {24, 26, 0}, {27, 29, 0}, {30, 30, 1}}; !reflect.DeepEqual(s.Depths, want) {
		t.Errorf("depths %v", s.Depths)
	}
	if first, last := s.Leaves[0], s.Leaves[len(s.Leaves)-1]; first != (Bin{1, 3, 2}) || last != (Bin{31, 31, 1}) {
		t.Errorf("leaves %v", s.Leaves)
	}
	leaf := SketchNode{Depth: 1, Values: []float64{1, 2, 3}, More: 1}
	if len(s.Tree) != 9 || s.Tree[0].Feature != "age" || s.Tree[0].Test != "≤ 0.5" || s.Tree[0].Children != [2]int{1, 2} || !reflect.DeepEqual(s.Tree[1], leaf) {
		t.Fatalf("%+v", s.Tree)
	}
	if cut := s.Tree[8]; cut.Depth != 4 || cut.Children != [2]int{} || cut.Below != 4 || cut.Test != "≤ 4.5" {
		t.Errorf("%+v", cut)
	}
}

// TestSketchFeatures: few are listed, the rest is counted.
func TestSketchFeatures(t *testing.T) {
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 30}}}
	m.Add(&model.Ensemble{X: 0, Forest: ensembleOf(30, chainOf(45, 30))})
	s := SketchOf(m)
	if len(s.Features) != 20 || s.Features[0] != (Share{"feature 0", 2}) || s.OtherFeatures != 10 || s.OtherSplits != 10 {
		t.Errorf("%+v", s)
	}
	if n := len(s.Tree); n != 9 {
		t.Errorf("%d nodes are drawn", n)
	}
}

// TestColumnNames: columns keep their names on their way to the trees, as long as they are columns.
func TestColumnNames(t *testing.T) {
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 3, Columns: []string{"a", "b", "c"}}, {Name: "d", Kind: model.Float64, Width: 1},
		{Name: "Y", Kind: model.Float64, Width: 2}}}
	cast := m.Add(&model.Cast{X: 0, To: model.Float64})
	scaled := m.Add(&model.Binary{Fn: model.Quotient, A: model.Value(cast), B: model.Vector(1, 2, 3)})
	taken := m.Add(&model.Take{X: scaled, Columns: []int{2, 0}})
	all := m.Add(&model.Concat{Xs: []model.Ref{taken, 1, 2}})
	part := m.Add(&model.Slice{X: all, From: 1, To: 5})
	counted := m.Add(&model.CumSum{X: part})
	m.Add(&model.Ensemble{X: part, Forest: ensembleOf(4, chainOf(4, 4))})
	m.Add(&model.Ensemble{X: counted, Forest: ensembleOf(4, chainOf(1, 1))})
	if _, err := m.Types(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range SketchOf(m).Features {
		got = append(got, fmt.Sprint(f.Feature, "=", f.Splits))
	}
	if want := "Y[0]=1; Y[1]=1; a (transformed)=1; cumulative sum, column 0=1; d=1"; strings.Join(got, "; ") != want {
		t.Errorf("%s, want %s", strings.Join(got, "; "), want)
	}
}

// TestCategoryNames: a column that is 1 for one category only is called by it.
func TestCategoryNames(t *testing.T) {
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.String, Width: 2, Columns: []string{"age", "city"}}}}
	city := m.Add(&model.Slice{X: 0, From: 1, To: 2})
	keys := &model.Tensor{Kind: model.String, Shape: []int{2}, Text: []string{"Oslo", "Rome"}}
	index := m.Add(&model.Reshape{X: m.Add(&model.Index{X: city, Keys: keys, Unknown: 2})})
	table := &model.Tensor{Kind: model.Float64, Shape: []int{3, 3}, Float: []float64{1, 0, 5, 0, 1, 5, 0, 0, 0}}
	found := m.Add(&model.Lookup{X: index, Table: table})
	m.Add(&model.Ensemble{X: found, Forest: ensembleOf(3, chainOf(3, 3))})
	if _, err := m.Types(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(SketchOf(m).Features); got != "[{city = Oslo 1} {city = Rome 1} {city, column 2 1}]" {
		t.Error(got)
	}
}

func TestSketchOfCategories(t *testing.T) {
	tree := chainOf(1, 1)
	tree.Category, tree.Sets = []int32{0, forest.NoSet, forest.NoSet}, [][]float64{{1, 2, 3, 4, 5}}
	m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: 1}}}
	m.Add(&model.Ensemble{X: 0, Forest: ensembleOf(1, tree)})
	if got := SketchOf(m).Tree[0].Test; got != "in {1, 2, 3, … 2 more}" {
		t.Error(got)
	}
	if s := SketchOf(&model.Model{}); s.Splits != 0 || s.Tree != nil || s.Depths != nil {
		t.Errorf("%+v of no trees", s)
	}
}
