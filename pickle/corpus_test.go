package pickle

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-2867d59c/treeport/fault"
)

// corpus lists real models (manifest.json) and hostile files (hostile/manifest.json): those of testdata/, and of the folder
// TREEPORT_CORPUS, which is laid out alike and too big for the repository.
func corpus(t testing.TB, manifest string) []corpusFile {
	roots := []string{filepath.Join("..", "testdata")}
	if more := os.Getenv("TREEPORT_CORPUS"); more != "" {
		roots = append(roots, more)
	}
	var all []corpusFile
	for _, root := range roots {
		data, err := os.ReadFile(filepath.Join(root, manifest))
		if err != nil {
			t.Fatal(err)
		}
		var m struct{ Files []corpusFile }
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		for _, f := range m.Files {
			f.root = root
			all = append(all, f)
		}
	}
	return all
}

type corpusFile struct {
	Path, Format, Expect, What string
	Notes                      []string

	root string
}

func load(t testing.TB, name string) Source {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return Source{Name: name, Data: data, Sibling: func(sibling string) ([]byte, error) {
		return os.ReadFile(filepath.Join(filepath.Dir(name), sibling))
	}}
}

func TestCorpus(t *testing.T) {
	files := corpus(t, "manifest.json")
	kinds := map[string]int{}
	for _, f := range files {
		doc, err := Decode(load(t, filepath.Join(f.root, f.Path)), Limits{})
		switch {
		case f.Format == "skops":
			var u *fault.Unsupported
			if !errors.As(err, &u) || !strings.Contains(err.Error(), "skops") {
				t.Errorf("%s: %v", f.Path, err)
			}
		case slices.ContainsFunc([]string{"xgboost-", "lightgbm-", "catboost-"}, func(own string) bool { return strings.HasPrefix(f.Format, own) }):
			if err == nil {
				t.Errorf("%s: decodes, though it is a booster's own file", f.Path)
			}
		case strings.Contains(strings.Join(f.Notes, " "), "what wrote it cannot load it"):
			if err == nil {
				t.Errorf("%s: decodes, though what wrote it cannot load it", f.Path)
			}
		case err != nil:
			t.Errorf("%s: %v", f.Path, err)
		default:
			kinds[f.Format]++
			if _, ok := doc.Root.(*Object); !ok && !strings.Contains(f.Path, "wrapped") {
				t.Errorf("%s: the root is a %s", f.Path, KindOf(doc.Root))
			}
			if strings.HasPrefix(f.Path, "py27") != doc.Python2 {
				t.Errorf("%s: Python2 is %v", f.Path, doc.Python2)
			}
			if f.Format != "two pickles" && len(doc.More) > 0 {
				t.Errorf("%s: %d more pickles", f.Path, len(doc.More))
			}
			if doc.Trailing > 0 && !strings.Contains(f.Path, "trailing") {
				t.Errorf("%s: %d bytes behind the end", f.Path, doc.Trailing)
			}
			if wrong := walk(doc.Root); wrong != "" {
				t.Errorf("%s: %s", f.Path, wrong)
			}
		}
	}
	t.Log(kinds)
}

// walk visits every value once and looks for what must not be left over: wrappers of joblib, functions of numpy.
func walk(root Value) (wrong string) {
	seen := map[any]bool{}
	todo := []Value{root}
	add := func(v ...Value) { todo = append(todo, v...) }
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch v.(type) {
		case *Tuple, *List, *Dict, *Set, *Object, *NDArray:
			if seen[v] {
				continue
			}
			seen[v] = true
		}
		switch v := v.(type) {
		case *Tuple:
			add(v.Items...)
		case *List:
			add(v.Items...)
		case *Set:
			add(v.Items...)
		case *Dict:
			add(v.Keys...)
			add(v.Values...)
		case *NDArray:
			add(v.Objects...)
			if v.DType.Kind != 'O' && v.Len()*v.DType.Size != len(v.Data) {
				return "an array whose data do not fit its shape"
			}
		case *Object:
			if isWrapper(v.Class) {
				return "a wrapper of joblib is left: " + v.Class.String()
			}
			if n := v.Class.Name; strings.HasPrefix(v.Class.Module, "numpy") && (n == "_reconstruct" || n == "scalar" || n == "_frombuffer" || n == "dtype") {
				return "left over: " + v.Class.String()
			}
			add(v.Args...)
			add(v.Items...)
			if v.State != nil {
				add(v.State)
			}
			if v.Dict != nil {
				add(v.Dict)
			}
			if v.Call != nil {
				add(v.Call)
			}
		}
	}
	return ""
}

func TestHostile(t *testing.T) {
	files := corpus(t, filepath.Join("hostile", "manifest.json"))
	read, refused := map[string]int{}, map[string]int{}
	before := runtime.NumGoroutine()
	for _, f := range files {
		var m0, m1 runtime.MemStats
		src := load(t, filepath.Join(f.root, f.Path))
		runtime.GC()
		runtime.ReadMemStats(&m0)
		start := time.Now()
		doc, err := Decode(src, Limits{})
		took := time.Since(start)
		runtime.ReadMemStats(&m1)
		for again := 0; took > 2*time.Second && again < 3; again++ { // a machine that does much else
			start = time.Now()
			_, _ = Decode(src, Limits{})
			took = time.Since(start)
		}
		if err != nil {
			refused[f.Expect]++
			var b *fault.Broken
			var u *fault.Unsupported
			var big *fault.TooBig
			if !errors.As(err, &b) && !errors.As(err, &u) && !errors.As(err, &big) && !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: %T %v", f.Path, err, err)
			}
			if testing.Verbose() {
				t.Logf("%s: %s: %v", f.Path, f.What, err)
			}
		} else {
			read[f.Expect]++
			if testing.Verbose() && !strings.Contains(f.Path, "flip") {
				t.Logf("%s (%s): %s: %s", f.Path, f.Expect, f.What, KindOf(doc.Root))
			}
		}
		if f.Expect == "safe" && err != nil {
			t.Errorf("%s: %s: %v", f.Path, f.What, err)
		}
		if took > 2*time.Second {
			t.Errorf("%s: took %v", f.Path, took)
		}
		if grew := m1.Sys - m0.Sys; m1.Sys > m0.Sys && grew > 256<<20 {
			t.Errorf("%s: needed %d MiB", f.Path, grew>>20)
		}
		if allocated := m1.TotalAlloc - m0.TotalAlloc; allocated > 512<<20 {
			t.Errorf("%s: allocated %d MiB in all", f.Path, allocated>>20)
		}
	}
	t.Logf("read %v, refused %v", read, refused)
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines are left", now-before)
	}
}
