package skops_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/skops"
)

// pack makes an archive of names and contents, which alternate.
func pack(t testing.TB, method uint16, members ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(members); i += 2 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: members[i], Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// schema is a schema.json of one node, whose fields after its class are given.
func schema(class, rest string) string {
	module, name, _ := strings.Cut(class, ":")
	return fmt.Sprintf(`{"__class__": %q, "__module__": %q, %s, "protocol": 2, "_skops_version": "0.13.0"}`, name, module, rest)
}

func npy(header, data string) string {
	return fmt.Sprintf("\x93NUMPY\x01\x00%c%c%s%s", len(header)&0xff, len(header)>>8, header, data)
}

const jsonOne = `{"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": "1"}`

func TestRefused(t *testing.T) {
	array := schema("numpy:ndarray", `"__loader__": "NdArrayNode", "type": "numpy", "file": "a.npy"`)
	list := func(content string) string {
		return schema("builtins:list", `"__loader__": "ListNode", "__id__": 7, "content": [`+content+`]`)
	}
	value := func(content string) string {
		return schema("builtins:str", fmt.Sprintf(`"__loader__": "JsonNode", "content": %q`, content))
	}
	dict := func(kinds, content string) string {
		return schema("builtins:dict", `"__loader__": "DictNode", "content": {`+content+`}, "key_types":
			{"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": [`+kinds+`]}`)
	}
	kind := func(name string) string {
		return fmt.Sprintf(`{"__class__": %q, "__module__": "builtins", "__loader__": "TypeNode"}`, name)
	}
	objects := func(shape, content string) string {
		return schema("numpy:ndarray", `"__loader__": "NdArrayNode", "type": "json", "content": [`+content+`], "shape":
			{"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [`+shape+`]}`)
	}
	number := func(n string) string { return strings.Replace(jsonOne, `"1"`, `"`+n+`"`, 1) }
	deep := strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000)
	for name, c := range map[string]struct {
		members []string
		want    string
	}{
		"no schema":          {[]string{"x", "y"}, "no member"},
		"no JSON":            {[]string{"schema.json", "{"}, "an object without a name"},
		"two schemas":        {[]string{"schema.json", list(""), "schema.json", list("")}, "two members"},
		"behind the end":     {[]string{"schema.json", list("") + "{}"}, "behind the end"},
		"no node":            {[]string{"schema.json", "[]"}, "_skops_version"},
		"newer":              {[]string{"schema.json", strings.Replace(list(""), `": 2`, `": 3`, 1)}, "protocol 3 of skops 0.13.0"},
		"no release":         {[]string{"schema.json", strings.Replace(list(""), `0.13.0`, `0 --index-url`, 1)}, "a release of skops"},
		"unknown loader":     {[]string{"schema.json", schema("a:b", `"__loader__": "EvalNode"`)}, "EvalNode"},
		"absent member":      {[]string{"schema.json", array}, `"a.npy"`},
		"no npy":             {[]string{"schema.json", array, "a.npy", "xxxxxxxxxxx"}, "no .npy file"},
		"short npy":          {[]string{"schema.json", array, "a.npy", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}", "")}, "in the middle"},
		"impossible npy":     {[]string{"schema.json", array, "a.npy", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 3)}", "")}, "impossible shape"},
		"long npy":           {[]string{"schema.json", array, "a.npy", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", "123456789")}, "1 bytes after"},
		"pickled npy":        {[]string{"schema.json", array, "a.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "\x80\x04cos\nsystem\n(Vtrue\ntR.")}, "an array of objects"},
		"masked":             {[]string{"schema.json", strings.Replace(array, `"numpy"`, `"numpy.ma"`, 1), "a.npy", ""}, "numpy.ma.ndarray"},
		"holds itself":       {[]string{"schema.json", schema("numpy:dtype", `"__loader__": "DTypeNode", "__id__": 7, "content": {"__id__": 7, "__loader__": "CachedNode"}`)}, "a part of itself"},
		"nothing cached":     {[]string{"schema.json", list(`{"__id__": 8, "__loader__": "CachedNode"}`)}, "a reference to nothing"},
		"deep":               {[]string{"schema.json", list(deep)}, "levels of JSON"},
		"deep in text":       {[]string{"schema.json", value(deep)}, "levels of JSON"},
		"bad number":         {[]string{"schema.json", value("01")}, "behind the end"},
		"long number":        {[]string{"schema.json", value(strings.Repeat("9", 5000))}, "an integer of 5000 digits"},
		"no key types":       {[]string{"schema.json", dict(kind("str"), `"a": `+jsonOne+`, "b": `+jsonOne)}, "a dict of 2 keys with types for 1"},
		"keys alike":         {[]string{"schema.json", dict(kind("str")+","+kind("int"), `"1": `+jsonOne+`, "1": `+jsonOne)}, `"1" twice`},
		"keys equal":         {[]string{"schema.json", dict(kind("float")+","+kind("float"), `"1.0": `+jsonOne+`, "1.00": `+jsonOne)}, "a key twice"},
		"no integer":         {[]string{"schema.json", dict(kind("int"), `"1.5": `+jsonOne)}, "is no builtins.int"},
		"odd key":            {[]string{"schema.json", dict(kind("complex"), `"1": `+jsonOne)}, "builtins.complex"},
		"frozenset":          {[]string{"schema.json", schema("builtins:frozenset", `"__loader__": "ObjectNode", "content": `+strings.Replace(jsonOne, `"1"`, `"null"`, 1))}, "builtins.frozenset"},
		"tree of another":    {[]string{"schema.json", schema("os:system", `"__loader__": "TreeNode"`)}, "a TreeNode of class"},
		"too few objects":    {[]string{"schema.json", objects(number("2"), jsonOne)}, "2 objects with 1"},
		"endless rows":       {[]string{"schema.json", objects(number("0")+","+number("99999999999")+","+number("99999999999"), "")}, "impossible shape"},
		"no dimensions":      {[]string{"schema.json", objects("", jsonOne)}, "without dimensions"},
		"no sparse format":   {[]string{"schema.json", schema("scipy.sparse:csr_matrix", `"__loader__": "SparseMatrixNode", "type": "scipy", "file": "a.npz"`), "a.npz", string(pack(t, zip.Deflate, "format.npy", npy("{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,)}", "")))}, "without a format"},
		"sparse of no cells": {[]string{"schema.json", schema("scipy.sparse:csr_matrix", `"__loader__": "SparseMatrixNode", "type": "scipy", "file": "a.npz"`), "a.npz", "nothing"}, "zip"},
	} {
		for _, method := range []uint16{zip.Store, zip.Deflate} {
			_, err := skops.Decode(pickle.Source{Name: "m.skops", Data: pack(t, method, c.members...)}, pickle.Limits{})
			var b *fault.Broken
			var u *fault.Unsupported
			if !errors.As(err, &b) && !errors.As(err, &u) || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 200 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestLimits: what inflates too much, or makes more values than its bytes warrant, is too big.
func TestLimits(t *testing.T) {
	zeros := strings.Repeat("0", 100<<20)
	for name, c := range map[string]struct {
		data []byte
		lim  pickle.Limits
		want string
	}{
		"bomb":     {pack(t, zip.Deflate, "schema.json", zeros), pickle.Limits{}, "max-ratio"},
		"inflated": {pack(t, zip.Deflate, "schema.json", zeros[:1<<20]), pickle.Limits{MaxInflated: 1000}, "max-inflated"},
		"input":    {pack(t, zip.Store, "schema.json", ""), pickle.Limits{MaxInput: 10}, "max-input"},
		"memory":   {pack(t, zip.Store, "schema.json", "["+strings.Repeat("1,", 1000)+"1]"), pickle.Limits{MaxMemory: 10000}, "max-memory"},
	} {
		_, err := skops.Decode(pickle.Source{Data: c.data}, c.lim)
		var big *fault.TooBig
		if !errors.As(err, &big) || big.Limit != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOneBodyOfManyNames: members that lie on each other would cost their bytes each time.
func TestOneBodyOfManyNames(t *testing.T) {
	data := pack(t, zip.Store, "schema.json", strings.Repeat(" ", 1000), "b", "")
	directory := bytes.Index(data, []byte("PK\x01\x02"))
	second := directory + bytes.Index(data[directory+1:], []byte("PK\x01\x02")) + 1
	copy(data[second+16:second+28], data[directory+16:directory+28]) // checksum and sizes
	copy(data[second+42:second+46], data[directory+42:directory+46]) // where the member is
	if _, err := skops.Decode(pickle.Source{Data: data}, pickle.Limits{}); err == nil || !strings.Contains(err.Error(), "larger than itself") {
		t.Error(err)
	}
}

// TestSharedInsideItself: a list that a file puts into itself by __id__ is one list.
func TestSharedInsideItself(t *testing.T) {
	text := schema("builtins:list", `"__loader__": "ListNode", "__id__": 7, "content": [{"__id__": 7, "__loader__": "CachedNode"}]`)
	doc, err := skops.Decode(pickle.Source{Data: pack(t, zip.Store, "schema.json", text)}, pickle.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if list := doc.Root.(*pickle.List); len(list.Items) != 1 || list.Items[0] != pickle.Value(list) {
		t.Error(list)
	}
}

func TestSniff(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want bool
	}{
		"skops":          {pack(t, zip.Deflate, "schema.json", schema("a:b", `"__loader__": "x"`)), true},
		"another schema": {pack(t, zip.Deflate, "schema.json", `{"type": "object"}`), false},
		"in a folder":    {pack(t, zip.Deflate, "a/schema.json", schema("a:b", `"__loader__": "x"`)), false},
		"no zip":         {[]byte("\x80\x04N."), false},
		"nothing":        {nil, false},
		"cut":            {pack(t, zip.Deflate, "schema.json", "")[:40], false},
	} {
		if got := skops.Sniff(c.data); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
