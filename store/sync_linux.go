package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncsAll tells that a whole file system can be synced at once.
const syncsAll = true

// syncAll writes all of the file system that a folder is on to its disk.
func syncAll(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return os.NewSyscallError("syncfs", unix.Syncfs(int(d.Fd())))
}
