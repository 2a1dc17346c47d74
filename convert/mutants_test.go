//go:build unix

package convert_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/inspect"
	"github.com/seed-2867d59c/treeport/internal/mutate"
	"github.com/seed-2867d59c/treeport/internal/vectors"
)

const (
	mutantsOfEach  = 250             // layout; there are about forty
	mostSeconds    = 2               // of CPU for one
	mostMemory     = 256 << 20       // bytes that one may allocate in all, which is more than it may hold at a time
	longestAtAll   = 2 * time.Minute // of the clock: it hangs
	longestMutated = 20_000          // bytes of the file
)

// TestMutants describes and converts ten thousand wrong files, as many of each container, protocol and layout that there is a vector
// of: a model comes out, equal to its artifacts, or one of fault's errors, within 2 s of CPU time and 256 MB of allocations.
func TestMutants(t *testing.T) {
	byLayout := map[string][]*vectors.Vector{}
	for _, v := range vectors.Load(t, func(*vectors.Vector) bool { return true }) {
		if info, err := os.Stat(v.File()); err == nil && info.Size() <= longestMutated {
			byLayout[v.Format] = append(byLayout[v.Format], v)
		}
	}
	if len(byLayout) < 40 {
		t.Errorf("only %d layouts", len(byLayout))
	}
	folder := t.TempDir()
	total, models := 0, 0
	for seed, layout := range slices.Sorted(maps.Keys(byLayout)) {
		m := mutate.New(uint64(seed))
		all := byLayout[layout]
		for i := range mutantsOfEach {
			v := all[i*len(all)/mutantsOfEach]
			files := filesOf(t, v)
			other := filesOf(t, all[(i*7+1)%len(all)])
			main := files[0]
			f := &files[0]
			if n := len(files); n > 1 && i%2 == 0 { // arrays in files of their own
				f = &files[1+i/2%(n-1)]
			}
			var what string
			ok := false
			if i%3 > 0 {
				var mutant []byte
				if mutant, what, ok = m.Inside(f.data, other[0].data); ok {
					f.data = mutant
				}
			}
			if !ok {
				f.data, what = m.Mutate(f.data, other[0].data)
			}
			total++
			if tryMutant(t, folder, v.Name()+", "+f.name+": "+what, main.name, files) {
				models++
			}
		}
	}
	t.Logf("%d mutants, models in %d of them", total, models)
	if models < total/20 || models > total/2 {
		t.Error("mutants should be wrong, but not all beyond being read")
	}
}

type file struct {
	name string
	data []byte
}

// filesOf are a vector's file and those beside it that belong to it.
func filesOf(t *testing.T, v *vectors.Vector) []file {
	t.Helper()
	paths := []string{v.File()}
	if folder := filepath.Dir(v.File()); filepath.Base(folder) == strings.TrimSuffix(filepath.Base(v.File()), ".joblib") {
		beside, err := filepath.Glob(v.File() + "_*")
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, beside...)
	}
	var files []file
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{filepath.Base(path), data})
	}
	return files
}

// tryMutant tells whether a model came out.
func tryMutant(t *testing.T, folder, what, main string, files []file) bool {
	folder, err := os.MkdirTemp(folder, "")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(folder, f.name), f.data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hangs := time.AfterFunc(longestAtAll, func() { panic(what + ": hangs") })
	defer hangs.Stop()
	done := false
	defer func() {
		if !done {
			t.Log(what) // it panics
		}
	}()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := cpuTime(t)
	models := 0
	s, err := convert.Open(filepath.Join(folder, main), convert.Limits{})
	if err == nil {
		_ = inspect.Describe(s, inspect.Options{}).Text()
		models, err = convertAll(s)
		s.Close()
	}
	took := cpuTime(t) - began
	runtime.ReadMemStats(&after)
	done = true
	if wrong(err) != nil && !errors.Is(err, fs.ErrNotExist) { // of a file beside, whose name is another now
		t.Errorf("%s: %T %v", what, err, err)
	}
	if took > mostSeconds*time.Second {
		t.Errorf("%s: takes %v of CPU time", what, took)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > mostMemory {
		t.Errorf("%s: allocates %d MB", what, n>>20)
	}
	return models > 0
}

// cpuTime is what this process took so far, on all cores.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
