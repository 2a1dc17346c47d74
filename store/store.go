// Package store turns names into bytes: Open maps a file into memory, Create writes one that nobody sees before it is
// whole.
package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unsafe"
)

// MaxStdin is how much Open("-") reads.
const MaxStdin = 8 << 30

// mapFrom is the size from which on a file is mapped; shorter ones are read, since maps are few and pages are big.
const mapFrom = 64 << 10

// File is an opened file.
type File struct {
	Name string
	// Data are the bytes of the file. They may be a mapping: nothing must write to them, and they end with Close.
	Data []byte
	// Version is the Object.Version of what was read, which may be another than was listed before; empty where reading does not tell it.
	Version string
	// VersionID names the version of an object that was read, in a bucket that keeps several; empty elsewhere.
	VersionID string

	dir      string // where siblings are; empty for standard input
	unmap    func() error
	info     os.FileInfo
	siblings []*File
	fetch    func(name string) (*File, error) // opens siblings of what is no local file; nil: they are in dir
	done     func() error                     // called by Close; may be nil
}

// Open opens a file for reading; "-" is standard input. A file that another program cuts while it is mapped ends the
// process with SIGBUS where the bytes are missing, as with every mapping.
func Open(name string) (*File, error) {
	if name == "-" {
		return fromStdin(os.Stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, &os.PathError{Op: "open", Path: name, Err: errors.New("is a folder")}
	}
	file := &File{Name: name, dir: filepath.Dir(name), info: info}
	if !info.Mode().IsRegular() {
		file.Data, err = readAll(f, name)
		return file, err
	}
	if info.Size() >= mapFrom {
		if file.Data, file.unmap, err = mapFile(f, info.Size()); err == nil {
			return file, nil
		}
	}
	// What cannot be mapped (some network and virtual file systems) can be read; files of a virtual one may be longer than they say.
	whole := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := whole.ReadFrom(f); err != nil {
		return nil, err
	}
	file.Data = whole.Bytes()
	return file, nil
}

func fromStdin(r io.Reader) (*File, error) {
	data, err := readAll(r, "-")
	if err != nil {
		return nil, err
	}
	return &File{Name: "-", Data: data}, nil
}

func readAll(r io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxStdin+1))
	if err == nil && len(data) > MaxStdin {
		err = &os.PathError{Op: "read", Path: name, Err: fmt.Errorf("more than %d GiB", MaxStdin>>30)}
	}
	return data, err
}

// Sibling is what a file of the same folder holds. It ends with Close of f.
func (f *File) Sibling(name string) ([]byte, error) {
	if f.dir == "" && f.fetch == nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: errors.New("there are no files beside standard input")}
	}
	if name == "" || name == "." || name == ".." || filepath.Base(name) != name || !filepath.IsLocal(name) {
		return nil, &os.PathError{Op: "open", Path: name, Err: errors.New("not a plain file name")}
	}
	if f.fetch != nil {
		s, err := f.fetch(name)
		if err != nil {
			return nil, err
		}
		f.siblings = append(f.siblings, s)
		return s.Data, nil
	}
	path := filepath.Join(f.dir, name)
	// A pipe under the name would block for ever.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &os.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	s, err := Open(path)
	if err != nil {
		return nil, err
	}
	f.siblings = append(f.siblings, s)
	return s.Data, nil
}

// Unload gives back the memory that a mapping takes, until its bytes are used again.
func (f *File) Unload() { f.Release(f.Data) }

// releaseFrom is the size of mappings from which on it is worth the calls to give back parts of them.
const releaseFrom = 8 << 20

// Release is Unload for a part of Data, or of a sibling's. Of memory that is neither, or of small files, it does nothing.
func (f *File) Release(part []byte) {
	if from, ok := within(f.Data, part); ok && f.unmap != nil && len(f.Data) >= releaseFrom {
		unload(f.Data, from, from+len(part))
	}
	for _, s := range f.siblings {
		s.Release(part)
	}
}

// within tells where in whole a part of it begins. Go compares no pointers by size but these.
func within(whole, part []byte) (from int, ok bool) {
	if len(part) == 0 || len(part) > len(whole) {
		return 0, false
	}
	at := uintptr(unsafe.Pointer(unsafe.SliceData(part))) - uintptr(unsafe.Pointer(unsafe.SliceData(whole)))
	return int(at), at <= uintptr(len(whole)-len(part)) // one below wraps around
}

// Close gives up the file and its siblings; no byte of their Data may be used any more.
func (f *File) Close() error {
	var err error
	for _, s := range f.siblings {
		err = errors.Join(err, s.Close())
	}
	if f.unmap != nil {
		err = errors.Join(err, f.unmap())
	}
	if f.done != nil {
		err = errors.Join(err, f.done())
	}
	f.Data, f.unmap, f.siblings, f.done = nil, nil, nil, nil
	return err
}

// SameAs says whether a path is this very file, by whatever name.
func (f *File) SameAs(path string) bool {
	info, err := os.Stat(path)
	if err != nil || f.info == nil {
		return false
	}
	return os.SameFile(info, f.info)
}
