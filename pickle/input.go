package pickle

import (
	"bytes"
	"errors"
	"io"

	"github.com/seed-2867d59c/treeport/fault"
)

// window is how much of a compressed stream is held inflated at a time.
const window = 128 << 10

// firstBuffer is the most that is allocated for a claimed length before any of its bytes have been seen.
const firstBuffer = 1 << 20

// input is a stream of bytes under an opcode loop. Over a slice (src nil) buf is the whole of it and what is taken
// aliases it; over a reader buf is a window that moves along, and what is taken is copied out.
type input struct {
	buf    []byte
	pos    int
	base   int64 // offset of buf[0] in the stream
	src    io.Reader
	err    error // what ended src, once it has ended
	idle   int   // how often in a row src gave nothing
	passed int   // up to where it was said that buf is passed
	room   []byte
	inside *bytes.Reader // what a decompressor was given of buf; nil: nothing
	// frameEnd is the farthest that any FRAME claims to reach.
	frameEnd int64
}

func overSlice(data []byte) *input { return &input{buf: data} }

func overReader(r io.Reader) *input { return &input{src: r, room: make([]byte, window)} }

func (in *input) offset() int64 { return in.base + int64(in.pos) }

// more makes at least n bytes readable at pos; n is at most window/2. It says whether it could.
func (in *input) more(n int) bool {
	for len(in.buf)-in.pos < n {
		if in.src == nil || in.err != nil {
			return false
		}
		kept := copy(in.room, in.buf[in.pos:])
		in.base += int64(in.pos)
		in.pos = 0
		got := in.read(in.room[kept:])
		in.buf = in.room[:kept+got]
	}
	return true
}

// maxIdle is how often src may give neither bytes nor an error.
const maxIdle = 100

func (in *input) read(p []byte) int {
	n, err := in.src.Read(p)
	in.err = err
	if in.idle++; n > 0 {
		in.idle = 0
	}
	if in.idle > maxIdle && err == nil {
		in.err = io.ErrNoProgress
	}
	return n
}

// short is the error of a stream that ended where it must not.
func (in *input) short() error {
	if in.err != nil && !errors.Is(in.err, io.EOF) {
		return in.err
	}
	return fault.Brokenf(fault.At(in.base+int64(len(in.buf))), "the data end in the middle")
}

// view reads the next n bytes, n at most window/2. They stay valid until the next read.
func (in *input) view(n int) ([]byte, error) {
	if len(in.buf)-in.pos < n && !in.more(n) {
		return nil, in.short()
	}
	in.pos += n
	return in.buf[in.pos-n : in.pos : in.pos], nil
}

// take reads the next n bytes to keep. Over a reader the buffer grows with the bytes received, so that a claimed length
// costs nothing; spend is told of every byte allocated.
func (in *input) take(n uint64, spend func(int64) error) ([]byte, error) {
	have := uint64(len(in.buf) - in.pos)
	if in.src == nil {
		if n > have {
			return nil, in.short()
		}
		in.pos += int(n)
		return in.buf[in.pos-int(n) : in.pos : in.pos], nil
	}
	if err := spend(int64(min(n, firstBuffer))); err != nil {
		return nil, err
	}
	out := make([]byte, 0, min(n, firstBuffer))
	for uint64(len(out)) < n {
		if len(out) == cap(out) {
			size := min(n, 4*uint64(cap(out)))
			if err := spend(int64(size) - int64(cap(out))); err != nil {
				return nil, err
			}
			out = append(make([]byte, 0, size), out...)
		}
		if in.pos == len(in.buf) {
			if in.err != nil {
				return nil, in.short()
			}
			got := in.read(out[len(out):cap(out)])
			out = out[:len(out)+got]
			in.base += int64(in.pos) + int64(got)
			in.buf, in.pos = in.room[:0], 0
			continue
		}
		part := min(cap(out)-len(out), len(in.buf)-in.pos)
		out = append(out, in.buf[in.pos:in.pos+part]...)
		in.pos += part
	}
	return out, nil
}

// line reads up to the next newline, which is left out. It stays valid until the next read.
func (in *input) line(spend func(int64) error) ([]byte, error) {
	if i := bytes.IndexByte(in.buf[in.pos:], '\n'); i >= 0 {
		in.pos += i + 1
		return in.buf[in.pos-1-i : in.pos-1 : in.pos-1], nil
	}
	if in.src == nil {
		in.pos = len(in.buf)
		return nil, in.short()
	}
	var out []byte
	for {
		i := bytes.IndexByte(in.buf[in.pos:], '\n')
		if i >= 0 {
			out = append(out, in.buf[in.pos:in.pos+i]...)
			in.pos += i + 1
			return out, nil
		}
		if err := spend(int64(len(in.buf) - in.pos)); err != nil {
			return nil, err
		}
		out = append(out, in.buf[in.pos:]...)
		in.pos = len(in.buf)
		if !in.more(1) {
			return nil, in.short()
		}
	}
}

// Read makes the rest of an input the source of another container.
func (in *input) Read(p []byte) (int, error) {
	if in.pos == len(in.buf) && !in.more(1) {
		if in.err != nil {
			return 0, in.err
		}
		return 0, io.EOF
	}
	n := copy(p, in.buf[in.pos:])
	in.pos += n
	return n, nil
}

// rest is what is left, for a decompressor, which reads bytes in memory faster than an input. It may leave the input where it is.
func (in *input) rest() io.Reader {
	if in.src == nil {
		in.inside = bytes.NewReader(in.buf[in.pos:])
		return in.inside
	}
	return in
}

// ReadByte keeps the decompressors from wrapping the input in a buffer of their own.
func (in *input) ReadByte() (byte, error) {
	if in.pos == len(in.buf) && !in.more(1) {
		if in.err != nil {
			return 0, in.err
		}
		return 0, io.EOF
	}
	in.pos++
	return in.buf[in.pos-1], nil
}

// drain reads to the end.
func (in *input) drain() error {
	in.pos = len(in.buf)
	for in.more(1) {
		in.pos = len(in.buf)
	}
	if in.err != nil && !errors.Is(in.err, io.EOF) {
		return in.err
	}
	return nil
}
