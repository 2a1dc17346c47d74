package pickle

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"testing"

	"github.com/klauspost/compress/zlib"
)

// objects is a pickle of n small instances with a state of a few attributes, such as boosting models have by the thousand.
func objects(n int) []byte {
	out := []byte("\x80\x04]\x94(")
	out = append(out, "\x8c\x01m\x94\x8c\x01C\x94\x93\x94"...) // memo 3 is the class
	for _, name := range []string{"alpha", "beta", "gamma"} {
		out = append(append(out, '\x8c', byte(len(name))), name...)
		out = append(out, '\x94') // memo 4 to 6
	}
	out = append(out, "0000"...)
	for range n {
		out = append(out, "h\x03)\x81\x94}\x94(h\x04K\x01h\x05G?\xb9\x99\x99\x99\x99\x99\x9ah\x06NubK\x05"...)
	}
	return append(out, "e."...)
}

// blobs is a pickle of a list of byte strings, n of size bytes each.
func blobs(n, size int) []byte {
	out := []byte("\x80\x04](")
	body := make([]byte, size)
	for i := 0; i+8 <= size; i += 8 {
		binary.LittleEndian.PutUint64(body[i:], uint64(i)*2654435761)
	}
	for range n {
		out = binary.LittleEndian.AppendUint32(append(out, 'B'), uint32(size))
		out = append(out, body...)
	}
	return append(out, "e."...)
}

func benchmark(b *testing.B, data []byte, size int) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(Source{Data: data}, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeObjects(b *testing.B) {
	data := objects(10000)
	benchmark(b, data, len(data))
}

func BenchmarkDecodeArrays(b *testing.B) {
	data := blobs(100, 1<<20)
	benchmark(b, data, len(data))
}

func BenchmarkDecodeZlib(b *testing.B) {
	data := blobs(16, 1<<20)
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, _ = w.Write(data)
	_ = w.Close()
	benchmark(b, out.Bytes(), len(data))
}

func BenchmarkDecodeGzip(b *testing.B) {
	data := blobs(16, 1<<20)
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(data)
	_ = w.Close()
	benchmark(b, out.Bytes(), len(data))
}

func BenchmarkDecodeVector(b *testing.B) {
	for _, name := range []string{"py27-values-p0.pkl", "py312-values-p4.pkl", "py312-arrays-p5.pkl", "py312-joblib.joblib",
		"py312-joblib-xz.joblib", "py312-joblib-bz2.joblib", "py312-joblib-lz4.joblib"} {
		b.Run(name, func(b *testing.B) {
			data, err := os.ReadFile("testdata/vectors/" + name)
			if err != nil {
				b.Fatal(err)
			}
			benchmark(b, data, len(data))
		})
	}
}

func BenchmarkColumn(b *testing.B) {
	const n, size = 100000, 64
	a := &NDArray{Shape: []int{n}, Data: make([]byte, n*size), DType: DType{Kind: 'V', Size: size, Fields: []Field{
		{Name: "left", DType: DType{Kind: 'i', Size: 8}}, {Name: "threshold", Offset: 24, DType: DType{Kind: 'f', Size: 8}}}}}
	b.SetBytes(n * size)
	for b.Loop() {
		left, _ := a.Field("left")
		threshold, _ := a.Field("threshold")
		if _, err := left.Int32s(); err != nil {
			b.Fatal(err)
		}
		if _, err := threshold.Float64s(); err != nil {
			b.Fatal(err)
		}
	}
}
