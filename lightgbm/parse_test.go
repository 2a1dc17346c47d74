package lightgbm_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/lightgbm"
	"github.com/seed-2867d59c/treeport/model"
)

func read(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestBrokenText spoils a real model in one place each.
func TestBrokenText(t *testing.T) {
	const kind, other = "4.6.0_cats", "4.6.0_multiclass"
	for name, c := range map[string]struct{ model, from, to string }{
		"no trees":                {kind, "\nTree=0", "\nTree"},
		"a tree fewer":            {kind, "\nTree=3", "\nTree"},
		"classes":                 {other, "num_class=3", "num_class=x"},
		"more columns":            {kind, "max_feature_idx=3", "max_feature_idx=4"},
		"fewer columns":           {kind, "max_feature_idx=3", "max_feature_idx=2"},
		"huge columns":            {kind, "max_feature_idx=3", "max_feature_idx=2147483647"},
		"negative columns":        {kind, "max_feature_idx=3", "max_feature_idx=-2"},
		"a name twice":            {"4.6.0_pandas", "feature_names=a colour", "feature_names=a a"},
		"no infos":                {kind, "feature_infos=", "feature_info="},
		"leaves that are none":    {kind, "num_leaves=6", "num_leaves=0"},
		"leaves beyond number":    {kind, "num_leaves=6", "num_leaves=2147483647"},
		"negative leaves":         {kind, "num_leaves=6", "num_leaves=-6"},
		"one leaf more":           {kind, "num_leaves=6", "num_leaves=7"},
		"a child too far":         {kind, "left_child=", "left_child=9 "},
		"a split that is a root":  {kind, "left_child=2", "left_child=0"},
		"a feature too far":       {kind, "split_feature=1", "split_feature=4"},
		"a negative feature":      {kind, "split_feature=1", "split_feature=-1"},
		"a leaf too far":          {other, "left_child=1 3 -3", "left_child=1 3 -7"},
		"a child of two":          {other, "left_child=1 3 -3", "left_child=1 1 -3"},
		"a leaf of two":           {other, "left_child=1 3 -3", "left_child=1 3 -4"},
		"a split of no parent":    {other, "left_child=1 3 -3", "left_child=-2 3 -3"},
		"a threshold of NaN":      {other, "threshold=-1.0000000180025095e-35", "threshold=nan"},
		"an infinite threshold":   {other, "threshold=-1.0000000180025095e-35", "threshold=1e999"},
		"a leaf of NaN":           {other, "leaf_value=-0.78503912251630847", "leaf_value=nan"},
		"a leaf of infinity":      {other, "leaf_value=-0.78503912251630847", "leaf_value=-inf"},
		"sets from later on":      {kind, "cat_boundaries=0 ", "cat_boundaries=1 "},
		"a linear model of NaN":   {"4.6.0_linear", "leaf_const=", "leaf_const=nan"},
		"another number of trees": {other, "tree_sizes=", "tree_sizes=1 "},
		"text for a number":       {kind, "threshold=", "threshold=a "},
		"no sets":                 {kind, "num_cat=3", "num_cat=0"},
		"sets beyond number":      {kind, "num_cat=3", "num_cat=2000000000"},
		"words beyond number":     {kind, "cat_boundaries=0 ", "cat_boundaries=0 0 "},
		"negative bounds":         {kind, "cat_boundaries=0 ", "cat_boundaries=-1 "},
		"objective's classes":     {other, "objective=multiclass num_class:3", "objective=multiclass num_class:4"},
		"objective's sigmoid":     {"4.6.0_binary", "sigmoid:0", "sigmoid:-0"},
		"a leaf without model":    {"4.6.0_linear", "leaf_const=", "leaf_const=1 "},
		"features out of order":   {"4.6.0_linear", "leaf_features=0  0  0 1", "leaf_features=0  0  1 0"},
		"a feature of a leaf":     {"4.6.0_linear", "leaf_features=0  0  0 1", "leaf_features=0  0  0 9"},
		"too many features":       {"4.6.0_linear", "num_features=1 1 2", "num_features=1 1 9"},
		"negative features":       {"4.6.0_linear", "num_features=1 1 2", "num_features=1 1 -2"},
		"pandas's categories":     {"4.6.0_pandas", "pandas_categorical:[", "pandas_categorical:"},
	} {
		text := read(t, c.model)
		spoilt := strings.Replace(text, c.from, c.to, 1)
		if spoilt == text {
			t.Errorf("%s: %q is not in the model", name, c.from)
		}
		_, err := lightgbm.Parse(spoilt, lightgbm.Limits{})
		var broken *fault.Broken
		var unsupported *fault.Unsupported
		if !errors.As(err, &broken) && !errors.As(err, &unsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRefused asks for what is well formed, but not done.
func TestRefused(t *testing.T) {
	for want, c := range map[string]struct {
		model   string
		replace []string
		lim     lightgbm.Limits
	}{
		"without a version":   {model: "4.6.0_nan", replace: []string{"version=v4\n", ""}},
		`version "v5"`:        {model: "4.6.0_nan", replace: []string{"version=v4", "version=v5"}},
		`objective "new"`:     {model: "4.6.0_nan", replace: []string{"objective=regression", "objective=new"}},
		"dtype category":      {model: "4.6.0_pandas", replace: []string{`["S", "M", "L"]`, `["S", "M"]`}},
		"empty text":          {model: "4.6.0_pandas", replace: []string{`"M"`, `""`}},
		"true as a category":  {model: "4.6.0_pandas", replace: []string{`"M"`, `true`}},
		"text and of numbers": {model: "4.6.0_pandas", replace: []string{`"M"`, `3`}},
		"linear models of":    {model: "4.6.0_linear", lim: lightgbm.Limits{Cells: 10}},
		"without trees":       {model: "4.6.0_nan", replace: []string{"tree_sizes=", "sizes=", "Tree=0", "end of trees"}},
		"for 2 classes":       {model: "4.6.0_multiclass", replace: []string{"num_class=3", "num_class=2"}},
		"tell 3.2 from 3.3":   {model: "3.3.3_cross_entropy_lambda", replace: []string{"\nparameters:", "", "[precise_float_parser:", ""}},
		"limit max-nodes":     {model: "4.6.0_nan", lim: lightgbm.Limits{Model: forest.Limits{Nodes: 10}.Budget()}},
		"not the text of a L": {model: "4.6.0_nan", replace: []string{"tree\n", "bush\n"}},
	} {
		text := strings.NewReplacer(c.replace...).Replace(read(t, c.model))
		if _, err := lightgbm.Parse(text, c.lim); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestHeader is what a file says of its columns.
func TestHeader(t *testing.T) {
	b, err := lightgbm.Parse(read(t, "4.6.0_pandas"), lightgbm.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.Names, " "); got != "a colour year b size" {
		t.Errorf("columns %q", got)
	}
	if c := b.Categories; len(c) != 5 || c[0] != nil || c[1].Text[2] != "blue" || c[2].Float[0] != 1999 || c[4].Text[0] != "S" {
		t.Errorf("categories %v", c)
	}
	if b, err = lightgbm.Parse(read(t, "4.6.0_nan"), lightgbm.Limits{}); err != nil || b.Names != nil {
		t.Errorf("names of LightGBM's own: %v, %v", b.Names, err)
	}
}

// FuzzBooster reads any text. What is read must also answer.
func FuzzBooster(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// A file may claim any number of columns, which rows of the test would have: the default lets through what fills the machine's memory.
		b, err := lightgbm.Parse(string(data), lightgbm.Limits{Model: forest.Limits{Features: 1 << 16}.Budget()})
		if err != nil {
			return
		}
		x := model.NewTensor(model.Type{Kind: model.Float64, Row: []int{b.Features}}, 3)
		for i := range b.Features {
			x.Float[b.Features+i] = -1.5
			x.Float[2*b.Features+i] = math.Inf(1)
		}
		m := &model.Model{Inputs: []model.Input{{Name: "X", Kind: model.Float64, Width: b.Features}}}
		a := b.Answers(m.Add, 0)
		m.Outputs = []model.Output{{Name: "raw", Value: a.Raw}, {Name: "predict", Value: a.Predict}, {Name: "leaves", Value: a.Leaves}}
		if _, err := m.Types(); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Run([]*model.Tensor{x}); err != nil {
			t.Fatal(err)
		}
	})
}
