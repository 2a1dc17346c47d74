package sklearn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// TestLimits reads an estimator of each class within limits that are just what it has, and within less of each.
func TestLimits(t *testing.T) {
	seen := map[string]bool{}
	refused := map[string]int{}
	for _, v := range vectors.Load(t, vectors.Pickled(func(v *vectors.Vector) bool { return !unreadable(v) })) {
		if seen[v.Class] {
			continue
		}
		seen[v.Class] = true
		for _, f := range decode(t, v) {
			s, err := sklearn.Summarise(f.Object, f.Path)
			if err != nil {
				continue
			}
			own := s.Nodes > 0 // boosters count when they are read
			if m, err := sklearn.Read(f.Object, f.Path); err != nil {
				continue
			} else {
				s.Complete(m)
			}
			has := forest.Limits{Features: s.Features}
			if own {
				has.Nodes, has.Trees = s.Nodes, s.Trees
			}
			if !strings.Contains(s.Class, "IsolationForest") { // whose labels stand in no file
				for _, labels := range s.Classes {
					has.Classes = max(has.Classes, labels.Len())
				}
			}
			if _, err := sklearn.ReadWith(f.Object, f.Path, sklearn.Options{Limits: has}); err != nil {
				t.Errorf("%s: %v, with limits %+v", v.Name(), err, has)
			}
			for _, c := range []struct {
				flag  string
				field *int
			}{{"max-nodes", &has.Nodes}, {"max-trees", &has.Trees}, {"max-features", &has.Features}, {"max-classes", &has.Classes}} {
				if *c.field < 2 {
					continue
				}
				*c.field--
				_, err := sklearn.ReadWith(f.Object, f.Path, sklearn.Options{Limits: has})
				if big := (*fault.TooBig)(nil); !errors.As(err, &big) || big.Limit != c.flag {
					t.Errorf("%s: %v, with limits %+v", v.Name(), err, has)
				}
				refused[c.flag]++
				*c.field++
			}
		}
	}
	for _, flag := range []string{"max-nodes", "max-trees", "max-features", "max-classes"} {
		if refused[flag] < 10 {
			t.Errorf("%s was asked of %d estimators", flag, refused[flag])
		}
	}
}
