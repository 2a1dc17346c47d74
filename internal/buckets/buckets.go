// Package buckets holds what every store.Bucket must do, whatever it stands on.
package buckets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-2867d59c/treeport/store"
)

// Check checks buckets: open makes an empty one, which the test closes.
func Check(t *testing.T, open func(t *testing.T) store.Bucket) {
	for _, c := range []struct {
		name  string
		check func(t *testing.T, b store.Bucket)
	}{
		{"list", list}, {"objects", objects}, {"keys", keys}, {"siblings", siblings}, {"sizes", sizes}, {"once", once}, {"cancelled", cancelled},
		{"errors", messages},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t)
			t.Cleanup(func() {
				if err := b.Close(); err != nil {
					t.Error(err)
				}
			})
			c.check(t, b)
		})
	}
}

func put(t *testing.T, b store.Bucket, key, text string, overwrite bool) {
	t.Helper()
	if err := b.Put(t.Context(), key, strings.NewReader(text), overwrite); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
}

// holds fails the test where an object has other content.
func holds(t *testing.T, b store.Bucket, key string, want []byte) {
	t.Helper()
	f, err := b.Open(t.Context(), key)
	if err != nil {
		t.Errorf("%s: %v", key, err)
		return
	}
	if !bytes.Equal(f.Data, want) {
		t.Errorf("%s: %d bytes are not the %d that were written", key, len(f.Data), len(want))
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func listed(t *testing.T, b store.Bucket, prefix string) []string {
	t.Helper()
	var keys []string
	for o, err := range b.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("%q: %v", prefix, err)
		}
		keys = append(keys, o.Key)
	}
	return keys
}

