package scan_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/scan"
)

// TestHonest: what the releases themselves saved is clean, but for code of an author's own.
func TestHonest(t *testing.T) {
	all := vectors.EachCase(t, func(v *vectors.Vector) bool { return true })
	for _, v := range all {
		r, err := scan.Open(v.File(), pickle.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		own := strings.Contains(v.File(), "own_class") || strings.Contains(v.File(), "columns_by_function")
		if clean := r.Verdict == scan.Clean; clean == own {
			t.Errorf("%s: %s, %v", v.File(), r.Verdict, r.Findings)
		}
	}
	if len(all) < 50 {
		t.Fatalf("%d files", len(all))
	}
}

// TestArraysWithObjects: arrays that numpy writes as lists are honest, too.
func TestArraysWithObjects(t *testing.T) {
	files, err := filepath.Glob("../pickle/testdata/vectors/*-objects-*.*[bl]")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if r, err := scan.Open(name, pickle.Limits{}); err != nil || r.Verdict != scan.Clean {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// TestHostile: every file that would run something is dangerous, and those that are odd but harmless are clean.
func TestHostile(t *testing.T) {
	ran := 0
	for _, f := range vectors.Hostile(t) {
		r, err := scan.Open(f.Path, pickle.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		runs := strings.Contains(filepath.ToSlash(f.Path), "hostile/run")
		switch {
		case runs && r.Verdict != scan.Dangerous, f.Expect == "safe" && r.Verdict != scan.Clean:
			t.Errorf("%s (%s): %s, %v", f.Path, f.What, r.Verdict, r.Findings)
		case runs:
			ran++
		}
	}
	if ran == 0 {
		t.Fatal("no file that runs anything")
	}
}

func scanned(code string) *scan.Report {
	return scan.File(pickle.Source{Name: "f", Data: []byte(code)}, pickle.Limits{})
}

// TestTricks are ways around names: each of these files runs, or changes, something in Python though few of its names are unusual.
func TestTricks(t *testing.T) {
	for _, c := range []struct{ name, rule, code string }{
		{"runs, then breaks", "unknown-call", "cos\nsystem\n(S'ls'\ntR\xff"},
		{"runs, and Python never reads what follows", "unknown-call", "cos\nsystem\n(S'ls'\ntR.garbage"},
		{"in a second pickle", "unknown-call", "N.cos\nsystem\n(S'ls'\ntR."},
		{"a method of a class", "unknown-call", "c__builtin__\ngetattr\n(cnumpy\nndarray\nS'__reduce__'\ntR."},
		{"what a call returned is called", "computed-call", "cfunctools\npartial\n(cnumpy\nlog1p\ntR)R."},
		{"an attribute by which Python calls", "special-attribute", "cnumpy\nndarray\n)\x81}S'__setstate__'\ncnumpy\nlog1p\nsb."},
		{"a class that all use is changed", "changed-class", "cnumpy\nndarray\n}S'a'\nNsb."},
		{"a persistent id", "persistent-id", "P1\n."},
		{"a model file of CatBoost that is a pickle, too", "unknown-call", "CBM1" + strings.Repeat(" ", 64) + "cos\nsystem\n(S'ls'\ntR."},
	} {
		r := scanned(c.code)
		found := false
		for _, f := range r.Findings {
			found = found || f.Rule == c.rule
		}
		if !found || r.Verdict == scan.Clean {
			t.Errorf("%s: %s, %v", c.name, r.Verdict, r.Findings)
		}
	}
}

// TestFinding: the call is told as Python would write it, with its place, and nothing in it acts upon a terminal.
func TestFinding(t *testing.T) {
	r := scanned("cposix\nsystem\n(S'a\\x1b[31m\\x9b'\ntR.")
	f := r.Findings[len(r.Findings)-1]
	if f.Rule != "unknown-call" || f.Offset != 33 || !strings.HasPrefix(f.Code, "posix.system(") || strings.ContainsAny(f.Code, "\x1b\u009b") {
		t.Errorf("%+v", f)
	}
	var b bytes.Buffer
	if err := scan.WriteSARIF(&b, []*scan.Report{r}, "1"); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Version string
		Runs    []struct {
			Results []struct {
				RuleID, Level string
				Locations     []struct {
					PhysicalLocation struct {
						Region struct{ ByteOffset int64 }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	last := log.Runs[0].Results[len(r.Findings)-1]
	if log.Version != "2.1.0" || last.RuleID != "unknown-call" || last.Level != "error" || last.Locations[0].PhysicalLocation.Region.ByteOffset != 33 {
		t.Errorf("%+v", log)
	}
}

// FuzzScan: whatever the bytes, a report comes out, and a file that calls something no list knows is never clean.
func FuzzScan(f *testing.F) {
	for _, v := range vectors.EachCase(f, func(v *vectors.Vector) bool { return true })[:20] {
		data, err := os.ReadFile(v.File())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(zipped(f, "a.npz", zipped(f, "a.npy", npy("'|O'", runs)), "m/data.pkl", runs)))
	f.Add([]byte("cfunctools\npartial\n(cnumpy\nlog1p\ntR)R."))
	f.Fuzz(func(t *testing.T, data []byte) {
		unknown := false
		src := pickle.Source{Name: "f", Data: data}
		r := scan.File(src, pickle.Limits{MaxMemory: 1 << 26})
		src.Watch = func(e pickle.Event) {
			g, named := e.Callee.(pickle.Global)
			unknown = unknown || e.Act == pickle.Call && (!named || g.Module == "os" || g.Module == "posix")
		}
		_, _ = pickle.Decode(src, pickle.Limits{MaxMemory: 1 << 26})
		if unknown && r.Verdict != scan.Dangerous {
			t.Fatalf("%s: %v", r.Verdict, r.Findings)
		}
		var b bytes.Buffer
		if err := scan.WriteSARIF(&b, []*scan.Report{r}, "1"); err != nil {
			t.Fatal(err)
		}
	})
}
