// Package dvc reads and adds what DVC keeps: files whose content is in a cache and in remotes, by the MD5 of it, of which git has the
// MD5 only.
//
//	outs:                   a .dvc file; dvc.lock has the same below stages.NAME
//	- md5: 6f4b...          32 digits; of a folder they end with .dir, and are those of a JSON list [{"md5": ..., "relpath": ...}]
//	  size: 14
//	  hash: md5             missing in files of DVC 2, whose MD5 of a text is that with line ends of Unix
//	  path: model.pkl       relative to the folder of the file, or to wdir in it
//
// Content is below files/md5/6f/4b... in caches and remotes, in those of DVC 2 below 6f/4b...
package dvc

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/store"
)

// The longest files that are read whole.
const (
	maxFile = 64 << 20  // a .dvc file or dvc.lock
	maxList = 512 << 20 // the list of a folder
)

// IsFile says whether a name is that of a file that Open reads.
func IsFile(name string) bool {
	return strings.HasSuffix(name, ".dvc") || filepath.Base(name) == "dvc.lock"
}

// out is an output, as files write it.
type out struct {
	MD5    string  `yaml:"md5"`
	Size   *int64  `yaml:"size"`
	NFiles *int64  `yaml:"nfiles"`
	Hash   *string `yaml:"hash"`
	Path   string  `yaml:"path"`
	Remote string  `yaml:"remote"`
}

// content is a file among the outputs.
type content struct {
	md5    string
	legacy bool // of DVC 2
	size   int64
	remote string
}

// outputs are the outputs of one file.
type outputs struct {
	name     string // of the file
	modified time.Time
	repo     *repo
	files    map[string]content // by key
	keys     []string           // sorted

	mu      sync.Mutex
	remotes map[string]store.Bucket // opened, by name
}

// Open opens the outputs of a .dvc file or a dvc.lock as a bucket that can't be written to. Keys are paths relative to the folder of the
// file. Content comes from the working tree where it is the one that was recorded, else from the cache, else from the remote; its MD5 is
// checked wherever it comes from.
func Open(ctx context.Context, name string) (store.Bucket, error) {
	f, err := store.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if len(f.Data) > maxFile {
		return nil, fault.TooBigf(fault.Where{File: name}, "", "%d bytes", len(f.Data))
	}
	outs, err := parse(name, f.Data)
	if err != nil {
		return nil, fault.InFile(err, name)
	}
	b := &outputs{name: name, files: map[string]content{}, remotes: map[string]store.Bucket{}}
	if info, err := os.Stat(name); err == nil {
		b.modified = info.ModTime()
	}
	if b.repo, err = findRepo(filepath.Dir(name)); err != nil {
		return nil, err
	}
	for _, o := range outs {
		if err := b.add(ctx, o); err != nil {
			return nil, errors.Join(fault.InFile(err, name), b.Close())
		}
	}
	for key := range b.files {
		b.keys = append(b.keys, key)
	}
	slices.Sort(b.keys)
	return b, nil
}

