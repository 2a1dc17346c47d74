package pickle

import (
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"hash/adler32"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz/lzma"

	"github.com/seed-2867d59c/treeport/fault"
)

// format is a container that is told by its first bytes, as joblib and Python's own modules write it.
type format struct {
	name  string
	match func(head []byte) bool
	open  func(d *decoder, in *input) (io.Reader, error)
}

// formats are tried in order. None of the beginnings is that of a pickle that would go on: 0x5d is EMPTY_LIST and 'B'
// BINBYTES, but 0x00 is no opcode, and BINBYTES of "Zh9" would be 900 MB.
var formats = []format{
	{"gzip", prefix("\x1f\x8b"), openGzip},
	{"zlib", isZlib, openZlib},
	{"bz2", isBzip2, func(_ *decoder, in *input) (io.Reader, error) { return bzip2.NewReader(in), nil }},
	{"xz", prefix("\xfd7zXZ\x00"), openXZ},
	{"lzma", prefix("\x5d\x00"), openLZMA},
	{"lz4", prefix("\x04\x22\x4d\x18"), func(_ *decoder, in *input) (io.Reader, error) { return lz4.NewReader(in), nil }},
	{"zstd", prefix("\x28\xb5\x2f\xfd"), openZstd},
	{"zfile", prefix("ZF"), openZFile},
}

// refused are files that people take for models, by their first bytes.
var refused = []struct{ head, what string }{
	{npyMagic, "an array (.npy), not a model"},
	{"PK\x05\x06", "an empty zip archive"},
	{"\x89HDF", "an HDF5 file, not a pickle"},
}

const sniffed = 16

func prefix(s string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(s)) }
}

// isZlib checks the two header bytes of RFC 1950, with the window of 32 KiB that Python writes and joblib looks for: 0x58 0x09 begins a
// pickle of text, too.
func isZlib(head []byte) bool {
	return len(head) >= 2 && head[0] == 0x78 && (int(head[0])<<8|int(head[1]))%31 == 0
}

func isBzip2(head []byte) bool {
	return len(head) >= 4 && string(head[:3]) == "BZh" && head[3] >= '1' && head[3] <= '9'
}

// open peels the containers off a file, by content, and returns the stream of the pickle.
func (d *decoder) open(in *input) (*input, error) {
	for {
		in.more(sniffed)
		head := in.buf[in.pos:min(in.pos+sniffed, len(in.buf))]
		if len(head) == 0 {
			if in.err != nil && in.err != io.EOF {
				return nil, in.err
			}
			return nil, fault.Brokenf(fault.At(0), "there are no bytes")
		}
		for _, r := range refused {
			if bytes.HasPrefix(head, []byte(r.head)) && !(d.every && r.head == npyMagic) {
				return nil, fault.Unsupportedf(fault.At(0), "%s", r.what)
			}
		}
		next, name, err := d.unwrap(in, head)
		if err != nil {
			return nil, err
		}
		if next == nil {
			return in, nil
		}
		if in.inside != nil {
			d.outermost = in.inside
		}
		d.doc.Layers = append(d.doc.Layers, name)
		if int64(len(d.doc.Layers)) > d.lim.MaxDepth {
			return nil, fault.TooBigf(fault.At(0), "max-depth", "more than %d containers inside each other", d.lim.MaxDepth)
		}
		in = next
	}
}

// unwrap opens one container; nil where there is none.
func (d *decoder) unwrap(in *input, head []byte) (*input, string, error) {
	if prefix(zipMagic)(head) {
		next, err := d.openZip(in)
		return next, "zip", err
	}
	for _, f := range formats {
		if f.match(head) {
			r, err := f.open(d, in)
			if err != nil {
				return nil, "", damaged(f.name, err)
			}
			stream := d.inflating(f.name, r)
			if z, ok := r.(*zlibStream); ok {
				stream = &summed{stream, z, adler32.New()}
			}
			return overReader(stream), f.name, nil
		}
	}
	return nil, "", nil
}

// inflating bounds what decompressors may give, and turns their errors into faults. All of a file's count together, so
// that neither containers in containers nor one array named a thousand times gets more.
func (d *decoder) inflating(name string, r io.Reader) io.Reader {
	return &inflated{d: d, name: name, r: r}
}

type inflated struct {
	d    *decoder
	name string
	r    io.Reader
}

func (z *inflated) Read(p []byte) (int, error) {
	n, err := z.r.Read(p)
	d := z.d
	inflated, packed := d.inflated.Add(int64(n)), d.packed.Load()
	if inflated > d.lim.MaxInflated {
		return 0, fault.TooBigf(fault.Where{}, "max-inflated", "%s data of more than %d bytes", z.name, d.lim.MaxInflated)
	}
	if inflated > freeInflation && inflated/d.lim.MaxRatio > packed {
		return 0, fault.TooBigf(fault.Where{}, "max-ratio", "%d bytes of %s data inflate to more than %d", packed, z.name, inflated)
	}
	if err != nil && err != io.EOF {
		err = damaged(z.name, err)
	}
	return n, err
}

// damaged is the fault of a decompressor's error, which may be a fault of the container around it.
func damaged(name string, err error) error {
	var b *fault.Broken
	var u *fault.Unsupported
	var t *fault.TooBig
	if errors.As(err, &b) || errors.As(err, &u) || errors.As(err, &t) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fault.Brokenf(fault.Where{}, "the %s data end in the middle", name)
	}
	return fault.Brokenf(fault.Where{}, "damaged %s data: %v", name, err)
}

// openGzip reads gzip members up to what is none: Python's readers stop at the pickle's end and never see what follows.
func openGzip(_ *decoder, in *input) (io.Reader, error) {
	r, err := gzip.NewReader(in.rest())
	return &members{r}, err
}

type members struct{ *gzip.Reader }

func (m *members) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	if err == gzip.ErrHeader { // of a member after the first, whose checksum was right
		err = io.EOF
	}
	return n, err
}

// openLZMA reads the .lzma format. Its header claims a dictionary, which the library would allocate at once:
//
//	lzma = properties dictionary size data      1, 4 and 8 bytes
func openLZMA(d *decoder, in *input) (io.Reader, error) {
	if !in.more(5) {
		return nil, in.short()
	}
	if n := int64(binary.LittleEndian.Uint32(in.buf[in.pos+1:])); n > d.lim.MaxDictionary {
		return nil, fault.TooBigf(fault.Where{}, "max-dictionary", "lzma data with a dictionary of %d bytes", n)
	}
	return lzma.NewReader(in)
}

// openZstd reads in this goroutine alone, so that nothing is left running.
func openZstd(d *decoder, in *input) (io.Reader, error) {
	return zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(uint64(max(d.lim.MaxDictionary, zstd.MinWindowSize))),
		zstd.WithDecoderLowmem(true))
}
