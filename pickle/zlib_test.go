package pickle

import (
	"bytes"
	"compress/zlib"
	"slices"
	"strings"
	"testing"
)

// TestZlib: the checksum at the end is looked at, whether or not another core inflates, and so is the flag for a dictionary.
func TestZlib(t *testing.T) {
	for _, size := range []int{10, aheadFrom / 2, 3 * aheadFrom} {
		text := strings.Repeat("zlib", size/4) + "."
		var file bytes.Buffer
		w := zlib.NewWriter(&file)
		w.Write([]byte(text))
		w.Close()
		n := file.Len()
		fileWith := func(change func(data []byte) []byte) []byte { return change(slices.Clone(file.Bytes())) }
		for name, c := range map[string]struct {
			data []byte
			err  string
		}{
			"whole":              {file.Bytes(), ""},
			"with a tail":        {append(slices.Clone(file.Bytes()), "tail"...), ""},
			"another checksum":   {fileWith(func(data []byte) []byte { data[n-1]++; return data }), "checksum"},
			"no checksum":        {file.Bytes()[:n-4], "end in the middle"},
			"half a checksum":    {file.Bytes()[:n-2], "end in the middle"},
			"half the data":      {file.Bytes()[:n/2], "end in the middle"},
			"another dictionary": {fileWith(func(data []byte) []byte { data[1] = 0xbb; return data }), "dictionary"},
		} {
			d := newDecoder(Source{Data: c.data}, Limits{})
			in, err := d.open(overSlice(c.data))
			if err == nil {
				a := d.readAhead(in)
				err = in.drain()
				a.close()
				if got := in.offset(); err == nil && got != int64(len(text)) {
					t.Errorf("%d bytes, %s: %d bytes were read", size, name, got)
				}
			}
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%d bytes, %s: %v", size, name, err)
			}
		}
	}
}
