package pickle

import (
	"io"
	"runtime"
)

// ahead reads a decompressor on another core, a few buffers ahead of who reads it. It begins to once a stream is found to be long.
type ahead struct {
	r       io.Reader
	done    func()        // called now and then
	got     int           // bytes, until it reads ahead
	full    chan buffered // nil until then
	free    chan []byte
	current buffered
	read    int // bytes of current
}

// buffered is what a Read of the decompressor gave.
type buffered struct {
	b   []byte
	err error
}

const (
	aheadFrom = 1 << 20
	// aheadBuffers are as many as hold a tree: while its nodes are thinned, nobody reads.
	aheadBuffers = 32
)

// readAhead reads r, which nobody else may use until close, and calls done, on the same goroutine as r, after each part.
func readAhead(r io.Reader, done func()) *ahead { return &ahead{r: r, done: done} }

// readAhead has what in reads inflated on another core. A checksum stays with who reads in.
func (d *decoder) readAhead(in *input) *ahead {
	if s, ok := in.src.(*summed); ok {
		a := readAhead(s.Reader, d.inflatedSoFar())
		s.Reader = a
		return a
	}
	a := readAhead(in.src, d.inflatedSoFar())
	in.src = a
	return a
}

func (a *ahead) Read(p []byte) (int, error) {
	if a.full == nil {
		n, err := a.r.Read(p)
		if a.got += n; err == nil && a.got >= aheadFrom && runtime.GOMAXPROCS(0) > 1 {
			a.begin()
		}
		return n, err
	}
	if a.read == len(a.current.b) {
		if a.current.err != nil {
			return 0, a.current.err
		}
		if a.current.b != nil {
			a.free <- a.current.b
		}
		a.current, a.read = <-a.full, 0
	}
	n := copy(p, a.current.b[a.read:])
	if a.read += n; a.read == len(a.current.b) {
		return n, a.current.err
	}
	return n, nil
}

// begin starts to read ahead, up to an error, or until close closes free.
func (a *ahead) begin() {
	a.full, a.free = make(chan buffered, aheadBuffers), make(chan []byte, aheadBuffers)
	for range aheadBuffers {
		a.free <- make([]byte, window)
	}
	go func() {
		defer close(a.full)
		for b := range a.free {
			b = b[:0]
			// A decompressor gives less than there is room for: filled up, fewer buffers go from core to core.
			var err error
			for n := 1; n > 0 && err == nil && len(b) < window; {
				n, err = a.r.Read(b[len(b):window])
				b = b[:len(b)+n]
			}
			a.done()
			a.full <- buffered{b, err}
			if err != nil {
				return
			}
		}
	}()
}

// close ends the reading, and waits until the decompressor is free.
func (a *ahead) close() {
	if a.full == nil {
		return
	}
	close(a.free)
	for range a.full {
	}
}
