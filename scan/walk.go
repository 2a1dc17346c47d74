package scan

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/store"
)

// pickled are the extensions of files that Python programs load as pickles, or that hold some.
var pickled = []string{".pkl", ".pickle", ".p", ".joblib", ".jbl", ".skops", ".sav", ".dill", ".npy", ".npz"}

// extensions are others that such files often have; in a folder, what has none of them is looked at by its first bytes.
var extensions = []string{".model", ".z", ".gz", ".bz2", ".xz", ".lzma", ".lz4", ".pt", ".pth"}

// beginnings are of a pickle of protocol 2 and later, of arrays, and of containers around one.
var beginnings = []string{"\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05", "\x78\x01", "\x78\x5e", "\x78\x9c", "\x78\xda", "\x1f\x8b", "BZh", "\xfd7zXZ", "ZF0x",
	"\x93NUMPY", "PK\x03\x04"}

// Files are the files to scan: a named file, whatever it is, and of a folder, with all below, those that may be pickles. skipped counts
// the others.
func Files(path string) (files []string, skipped int, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.IsDir() {
		return []string{path}, 0, nil
	}
	err = filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !e.Type().IsRegular():
			return nil
		case suspect(name):
			files = append(files, name)
		default:
			skipped++
		}
		return nil
	})
	return files, skipped, err
}

// Likely tells whether a file of this name is mostly a pickle, or holds some.
func Likely(name string) bool {
	base := strings.ToLower(filepath.Base(name))
	return !strings.HasSuffix(base, ".npy.z") && (named(base) || hasSuffix(base, extensions))
}

// suspect tells whether a file of a folder may be a pickle.
func suspect(name string) bool {
	base := strings.ToLower(filepath.Base(name))
	switch {
	case strings.HasSuffix(base, ".npy.z"): // joblib's arrays beside a model are read with it
		return false
	case Likely(base):
		return true
	}
	f, err := os.Open(name)
	if err != nil {
		return true // and opening it will say what is wrong
	}
	defer f.Close()
	head := make([]byte, 8)
	n, _ := f.Read(head)
	return likely(base, head[:n])
}

// likely tells whether a file may be a pickle, or hold some, by its name or first bytes.
func likely(name string, head []byte) bool {
	return named(name) || slices.ContainsFunc(beginnings, func(b string) bool { return bytes.HasPrefix(head, []byte(b)) })
}

// named tells whether a file calls itself a pickle.
func named(name string) bool { return hasSuffix(strings.ToLower(name), pickled) }

func hasSuffix(name string, all []string) bool {
	return slices.ContainsFunc(all, func(end string) bool { return strings.HasSuffix(name, end) })
}

// Open scans a file by its name; "-" is standard input. The errors are those of opening it.
func Open(name string, lim pickle.Limits) (*Report, error) {
	f, err := store.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return OpenedFile(f, lim), nil
}

// OpenedFile scans a file that is open.
func OpenedFile(f *store.File, lim pickle.Limits) *Report {
	return File(pickle.Source{Name: f.Name, Data: f.Data, Idle: f.Release, Sibling: f.Sibling}, lim)
}
