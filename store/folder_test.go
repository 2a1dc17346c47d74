package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/buckets"
	"github.com/seed-2867d59c/treeport/store"
)

func TestFolder(t *testing.T) {
	buckets.Check(t, func(t *testing.T) store.Bucket {
		dir := t.TempDir()
		t.Cleanup(func() { // after the check: nothing is left behind
			if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
				t.Error("left behind", left)
			}
		})
		return store.NewFolder(dir)
	})
}

// TestFolderHides has hidden files and folders, which are no objects, and links, which are where they lead to a file.
func TestFolderHides(t *testing.T) {
	b := store.NewFolder(t.TempDir())
	for _, key := range []string{"a", ".hidden", ".git/x", "d/.x", "d/y"} {
		if err := b.Put(t.Context(), key, strings.NewReader(key), false); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"link": "a", "nowhere": "none", "folder": "d"} {
		if err := os.Symlink(to, b.Path(link)); err != nil {
			t.Fatal(err)
		}
	}
	var keys []string
	for o, err := range b.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, o.Key)
	}
	if want := []string{"a", "d/y", "link"}; !slices.Equal(keys, want) {
		t.Errorf("%v, want %v", keys, want)
	}
}
