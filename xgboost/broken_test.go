package xgboost_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/xgboost"
)

// behind is what follows the first place of a text in a model's bytes.
func behind(t *testing.T, data []byte, text string) []byte {
	t.Helper()
	at := bytes.Index(data, []byte(text))
	if at < 0 {
		t.Fatalf("no %q", text)
	}
	return data[at+len(text):]
}

func real(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestBroken spoils a real model in one place each: an item of an array of its first tree, or a text.
func TestBroken(t *testing.T) {
	const several, sets = "3.0.5-dart_softprob.ubj", "3.0.5-categories.ubj"
	item := func(array string, i int, bits uint32) func([]byte) {
		return func(data []byte) { // [$l#L, a length in 8 bytes, the items
			binary.BigEndian.PutUint32(behind(t, data, string(rune(len(array)))+array+"[$")[11+4*i:], bits)
		}
	}
	text := func(key, digits string) func([]byte) { // S, L, a length in 8 bytes
		return func(data []byte) { copy(behind(t, data, key+"SL")[8:], digits) }
	}
	nan, inf := math.Float32bits(float32(math.NaN())), math.Float32bits(float32(math.Inf(1)))
	for name, c := range map[string]struct {
		model string
		spoil func(data []byte)
	}{
		"a child too far":           {several, item("left_children", 0, 15)},
		"a negative child":          {several, item("right_children", 0, 1<<32-2)},
		"half a leaf":               {several, item("right_children", 0, 1<<32-1)},
		"the root as a child":       {several, item("left_children", 0, 0)},
		"a child of two":            {several, item("left_children", 0, 2)},
		"a cycle":                   {several, item("left_children", 1, 1)},
		"a feature too far":         {several, item("split_indices", 0, 5)},
		"a negative feature":        {several, item("split_indices", 0, 1<<32-1)},
		"a threshold of NaN":        {several, item("split_conditions", 0, nan)},
		"a threshold of -infinity":  {several, item("split_conditions", 0, inf|1<<31)},
		"a leaf of NaN":             {several, item("split_conditions", 14, nan)},
		"a leaf of infinity":        {several, item("split_conditions", 14, inf)},
		"a longer array":            {several, func(data []byte) { behind(t, data, "\rsplit_indices[$")[10]++ }},
		"another number of nodes":   {several, text("num_nodes", "14")},
		"another number of trees":   {several, text("num_trees", "35")},
		"a tree of no output":       {several, func(data []byte) { behind(t, data, "tree_info[#L")[9] = 3 }},
		"a weight of NaN":           {several, func(data []byte) { binary.BigEndian.PutUint32(behind(t, data, "weight_drop[#L")[9:], nan) }},
		"fewer classes":             {several, text("num_class", "2")},
		"fewer features in a tree":  {several, text("num_feature", "1")},
		"more features than trees":  {several, func(data []byte) { behind(t, behind(t, data, "num_class"), "num_featureSL")[8] = '6' }},
		"a set of no node":          {sets, item("categories_nodes", 0, 99)},
		"a set of another node":     {sets, item("categories_nodes", 0, 14)},
		"more categories than all":  {sets, item("categories_sizes", 0, 1000)},
		"categories from before on": {sets, item("categories_segments", 0, 1<<32-1)},
		"a negative category":       {sets, item("categories", 0, 1<<32-1)},
		"a category beyond 2^24":    {sets, item("categories", 0, 1<<24)},
	} {
		data := real(t, c.model)
		if _, err := xgboost.Parse(data, xgboost.Limits{}); err != nil {
			t.Fatal(err)
		}
		c.spoil(data)
		_, err := xgboost.Parse(data, xgboost.Limits{})
		var broken *fault.Broken
		var unsupported *fault.Unsupported // of what a training that went wrong may write
		if !errors.As(err, &broken) && !errors.As(err, &unsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLimits reads a model within limits that are just what it has, and within less of each.
func TestLimits(t *testing.T) {
	data := real(t, "1.0.2-softprob.json")
	b, err := xgboost.Parse(data, xgboost.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	has := forest.Limits{Nodes: b.Forest.Nodes(), Trees: len(b.Forest.Trees), Features: b.Features, Classes: b.Classes}
	if _, err := xgboost.Parse(data, xgboost.Limits{Model: has.Budget()}); err != nil {
		t.Errorf("%+v: %v", has, err)
	}
	for flag, field := range map[string]*int{"max-nodes": &has.Nodes, "max-trees": &has.Trees, "max-features": &has.Features, "max-classes": &has.Classes} {
		*field--
		_, err := xgboost.Parse(data, xgboost.Limits{Model: has.Budget()})
		if big := (*fault.TooBig)(nil); !errors.As(err, &big) || big.Limit != flag {
			t.Errorf("%+v: %v", has, err)
		}
		*field++
	}
}
