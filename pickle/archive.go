package pickle

import (
	"archive/zip"
	"bytes"
	"errors"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"

	"github.com/seed-2867d59c/treeport/fault"
)

// Archive is a zip archive of a format that has no pickle in it, but the values of one (skops). What is read of its
// members and what is made of them counts against one set of Limits, as in Decode.
type Archive struct {
	d       *decoder
	members map[string]*member
}

// member is a file of an archive, with what was read of it: a file that is named a thousand times is read once.
type member struct {
	file    *zip.File
	whole   []byte // of the archive
	data    []byte
	read    bool
	array   *NDArray
	archive *Archive
}

// OpenArchive lists the members of an archive, which must have different names.
func OpenArchive(src Source, lim Limits) (*Archive, error) {
	d := newDecoder(src, lim)
	d.in = overSlice(nil)
	if err := d.checkInput(); err != nil {
		return nil, err
	}
	d.passed = int64(len(src.Data))
	return d.archive(src.Data)
}

func (d *decoder) archive(data []byte) (*Archive, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, damaged("zip", err)
	}
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	a := &Archive{d: d, members: make(map[string]*member, len(z.File))}
	room := uint64(len(data))
	for _, f := range z.File {
		if a.members[f.Name] != nil {
			return nil, fault.Brokenf(fault.Where{}, "a zip archive with two members %q", f.Name)
		}
		if f.CompressedSize64 > room { // one body under a million names would be read a million times
			return nil, fault.Brokenf(fault.Where{}, "a zip archive whose members are larger than itself")
		}
		room -= f.CompressedSize64
		a.members[f.Name] = &member{file: f, whole: data}
	}
	return a, nil
}

// Has says whether there is a member of this name.
func (a *Archive) Has(name string) bool { return a.members[name] != nil }

// Read is the content of a member, whose checksum was right. It may alias the archive.
func (a *Archive) Read(name string) ([]byte, error) {
	m := a.members[name]
	if m == nil {
		return nil, fault.Brokenf(fault.Where{}, "the zip archive has no member %q", name)
	}
	if m.read {
		return m.data, nil
	}
	in, err := a.d.openMember(m.file, m.whole)
	if err != nil {
		return nil, err
	}
	back := a.d.turnTo(in)
	defer back()
	if m.data, err = in.take(m.file.UncompressedSize64, a.d.spend); err != nil {
		return nil, err
	}
	if err := in.drain(); err != nil { // the checksum is compared at the end
		return nil, err
	}
	m.read = true
	return m.data, nil
}

// Array is the array of a member in .npy format, which must not be one of objects: those are pickles.
func (a *Archive) Array(name string) (*NDArray, error) {
	data, err := a.Read(name)
	if err != nil {
		return nil, err
	}
	m := a.members[name]
	if m.array == nil {
		array := &NDArray{Class: ndarrayClass}
		in := overSlice(data)
		if err := (&machine{d: a.d, in: in}).npy(array); err != nil {
			return nil, inFile(err, name)
		}
		switch {
		case array.DType.objects:
			return nil, fault.Unsupportedf(fault.Where{File: name}, "an array of objects in a pickle")
		case in.pos != len(data):
			return nil, fault.Brokenf(fault.Where{File: name}, "%d bytes after the array", len(data)-in.pos)
		}
		m.array = array
	}
	copied := *m.array
	return &copied, a.d.spend(4 * stepCost)
}

// Inner is a member that is an archive itself, as numpy's .npz files are.
func (a *Archive) Inner(name string) (*Archive, error) {
	data, err := a.Read(name)
	if err != nil {
		return nil, err
	}
	m := a.members[name]
	if m.archive == nil {
		if m.archive, err = a.d.archive(data); err != nil {
			return nil, inFile(err, name)
		}
	}
	return m.archive, nil
}

// Size is how many bytes were read of members so far.
func (a *Archive) Size() int64 { return a.d.passed - a.d.packed.Load() }

// Spend notes an allocation of n bytes for values, before it is made.
func (a *Archive) Spend(n int64) error { return a.d.spend(n) }

// SetItems adds keys and values, which alternate in items, to a dict.
func (a *Archive) SetItems(dict *Dict, items []Value) error {
	if err := a.d.spend(int64(len(items)) * stepCost); err != nil {
		return err
	}
	return (&machine{d: a.d, in: a.d.in}).setItems(dict, items)
}

// Objects makes an array of objects, which are in C order.
func (a *Archive) Objects(shape Value, items []Value) (*NDArray, error) {
	m := &machine{d: a.d, in: a.d.in}
	sizes, ok := shapeOf(shape)
	if !ok {
		return nil, m.broken("an array without a shape")
	}
	array := &NDArray{Class: ndarrayClass}
	return array, m.fillArray(array, DType{Kind: 'O', Size: 8, depth: 1, objects: true}, sizes, false, &List{Items: items})
}

// openMember opens a member of an archive. One that is stored is left where it is, so that arrays can alias it.
func (d *decoder) openMember(f *zip.File, whole []byte) (*input, error) {
	offset, err := f.DataOffset()
	if err != nil {
		return nil, damaged("zip", err)
	}
	end := offset + int64(f.CompressedSize64)
	if offset < 0 || end < offset || end > int64(len(whole)) {
		return nil, fault.Brokenf(fault.Where{}, "the zip member %q lies outside the file", f.Name)
	}
	body := whole[offset:end:end]
	switch {
	case f.Flags&1 != 0:
		return nil, fault.Unsupportedf(fault.Where{}, "the zip member %q is encrypted", f.Name)
	case f.Method == zip.Store:
		if f.UncompressedSize64 != f.CompressedSize64 || crc32.ChecksumIEEE(body) != f.CRC32 {
			return nil, damaged("zip", zip.ErrChecksum)
		}
		return overSlice(body), nil
	}
	r, err := f.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, fault.Unsupportedf(fault.Where{}, "the zip member %q is compressed by method %d", f.Name, f.Method)
	}
	if err != nil {
		return nil, damaged("zip", err)
	}
	return overReader(d.inflating("zip", r)), nil
}
