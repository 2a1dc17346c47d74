package pickle

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"

	"github.com/seed-2867d59c/treeport/fault"
)

const zipMagic = "PK\x03\x04"

// Each reads all pickles that a file holds, of which Source.Watch is told, and not only the one that Decode would take: that of an array
// of objects (.npy), which numpy.load runs, and of a zip archive (.npz, torch's, any other) each member that want says yes to by its
// name and first bytes, and the one that Decode would take. visit is called after each with its name in the archive, "" for the
// file itself; of an archive in an archive, the names stand with an exclamation mark in between. All count against one set of Limits,
// and nothing is read any more once they are reached.
func Each(src Source, lim Limits, want func(name string, head []byte) bool, visit func(member string, doc *Document, err error)) {
	e := &each{d: newDecoder(src, lim), want: want, visit: visit}
	e.d.every = true
	e.d.in = overSlice(nil)
	err := e.d.checkInput()
	if err == nil && bytes.HasPrefix(src.Data, []byte(zipMagic)) {
		e.d.src.Idle = nil // which is told of files that are read from end to end
		if err = e.archive(src.Data, "", 1); err == nil {
			return
		}
	} else if err == nil {
		err = e.d.decode(overSlice(src.Data))
	}
	e.tell("", err)
}

type each struct {
	d     *decoder
	want  func(name string, head []byte) bool
	visit func(member string, doc *Document, err error)
	told  int  // how often visit was called
	full  bool // a limit was reached
}

// tell hands over what was read, and makes room for the next.
func (e *each) tell(name string, err error) {
	var big *fault.TooBig
	e.full = e.full || errors.As(err, &big)
	doc := e.d.doc
	if err != nil {
		doc, err = nil, inFile(err, e.d.src.Name)
	}
	e.told++
	e.visit(name, doc, err)
	e.d.doc, e.d.seen, e.d.uses, e.d.boxes = &Document{}, seen{}, map[Global]int{}, nil
}

// archive reads the members of a zip archive; the error is one of the archive itself, or that no member was wanted.
func (e *each) archive(data []byte, inside string, depth int64) error {
	d := e.d
	if depth > d.lim.MaxDepth {
		return fault.TooBigf(fault.Where{}, "max-depth", "more than %d containers inside each other", d.lim.MaxDepth)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return damaged("zip", err)
	}
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	chosen, none := pick(z.File)
	files := z.File
	if chosen != nil { // it comes first, whatever is wrong with the others
		files = append([]*zip.File{chosen}, slices.DeleteFunc(files, func(f *zip.File) bool { return f == chosen })...)
	}
	before, room := e.told, uint64(len(data))
	for _, f := range files {
		if e.full {
			return nil
		}
		if f.CompressedSize64 > room { // one body under a million names would be read a million times
			return fault.Brokenf(fault.Where{}, "a zip archive whose members are larger than itself")
		}
		room -= f.CompressedSize64
		if !strings.HasSuffix(f.Name, "/") {
			e.member(f, data, f == chosen, inside, depth)
		}
	}
	if e.told == before {
		return none
	}
	return nil
}

func (e *each) member(f *zip.File, whole []byte, chosen bool, inside string, depth int64) {
	d := e.d
	var head []byte
	in, err := d.openMember(f, whole)
	if err == nil {
		in.more(sniffed)
		head = in.buf[in.pos:min(in.pos+sniffed, len(in.buf))]
	}
	switch {
	case !chosen && !e.want(f.Name, head):
		return
	case err != nil:
		e.tell(inside+f.Name, err)
		return
	}
	back := d.turnTo(in)
	defer func() { back() }()
	if bytes.HasPrefix(head, []byte(zipMagic)) {
		data, err := in.take(f.UncompressedSize64, d.spend)
		if err == nil {
			err = e.archive(data, inside+f.Name+"!", depth+1)
		}
		if err != nil {
			e.tell(inside+f.Name, err)
		}
		return
	}
	e.tell(inside+f.Name, d.decode(in))
}

// pickleInArray reads the pickle in an .npy file, where there is one: all else are numbers.
func (d *decoder) pickleInArray(in *input) error {
	m := &machine{d: d, in: in}
	h, err := m.npyHeader()
	if err != nil {
		return err
	}
	if !h.dtype.objects {
		return nil
	}
	a := &NDArray{Class: ndarrayClass}
	if err := m.nestedArray(a, h.shape); err != nil {
		return err
	}
	end := in.offset()
	if err := in.drain(); err != nil {
		return err
	}
	d.doc.Root, d.doc.Size = a, in.offset()
	d.doc.Trailing = d.doc.Size - end
	d.doc.Protocol, d.doc.Python2 = int(d.protocol), d.byteStrings
	return nil
}
