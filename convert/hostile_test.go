package convert_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/internal/vectors"
)

// TestHostile asks for a model in hostile files: none comes out of those that must be refused, those that are safe decode, and
// whatever is wrong is said in the four ways of package fault.
func TestHostile(t *testing.T) {
	for _, f := range vectors.Hostile(t) {
		s, err := convert.Open(f.Path, convert.Limits{})
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
		if wrong(err) != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s (%s): %T %v", f.Path, f.What, err, err)
		}
	}
}