func list(t *testing.T, b store.Bucket) {
	// a-b, a. and a/ are in this order as keys, and in another one as folders.
	for _, key := range []string{"b.txt", "a/x.txt", "a-b/x.txt", "a/y/z.txt", "a.txt"} {
		put(t, b, key, key, false)
	}
	for prefix, want := range map[string][]string{
		"":         {"a-b/x.txt", "a.txt", "a/x.txt", "a/y/z.txt", "b.txt"},
		"a":        {"a-b/x.txt", "a.txt", "a/x.txt", "a/y/z.txt"},
		"a/":       {"a/x.txt", "a/y/z.txt"},
		"a/y":      {"a/y/z.txt"},
		"a/y/z.tx": {"a/y/z.txt"},
		"none":     nil,
	} {
		if keys := listed(t, b, prefix); !slices.Equal(keys, want) {
			t.Errorf("%q: %v, want %v", prefix, keys, want)
		}
	}
	for range b.List(t.Context(), "") {
		break // who breaks is not called again
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var last error
	for _, err := range b.List(ctx, "") {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a list whose context has ended: %v", last)
	}
}

func objects(t *testing.T, b store.Bucket) {
	ctx := t.Context()
	put(t, b, "d/k", "first", false)
	if err := b.Put(ctx, "d/k", strings.NewReader("other"), false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("an object is written over: %v", err)
	}
	holds(t, b, "d/k", []byte("first"))
	first, err := b.Stat(ctx, "d/k")
	if err != nil || first.Key != "d/k" || first.Size != 5 || first.Modified.IsZero() {
		t.Error(first, err)
	}
	put(t, b, "d/k", "second", true)
	holds(t, b, "d/k", []byte("second"))
	second, err := b.Stat(ctx, "d/k")
	if err != nil || second.Size != 6 {
		t.Error(second, err)
	}
	if first.Version != "" && first.Version == second.Version {
		t.Errorf("other content under the same version %s", first.Version)
	}
	if _, err := b.Stat(ctx, "d"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of an object: %v", err)
	}
	for o, err := range b.List(ctx, "d/") {
		// Clouds say in lists to the millisecond, of one object to the second.
		if err != nil || o.Key != second.Key || o.Size != second.Size || o.Version != second.Version || o.Modified.Unix() != second.Modified.Unix() {
			t.Errorf("%v: listed as %v, is %v", err, o, second)
		}
	}
	if err := errors.Join(b.Delete(ctx, "d/k"), b.Delete(ctx, "d/k")); err != nil {
		t.Error(err)
	}
	if keys := listed(t, b, ""); len(keys) > 0 {
		t.Errorf("still there: %v", keys)
	}
	if _, err := b.Stat(ctx, "d/k"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	put(t, b, "d/k", "again", false)
	holds(t, b, "d/k", []byte("again"))
}

func keys(t *testing.T, b store.Bucket) {
	ctx := t.Context()
	odd := []string{"a b.txt", "a#b", "a%20b", "a&b=c", "a+b", "a?b", "café", "x/日本/模型.onnx"}
	for _, key := range odd {
		put(t, b, key, key, false)
	}
	for _, key := range odd {
		holds(t, b, key, []byte(key))
	}
	slices.Sort(odd)
	if got := listed(t, b, ""); !slices.Equal(got, odd) {
		t.Errorf("%q, want %q", got, odd)
	}
	for _, key := range []string{"", "../x", "a/../../x", "/etc/passwd"} {
		if f, err := b.Open(ctx, key); err == nil {
			t.Errorf("%q opens", key)
			f.Close()
		}
		if err := b.Put(ctx, key, strings.NewReader(""), false); err == nil {
			t.Errorf("%q is written", key)
		}
		if _, err := b.Stat(ctx, key); err == nil {
			t.Errorf("%q is there", key)
		}
		if err := b.Delete(ctx, key); err == nil {
			t.Errorf("%q is deleted", key)
		}
	}
}

func siblings(t *testing.T, b store.Bucket) {
	for _, key := range []string{"top", "beside", "d/model", "d/arrays", "e/arrays"} {
		put(t, b, key, key, false)
	}
	f, err := b.Open(t.Context(), "d/model")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := f.Sibling("arrays")
	if err != nil || string(s) != "d/arrays" || string(f.Data) != "d/model" {
		t.Error(s, err)
	}
	if _, err := f.Sibling("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	for _, name := range []string{"", "..", "../top", "../e/arrays", "/etc/passwd"} {
		if _, err := f.Sibling(name); err == nil {
			t.Errorf("%q opens", name)
		}
	}
	top, err := b.Open(t.Context(), "top")
	if err != nil {
		t.Fatal(err)
	}
	defer top.Close()
	if s, err := top.Sibling("beside"); err != nil || string(s) != "beside" {
		t.Error(s, err)
	}
}

// content is the same for the same seed, and compresses by nothing.
func content(size int, seed uint64) []byte {
	data := make([]byte, size)
	r := rand.NewChaCha8([32]byte{byte(seed)})
	r.Read(data) // never fails
	return data
}

// large is so much that clouds take it in parts.
const large = 18<<20 + 1

func sizes(t *testing.T, b store.Bucket) {
	for i, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 1<<20 + 1, large} {
		key, data := fmt.Sprint("size-", size), content(size, uint64(i))
		if err := b.Put(t.Context(), key, bytes.NewReader(data), false); err != nil {
			t.Error(size, err)
			continue
		}
		holds(t, b, key, data)
		if err := b.Put(t.Context(), key, bytes.NewReader(content(size, 77)), false); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%d bytes are written over: %v", size, err)
		}
		holds(t, b, key, data)
		other := content(size, 99)
		if err := b.Put(t.Context(), key, bytes.NewReader(other), true); err != nil {
			t.Error(size, err)
		}
		holds(t, b, key, other)
	}
}

