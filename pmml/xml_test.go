package pmml

import (
	"bytes"
	"testing"
)

// Wherever a byte stands, plain looks at it.
func TestPlain(t *testing.T) {
	seen := 0
	see := func(part []byte) { seen += len(part) }
	for at := range 70 {
		for c := range 256 {
			data := bytes.Repeat([]byte("<a b='~'> "), 7)
			data[at] = byte(c)
			want := c < 0x80 && (c >= ' ' || c == '\t' || c == '\n' || c == '\r')
			if got := plain(data, see); got != want {
				t.Fatalf("byte %#x at %d: %v", c, at, got)
			}
		}
	}
	if seen != 70*256*70 {
		t.Errorf("%d bytes are told to be idle", seen)
	}
	big := bytes.Repeat([]byte{'x'}, 3<<20)
	for _, at := range []int{0, 1<<20 - 1, 1 << 20, 3<<20 - 1} {
		big[at] = 0
		if plain(big, func([]byte) {}) || !plain(big[:at], func([]byte) {}) {
			t.Errorf("a zero at %d", at)
		}
		big[at] = 'x'
	}
}
