package pickle

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// describer says of values what testdata/describe.py says of them.
type describer struct{ met map[Value]int }

func (d *describer) all(items []Value) []any {
	out := []any{}
	for _, v := range items {
		out = append(out, d.value(v))
	}
	return out
}

func (d *describer) value(v Value) any {
	switch v := v.(type) {
	case nil, None:
		return []any{"none"}
	case bool:
		return []any{"bool", v}
	case int64, *big.Int:
		return []any{"int", fmt.Sprint(v)}
	case float64:
		return []any{"float", bitPattern(v)}
	case complex128:
		return []any{"complex", bitPattern(real(v)), bitPattern(imag(v))}
	case Text:
		return []any{"text", hex.EncodeToString([]byte(v))}
	case Bytes:
		return []any{"bytes", hex.EncodeToString(v)}
	case Global:
		return []any{"global", globalName(v)}
	case *Tuple:
		return []any{"tuple", d.all(v.Items)}
	case *DType:
		return []any{"dtype", describeDType(*v)}
	case *NDArray:
		if v.DType.Kind == 'c' && len(v.Shape) == 0 && v.DType.Size == 16 { // Python has complex numbers itself
			return []any{"array", "ndarray", describeDType(v.DType), []any{}, sum(v.Data)}
		}
		if len(v.Shape) == 0 && v.DType.Kind != 'f' { // a scalar of numpy is never shared
			return d.array(v)
		}
	}
	if n, ok := d.met[v]; ok {
		return []any{"ref", float64(n)}
	}
	d.met[v] = len(d.met)
	switch v := v.(type) {
	case *List:
		return []any{"list", d.all(v.Items)}
	case *Dict:
		return []any{"dict", d.pairs(v)}
	case *Set:
		items := d.all(v.Items)
		slices.SortFunc(items, func(a, b any) int { return bytes.Compare(pythonJSON(a), pythonJSON(b)) })
		return []any{"set", v.Frozen, items}
	case *NDArray:
		return d.array(v)
	case *Object:
		out := map[string]any{"class": globalName(v.Class), "args": d.all(v.Args), "named": nil, "state": nil, "items": nil, "dict": nil}
		if v.Named != nil {
			out["named"] = d.pairs(v.Named)
		}
		if v.State != nil {
			if _, none := v.State.(None); !none {
				out["state"] = d.value(v.State)
			}
		}
		out["items"] = d.all(v.Items)
		if v.Dict != nil {
			out["dict"] = d.pairs(v.Dict)
		}
		return []any{"object", out}
	}
	return fmt.Sprintf("%T", v)
}

func (d *describer) array(a *NDArray) any {
	shape := []any{}
	for _, n := range a.Shape {
		shape = append(shape, float64(n))
	}
	var items any
	if a.DType.objects {
		items = d.all(a.Objects)
	} else {
		data := a.Data
		if a.Fortran {
			data = nil
			for i := range a.Len() {
				at := fortranIndex(i, a.Shape) * a.DType.Size
				data = append(data, a.Data[at:at+a.DType.Size]...)
			}
		}
		if n := wordSize(a.DType); a.DType.BigEndian && n > 0 {
			data = slices.Clone(data)
			for i := 0; i < len(data); i += n {
				slices.Reverse(data[i : i+n])
			}
			t := a.DType
			t.BigEndian = false
			a = &NDArray{DType: t, Shape: a.Shape, Class: a.Class}
		}
		if len(a.DType.Fields) > 0 {
			var packed []byte
			for i := 0; i < len(data); i += a.DType.Size {
				packed = appendPacked(packed, a.DType, data[i:i+a.DType.Size])
			}
			data = packed
		}
		items = sum(data)
	}
	return []any{"array", a.Class.Name, describeDType(a.DType), shape, items}
}

// appendPacked appends a record without its padding.
func appendPacked(out []byte, t DType, item []byte) []byte {
	if len(t.Fields) == 0 {
		return append(out, item[:t.Size]...)
	}
	for _, f := range t.Fields {
		out = appendPacked(out, f.DType, item[f.Offset:])
	}
	return out
}

// wordSize is how many bytes are swapped together; 0 for records.
func wordSize(t DType) int {
	switch t.Kind {
	case 'V':
		return 0
	case 'U':
		return 4
	case 'c':
		return t.Size / 2
	}
	return t.Size
}

