package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for _, size := range []int{0, 1, mapFrom - 1, mapFrom, 3*mapFrom + 17} {
		name := filepath.Join(dir, "f")
		want := bytes.Repeat([]byte{7, 8, 9}, size/3+1)[:size]
		if err := os.WriteFile(name, want, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.Data, want) {
			t.Errorf("%d bytes: other ones read", size)
		}
		if size >= mapFrom && f.unmap == nil {
			t.Errorf("%d bytes: not mapped", size)
		}
		if !f.SameAs(filepath.Join(dir, ".", "f")) {
			t.Error("a file is not itself")
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(dir); err == nil {
		t.Error("a folder opens")
	}
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestStdin(t *testing.T) {
	f, err := fromStdin(strings.NewReader("abc"))
	if err != nil || string(f.Data) != "abc" || f.Name != "-" {
		t.Fatal(f, err)
	}
	if _, err := f.Sibling("x"); err == nil {
		t.Error("standard input has a sibling")
	}
}

func TestSibling(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	for _, err := range []error{os.Mkdir(sub, 0o700), os.WriteFile(filepath.Join(sub, "a"), []byte("a"), 0o600),
		os.WriteFile(filepath.Join(sub, "b"), []byte("b"), 0o600), os.WriteFile(filepath.Join(dir, "c"), nil, 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	f, err := Open(filepath.Join(sub, "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, err := f.Sibling("b"); err != nil || string(b) != "b" {
		t.Error(b, err)
	}
	for _, name := range []string{"", ".", "..", "../c", "/etc/passwd", "x/../b", filepath.Join(dir, "c")} {
		if _, err := f.Sibling(name); err == nil {
			t.Errorf("%q opens", name)
		}
	}
	if _, err := Create(filepath.Join(sub, "b"), f); err == nil {
		t.Error("a sibling of the input is written over")
	}
}

func TestCreate(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, []byte("model"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	link := filepath.Join(dir, "link")
	if err := os.Symlink("in", link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{in, link, dir} {
		if _, err := Create(name, f); err == nil {
			t.Errorf("%s is written over", name)
		}
	}

	w, err := Create(out, f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("first"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the file is there before Commit")
	}
	if err := errors.Join(w.Commit(), w.Abort()); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(out); string(got) != "first" {
		t.Errorf("%q", got)
	}
	if w, err = Create(out); err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("second"); err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(out); string(got) != "first" {
		t.Errorf("%q after Abort", got)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestRelease gives back parts of a mapping, whose bytes stay what they are, and leaves other memory alone.
func TestRelease(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	want := bytes.Repeat([]byte("0123456789abcdef"), releaseFrom/16)
	want = append(want, "end"...)
	if err := os.WriteFile(name, want, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	other := bytes.Clone(want)
	for _, part := range [][]byte{f.Data, f.Data[:1], f.Data[5000:], f.Data[5000:5000], f.Data[4096 : 3*4096], f.Data[len(f.Data)-1:], nil, other, other[4096:]} {
		f.Release(part)
		if !bytes.Equal(f.Data, want) || !bytes.Equal(other, want) {
			t.Fatalf("bytes changed when %d of them were released", len(part))
		}
	}
	for _, c := range []struct {
		part []byte
		from int
		ok   bool
	}{
		{f.Data, 0, true}, {f.Data[17:20], 17, true}, {f.Data[len(f.Data)-1:], len(f.Data) - 1, true}, {other, 0, false}, {nil, 0, false},
	} {
		if from, ok := within(f.Data, c.part); ok != c.ok || ok && from != c.from {
			t.Errorf("%d bytes: %d, %v", len(c.part), from, ok)
		}
	}
}
