package dvc

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/store"
)

// files makes a folder of files.
func files(t *testing.T, all map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range all {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The MD5s are those of md5sum.
const (
	hello  = "5d41402abc4b2a76b9719d911017c592" // hello
	folder = `[{"md5": "5d41402abc4b2a76b9719d911017c592", "relpath": "b"}, {"md5": "900150983cd24fb0d6963f7d28e17f72", "relpath": "a/c"}]`
	abc    = "900150983cd24fb0d6963f7d28e17f72" // abc
)

// TestPlaces has content in the working tree, changed there, in the cache, in the remote, and nowhere.
func TestPlaces(t *testing.T) {
	dir := files(t, map[string]string{
		".dvc/config":                     "# all\n[core]\n    remote = Far # ours\n['remote \"far\"']\n    url = \"../far\"\n",
		".dvc/config.local":               "[cache]\n    dir = ../store\n",
		"m/all.dvc":                       "outs:\n- {md5: " + hello + ", size: 5, hash: md5, path: tree}\n- {md5: " + hello + ", hash: md5, path: changed}\n- {md5: " + abc + ", hash: md5, path: far}\n- {md5: " + strings.Repeat("0", 32) + ", hash: md5, path: none}\n- {md5: " + sumOf([]byte(folder)) + ".dir, hash: md5, path: d}\n",
		"m/tree":                          "hello",
		"m/changed":                       "other",
		"store/files/md5/5d/" + hello[2:]: "hello",
		"far/files/md5/90/" + abc[2:]:     "abc",
		"far/files/md5/" + sumOf([]byte(folder))[:2] + "/" + sumOf([]byte(folder))[2:] + ".dir": folder,
	})
	b, err := Open(t.Context(), filepath.Join(dir, "m", "all.dvc"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var keys []string
	for o, err := range b.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, fmt.Sprint(o.Key, " ", o.Size))
		if stat, err := b.Stat(t.Context(), o.Key); err != nil || stat != o || o.Version == "" || o.Modified.IsZero() {
			t.Error(stat, o, err)
		}
	}
	if want := []string{"changed 5", "d/a/c -1", "d/b 5", "far -1", "none -1", "tree 5"}; !slices.Equal(keys, want) {
		t.Errorf("%v, want %v", keys, want)
	}
	for key, want := range map[string]string{"tree": "hello", "changed": "hello", "far": "abc", "d/b": "hello", "d/a/c": "abc"} {
		f, err := b.Open(t.Context(), key)
		if err != nil {
			t.Error(key, err)
			continue
		}
		if string(f.Data) != want || f.Name != filepath.Join(dir, "m", key) {
			t.Errorf("%s: %q as %s", key, f.Data, f.Name)
		}
		f.Close()
	}
	for _, key := range []string{"none", "other", "d", "../m/tree"} {
		if _, err := b.Open(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
			t.Error(key, err)
		}
	}
	f, err := b.Open(t.Context(), "tree")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if s, err := f.Sibling("changed"); err != nil || string(s) != "hello" { // not the file beside it, which is another
		t.Error(s, err)
	}
	if _, err := store.Create(filepath.Join(dir, "m", "tree"), f); err == nil {
		t.Error("the input is written over")
	}
	if err := b.Put(t.Context(), "x", strings.NewReader("x"), true); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
	if err := b.Delete(t.Context(), "tree"); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
}

// TestMismatch has other bytes under an MD5, in the cache and in the remote.
func TestMismatch(t *testing.T) {
	for _, place := range []string{".dvc/cache/files/md5", "far/files/md5", ".dvc/cache", "far"} {
		dir := files(t, map[string]string{
			".dvc/config":              "[core]\nremote = far\n['remote \"far\"']\nurl = ../far\n",
			"m.dvc":                    "outs: [{md5: " + hello + ", hash: md5, path: m}]",
			place + "/5d/" + hello[2:]: "hellO",
		})
		b, err := Open(t.Context(), filepath.Join(dir, "m.dvc"))
		if err != nil {
			t.Fatal(err)
		}
		var m *fault.Mismatch
		if _, err := b.Open(t.Context(), "m"); !errors.As(err, &m) {
			t.Errorf("%s: %v", place, err)
		}
	}
}

// TestLegacy has a text of DVC 2 with other line ends than it was hashed with.
func TestLegacy(t *testing.T) {
	sum := sumOf([]byte("a\nb\n"))
	for hash, ok := range map[string]bool{"": true, ", hash: md5": false} {
		dir := files(t, map[string]string{".dvc/config": "", "m": "a\r\nb\r\n", "m.dvc": "outs: [{md5: " + sum + ", path: m" + hash + "}]"})
		b, err := Open(t.Context(), filepath.Join(dir, "m.dvc"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Open(t.Context(), "m"); (err == nil) != ok {
			t.Errorf("%q: %v", hash, err)
		}
	}
}

// TestLock has stages, one of which works in a folder of its own.
func TestLock(t *testing.T) {
	dir := files(t, map[string]string{
		".dvc/config": "", "m/sub/x": "hello", "m/y": "abc",
		"m/dvc.yaml": "stages:\n  one: {wdir: sub}\n  two: {cmd: x}\n",
		"m/dvc.lock": "schema: '2.0'\nstages:\n  one:\n    outs: [{path: x, md5: " + hello + ", hash: md5}]\n  two:\n    deps: [{path: none, md5: x}]\n    outs: [{path: y, md5: " + abc + "}]\n",
	})
	b, err := Open(t.Context(), filepath.Join(dir, "m", "dvc.lock"))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"sub/x": "hello", "y": "abc"} {
		if f, err := b.Open(t.Context(), key); err != nil || string(f.Data) != want {
			t.Error(key, f, err)
		}
	}
}

// TestWrong has files and configurations that are broken, or can't be read.
func TestWrong(t *testing.T) {
	var broken *fault.Broken
	var unsupported *fault.Unsupported
	out := "outs: [{md5: " + hello + ", hash: md5, path: m}]"
	remote := func(lines string) string { return "[core]\nremote = r\n['remote \"r\"']\n" + lines }
	for _, c := range []struct {
		config, file string
		as           any
		says         string
	}{
		{"", "outs: {", &broken, "m.dvc"},
		{"", "outs: [{md5: ../../../etc/passwd, hash: md5, path: m}]", &broken, "no MD5"},
		{"", "outs: [{md5: " + strings.ToUpper(hello) + ", hash: md5, path: m}]", &broken, "no MD5"},
		{"", "outs: [{md5: " + hello + ".dir.dir, hash: md5, path: m}]", &broken, "no MD5"},
		{"", "outs: [{hash: md5, path: m}]", &unsupported, "without an MD5"},
		{"", "outs: [{md5: " + hello + ", hash: sha256, path: m}]", &unsupported, "sha256"},
		{"", "outs: [{md5: " + hello + ", hash: md5, path: ../m}]", &unsupported, "outside"},
		{"", "wdir: ..\n" + out, &unsupported, "outside"},
		{"", "outs: [{md5: " + hello + ", hash: md5, path: /m}]", &unsupported, "outside"},
		{"", "outs: [{md5: " + hello + ", hash: md5, path: 's3://b/m'}]", &unsupported, "outside"},
		{"", "outs: [{md5: " + hello + ", hash: md5, path: m}, {md5: " + abc + ", hash: md5, path: m}]", &broken, "twice"},
		{"[core", out, &broken, "no section"},
		{"[core]\nremote", out, &broken, "no setting"},
		{"[core]\nremote = r", out, &broken, "no such remote"},
		{remote("url = ssh://host/x"), out, &unsupported, "ssh://"},
		{remote("url = s3://b/x\nversion_aware = true"), out, &unsupported, "version_aware"},
		{remote("url = s3://b/x\naccess_key_id = topsecret"), out, &unsupported, "AWS_ACCESS_KEY_ID"},
		{remote("url = gs://b/x\ncredentialpath = topsecret"), out, &unsupported, "the setting credentialpath; treeport takes GOOGLE_APPLICATION_CREDENTIALS"},
		{remote("url = azure://b/x\nsas_token = topsecret"), out, &unsupported, "AZURE_STORAGE_SAS_TOKEN"},
	} {
		dir := files(t, map[string]string{".dvc/config": c.config, "m.dvc": c.file})
		b, err := Open(t.Context(), filepath.Join(dir, "m.dvc"))
		if err == nil {
			_, err = b.Open(t.Context(), "m")
		}
		if err == nil || !errors.As(err, c.as) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "topsecret") || len(err.Error()) > 200 {
			t.Errorf("%q, %q: %v", c.config, c.file, err)
		}
	}
	if _, err := Open(t.Context(), filepath.Join(files(t, map[string]string{"m.dvc": out}), "m.dvc")); err == nil || !strings.Contains(err.Error(), "not in a DVC repository") {
		t.Error(err)
	}
	for _, list := range []string{`{`, `[{"md5": "` + hello + `", "relpath": "../../x"}]`, `[{"md5": "../x", "relpath": "x"}]`, `[{"relpath": "x"}]`, `[3]`} {
		sum := sumOf([]byte(list))
		dir := files(t, map[string]string{
			".dvc/config": "", ".dvc/cache/files/md5/" + sum[:2] + "/" + sum[2:] + ".dir": list,
			"m.dvc": "outs: [{md5: " + sum + ".dir, hash: md5, path: m}]",
		})
		if _, err := Open(t.Context(), filepath.Join(dir, "m.dvc")); !errors.As(err, &broken) {
			t.Errorf("%s: %v", list, err)
		}
	}
}

// TestAdd adds twice and reads what was added; what the real DVC says of it is in conformance/.
func TestAdd(t *testing.T) {
	ctx := context.Background()
	dir := files(t, map[string]string{
		".dvc/config": "[core]\nremote = far\n['remote \"far\"']\nurl = ../far\n",
		"m/a.pkl":     "hello", "m/.gitignore": "*.tmp",
	})
	name := filepath.Join(dir, "m", "a.pkl")
	for range 2 {
		if err := errors.Join(Add(ctx, name), Push(ctx, name)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"m/a.pkl": "hello", "m/.gitignore": "*.tmp\n/a.pkl\n", ".dvc/cache/files/md5/5d/" + hello[2:]: "hello", "far/files/md5/5d/" + hello[2:]: "hello",
		"m/a.pkl.dvc": "outs:\n- md5: " + hello + "\n  size: 5\n  hash: md5\n  path: a.pkl\n",
	} {
		if got, err := os.ReadFile(filepath.Join(dir, path)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if err := os.WriteFile(name, []byte("abc"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Add(ctx, name); err != nil {
		t.Fatal(err)
	}
	os.Remove(name)
	b, err := Open(ctx, name+".dvc")
	if err != nil {
		t.Fatal(err)
	}
	if f, err := b.Open(ctx, "a.pkl"); err != nil || string(f.Data) != "abc" {
		t.Error(f, err)
	}
	more := "outs:\n- md5: " + hello + "\n  size: 5\n  hash: md5\n  path: a.pkl\n  desc: mine\n"
	if err := errors.Join(os.WriteFile(name, []byte("x"), 0o666), os.WriteFile(name+".dvc", []byte(more), 0o666)); err != nil {
		t.Fatal(err)
	}
	var unsupported *fault.Unsupported
	if err := Add(ctx, name); !errors.As(err, &unsupported) {
		t.Error(err)
	}
	if got, _ := os.ReadFile(name + ".dvc"); string(got) != more {
		t.Errorf("%q", got)
	}
}

// FuzzParse holds whatever file to an answer or a fault.
func FuzzParse(f *testing.F) {
	f.Add([]byte("outs: [{md5: " + hello + ", hash: md5, path: m}]"))
	f.Add([]byte("stages:\n  one:\n    outs: [{path: x, md5: " + hello + "}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var broken *fault.Broken
		if _, err := parse("m.dvc", data); err != nil && !errors.As(err, &broken) {
			t.Error(err)
		}
	})
}
