package inspect_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-2867d59c/treeport/catboost"
	"github.com/seed-2867d59c/treeport/inspect"
)

// A conversion is not tried for millions of columns, which one flipped bit is enough to claim.
func TestNoTrialOfManyColumns(t *testing.T) {
	right, err := os.ReadFile("../testdata/py310-sk1.5.2/catboost_reg/model.cbm")
	if err != nil {
		t.Fatal(err)
	}
	for i := range right {
		wrong := bytes.Clone(right)
		wrong[i] ^= 0x20
		b, err := catboost.ParseHead(wrong, catboost.Limits{})
		if err != nil || b.Features < 1<<20 {
			continue
		}
		name := filepath.Join(t.TempDir(), "model.cbm")
		if err := os.WriteFile(name, wrong, 0o600); err != nil {
			t.Fatal(err)
		}
		info := describe(t, name, inspect.Options{})
		if m := info.Models[0]; m.Features != b.Features || len(m.Convert) != 2 || m.Convert[0].Outcome != inspect.Untried {
			t.Errorf("%d columns: %+v", m.Features, m.Convert)
		}
		return
	}
	t.Error("no bit makes many columns")
}
