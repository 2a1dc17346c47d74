package pickle

import (
	"archive/zip"
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"

	"github.com/seed-2867d59c/treeport/fault"
)

// maxListed is how many members a refusal names.
const maxListed = 5

// openZip picks the one member of an archive that is a model: the only one, or data.pkl, or the only one that is named
// like a pickle.
func (d *decoder) openZip(in *input) (*input, error) {
	if in.src != nil {
		return nil, fault.Unsupportedf(fault.At(0), "a zip archive inside another container")
	}
	data := in.buf
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, damaged("zip", err)
	}
	member, err := pick(archive.File)
	if err != nil {
		return nil, err
	}
	offset, err := member.DataOffset()
	if err != nil {
		return nil, damaged("zip", err)
	}
	end := offset + int64(member.CompressedSize64)
	if offset < 0 || end < offset || end > int64(len(data)) {
		return nil, fault.Brokenf(fault.Where{}, "the zip member %q lies outside the file", member.Name)
	}
	body := data[offset:end:end]
	switch {
	case member.Flags&1 != 0:
		return nil, fault.Unsupportedf(fault.Where{}, "the zip member %q is encrypted", member.Name)
	case member.Method == zip.Store: // left where it is, so that arrays can alias it
		if crc32.ChecksumIEEE(body) != member.CRC32 {
			return nil, damaged("zip", zip.ErrChecksum)
		}
		return overSlice(body), nil
	}
	archive.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	r, err := member.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, fault.Unsupportedf(fault.Where{}, "the zip member %q is compressed by method %d", member.Name, member.Method)
	}
	if err != nil {
		return nil, damaged("zip", err)
	}
	return overReader(d.inflating("zip", r)), nil
}

func pick(files []*zip.File) (*zip.File, error) {
	var members, likely []*zip.File
	for _, f := range files {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		members = append(members, f)
		switch path.Base(f.Name) {
		case "schema.json":
			return nil, fault.Unsupportedf(fault.Where{}, "a skops file (a zip archive with schema.json)")
		case "data.pkl":
			return f, nil
		}
		if ext := path.Ext(f.Name); ext == ".pkl" || ext == ".pickle" || ext == ".joblib" {
			likely = append(likely, f)
		}
	}
	switch {
	case len(members) == 1:
		return members[0], nil
	case len(likely) == 1:
		return likely[0], nil
	case len(members) == 0:
		return nil, fault.Unsupportedf(fault.Where{}, "a zip archive of no files")
	}
	var names []string
	for i, f := range members {
		if i == maxListed {
			names = append(names, "...")
			break
		}
		names = append(names, f.Name)
	}
	return nil, fault.Unsupportedf(fault.Where{}, "a zip archive of %d files: %s", len(members), strings.Join(names, ", "))
}
