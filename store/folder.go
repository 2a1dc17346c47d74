package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// Folder is a folder as a Bucket. Hidden files (whose names begin with a dot) and hidden folders below it are no objects; symbolic links
// to files are.
type Folder struct {
	dir string
	// Unsynced leaves it to Sync, after many files, to write them to the disk: syncing each takes longer than converting a small model.
	Unsynced bool
}

// NewFolder does not look whether the folder is there; Put makes it.
func NewFolder(dir string) *Folder { return &Folder{dir: filepath.Clean(dir)} }

// Sync waits until all that was written to the folder's file system is on its disk.
func (d *Folder) Sync() error {
	if !syncsAll {
		return nil
	}
	return syncAll(d.dir)
}

func (d *Folder) Name() string { return d.dir }
func (d *Folder) Close() error { return nil }

// Path is the file of a key.
func (d *Folder) Path(key string) string { return filepath.Join(d.dir, filepath.FromSlash(key)) }

func (d *Folder) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		err := d.walk(ctx, "", prefix, func(o Object) bool { return yield(o, nil) })
		if err != nil && !errors.Is(err, errStopped) {
			yield(Object{}, err)
		}
	}
}

// Flat lists the objects of the folder itself, without those of folders below it.
func (d *Folder) Flat() ([]Object, error) {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return nil, err
	}
	var all []Object
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if info, err := os.Stat(d.Path(e.Name())); err == nil && info.Mode().IsRegular() {
			all = append(all, Object{Key: e.Name(), Size: info.Size(), Modified: info.ModTime()})
		}
	}
	return all, nil
}

// errStopped says that who asked for a list wants no more of it.
var errStopped = errors.New("stopped")

// walk goes through one folder. Folders sort as their names with a slash at the end do, so that keys come sorted.
func (d *Folder) walk(ctx context.Context, dir, prefix string, yield func(Object) bool) error {
	entries, err := os.ReadDir(d.Path(dir))
	if err != nil {
		return err
	}
	key := func(e fs.DirEntry) string {
		k := path.Join(dir, e.Name())
		if e.IsDir() {
			k += "/"
		}
		return k
	}
	sort.Slice(entries, func(i, j int) bool { return key(entries[i]) < key(entries[j]) })
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		k := key(e)
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			if strings.HasPrefix(k, prefix) || strings.HasPrefix(prefix, k) {
				if err := d.walk(ctx, strings.TrimSuffix(k, "/"), prefix, yield); err != nil {
					return err
				}
			}
		case strings.HasPrefix(k, prefix):
			info, err := os.Stat(d.Path(k)) // follows links
			if errors.Is(err, fs.ErrNotExist) {
				continue // removed meanwhile, or a link to nothing
			}
			if err != nil {
				return err
			}
			if info.Mode().IsRegular() && !yield(Object{Key: k, Size: info.Size(), Modified: info.ModTime()}) {
				return errStopped
			}
		}
	}
	return nil
}

func (d *Folder) Stat(_ context.Context, key string) (Object, error) {
	if err := CheckKey(key); err != nil {
		return Object{}, err
	}
	info, err := os.Stat(d.Path(key))
	if err == nil && !info.Mode().IsRegular() {
		err = &os.PathError{Op: "stat", Path: d.Path(key), Err: fs.ErrNotExist}
	}
	if err != nil {
		return Object{}, err
	}
	return Object{Key: key, Size: info.Size(), Modified: info.ModTime()}, nil
}

func (d *Folder) Open(_ context.Context, key string) (*File, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	return Open(d.Path(key))
}

func (d *Folder) Put(ctx context.Context, key string, content io.ReadSeeker, overwrite bool) error {
	w, err := d.Begin(key)
	if err != nil {
		return err
	}
	defer w.Abort()
	w.Unsynced = d.Unsynced
	if _, err := io.Copy(w, content); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if overwrite {
		return w.Commit()
	}
	return w.CommitNew()
}

// Begin begins to write an object in place, without a copy, and makes the folders above it.
func (d *Folder) Begin(key string) (*Writer, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	name := d.Path(key)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return nil, err
	}
	return Create(name)
}

func (d *Folder) Delete(_ context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := os.Remove(d.Path(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing %s: %w", key, err)
	}
	return nil
}
