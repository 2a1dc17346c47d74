package table

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
)

// An npz file (numpy.savez) is a zip archive of npy files. One table is one array: the only one of the archive.
const zipMagic = "PK\x03\x04"

// mostInflated is how many bytes deflate can make of one, at the most (of zeros).
const mostInflated = 1032

func readNPZ(data []byte) (*Table, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fault.Brokenf(fault.Where{}, "no zip archive: %v", err)
	}
	var arrays []*zip.File
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, ".npy") {
			arrays = append(arrays, f)
		}
	}
	if len(arrays) != 1 {
		return nil, fault.Unsupportedf(fault.Where{}, "a zip archive of %d arrays; an npz file must hold one", len(arrays))
	}
	member, err := arrays[0].Open()
	if err != nil {
		return nil, fault.Brokenf(fault.Where{}, "member %s: %v", fault.Printable(arrays[0].Name, 100), err)
	}
	defer member.Close()
	limit := min(int64(MaxCells)*8+1<<20, int64(arrays[0].CompressedSize64)*mostInflated+1<<10)
	npy, err := io.ReadAll(io.LimitReader(member, limit+1))
	switch {
	case err != nil:
		return nil, fault.Brokenf(fault.Where{}, "member %s: %v", fault.Printable(arrays[0].Name, 100), err)
	case int64(len(npy)) > limit:
		return nil, fault.TooBigf(fault.Where{}, "", "member %s is longer than %d bytes", fault.Printable(arrays[0].Name, 100), limit)
	case !bytes.HasPrefix(npy, []byte(npyMagic)):
		return nil, fault.Brokenf(fault.Where{}, "member %s is no npy file", fault.Printable(arrays[0].Name, 100))
	}
	return readNPY(npy)
}
