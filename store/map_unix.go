//go:build unix

package store

import (
	"math"
	"os"
	"syscall"
)

func mapFile(f *os.File, size int64) ([]byte, func() error, error) {
	if size > math.MaxInt {
		return nil, nil, syscall.EFBIG
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, nil, err
	}
	return data, func() error { return syscall.Munmap(data) }, nil
}

// unload tells the system that a mapping's pages are not needed for now; it reads them again when they are.
func unload(data []byte) { _ = syscall.Madvise(data, syscall.MADV_DONTNEED) }
