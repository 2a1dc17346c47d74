package pickle

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"math"

	"github.com/ulikunitz/xz/lzma"

	"github.com/seed-2867d59c/treeport/fault"
)

// The xz format (The .xz File Format 1.2.0), of LZMA2 without other filters, as xz and Python write it:
//
//	xz      = stream { padding stream }       padding: zero bytes, four at a time
//	stream  = header { block } index footer
//	header  = 0xfd "7zXZ" 0 flags crc32       flags: 0, and the kind of check
//	block   = size flags [packed] [unpacked] filter zeros crc32 data zeros check
//	filter  = 0x21 1 dictionary               numbers are of 7 bits a byte, the least significant first
//	index   = 0 count { unpadded unpacked } zeros crc32
//	footer  = crc32 size flags "YZ"
//
// The container is read here and not by the library, because a block's header says how much memory its dictionary
// takes, and the library would allocate it at once.
type xzReader struct {
	in     *input
	dict   int64 // largest dictionary allowed
	spent  int64 // bytes of dictionaries allocated
	total  int64 // bytes inflated
	flags  [2]byte
	blocks []xzBlock // read so far in this stream; each costs its bytes in the file
	block  *lzma.Reader2
	start  int64 // offset of the block's data
	head   int64 // length of its header
	size   int64 // of its data, inflated
	check  hash.Hash
}

// xzBlock is what the index repeats of a block.
type xzBlock struct{ unpadded, size uint64 }

const xzMagic = "\xfd7zXZ\x00"

var errXZ = errors.New("the container contradicts itself")

func openXZ(d *decoder, in *input) (io.Reader, error) {
	z := &xzReader{in: in, dict: d.lim.MaxDictionary}
	return z, z.header()
}

func (z *xzReader) header() error {
	b, err := z.in.view(12)
	if err != nil {
		return err
	}
	if string(b[:6]) != xzMagic || crc32.ChecksumIEEE(b[6:8]) != binary.LittleEndian.Uint32(b[8:]) {
		return errXZ
	}
	z.flags = [2]byte(b[6:8])
	z.blocks = z.blocks[:0]
	switch {
	case z.flags == [2]byte{0, 0}:
		z.check = nil
	case z.flags == [2]byte{0, 1}:
		z.check = crc32.NewIEEE()
	case z.flags == [2]byte{0, 4}:
		z.check = crc64.New(crc64.MakeTable(crc64.ECMA))
	case z.flags == [2]byte{0, 10}:
		z.check = sha256.New()
	default:
		return fault.Unsupportedf(fault.Where{}, "xz data with check %d", z.flags[1])
	}
	return nil
}

func (z *xzReader) Read(p []byte) (int, error) {
	for {
		if z.block == nil {
			size, err := z.in.ReadByte()
			if err != nil {
				return 0, unexpected(err)
			}
			if size == 0 {
				if err := z.index(); err != nil {
					return 0, err
				}
				if err := z.next(); err != nil {
					return 0, err
				}
				continue
			}
			if err := z.begin(size); err != nil {
				return 0, err
			}
		}
		n, err := z.block.Read(p)
		z.size += int64(n)
		z.total += int64(n)
		if z.check != nil {
			z.check.Write(p[:n])
		}
		if err == io.EOF {
			err = z.end()
		}
		if n > 0 || err != nil {
			return n, unexpected(err)
		}
	}
}

// unexpected is an error in the middle of a stream.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// next begins another stream, or says that there is none.
func (z *xzReader) next() error {
	for z.in.more(4) && bytes.Equal(z.in.buf[z.in.pos:z.in.pos+4], make([]byte, 4)) {
		z.in.pos += 4
	}
	if !z.in.more(len(xzMagic)) || string(z.in.buf[z.in.pos:z.in.pos+len(xzMagic)]) != xzMagic {
		return io.EOF // what follows is none of xz's business, as in Python's lzma module
	}
	return z.header()
}

