package pickle

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// packers make the containers that can be written here. Of the others (bz2) there are files.
var packers = []func(w io.Writer) (io.WriteCloser, error){
	func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestSpeed) },
	func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriterLevel(w, zlib.BestSpeed) },
	func(w io.Writer) (io.WriteCloser, error) { return zipMember(w, zip.Deflate) },
	func(w io.Writer) (io.WriteCloser, error) { return zipMember(w, zip.Store) },
	func(w io.Writer) (io.WriteCloser, error) {
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(zstd.MinWindowSize), zstd.WithEncoderLevel(zstd.SpeedFastest))
	},
	func(w io.Writer) (io.WriteCloser, error) { return lz4.NewWriter(w), nil },
	func(w io.Writer) (io.WriteCloser, error) {
		return xz.WriterConfig{DictCap: lzma.MinDictCap}.NewWriter(w)
	},
	func(w io.Writer) (io.WriteCloser, error) {
		return lzma.WriterConfig{DictCap: lzma.MinDictCap}.NewWriter(w)
	},
}

// zipped is the member of an archive that ends with it.
type zipped struct {
	io.Writer
	archive *zip.Writer
}

func (z zipped) Close() error { return z.archive.Close() }

func zipMember(w io.Writer, method uint16) (io.WriteCloser, error) {
	archive := zip.NewWriter(w)
	member, err := archive.CreateHeader(&zip.FileHeader{Name: "data.pkl", Method: method})
	return zipped{member, archive}, err
}

// pack puts a payload into the container of a kind: that of a packer, a zfile, or none.
func pack(t testing.TB, kind uint8, payload []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	n := int(kind) % (len(packers) + 2)
	switch {
	case n == len(packers):
		fmt.Fprintf(&b, "ZF%-*s", zfileLength, fmt.Sprintf("%#x", len(payload)))
		n = 1
	case n > len(packers):
		return bytes.Clone(payload)
	}
	w, err := packers[n](&b)
	if err == nil {
		_, err = w.Write(payload)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// FuzzContainer changes two bytes of what was packed properly, so that headers, lengths and checksums are reached behind which bytes
// at random do not get: it decodes, or one of fault's errors says why not, and memory is taken as limits say.
func FuzzContainer(f *testing.F) {
	payload, err := os.ReadFile("testdata/vectors/py312-fast-p5.pkl")
	if err != nil {
		f.Fatal(err)
	}
	for kind := range len(packers) + 1 {
		if _, err := Decode(Source{Data: pack(f, uint8(kind), payload)}, Limits{}); err != nil {
			f.Fatalf("container %d, unchanged: %v", kind, err)
		}
		for _, at := range []uint32{0, 4, 7, 14, 1 << 31} {
			f.Add(uint8(kind), payload, at, byte(0), at+1, byte(0xff))
		}
		f.Add(uint8(kind), payload, uint32(0), byte(0), uint32(0), byte(0))
	}
	joblib, err := filepath.Glob("testdata/vectors/*joblib-*.joblib")
	if err != nil || len(joblib) == 0 {
		f.Fatal(err, joblib)
	}
	for _, path := range joblib {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, at := range []uint32{4, 10, 1 << 31} {
			f.Add(uint8(len(packers)+1), data, at, byte(1), at, byte(0))
		}
	}
	const most = 256 << 20
	lim := Limits{MaxMemory: 32 << 20, MaxInflated: 16 << 20, MaxDictionary: 1 << 20}
	f.Fuzz(func(t *testing.T, kind uint8, payload []byte, at uint32, change byte, at2 uint32, change2 byte) {
		if len(payload) > 1<<20 {
			return
		}
		packed := pack(t, kind, payload)
		if len(packed) > 0 {
			packed[int(at)%len(packed)] ^= change
			packed[int(at2)%len(packed)] ^= change2
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		doc, err := Decode(Source{Data: packed}, lim)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > most {
			t.Fatalf("%d bytes take %d bytes of memory", len(packed), took)
		}
		if err != nil {
			if !isFault(err) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		walkArrays(doc.Root)
	})
}
