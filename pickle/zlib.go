package pickle

import (
	"encoding/binary"
	"hash"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zlib"
)

// zlibStream inflates zlib data (RFC 1950):
//
//	zlib = header deflated checksum      of 2 bytes, whatever, and 4 bytes: Adler-32 of what was inflated, big-endian
//
// It leaves the checksum to summed, since it takes an eighth of the time, and the core that inflates is waited for.
type zlibStream struct {
	from, inflate io.Reader
	sum           uint32 // that is claimed, once the end was read
}

// openZlib reads the header, of which isZlib looked at all but the flag for a dictionary.
func openZlib(_ *decoder, in *input) (io.Reader, error) {
	const dictionary = 0x20
	from := in.rest()
	var header [2]byte
	if _, err := io.ReadFull(from, header[:]); err != nil {
		return nil, err
	}
	if header[1]&dictionary != 0 {
		return nil, zlib.ErrDictionary
	}
	return &zlibStream{from: from, inflate: flate.NewReader(from)}, nil // which reads no byte too many of an io.ByteReader
}

func (z *zlibStream) Read(p []byte) (int, error) {
	n, err := z.inflate.Read(p)
	if err != io.EOF {
		return n, err
	}
	var sum [4]byte
	if _, err := io.ReadFull(z.from, sum[:]); err != nil {
		return n, io.ErrUnexpectedEOF
	}
	z.sum = binary.BigEndian.Uint32(sum[:])
	return n, io.EOF
}

// summed holds what was inflated against the checksum, once it has ended.
type summed struct {
	io.Reader
	of  *zlibStream
	sum hash.Hash32
}

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.sum.Write(p[:n])
	if err == io.EOF && s.sum.Sum32() != s.of.sum {
		err = damaged("zlib", zlib.ErrChecksum)
	}
	return n, err
}