// begin reads a block's header, whose first byte has been read.
func (z *xzReader) begin(size byte) error {
	z.head = (int64(size) + 1) * 4
	rest, err := z.in.view(int(z.head) - 1)
	if err != nil {
		return err
	}
	sum := crc32.ChecksumIEEE([]byte{size})
	body := rest[:len(rest)-4]
	if crc32.Update(sum, crc32.IEEETable, body) != binary.LittleEndian.Uint32(rest[len(body):]) {
		return errXZ
	}
	flags := body[0]
	body = body[1:]
	if flags&0x3f != 0 {
		return fault.Unsupportedf(fault.Where{}, "xz data with filters beside LZMA2")
	}
	var sizes [2]uint64 // packed and unpacked, both of them optional; the index has them too
	for i := range sizes {
		sizes[i] = math.MaxInt64
		if flags&(0x40<<i) != 0 {
			if sizes[i], body, err = varint(body); err != nil {
				return err
			}
		}
	}
	if len(body) < 3 || body[0] != 0x21 || body[1] != 1 {
		return fault.Unsupportedf(fault.Where{}, "xz data of a filter other than LZMA2")
	}
	dict, err := lzma.DecodeDictCap(body[2])
	if err != nil {
		return err
	}
	if dict > z.dict {
		return fault.TooBigf(fault.Where{}, "max-dictionary", "xz data with a dictionary of %d bytes", dict)
	}
	// A dictionary is of no use beyond the block. And blocks of nothing must not buy one each.
	dict = max(min(dict, int64(sizes[1])), lzma.MinDictCap)
	if z.spent += dict; z.spent > 8*z.dict+16*z.total {
		return fault.TooBigf(fault.Where{}, "max-dictionary", "xz data of many small blocks with big dictionaries")
	}
	z.start, z.size = z.in.offset(), 0
	z.block, err = lzma.Reader2Config{DictCap: int(dict)}.NewReader2(z.in)
	return err
}

// end checks a block that has been read.
func (z *xzReader) end() error {
	packed := z.in.offset() - z.start
	if err := z.zeros(packed); err != nil {
		return err
	}
	z.block = nil
	unpadded := z.head + packed
	if z.check != nil {
		sum, err := z.in.view(z.check.Size())
		if err != nil {
			return err
		}
		got := z.check.Sum(nil)
		if z.check.Size() < sha256.Size { // the CRCs are least significant byte first, unlike hash.Hash
			for i, j := 0, len(got)-1; i < j; i, j = i+1, j-1 {
				got[i], got[j] = got[j], got[i]
			}
		}
		if !bytes.Equal(sum, got) {
			return errors.New("a checksum does not fit")
		}
		unpadded += int64(z.check.Size())
		z.check.Reset()
	}
	z.blocks = append(z.blocks, xzBlock{uint64(unpadded), uint64(z.size)})
	return nil
}

// zeros reads what pads n bytes to a multiple of four.
func (z *xzReader) zeros(n int64) error {
	pad, err := z.in.view(int(-n & 3))
	if err == nil && !bytes.Equal(pad, make([]byte, len(pad))) {
		err = errXZ
	}
	return err
}

// index checks the index, whose first byte has been read, against the blocks, and the footer.
func (z *xzReader) index() error {
	start := z.in.offset() - 1
	sum := crc32.NewIEEE()
	sum.Write([]byte{0})
	number := func() (uint64, error) {
		var v uint64
		for shift := 0; shift < 63; shift += 7 {
			c, err := z.in.ReadByte()
			if err != nil {
				return 0, unexpected(err)
			}
			sum.Write([]byte{c})
			v |= uint64(c&0x7f) << shift
			if c < 0x80 {
				return v, nil
			}
		}
		return 0, errXZ
	}
	count, err := number()
	if err != nil || count != uint64(len(z.blocks)) {
		return errors.Join(errXZ, err)
	}
	for _, b := range z.blocks {
		unpadded, err := number()
		if err != nil {
			return err
		}
		size, err := number()
		if err != nil {
			return err
		}
		if unpadded != b.unpadded || size != b.size {
			return errXZ
		}
	}
	n := z.in.offset() - start
	if err := z.zeros(n); err != nil {
		return err
	}
	sum.Write(make([]byte, -n&3))
	b, err := z.in.view(4 + 12)
	if err != nil {
		return err
	}
	size := (uint64(binary.LittleEndian.Uint32(b[8:])) + 1) * 4
	if binary.LittleEndian.Uint32(b) != sum.Sum32() || crc32.ChecksumIEEE(b[8:14]) != binary.LittleEndian.Uint32(b[4:]) ||
		size != uint64(z.in.offset()-12-start) || [2]byte(b[12:14]) != z.flags || string(b[14:]) != "YZ" {
		return errXZ
	}
	return nil
}

// varint reads a number of at most 63 bits off b.
func varint(b []byte) (uint64, []byte, error) {
	v, n := binary.Uvarint(b)
	if n <= 0 || v > math.MaxInt64 {
		return 0, nil, errXZ
	}
	return v, b[n:], nil
}
