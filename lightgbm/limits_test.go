package lightgbm_test

import (
	"errors"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/lightgbm"
)

// TestLimits reads a model within limits that are just what it has, and within less of each.
func TestLimits(t *testing.T) {
	text := read(t, "4.6.0_multiclass")
	b, err := lightgbm.Parse(text, lightgbm.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	has := forest.Limits{Nodes: b.Forest.Nodes(), Trees: len(b.Forest.Trees), Features: b.Features, Classes: b.Outputs}
	if _, err := lightgbm.Parse(text, lightgbm.Limits{Model: has.Budget()}); err != nil {
		t.Errorf("%+v: %v", has, err)
	}
	for flag, field := range map[string]*int{"max-nodes": &has.Nodes, "max-trees": &has.Trees, "max-features": &has.Features, "max-classes": &has.Classes} {
		*field--
		_, err := lightgbm.Parse(text, lightgbm.Limits{Model: has.Budget()})
		if big := (*fault.TooBig)(nil); !errors.As(err, &big) || big.Limit != flag {
			t.Errorf("%+v: %v", has, err)
		}
		*field++
	}
}
