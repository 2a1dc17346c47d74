package pickle

import (
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zlib"

	"github.com/seed-2867d59c/treeport/fault"
)

// joblib before 0.10 compressed into "zfiles" (numpy_pickle_compat.py, read_zfile):
//
//	zfile  = "ZF" length stream
//	length = hexadecimal with 0x, of the inflated bytes, padded with spaces to 19 characters (20 in joblib 0.8 on
//	         Python 2, whose hex() ends in L)
//	stream = zlib

const zfileLength = 19

// openZFile reads the header and checks the length as the stream ends.
func openZFile(d *decoder, in *input) (io.Reader, error) {
	z, err := newZFile(in)
	if err == nil && z.wide {
		d.joblib().Layout = "0.8"
	}
	return z, err
}

// zfile is the stream of a zfile, which must be as long as it says.
type zfile struct {
	io.Reader
	claimed, got uint64
	wide         bool
}

func newZFile(in *input) (*zfile, error) {
	head, err := in.view(2 + zfileLength)
	if err != nil {
		return nil, err
	}
	if string(head[:2]) != "ZF" {
		return nil, fault.Brokenf(fault.At(0), "a compressed array without the mark ZF")
	}
	text := strings.TrimSuffix(strings.TrimRight(string(head[2:]), " "), "L")
	claimed, err := strconv.ParseUint(strings.TrimPrefix(text, "0x"), 16, 63)
	if err != nil {
		return nil, fault.Brokenf(fault.At(2), "the length of a zfile is %q", text)
	}
	z := &zfile{claimed: claimed}
	if in.more(1) && in.buf[in.pos] == ' ' {
		in.pos++
		z.wide = true
	}
	z.Reader, err = zlib.NewReader(in.rest())
	if err != nil {
		return nil, damaged("zfile", err)
	}
	return z, nil
}

func (z *zfile) Read(p []byte) (int, error) {
	n, err := z.Reader.Read(p)
	z.got += uint64(n)
	if z.got > z.claimed || err == io.EOF && z.got != z.claimed {
		return 0, fault.Brokenf(fault.Where{}, "a zfile that says %d bytes holds others", z.claimed)
	}
	return n, err
}
