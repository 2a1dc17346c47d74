package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"
)

// Bucket is a place of many objects under one name: a folder, or a bucket of a cloud. Keys are relative and have forward slashes.
// Its methods may be called from several goroutines at once. Errors of what is not there match fs.ErrNotExist.
type Bucket interface {
	// Name is how users write the bucket, without a slash at its end: models, s3://bucket/prefix.
	Name() string
	// List lists the objects whose keys begin with a prefix, sorted by key. An error ends the list.
	List(ctx context.Context, prefix string) iter.Seq2[Object, error]
	// Stat is what List says of one object.
	Stat(ctx context.Context, key string) (Object, error)
	// Open opens an object for reading, with those beside it as its siblings.
	Open(ctx context.Context, key string) (*File, error)
	// Put writes an object whole or not at all. Unless it may overwrite, one that is there is left as it is, and the error matches
	// fs.ErrExist; of two that write at once, one gets this error.
	Put(ctx context.Context, key string, content io.ReadSeeker, overwrite bool) error
	// Delete removes an object; one that is not there is no error.
	Delete(ctx context.Context, key string) error
	Close() error
}

// CheckKey refuses what is no key: nothing, and what leads out of the bucket.
func CheckKey(key string) error {
	if key == "." || !filepath.IsLocal(filepath.FromSlash(key)) {
		return fmt.Errorf("%q is no key of an object: %w", key, fs.ErrInvalid)
	}
	return nil
}

// Object is what a bucket says of an object without opening it.
type Object struct {
	Key      string
	Size     int64 // -1 where nothing but the content tells
	Modified time.Time
	// Version changes whenever the content does: a version or generation of a cloud's, or an ETag. Empty where there is no such thing
	// (folders): then only the content tells.
	Version string
}

// Fetched makes a File of a local file that holds the content of something with another name. sibling opens the ones beside it; done is
// called when the File is closed.
func Fetched(name, local string, sibling func(name string) (*File, error), done func() error) (*File, error) {
	f, err := Open(local)
	if err != nil {
		return nil, err
	}
	f.done = done
	f.info = nil // the local file is not what has the name, and another may be in its place soon
	return f.Under(name, sibling), nil
}

// Under gives a file another name, and others beside it. It is no version of an object any more.
func (f *File) Under(name string, sibling func(name string) (*File, error)) *File {
	f.Name, f.Version, f.VersionID, f.dir, f.fetch = name, "", "", "", sibling
	return f
}

// Spool copies a stream into a temporary file, for Fetched. The caller removes it.
func Spool(r io.Reader) (name string, err error) {
	f, err := os.CreateTemp("", "treeport-*")
	if err != nil {
		return "", err
	}
	begun(f.Name())
	_, err = io.Copy(f, r)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		RemoveSpooled(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// RemoveSpooled removes what Spool made.
func RemoveSpooled(name string) error {
	defer ended(name)
	return os.Remove(name)
}

// Error is what a store answered instead of doing what it was asked to.
type Error struct {
	Op, Name string
	Err      error
}

func (e *Error) Error() string { return e.Op + " " + e.Name + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// IsNotExist tells whether an error is of something that is not there.
func IsNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
