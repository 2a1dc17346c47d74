package pickle

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
)

func vector(t testing.TB, name string) []byte {
	data, err := os.ReadFile("testdata/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		vector, limit string
		lim           Limits
	}{
		{"py312-values-p4.pkl", "max-input", Limits{MaxInput: 100}},
		{"py312-joblib-zlib.joblib", "max-inflated", Limits{MaxInflated: 100}},
		{"py312-values-p4.pkl", "max-memory", Limits{MaxMemory: 10000}},
		{"py312-values-p4.pkl", "max-opcodes", Limits{MaxOpcodes: 10}},
		{"py312-values-p4.pkl", "max-memo", Limits{MaxMemo: 10}},
		{"py312-values-p4.pkl", "max-items", Limits{MaxItems: 100}},
		{"py312-joblib-xz.joblib", "max-dictionary", Limits{MaxDictionary: 4096}},
		{"py312-joblib-lzma.joblib", "max-dictionary", Limits{MaxDictionary: 4096}},
	} {
		_, err := Decode(Source{Name: "m", Data: vector(t, c.vector)}, c.lim)
		var big *fault.TooBig
		if !errors.As(err, &big) || big.Limit != c.limit || big.Where.File != "m" {
			t.Errorf("%s, %s: %v", c.vector, c.limit, err)
		}
	}
}

// TestCut: no beginning of a file is a file, and none crashes.
func TestCut(t *testing.T) {
	for _, name := range []string{"py27-scalars-p0.pkl", "py312-arrays-p5.pkl", "py312-joblib.joblib", "py36-joblib-gzip.joblib",
		"py36-joblib-bz2.joblib", "py36-joblib-xz.joblib", "py36-joblib-lzma.joblib", "py312-joblib-lz4.joblib"} {
		data := vector(t, name)
		for n := 0; n < len(data); n += 1 + n/50 {
			if _, err := Decode(Source{Data: data[:n:n]}, Limits{}); err == nil {
				t.Errorf("%s: the first %d of %d bytes decode", name, n, len(data))
			}
		}
	}
}

func TestZip(t *testing.T) {
	body := vector(t, "py312-values-p4.pkl")
	pack := func(method uint16, names ...string) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, name := range names {
			f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = f.Write(body)
		}
		_ = w.Close()
		return out.Bytes()
	}
	for _, c := range []struct {
		data []byte
		want string // part of the error; empty: decodes
	}{
		{pack(zip.Deflate, "anything"), ""},
		{pack(zip.Store, "anything"), ""},
		{pack(zip.Deflate, "a/", "a/readme", "a/model.joblib"), ""},
		{pack(zip.Store, "archive/data.pkl", "archive/other.pkl"), ""},
		{pack(zip.Deflate, "a.pkl", "b.pkl"), "a.pkl, b.pkl"},
		{pack(zip.Deflate, "schema.json", "x.npy"), "skops"},
		{pack(zip.Deflate, "dir/"), "no files"},
		{pack(zip.Deflate), "empty zip"},
	} {
		doc, err := Decode(Source{Data: c.data}, Limits{})
		switch {
		case c.want != "":
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q: %v", c.want, err)
			}
		case err != nil:
			t.Error(err)
		case !slices.Equal(doc.Layers, []string{"zip"}):
			t.Error(doc.Layers)
		}
	}
	bad := pack(zip.Store, "x")
	bad[200] ^= 1
	if _, err := Decode(Source{Data: bad}, Limits{}); err == nil {
		t.Error("a damaged member decodes")
	}
}