func (d *describer) pairs(dict *Dict) any {
	type pair struct {
		json []byte
		key  any
		v    Value
	}
	var pairs []pair
	for i, k := range dict.Keys {
		key := d.value(k)
		pairs = append(pairs, pair{pythonJSON(key), key, dict.Values[i]})
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return bytes.Compare(a.json, b.json) })
	out := []any{}
	for _, p := range pairs {
		out = append(out, []any{p.key, d.value(p.v)})
	}
	return out
}

// pythonJSON is json.dumps with its default separators, by which the script sorts.
func pythonJSON(v any) []byte {
	switch v := v.(type) {
	case []any:
		var parts [][]byte
		for _, item := range v {
			parts = append(parts, pythonJSON(item))
		}
		return append(append([]byte("["), bytes.Join(parts, []byte(", "))...), ']')
	}
	out, _ := json.Marshal(v)
	return out
}

func describeDType(t DType) any {
	fields := []any{}
	for _, f := range t.Fields {
		fields = append(fields, []any{hex.EncodeToString([]byte(f.Name)), float64(f.Offset), describeDType(f.DType)})
	}
	var sub any
	if t.Sub != nil {
		shape := []any{}
		for _, n := range t.SubShape {
			shape = append(shape, float64(n))
		}
		sub = []any{describeDType(*t.Sub), shape}
	}
	return []any{string(t.Kind), float64(t.Size), t.BigEndian, fields, sub}
}

func globalName(g Global) string {
	if g == ndarrayClass {
		return g.Name
	}
	return g.String()
}

func bitPattern(f float64) string {
	if f != f {
		return "nan"
	}
	return hex.EncodeToString(binary.BigEndian.AppendUint64(nil, math.Float64bits(f)))
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// TestVectors holds every vector against what the Python that wrote it found in it.
func TestVectors(t *testing.T) {
	indexes, _ := filepath.Glob("testdata/vectors/*.index")
	if len(indexes) == 0 {
		t.Fatal("no vectors")
	}
	for _, index := range indexes {
		f, err := os.Open(index)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			name, said, _ := strings.Cut(lines.Text(), " ")
			t.Run(name, func(t *testing.T) { compareVector(t, name, said) })
		}
	}
}

func compareVector(t *testing.T, name, said string) {
	data, err := os.ReadFile(filepath.Join("testdata/vectors", said))
	if err != nil {
		t.Fatal(err)
	}
	var want any
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata/vectors", name)
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "model.pkl")
	}
	doc, err := Decode(load(t, path), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got := (&describer{met: map[Value]int{}}).value(doc.Root)
	if where := differ(got, want, ""); where != "" {
		t.Error(where)
	}
	if protocol, ok := strings.CutSuffix(name, ".pkl"); ok && strings.Contains(name, "-p") {
		if want := int(protocol[len(protocol)-1] - '0'); doc.Protocol != want {
			t.Errorf("protocol %d", doc.Protocol)
		}
	}
	if doc.Python2 != strings.HasPrefix(name, "py27") {
		t.Errorf("Python2 is %v", doc.Python2)
	}
	if isJoblib := strings.Contains(name, "joblib"); isJoblib != (doc.Joblib != nil) && name != "py27-joblib-3-10" {
		t.Errorf("joblib: %v", doc.Joblib)
	}
	if doc.Trailing != 0 || len(doc.More) != 0 {
		t.Errorf("%d bytes and %d pickles behind the end", doc.Trailing, len(doc.More))
	}
}

// differ is the first place where two descriptions differ; empty if none.
func differ(got, want any, where string) string {
	g, ok := got.([]any)
	w, ok2 := want.([]any)
	if ok && ok2 && len(g) == len(w) {
		for i := range g {
			if d := differ(g[i], w[i], fmt.Sprintf("%s/%d", where, i)); d != "" {
				return d
			}
		}
		return ""
	}
	gm, ok := got.(map[string]any)
	wm, ok2 := want.(map[string]any)
	if ok && ok2 && len(gm) == len(wm) {
		for k := range gm {
			if d := differ(gm[k], wm[k], where+"/"+k); d != "" {
				return d
			}
		}
		return ""
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Sprintf("%s: %.300v, want %.300v", where, got, want)
	}
	return ""
}
