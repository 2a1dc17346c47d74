package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Writer writes a file that appears under its name only with Commit, whole and synced.
type Writer struct {
	*os.File
	name string
	done bool
	// Unsynced leaves it to the caller to sync what was written (see Folder.Sync), where the system can do that for many files at once.
	Unsynced bool
	sync     chan error // of a Sync in the background; nil: there is none
}

// Create begins a file in the folder of name, under a name of its own. It refuses to write over any of the inputs, which
// would lose a model, and over what is no regular file.
func Create(name string, inputs ...*File) (*Writer, error) {
	for _, in := range inputs {
		for _, f := range append([]*File{in}, in.siblings...) {
			if f.SameAs(name) {
				return nil, &os.PathError{Op: "create", Path: name, Err: errors.New("this is the input")}
			}
		}
	}
	mode := os.FileMode(0o666)
	switch info, err := os.Lstat(name); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Mode()&os.ModeSymlink != 0:
		// The rename would replace the link. Write to what it points at.
		target, err := filepath.EvalSymlinks(name)
		if err != nil {
			return nil, err
		}
		return Create(target, inputs...)
	case !info.Mode().IsRegular():
		return nil, &os.PathError{Op: "create", Path: name, Err: errors.New("not a regular file")}
	default:
		mode = info.Mode().Perm()
	}
	f, err := createTemp(name, mode)
	if err != nil {
		return nil, err
	}
	begun(f.Name())
	return &Writer{File: f, name: name}, nil
}

// BeginSync begins to sync what was written so far, of which Commit then only waits for the rest.
func (w *Writer) BeginSync() {
	if w.Unsynced && syncsAll {
		return
	}
	w.sync = make(chan error, 1)
	go func() { w.sync <- w.Sync() }()
}

// synced waits for what BeginSync began.
func (w *Writer) synced() error {
	if w.sync == nil {
		return nil
	}
	return <-w.sync
}

// Commit syncs the file and gives it its name.
func (w *Writer) Commit() error {
	return w.commit(func(temp string) error { return os.Rename(temp, w.name) })
}

// CommitNew is Commit where nothing has the name yet; else the file is removed, and the error matches fs.ErrExist.
func (w *Writer) CommitNew() error {
	return w.commit(func(temp string) error {
		err := os.Link(temp, w.name)
		if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) { // a file system without hard links
			if _, err := os.Lstat(w.name); !errors.Is(err, fs.ErrNotExist) {
				return &os.PathError{Op: "create", Path: w.name, Err: fs.ErrExist}
			}
			return os.Rename(temp, w.name)
		}
		if err == nil {
			err = os.Remove(temp)
		}
		return err
	})
}

func (w *Writer) commit(name func(temp string) error) error {
	if w.done {
		return os.ErrClosed
	}
	w.done = true
	defer ended(w.File.Name())
	late := w.Unsynced && syncsAll
	err := w.synced()
	if !late {
		err = errors.Join(err, w.Sync())
	}
	err = errors.Join(err, w.Close())
	if err == nil {
		err = name(w.File.Name())
	}
	if err != nil {
		_ = os.Remove(w.File.Name()) // gone already where the link was made
		return err
	}
	if !late {
		syncFolder(filepath.Dir(w.name))
	}
	return nil
}

// Abort removes the file. After Commit it does nothing, so that it can be deferred.
func (w *Writer) Abort() error {
	if w.done {
		return nil
	}
	w.done = true
	defer ended(w.File.Name())
	_ = w.synced()
	return errors.Join(w.Close(), os.Remove(w.File.Name()))
}

// syncFolder makes the new name last; not every system has that, and the file is whole without.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