func TestLayers(t *testing.T) {
	for name, want := range map[string]string{
		"py312-values-p4.pkl": "", "py312-pickle.pkl.gz": "gzip", "py312-joblib.joblib": "joblib", "py312-joblib-zlib.joblib": "zlib joblib",
		"py312-joblib-xz.joblib": "xz joblib", "py312-joblib-lzma.joblib": "lzma joblib", "py312-joblib-bz2.joblib": "bz2 joblib",
		"py312-joblib-lz4.joblib": "lz4 joblib",
	} {
		doc, err := Decode(Source{Data: vector(t, name)}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(doc.Layers, " "); got != want {
			t.Errorf("%s: %s", name, got)
		}
		if j := doc.Joblib; j != nil && (j.Module != "joblib.numpy_pickle" || j.Layout != "0.10+" || !j.Aligned || j.Arrays < 30) {
			t.Errorf("%s: %+v", name, *j)
		}
	}
}

func TestBehindTheEnd(t *testing.T) {
	one := vector(t, "py36-fast-p4.pkl")
	two := slices.Concat(one, vector(t, "py27-fast-p2.pkl"), []byte("rest"))
	doc, err := Decode(Source{Data: two}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.More) != 1 || doc.Trailing != 4 || doc.Size != int64(len(two)) {
		t.Errorf("%d more, %d trailing, size %d", len(doc.More), doc.Trailing, doc.Size)
	}
}

// TestAlias: arrays of a plain file are its bytes, but for joblib's small ones.
func TestAlias(t *testing.T) {
	for _, name := range []string{"py312-arrays-p5.pkl", "py312-joblib.joblib"} {
		data := vector(t, name)
		doc, err := Decode(Source{Data: data}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for array, copied := range map[string]bool{"square": false, "of i8": strings.HasSuffix(name, ".joblib")} {
			v, _ := doc.Root.(*Dict).Get(array)
			a := v.(*NDArray)
			at := bytes.Index(data, a.Data)
			if is := at < 0 || &data[at] != &a.Data[0]; is != copied {
				t.Errorf("%s: the array %s was copied: %v", name, array, is)
			}
		}
	}
}

// TestSiblings: the model names files, and only plain names reach the opener.
func TestSiblings(t *testing.T) {
	data := vector(t, "py27-joblib-0-10/model.pkl")
	if _, err := Decode(Source{Data: data}, Limits{}); err == nil || !strings.Contains(err.Error(), "only this file was given") {
		t.Error(err)
	}
	missing := func(string) ([]byte, error) { return nil, fs.ErrNotExist }
	if _, err := Decode(Source{Data: data, Sibling: missing}, Limits{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	for _, name := range []string{"..", "../model.pkl_01.n", "/etc/passwd", `c:\x`, "a/b", ".", strings.Repeat("a", 256)} {
		wrapper := "\x80\x02cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}U\x08filenameX" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(name)))) + name + "sb."
		_, err := Decode(Source{Data: []byte(wrapper), Sibling: func(string) ([]byte, error) {
			t.Errorf("%q was opened", name)
			return nil, fs.ErrNotExist
		}}, Limits{})
		if err == nil || !strings.Contains(err.Error(), "no plain name") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestColumns reads the records of a real file in each way.
func TestColumns(t *testing.T) {
	doc, err := Decode(Source{Data: vector(t, "py312-arrays-p5.pkl")}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	get := func(name string) *NDArray {
		v, _ := doc.Root.(*Dict).Get(name)
		return v.(*NDArray)
	}
	// What make.py put there.
	b, err := get("records").Field("b")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Float64s(); err != nil || !slices.Equal(got, []float64{0.5, 1.5, 2.5}) {
		t.Error(got, err)
	}
	c, _ := get("records").Field("c")
	if got, err := c.Int32s(); err != nil || !slices.Equal(got, []int32{7, 8, 9}) {
		t.Error(got, err)
	}
	if _, err := get("records").Field("none"); err == nil {
		t.Error("a field that is not there")
	}
	if got, err := get("big ints").Int64s(); err != nil || !slices.Equal(got, []int64{1, -2, 300}) {
		t.Error(got, err)
	}
	if got, err := get("of f2").Float64s(); err != nil || !slices.Equal(got, []float64{0, 1, 3}) {
		t.Error(got, err)
	}
	if got, err := get("of ?").Bools(); err != nil || !slices.Equal(got, []bool{false, true, true}) {
		t.Error(got, err)
	}
	if got, err := get("big text").Strings(); err != nil || !slices.Equal(got, []string{"ab", "c"}) {
		t.Error(got, err)
	}
	if got, err := get("object square").Strings(); err != nil || !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Error(got, err)
	}
	if got, err := get("u8 high").Int64s(); err == nil {
		t.Error(got)
	}
	if got, err := get("turned").Float64s(); err != nil || got[4] != 12 || got[8] != 4 || get("turned").Shape[0] != 3 {
		t.Error(got, err)
	}
	square, _ := get("square").Float64s()
	if got, err := get("fortran").Float64s(); err != nil || !slices.Equal(got, square) || !get("fortran").Fortran {
		t.Error(got, err)
	}
	for i := range square {
		if got, err := get("fortran").Float64At(i); err != nil || got != square[i] {
			t.Error(i, got, err)
		}
	}
}

// TestObjectsInArrays reads records with objects and text of any length, which numpy writes as lists.
func TestObjectsInArrays(t *testing.T) {
	for _, name := range []string{"py313-objects-p2.pkl", "py313-objects-p5.pkl", "py313-objects-joblib.joblib"} {
		doc, err := Decode(Source{Data: vector(t, name)}, Limits{})
		if err != nil {
			t.Fatal(name, err)
		}
		get := func(name string) *NDArray {
			v, _ := doc.Root.(*Dict).Get(name)
			return v.(*NDArray)
		}
		// What make.py put there.
		if got, err := get("text").Strings(); err != nil || !slices.Equal(got, []string{"a", "bcd", "\u00e9\u20ac", ""}) || get("text").DType.String() != "StringDType" {
			t.Error(name, got, err)
		}
		if got := Repr(&List{Items: get("missing").Objects}, 100); got != "['a', None]" {
			t.Error(name, got)
		}
		if got := Repr(&List{Items: get("fortran").Objects}, 100); got != "[(1, 'a'), (2, None), (3, [4]), (5, (6,))]" || get("fortran").DType.Fields[1].Name != "y" {
			t.Error(name, got)
		}
		if v, err := get("item").At(0); err != nil || Repr(v, 100) != "(1, 'a')" {
			t.Error(name, v, err)
		}
		var u *fault.Unsupported
		if _, err := get("records").Field("x"); !errors.As(err, &u) {
			t.Error(name, err)
		}
		if _, err := get("text").Float64s(); !errors.As(err, &u) {
			t.Error(name, err)
		}
	}
	text := "cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I1\ntcnumpy._core._internal\n_convert_to_stringdtype_kwargs\n(I1\ntRI00\n(l%sa" + "tb."
	for item, good := range map[string]bool{"Va\n": true, "N": false, "I3\n": false} {
		_, err := Decode(Source{Data: []byte(strings.Replace(text, "%s", item, 1))}, Limits{})
		var b *fault.Broken
		if good != (err == nil) || !good && !errors.As(err, &b) {
			t.Errorf("%q: %v", item, err)
		}
	}
}
