package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/seed-2867d59c/treeport/inspect"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/store/cloud"
)

// modelFiles are the names that are taken in folders.
var modelFiles = []string{"*.pkl", "*.pickle", "*.p", "*.joblib", "*.jbl", "*.sav", "*.skops", "*.dill", "*.ubj", "*.cbm",
	"*.{pkl,pickle,joblib,sav}.{gz,z,bz2,xz,lzma,lz4}"}

// place is one of the paths of a source, opened.
type place struct {
	bucket  store.Bucket
	name    string // by which stores.any opens the bucket
	prefix  string // of keys to list
	pattern string // that keys must match; empty: those of Source.Include
	only    string // the one key, of which what stands beside it is listed too; empty: all
}

// open opens a path: a file, a folder, a glob or a URL.
func (s *stores) place(ctx context.Context, p string) (place, error) {
	if s.isURL(p) {
		return s.remote(ctx, p)
	}
	if isDVC(p) {
		b, err := s.openDVC(ctx, p)
		return place{bucket: b, name: p, pattern: "**"}, err
	}
	info, err := os.Stat(p)
	switch {
	case err == nil && info.IsDir():
		return place{bucket: s.folder(p), name: p}, nil
	case err == nil:
		dir, base := filepath.Split(p)
		return place{bucket: s.folder(dir), name: dir, only: base}, nil
	case !errors.Is(err, fs.ErrNotExist) || !isGlob(p):
		return place{}, err
	}
	base, pattern := doublestar.SplitPattern(filepath.ToSlash(p))
	if !doublestar.ValidatePattern(pattern) {
		return place{}, fmt.Errorf("%s: no glob", p)
	}
	return place{bucket: s.folder(base), name: base, prefix: fixed(pattern), pattern: pattern}, nil
}

// remote splits a URL into the bucket with the folders that are named in full, and what is asked of it.
func (s *stores) remote(ctx context.Context, p string) (place, error) {
	address, query, hasQuery := strings.Cut(p, "?")
	if isGlob(p) && !strings.Contains(p, "=") { // the ? of a glob begins no query
		address, hasQuery = p, false
	}
	scheme, rest, _ := strings.Cut(address, "://")
	name, key, _ := strings.Cut(rest, "/")
	dir, last := path.Split(key)
	pattern := ""
	if isGlob(key) {
		dir, pattern = doublestar.SplitPattern(key)
		last = ""
		if dir == "." {
			dir = ""
		}
	}
	url := func(dir string) string {
		u := scheme + "://" + path.Join(name, dir)
		if hasQuery {
			u += "?" + query
		}
		return u
	}
	b, err := s.open(ctx, url(dir))
	if err != nil {
		return place{}, err
	}
	switch {
	case pattern != "":
		return place{bucket: b, name: url(dir), prefix: fixed(pattern), pattern: pattern}, nil
	case last == "":
		return place{bucket: b, name: url(dir)}, nil
	}
	if _, err := b.Stat(ctx, last); err == nil {
		return place{bucket: b, name: url(dir), only: last}, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return place{}, err
	}
	b, err = s.open(ctx, url(key))
	return place{bucket: b, name: url(key)}, err
}

func isGlob(p string) bool { return strings.ContainsAny(p, "*?[{") }

// fixed is what all keys that match a pattern begin with.
func fixed(pattern string) string { return pattern[:strings.IndexAny(pattern+"*", "*?[{\\")] }

// found is an object that may be a model.
type found struct {
	bucket store.Bucket
	place  string // by which stores.any opens the bucket
	object store.Object
	beside []store.Object // with the same stem, and joblib's arrays
	locks  []store.Object // lock files of the same folder
}

// source is how the manifest names it.
func (f found) source() string { return f.bucket.Name() + "/" + f.object.Key }

// listing is what stands in a place.
type listing struct {
	objects []store.Object            // sorted by key
	locks   map[string][]store.Object // lock files, by folder
}

func newListing(all []store.Object) *listing {
	slices.SortFunc(all, func(a, b store.Object) int { return strings.Compare(a.Key, b.Key) })
	l := &listing{slices.CompactFunc(all, func(a, b store.Object) bool { return a.Key == b.Key }), map[string][]store.Object{}}
	for _, o := range l.objects {
		if inspect.IsLock(path.Base(o.Key)) {
			l.locks[path.Dir(o.Key)] = append(l.locks[path.Dir(o.Key)], o)
		}
	}
	return l
}

