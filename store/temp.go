package store

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// createTemp is os.CreateTemp with the mode that the file is to have in the end: that of the file it replaces, or what
// the umask leaves of 0666.
func createTemp(name string, mode os.FileMode) (*os.File, error) {
	for {
		var b [8]byte
		rand.Read(b[:]) // never fails
		temp := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+hex.EncodeToString(b[:])+".tmp")
		f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}
