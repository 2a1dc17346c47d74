package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// TestFolder is what every Bucket must do.
func TestFolder(t *testing.T) {
	ctx := t.Context()
	b := NewFolder(t.TempDir())
	put := func(key, text string, overwrite bool) error {
		return b.Put(ctx, key, bytes.NewReader([]byte(text)), overwrite)
	}
	for _, key := range []string{"b.txt", "a/x.txt", "a-b/x.txt", "a/y/z.txt", "a.txt"} {
		if err := put(key, key, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(b.Path(".hidden"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for prefix, want := range map[string][]string{
		"":     {"a-b/x.txt", "a.txt", "a/x.txt", "a/y/z.txt", "b.txt"},
		"a":    {"a-b/x.txt", "a.txt", "a/x.txt", "a/y/z.txt"},
		"a/":   {"a/x.txt", "a/y/z.txt"},
		"a/y":  {"a/y/z.txt"},
		"none": nil,
	} {
		var keys []string
		for o, err := range b.List(ctx, prefix) {
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, o.Key)
		}
		if !slices.Equal(keys, want) {
			t.Errorf("%q: %v, want %v", prefix, keys, want)
		}
	}
	if err := put("b.txt", "other", false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwritten: %v", err)
	}
	if err := put("b.txt", "other", true); err != nil {
		t.Error(err)
	}
	f, err := b.Open(ctx, "b.txt")
	if err != nil || string(f.Data) != "other" {
		t.Error(f, err)
	}
	f.Close()
	if o, err := b.Stat(ctx, "a/x.txt"); err != nil || o.Size != 7 {
		t.Error(o, err)
	}
	if _, err := b.Stat(ctx, "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	for _, key := range []string{"../x", "/etc/passwd"} {
		if _, err := b.Open(ctx, key); err == nil {
			t.Error(key, "opens")
		}
		if err := put(key, "", false); err == nil {
			t.Error(key, "is written")
		}
	}
	if err := errors.Join(b.Delete(ctx, "b.txt"), b.Delete(ctx, "b.txt")); err != nil {
		t.Error(err)
	}
}

// TestPutOnce lets many write the same key at once: one does, and nothing is left behind.
func TestPutOnce(t *testing.T) {
	b := NewFolder(t.TempDir())
	var done, refused int
	var mu sync.Mutex
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			err := b.Put(t.Context(), "k", bytes.NewReader(bytes.Repeat([]byte{byte(i)}, 1000)), false)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				done++
			case errors.Is(err, fs.ErrExist):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if done != 1 || refused != 15 {
		t.Error(done, refused)
	}
	got, err := os.ReadFile(b.Path("k"))
	if err != nil || len(got) != 1000 || !bytes.Equal(got, bytes.Repeat(got[:1], 1000)) {
		t.Error(got, err)
	}
	if left, _ := filepath.Glob(b.Path(".*")); len(left) > 0 {
		t.Error("left behind", left)
	}
}
