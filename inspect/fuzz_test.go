package inspect

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"unicode"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
	"github.com/seed-2867d59c/treeport/store"
)

// Whatever decodes can be described in little memory, and nothing of it acts upon a terminal.
func FuzzDescribe(f *testing.F) {
	for _, name := range []string{"py27-sk0.17.1/dt_clf_single_leaf", "py311-sk1.7.2/dt_reg_single_leaf", "py311-sk1.7.2/dt_clf"} {
		seed, err := os.ReadFile(filepath.Join("../testdata", name, "default.pkl"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
	}
	f.Add([]byte("\x80\x02]q\x00h\x00a."))
	f.Add([]byte("\x80\x02csklearn.a\nB\n)R}X\x10\x00\x00\x00_sklearn_versionX\x01\x00\x00\x001sb."))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := pickle.Decode(pickle.Source{Name: "f", Data: data}, pickle.Limits{MaxMemory: 1 << 24, MaxOpcodes: 1 << 20})
		if err != nil {
			return
		}
		s := &convert.Source{File: &store.File{Name: "f", Data: data}, Document: d, Found: sklearn.Find(d.Root, "model")}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		info := Describe(s, Options{Depth: 5})
		info.Lock = NewLock(info)
		text, err := info.MarshalJSON()
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 256<<20 {
			t.Errorf("%d bytes take %d bytes of memory", len(data), took)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, out := range []string{string(text), info.Text(), info.Lock.Text()} {
			for _, r := range out {
				if r != '\n' && !unicode.IsPrint(r) {
					t.Fatalf("%q in %q", r, out)
				}
			}
		}
	})
}

// Files of requirements are anyone's text.
func FuzzLocks(f *testing.F) {
	all := parsers()
	names, err := filepath.Glob("testdata/locks/*")
	if err != nil || len(names) == 0 {
		f.Fatal(err, names)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for i, p := range all {
			if p.matches(filepath.Base(name)) {
				f.Add(uint8(i), text)
			}
		}
	}
	l := &Lock{Python: []string{"3.9", "3.10"}, Requirements: []Requirement{{"scikit-learn", "==1.6.1", true, ""}, {"numpy", ">=2", false, ""}}}
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		if pins, err := all[int(which)%len(all)].parse(text, t.TempDir()); err == nil {
			l.judge(pins)
		}
	})
}