// once lets many write the same key at once: one does.
func once(t *testing.T, b store.Bucket) {
	for _, size := range []int{1000, large} {
		key := fmt.Sprint(size)
		const writers = 8
		errs := make([]error, writers)
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() { errs[i] = b.Put(t.Context(), key, bytes.NewReader(content(size, uint64(i))), false) })
		}
		group.Wait()
		winner := -1
		for i, err := range errs {
			switch {
			case err == nil && winner < 0:
				winner = i
			case err == nil:
				t.Errorf("%d bytes: %d and %d wrote", size, winner, i)
			case !errors.Is(err, fs.ErrExist):
				t.Errorf("%d bytes: %v", size, err)
			}
		}
		if winner < 0 {
			t.Errorf("%d bytes: none wrote", size)
			continue
		}
		holds(t, b, key, content(size, uint64(winner)))
		if got := listed(t, b, key); !slices.Equal(got, []string{key}) {
			t.Errorf("%v are there", got)
		}
	}
}

// stopping calls a function in the middle of what is read of it, and returns its error.
type stopping struct {
	io.ReadSeeker
	left int
	stop func() error
}

func (s *stopping) Read(p []byte) (int, error) {
	if s.left <= 0 {
		if err := s.stop(); err != nil {
			return 0, err
		}
	}
	n, err := s.ReadSeeker.Read(p[:min(len(p), 64<<10)])
	s.left -= n
	return n, err
}

// cancelled ends uploads in the middle: nothing appears, and what was there stays.
func cancelled(t *testing.T, b store.Bucket) {
	broken := errors.New("no more of it")
	for _, size := range []int{200 << 10, large} {
		for _, overwrite := range []bool{false, true} {
			key := fmt.Sprint("k", size)
			if overwrite {
				put(t, b, key, "as it was", false)
			}
			data := bytes.NewReader(content(size, 5))
			ctx, cancel := context.WithCancel(t.Context())
			err := b.Put(ctx, key, &stopping{data, size / 2, func() error { cancel(); return nil }}, overwrite)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%d bytes, cancelled: %v", size, err)
			}
			if err := b.Put(t.Context(), key, &stopping{data, -1, func() error { return broken }}, overwrite); !errors.Is(err, broken) {
				t.Errorf("%d bytes, broken at once: %v", size, err)
			}
			data.Reset(content(size, 5))
			if err := b.Put(t.Context(), key, &stopping{data, size / 2, func() error { return broken }}, overwrite); !errors.Is(err, broken) {
				t.Errorf("%d bytes, broken: %v", size, err)
			}
			if overwrite {
				holds(t, b, key, []byte("as it was"))
				continue
			}
			if _, err := b.Stat(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%d bytes appeared: %v", size, err)
			}
			if got := listed(t, b, ""); slices.Contains(got, key) {
				t.Errorf("%d bytes appeared: %v", size, got)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Put(ctx, "late", strings.NewReader("x"), false); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if got := listed(t, b, "late"); len(got) > 0 {
		t.Error(got)
	}
}

// messages holds errors to one line that names what it is about.
func messages(t *testing.T, b store.Bucket) {
	put(t, b, "there", "x", false)
	_, opened := b.Open(t.Context(), "some/none")
	_, stat := b.Stat(t.Context(), "some/none")
	written := b.Put(t.Context(), "there", strings.NewReader("y"), false)
	for _, c := range []struct {
		err, is error
		key     string
	}{{opened, fs.ErrNotExist, "some/none"}, {stat, fs.ErrNotExist, "some/none"}, {written, fs.ErrExist, "there"}} {
		if !errors.Is(c.err, c.is) {
			t.Errorf("%v is not %v", c.err, c.is)
			continue
		}
		if text := c.err.Error(); !strings.Contains(text, c.key) || !strings.Contains(text, b.Name()) || strings.ContainsAny(text, "\r\n") {
			t.Errorf("not one line with %s and %s: %q", b.Name(), c.key, text)
		}
	}
	if name := b.Name(); strings.HasSuffix(name, "/") && !strings.HasSuffix(name, "://") || strings.Contains(name, "?") {
		t.Errorf("the name of a bucket: %s", name)
	}
}
