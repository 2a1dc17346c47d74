package pickle

import (
	"bytes"
	"io"
	"testing"
)

// idle gives neither bytes nor an error.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// TestIdle: a stream that stops without an end is given up, on this core or on another.
func TestIdle(t *testing.T) {
	for _, size := range []int{0, 1000, 3 * aheadFrom} {
		a := readAhead(io.MultiReader(bytes.NewReader(make([]byte, size)), idle{}), func() {})
		if err := overReader(a).drain(); err != io.ErrNoProgress {
			t.Errorf("behind %d bytes: %v", size, err)
		}
		a.close()
	}
}
