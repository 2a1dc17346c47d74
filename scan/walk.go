package scan

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/store"
)

// extensions are those of files that Python programs load as pickles; in a folder, others are looked at by their first bytes.
var extensions = []string{".pkl", ".pickle", ".p", ".joblib", ".jbl", ".skops", ".sav", ".model", ".dill", ".z", ".gz", ".bz2", ".xz", ".lzma", ".lz4"}

// beginnings are of a pickle of protocol 2 and later, and of containers around one.
var beginnings = []string{"\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05", "\x78\x01", "\x78\x5e", "\x78\x9c", "\x78\xda", "\x1f\x8b", "BZh", "\xfd7zXZ", "ZF0x"}

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
		case likely(name):
			files = append(files, name)
		default:
			skipped++
		}
		return nil
	})
	return files, skipped, err
}

func likely(name string) bool {
	base := strings.ToLower(filepath.Base(name))
	if strings.Contains(base, ".npy") { // joblib's arrays beside a model are read with it
		return false
	}
	for _, ext := range extensions {
		if strings.HasSuffix(base, ext) {
			return true
		}
	}
	f, err := os.Open(name)
	if err != nil {
		return true // and opening it will say what is wrong
	}
	defer f.Close()
	head := make([]byte, 8)
	n, _ := f.Read(head)
	for _, b := range beginnings {
		if bytes.HasPrefix(head[:n], []byte(b)) {
			return true
		}
	}
	return false
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