// parse reads the outputs, their paths relative to the file's folder.
func parse(name string, data []byte) ([]out, error) {
	type stage struct {
		WDir string `yaml:"wdir"`
		Outs []out  `yaml:"outs"`
	}
	var file struct {
		stage  `yaml:",inline"`
		Stages map[string]stage `yaml:"stages"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, fault.Brokenf(fault.Where{}, "%v", err)
	}
	if filepath.Base(name) != "dvc.lock" {
		for i, o := range file.Outs {
			file.Outs[i].Path = join(file.WDir, o.Path)
		}
		return file.Outs, nil
	}
	// The lock file has no wdir; the file of the stages has.
	var stages struct {
		Stages map[string]struct {
			WDir string `yaml:"wdir"`
		} `yaml:"stages"`
	}
	switch f, err := store.Open(filepath.Join(filepath.Dir(name), "dvc.yaml")); {
	case err == nil:
		defer f.Close()
		if len(f.Data) > maxFile {
			return nil, fault.TooBigf(fault.Where{File: f.Name}, "", "%d bytes", len(f.Data))
		}
		if err := yaml.Unmarshal(f.Data, &stages); err != nil {
			return nil, fault.Brokenf(fault.Where{File: f.Name}, "%v", err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	var all []out
	for name, s := range file.Stages {
		of, _, _ := strings.Cut(name, "@") // stages of a loop
		wdir := stages.Stages[of].WDir
		if strings.Contains(wdir, "${") {
			return nil, fault.Unsupportedf(fault.In("stages."+name), "a wdir with variables: %s", wdir)
		}
		for _, o := range s.Outs {
			o.Path = join(wdir, o.Path)
			all = append(all, o)
		}
	}
	return all, nil
}

// join leaves what is no relative path as it is.
func join(wdir, name string) string {
	if path.IsAbs(name) || strings.Contains(name, "://") {
		return name
	}
	return path.Join(wdir, name)
}

// add takes the files of an output.
func (b *outputs) add(ctx context.Context, o out) error {
	where := fault.In("outs." + o.Path)
	if o.Hash != nil && *o.Hash != "md5" {
		return fault.Unsupportedf(where, "the hash %s", *o.Hash)
	}
	if o.MD5 == "" {
		return fault.Unsupportedf(where, "an output without an MD5")
	}
	if strings.Contains(o.Path, "://") || path.IsAbs(o.Path) || store.CheckKey(o.Path) != nil {
		return fault.Unsupportedf(where, "an output outside of the file's folder")
	}
	sum, isDir := strings.CutSuffix(o.MD5, ".dir")
	if !isMD5(sum) {
		return fault.Brokenf(where, "%q is no MD5", o.MD5)
	}
	c := content{md5: o.MD5, legacy: o.Hash == nil, size: -1, remote: o.Remote}
	if !isDir {
		if o.Size != nil {
			c.size = *o.Size
		}
		return b.insert(o.Path, c)
	}
	f, err := b.stored(ctx, o.Path, c)
	if err != nil {
		return err
	}
	defer f.Close()
	if len(f.Data) > maxList {
		return fault.TooBigf(where, "", "a list of %d bytes", len(f.Data))
	}
	var list []struct {
		MD5     string `json:"md5"`
		RelPath string `json:"relpath"`
	}
	if err := json.Unmarshal(f.Data, &list); err != nil {
		return fault.Brokenf(where, "the list of the folder: %v", err)
	}
	for _, e := range list {
		if !isMD5(e.MD5) || store.CheckKey(e.RelPath) != nil {
			return fault.Brokenf(where, "the list of the folder has %q of MD5 %q", e.RelPath, e.MD5)
		}
		if err := b.insert(path.Join(o.Path, e.RelPath), content{md5: e.MD5, legacy: c.legacy, size: -1, remote: o.Remote}); err != nil {
			return err
		}
	}
	return nil
}

func (b *outputs) insert(key string, c content) error {
	if _, twice := b.files[key]; twice {
		return fault.Brokenf(fault.In("outs."+key), "an output that is there twice")
	}
	b.files[key] = c
	return nil
}

func isMD5(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 2*md5.Size && strings.ToLower(s) == s
}

// places are the keys of some content in caches and remotes, the likelier one first.
func (c content) places() []string {
	short := c.md5[:2] + "/" + c.md5[2:]
	if c.legacy {
		return []string{short, "files/md5/" + short}
	}
	return []string{"files/md5/" + short, short}
}

// check holds bytes against the MD5.
func (c content) check(where string, data []byte) error {
	want := strings.TrimSuffix(c.md5, ".dir")
	if sumOf(data) == want || c.legacy && sumOf(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))) == want {
		return nil
	}
	return fault.Mismatchf(fault.Where{File: where}, "the bytes have the MD5 %s, recorded is %s", sumOf(data), want)
}

func sumOf(data []byte) string {
	sum := md5.Sum(data)
	return hex.EncodeToString(sum[:])
}

// stored opens content from the cache or the remote.
func (b *outputs) stored(ctx context.Context, key string, c content) (*store.File, error) {
	checked := func(f *store.File, err error) (*store.File, error) {
		if err != nil {
			return nil, err
		}
		if err := c.check(f.Name, f.Data); err != nil {
			f.Close()
			return nil, err
		}
		return f, nil
	}
	for _, place := range c.places() {
		f, err := b.repo.cache().Open(ctx, place)
		if !errors.Is(err, fs.ErrNotExist) {
			return checked(f, err)
		}
	}
	remote, err := b.remote(ctx, c.remote)
	if err == ErrNoRemote {
		return nil, b.fail("open", key, fmt.Errorf("%w: neither in the cache, and %v", fs.ErrNotExist, err))
	}
	if err != nil {
		return nil, err
	}
	for _, place := range c.places() {
		f, err := remote.Open(ctx, place)
		if !errors.Is(err, fs.ErrNotExist) {
			return checked(f, err)
		}
	}
	return nil, b.fail("open", key, fmt.Errorf("%w: neither in the cache nor in %s", fs.ErrNotExist, remote.Name()))
}

func (b *outputs) remote(ctx context.Context, name string) (store.Bucket, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r, ok := b.remotes[name]; ok {
		return r, nil
	}
	r, err := b.repo.remote(ctx, name, false)
	if err == nil {
		b.remotes[name] = r
	}
	return r, err
}

func (b *outputs) fail(op, key string, err error) error {
	return &fs.PathError{Op: op, Path: b.name + "/" + key, Err: err}
}

func (b *outputs) Name() string { return b.name }

func (b *outputs) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for name, r := range b.remotes {
		errs = append(errs, r.Close())
		delete(b.remotes, name)
	}
	return errors.Join(errs...)
}

// object's size is -1 where only the remote knows it; it is in no list of a folder.
func (b *outputs) object(key string) store.Object {
	c := b.files[key]
	o := store.Object{Key: key, Size: c.size, Modified: b.modified, Version: c.md5}
	for _, place := range c.places() {
		if o.Size >= 0 {
			break
		}
		if info, err := os.Stat(b.repo.cache().Path(place)); err == nil {
			o.Size = info.Size()
		}
	}
	return o
}

func (b *outputs) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		from, _ := slices.BinarySearchFunc(b.keys, prefix, cmp.Compare[string])
		for _, key := range b.keys[from:] {
			if !strings.HasPrefix(key, prefix) {
				return
			}
			if err := ctx.Err(); err != nil {
				yield(store.Object{}, err)
				return
			}
			if !yield(b.object(key), nil) {
				return
			}
		}
	}
}

func (b *outputs) Stat(_ context.Context, key string) (store.Object, error) {
	if _, ok := b.files[key]; !ok {
		return store.Object{}, b.fail("stat", key, fs.ErrNotExist)
	}
	return b.object(key), nil
}

func (b *outputs) Open(ctx context.Context, key string) (*store.File, error) {
	c, ok := b.files[key]
	if !ok {
		return nil, b.fail("open", key, fs.ErrNotExist)
	}
	local := filepath.Join(filepath.Dir(b.name), filepath.FromSlash(key))
	f, err := store.Open(local)
	if err == nil && c.check(local, f.Data) != nil {
		err = f.Close()
		f = nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if f == nil {
		if f, err = b.stored(ctx, key, c); err != nil {
			return nil, err
		}
	}
	return f.Under(local, func(sibling string) (*store.File, error) { return b.Open(ctx, path.Join(path.Dir(key), sibling)) }), nil
}

// errReadOnly is why nothing is written: git would not know of it. Add writes.
var errReadOnly = fmt.Errorf("outputs of DVC are only read: %w", errors.ErrUnsupported)

func (b *outputs) Put(_ context.Context, key string, _ io.ReadSeeker, _ bool) error {
	return b.fail("put", key, errReadOnly)
}

func (b *outputs) Delete(_ context.Context, key string) error {
	return b.fail("delete", key, errReadOnly)
}
