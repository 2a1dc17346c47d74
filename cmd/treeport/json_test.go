package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// spoil writes a real model that lies in a dict under key, and whose columns have other names of the same length.
func spoil(t *testing.T, name, key string, columns ...string) {
	t.Helper()
	data, err := os.ReadFile("../../testdata/py313-sk1.9.1/rf_clf_df/default.pkl")
	if err != nil {
		t.Fatal(err)
	}
	for i, old := range []string{"größe", "with space"} {
		if len(old) != len(columns[i]) || !bytes.Contains(data, []byte(old)) {
			t.Fatalf("%q for %q", columns[i], old)
		}
		data = bytes.ReplaceAll(data, []byte(old), []byte(columns[i]))
	}
	// PROTO, EMPTY_DICT, SHORT_BINUNICODE, the model without PROTO and STOP, SETITEM, STOP
	whole := "\x80\x04}\x8c" + string(rune(len(key))) + key + string(data[2:len(data)-1]) + "s."
	if err := os.WriteFile(name, []byte(whole), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestNamesStayNames: whatever a model calls its parts, nothing that is printed of it acts upon a terminal, and JSON says the same.
func TestNamesStayNames(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "a\u009b\u202eb.pkl"), filepath.Join(dir, "a\u009b\u202eb.onnx")
	column := "\u202e\u009bab"
	spoil(t, file, "../\x1b]0;\u009b\x00\u2067con", column, "\u2066\u200f\ufeffx")
	for _, c := range []struct {
		args []string
		want string // in the values of the JSON
	}{
		{[]string{"convert", file, "-o", out, "--json"}, out},
		{[]string{"convert", file, "-o", out, "-v"}, ""},
		{[]string{"inspect", file, "--json"}, column},
		{[]string{"inspect", file}, ""},
		{[]string{"verify", file, out, "--json"}, file},
		{[]string{"verify", file, out}, ""},
		{[]string{"scan", dir, "--format", "json"}, file},
		{[]string{"scan", dir, "--format", "sarif"}, "2.1.0"},
		{[]string{"scan", dir}, ""},
		{[]string{"convert", file, "-o", out, "--select", "model['" + column + "']"}, ""},
	} {
		var stdout, stderr bytes.Buffer
		root := rootCommand()
		root.SetOut(&stdout)
		root.SetErr(&stderr)
		root.SetArgs(c.args)
		if cmd, err := root.ExecuteC(); err != nil {
			complain(cmd, err)
		}
		if stdout.Len()+stderr.Len() == 0 {
			t.Errorf("%q prints nothing", c.args)
		}
		for _, r := range stdout.String() + stderr.String() {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("%q prints %q: %s%s", c.args, r, &stdout, &stderr)
				break
			}
		}
		if c.want == "" {
			continue
		}
		var v any
		if err := json.Unmarshal(stdout.Bytes(), &v); err != nil {
			t.Fatalf("%q: %v: %s%s", c.args, err, &stdout, &stderr)
		}
		if !holds(v, c.want) {
			t.Errorf("%q: no %q in %s", c.args, c.want, &stdout)
		}
	}
}

// holds tells whether text is somewhere in the texts of a JSON value.
func holds(v any, text string) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, text)
	case []any:
		for _, item := range v {
			if holds(item, text) {
				return true
			}
		}
	case map[string]any:
		for _, item := range v {
			if holds(item, text) {
				return true
			}
		}
	}
	return false
}
