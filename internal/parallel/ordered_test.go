package parallel

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"testing"
)

// TestOrdered holds what many workers make against what one makes.
func TestOrdered(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(cores)
		for _, n := range []int{0, 1, 2, 5, 1000} {
			var got, want bytes.Buffer
			for i := range n {
				fmt.Fprintf(&want, "%d;", i*i)
			}
			err := Ordered(n, func(i int, b []byte) []byte { return fmt.Appendf(b, "%d;", i*i) }, func(b []byte) error {
				got.Write(b)
				return nil
			})
			if err != nil || got.String() != want.String() {
				t.Errorf("%d cores, %d pieces: %v, %q", cores, n, err, got.String())
			}
		}
	}
}

// TestOrderedStops tells of the first error, and consumes nothing after it.
func TestOrderedStops(t *testing.T) {
	full := errors.New("full")
	for _, at := range []int{0, 3, 99} {
		consumed := 0
		err := Ordered(100, func(i int, b []byte) []byte { return append(b, byte(i)) }, func(b []byte) error {
			if int(b[0]) == at {
				return full
			}
			consumed++
			return nil
		})
		if err != full || consumed != at {
			t.Errorf("an error at %d: %v after %d", at, err, consumed)
		}
	}
}
