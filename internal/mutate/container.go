package mutate

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// container is a way to pack one stream.
type container struct {
	head   string
	reader func(r io.Reader) (io.Reader, error)
	writer func(w io.Writer) (io.WriteCloser, error)
}

const (
	zipHead   = "PK\x03\x04"
	zfileHead = "ZF"
	zfileSize = len(zfileHead) + 19 // of the head: the inflated length in 19 characters, maybe a blank, and zlib
)

var zlibs = container{"\x78", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) },
	func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil }}

var containers = []container{
	zlibs,
	{"\x1f\x8b", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }},
	{"BZh", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }, zlibs.writer}, // nobody writes bz2 in Go
	{"\xfd7zXZ\x00", func(r io.Reader) (io.Reader, error) { return xz.NewReader(r) },
		func(w io.Writer) (io.WriteCloser, error) { return xz.WriterConfig{DictCap: 1 << 16}.NewWriter(w) }},
	{"\x5d\x00", func(r io.Reader) (io.Reader, error) { return lzma.NewReader(r) },
		func(w io.Writer) (io.WriteCloser, error) { return lzma.WriterConfig{DictCap: 1 << 16}.NewWriter(w) }},
	{"\x04\x22\x4d\x18", func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil },
		func(w io.Writer) (io.WriteCloser, error) { return lz4.NewWriter(w), nil }},
}

// Inside is Mutate of what a container holds, packed again, so that its checksums are right. ok is false where data is none.
func (m *Mutator) Inside(data, other []byte) (mutant []byte, what string, ok bool) {
	if bytes.HasPrefix(data, []byte(zipHead)) {
		return m.member(data, other)
	}
	content, c := unpack(data)
	if c == nil {
		return nil, "", false
	}
	if inner, _ := unpack(other); inner != nil {
		other = inner
	}
	content, what = m.Mutate(content, other)
	packed := must(c.pack(content))
	if bytes.HasPrefix(data, []byte(zfileHead)) {
		packed = append(fmt.Appendf(nil, "%s%-19s", zfileHead, fmt.Sprintf("%#x", len(content))), packed...)
	}
	return packed, "inside " + what, true
}

// unpack is what a container of one stream holds; nil: data is none.
func unpack(data []byte) ([]byte, *container) {
	if bytes.HasPrefix(data, []byte(zfileHead)) && len(data) > zfileSize {
		data = bytes.TrimPrefix(data[zfileSize:], []byte(" "))
	}
	for i := range containers {
		c := &containers[i]
		if !bytes.HasPrefix(data, []byte(c.head)) {
			continue
		}
		r, err := c.reader(bytes.NewReader(data))
		if err != nil {
			return nil, nil
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, nil
		}
		return content, c
	}
	return nil, nil
}

func (c *container) pack(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := c.writer(&b)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// member mutates one of an archive's, as .skops files are.
func (m *Mutator) member(data, other []byte) (mutant []byte, what string, ok bool) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(archive.File) == 0 {
		return nil, "", false
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	chosen := m.rand.IntN(len(archive.File))
	if k := slices.IndexFunc(archive.File, func(f *zip.File) bool { return f.Name == "schema.json" }); k >= 0 && m.rand.IntN(2) == 0 {
		chosen = k // it says what all others are
	}
	for i, f := range archive.File {
		content := must(io.ReadAll(must(f.Open())))
		if i == chosen {
			content, what = m.Mutate(content, other)
			what = "in " + f.Name + " " + what
		}
		to := must(w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: f.Method}))
		must(to.Write(content))
	}
	must(0, w.Close())
	return b.Bytes(), what, true
}

// must is for what can't fail: it is in memory, and was written right.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