// listing lists a place; of one that is a single file what stands beside it.
func (s *stores) listing(ctx context.Context, p place) (*listing, error) {
	if folder, ok := p.bucket.(*store.Folder); ok && p.only != "" {
		l, ok := s.flat[folder]
		if !ok { // many files of one folder may be named one by one
			all, err := folder.Flat()
			if err != nil {
				return nil, err
			}
			l = newListing(all)
			s.flat[folder] = l
		}
		return l, nil
	}
	prefixes := []string{p.prefix}
	if p.only != "" {
		prefixes = append(inspect.LockPrefixes(), parseName(p.only).stem+".", p.only)
	}
	var all []store.Object
	for _, prefix := range prefixes {
		for o, err := range p.bucket.List(ctx, prefix) {
			if store.IsNotExist(err) && p.pattern != "" { // the folder that a glob begins with: it matches nothing
				break
			}
			if err != nil {
				return nil, err
			}
			if p.only == "" || !strings.Contains(o.Key, "/") { // nothing below a file is beside it
				all = append(all, o)
			}
		}
	}
	return newListing(all), nil
}

// at is the position of a key.
func (l *listing) at(key string) (int, bool) {
	return slices.BinarySearchFunc(l.objects, key, func(o store.Object, k string) int { return strings.Compare(o.Key, k) })
}

// list finds the models of a place.
func (s *stores) list(ctx context.Context, c *Config, p place) ([]found, error) {
	l, err := s.listing(ctx, p)
	if err != nil {
		return nil, err
	}
	model := func(o store.Object) found {
		return found{bucket: p.bucket, place: p.name, object: o, beside: l.beside(o.Key), locks: l.locks[path.Dir(o.Key)]}
	}
	if p.only != "" {
		if i, ok := l.at(p.only); ok {
			return []found{model(l.objects[i])}, nil
		}
		o, err := p.bucket.Stat(ctx, p.only) // a hidden one, which is in no list
		return []found{model(o)}, err
	}
	var models []found
	for _, o := range l.objects {
		if p.takes(c.Source, o.Key) {
			models = append(models, model(o))
		}
	}
	return models, nil
}

// takes tells whether a key is one of the models.
func (p place) takes(s Source, key string) bool {
	switch {
	case strings.Contains(path.Base(key), ".npy") || matches(s.Exclude, key): // joblib's arrays beside a model
		return false
	case p.pattern != "" && !doublestar.MatchUnvalidated(p.pattern, key):
		return false
	case len(s.Include) > 0:
		return matches(s.Include, key)
	case p.pattern != "":
		return !isTable(key) && !inspect.IsLock(path.Base(key))
	}
	return matches(modelFiles, strings.ToLower(key))
}

// matches tells whether a glob is that of a key; one without a slash is of names in any folder.
func matches(globs []string, key string) bool {
	return slices.ContainsFunc(globs, func(g string) bool {
		if !strings.Contains(g, "/") {
			return doublestar.MatchUnvalidated(g, path.Base(key))
		}
		return doublestar.MatchUnvalidated(g, key)
	})
}

// beside are the objects with the stem of a key and something after it.
func (l *listing) beside(key string) []store.Object {
	n := parseName(key)
	stem := path.Join(n.dir, n.stem)
	if n.ext != "" {
		return l.under(stem + ".")
	}
	// joblib's arrays of a model have its whole name before their number, here one without a point.
	arrays := slices.DeleteFunc(slices.Clone(l.under(stem+"_")), func(o store.Object) bool { return !numberedArray.MatchString(o.Key[len(stem):]) })
	return append(slices.Clone(l.under(stem+".")), arrays...)
}

// numberedArray is what joblib before 0.10 adds to the name of a model for an array.
var numberedArray = regexp.MustCompile(`^_\d{2,}\.npy(\.z)?$`)

// under are the objects whose keys begin with a prefix.
func (l *listing) under(prefix string) []store.Object {
	from, _ := l.at(prefix)
	to := from
	for to < len(l.objects) && strings.HasPrefix(l.objects[to].Key, prefix) {
		to++
	}
	return l.objects[from:to]
}

// InBucket opens what the URL of a bucket names, one object after the other: a single one, those of a glob, or those below a prefix whose
// keys are taken. skipped counts the others.
func InBucket(ctx context.Context, url string, takes func(key string) bool, do func(*store.File)) (skipped int, err error) {
	s := newStores(0)
	defer s.close()
	p, err := s.remote(ctx, url)
	if err != nil {
		return 0, err
	}
	l, err := s.listing(ctx, p)
	if err != nil {
		return 0, err
	}
	any := false
	for _, o := range l.objects {
		switch {
		case p.only != "" && o.Key != p.only: // beside it
			continue
		case p.pattern != "" && !doublestar.MatchUnvalidated(p.pattern, o.Key), p.pattern == "" && p.only == "" && !takes(o.Key):
			skipped++
			continue
		}
		f, err := p.bucket.Open(ctx, o.Key)
		if err != nil {
			return skipped, &store.Error{Op: "reading", Name: p.bucket.Name() + "/" + o.Key, Err: err}
		}
		any = true
		do(f)
		if err := f.Close(); err != nil {
			return skipped, err
		}
	}
	if !any {
		return skipped, fmt.Errorf("%w: %s", ErrNothing, p.bucket.Name())
	}
	return skipped, nil
}

// IsURL tells whether a name is the URL of a bucket.
func IsURL(name string) bool { return cloud.IsURL(name) }
