//go:build unix

package store

import (
	"math"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
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

// unload tells the system that the whole pages of a part of a mapping are not needed for now; it reads them again when they are.
func unload(mapping []byte, from, to int) {
	page := os.Getpagesize()
	from, to = (from+page-1)/page*page, to/page*page
	if to == len(mapping)/page*page {
		to = len(mapping) // the last page is a page of its own
	}
	if from < to {
		_ = unix.Madvise(mapping[from:to], unix.MADV_DONTNEED)
	}
}
