package pickle

import (
	"archive/zip"
	"bytes"
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
	archive.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	return d.openMember(member, data)
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
