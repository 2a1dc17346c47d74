package convert_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/vectors"
)

// TestHostile asks for a model in files that no honest program wrote: none comes out of those that must be refused, those
// that are safe decode, and whatever is wrong is said in the four ways of package fault.
func TestHostile(t *testing.T) {
	for _, folder := range vectors.Folders() {
		text, err := os.ReadFile(filepath.Join(folder, "hostile", "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		var manifest struct {
			Files []struct{ Path, Expect, What string }
		}
		if err := json.Unmarshal(text, &manifest); err != nil {
			t.Fatal(err)
		}
		if len(manifest.Files) == 0 {
			t.Fatalf("%s: no hostile files", folder)
		}
		for _, f := range manifest.Files {
			s, err := convert.Open(filepath.Join(folder, f.Path), convert.Limits{})
			if err != nil && f.Expect == "safe" {
				t.Errorf("%s (%s): %v", f.Path, f.What, err)
			}
			if err == nil {
				_, err = s.Only("")
				s.Close()
			}
			if err == nil && f.Expect == "refuse" {
				t.Errorf("%s (%s): a model came out of it", f.Path, f.What)
			}
			var broken *fault.Broken
			var unsupported *fault.Unsupported
			var big *fault.TooBig
			if err != nil && !errors.As(err, &broken) && !errors.As(err, &unsupported) && !errors.As(err, &big) && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s (%s): %T %v", f.Path, f.What, err, err)
			}
		}
	}
}
