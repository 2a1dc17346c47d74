package pipelines

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/store"
)

// TestInterrupted ends a run in the middle: what was done is in the manifest, nothing is half-written, and the next run does the rest.
func TestInterrupted(t *testing.T) {
	source, to := copies(t, 30), t.TempDir()
	c := &Config{Source: Source{Paths: []string{source}}, Publish: Publish{To: to}, Run: Running{Jobs: 2}}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	plan, err := Make(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := 0
	out, err := plan.Run(ctx, Watcher{Ended: func(Item, Record) {
		if done++; done == 10 {
			cancel()
		}
	}})
	if err != nil || !out.Interrupted || len(out.Records) < 10 || out.Left == 0 || len(out.Records)+out.Left != 30 || out.Count(Equal) != len(out.Records) {
		t.Fatal(out, err)
	}
	shown, hidden := files(t, to)
	if len(hidden) > 0 || len(shown) != 2*len(out.Records)+1 {
		t.Errorf("%d files, %d hidden, of %d models", len(shown), len(hidden), len(out.Records))
	}
	again, err := runConfig(t.Context(), c)
	if err != nil || again.Count(Equal) != 30 {
		t.Fatal(again, err)
	}
	kept := 0
	for _, r := range again.Records {
		if r.Kept {
			kept++
		}
	}
	if kept != len(out.Records) {
		t.Errorf("%d were kept, of %d that were done", kept, len(out.Records))
	}
}

func TestFailFast(t *testing.T) {
	source, to := copies(t, 30), t.TempDir()
	if err := os.WriteFile(filepath.Join(source, "big.pkl"), []byte("\x80\x04not a pickle"+strings.Repeat("x", 1<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &Config{Source: Source{Paths: []string{source}}, Publish: Publish{To: to}, Run: Running{Jobs: 1, FailFast: true}}
	out, err := runConfig(t.Context(), c)
	if err != nil || out.Interrupted || out.Count(Broken) != 1 || out.Left != 30 { // the largest comes first
		t.Fatalf("%+v %v", out, err)
	}
}

// TestMemory lets no more models work at once than fit into the memory: with that of one, one.
func TestMemory(t *testing.T) {
	source := copies(t, 12)
	for _, c := range []struct {
		memory Bytes
		most   int
	}{{1, 1}, {memoryAtLeast + memoryAtLeast/2, 1}, {4 * memoryAtLeast, 3}, {1 << 40, 8}} {
		config := &Config{Source: Source{Paths: []string{source}}, Publish: Publish{To: t.TempDir()}, Run: Running{Jobs: 8, Memory: c.memory}}
		if err := config.Validate(); err != nil {
			t.Fatal(err)
		}
		plan, err := Make(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		at, most := 0, 0
		out, err := plan.Run(t.Context(), Watcher{
			Began: func(Item) { at++; most = max(most, at) },
			Ended: func(Item, Record) { at-- },
		})
		plan.Close()
		if err != nil || out.Count(Equal) != 12 || most > c.most {
			t.Errorf("memory %d: %d at once, at most %d: %v", c.memory, most, c.most, err)
		}
	}
}

// TestLocked lets no second run into a folder at the same time.
func TestLocked(t *testing.T) {
	source, to := copies(t, 4), t.TempDir()
	c := &Config{Source: Source{Paths: []string{source}}, Publish: Publish{To: to}}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	plan, err := Make(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	j, err := openJournal(t.Context(), plan.to, plan.shard)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := childOf(t, c).CombinedOutput(); err == nil || !strings.Contains(string(out), "another run is at work there") {
		t.Error(string(out), err)
	}
	j.unlock()
	if out, err := childOf(t, c).CombinedOutput(); err != nil {
		t.Error(string(out), err)
	}
}

// TestPartsInOrder kills many runs within a second: what the last of them recorded counts.
func TestPartsInOrder(t *testing.T) {
	to := store.NewFolder(t.TempDir())
	const runs = 20
	for run := range runs {
		j, err := openJournal(t.Context(), to, shard{})
		if err != nil {
			t.Fatal(err)
		}
		if err := j.add(t.Context(), Record{Source: "m.pkl", Status: Equal, Size: int64(run)}); err != nil {
			t.Fatal(err)
		}
		if run < runs-1 {
			j.unlock() // as the system does for a process that is killed
			continue
		}
		if err := j.close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var got []Record
	keys, err := (&journal{to: to}).read(t.Context(), "", func(r Record) { got = append(got, r) })
	if err != nil || len(keys) != 1 || len(got) != 1 || got[0].Size != runs-1 {
		t.Errorf("%v: %+v, %v", keys, got, err)
	}
}

// TestArrayChanged has a model that joblib before 0.10 wrote, with its arrays in files of their own and no extension: a run that goes on
// sees that one of them is another.
func TestArrayChanged(t *testing.T) {
	dir := t.TempDir()
	const from = "../testdata/py27-sk0.17.1/rf_clf/alone/"
	names, err := filepath.Glob(from + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		// The model names its arrays, after a byte that is the length of the name.
		data = bytes.ReplaceAll(data, []byte("\x13alone.joblib_"), []byte("\x0calone_"))
		to := strings.Replace(filepath.Base(name), "alone.joblib", "alone", 1)
		if err := os.WriteFile(filepath.Join(dir, to), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{filepath.Join(dir, "alone"), filepath.Join(dir, "*")} {
		c := &Config{Source: Source{Paths: []string{path}}, Publish: Publish{To: t.TempDir()}}
		run := func(status Status, kept bool) {
			t.Helper()
			out, err := runConfig(t.Context(), c)
			if err != nil || len(out.Records) != 1 || out.Records[0].Status != status || out.Records[0].Kept != kept {
				t.Fatalf("%s: %+v, %v", path, out, err)
			}
		}
		run(Equal, false)
		run(Equal, true)
		for _, array := range []string{"alone_01.npy", "alone_13.npy"} {
			name := filepath.Join(dir, array)
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, data[:len(data)-1], 0o666); err != nil {
				t.Fatal(err)
			}
			run(Broken, false)
			if err := os.WriteFile(name, data, 0o666); err != nil {
				t.Fatal(err)
			}
			run(Equal, false)
		}
	}
}

// TestManifestNamed: the outcome names the shard's manifest where there is one.
func TestManifestNamed(t *testing.T) {
	source, to := copies(t, 1), t.TempDir()
	for _, c := range []struct{ to, shard, want string }{
		{"mem:///out", "", "mem:///out/treeport.manifest.jsonl"},
		{to, "1/2", filepath.Join(to, "treeport.manifest.1-of-2.jsonl")},
		{to, "2/2", filepath.Join(to, "treeport.manifest.2-of-2.jsonl")},
	} {
		out, err := runConfig(t.Context(), &Config{Source: Source{Paths: []string{source}}, Publish: Publish{To: c.to}, Run: Running{Shard: c.shard}})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Records) == 0 { // the other shard has the only model
			c.want = ""
		}
		if out.Manifest != c.want {
			t.Errorf("%s, shard %q: %q, want %q", c.to, c.shard, out.Manifest, c.want)
		}
	}
}

// readsAs is a bucket whose objects are of another version when they are read.
type readsAs struct {
	store.Bucket
	version string
}

func (b readsAs) Open(ctx context.Context, key string) (*store.File, error) {
	f, err := b.Bucket.Open(ctx, key)
	if err == nil {
		f.Version = b.version
	}
	return f, err
}

// TestWrittenOver: the version that was listed is recorded only of an object that was read as such.
func TestWrittenOver(t *testing.T) {
	for read, want := range map[string]string{"listed": "listed", "later": "", "": "listed"} {
		c := &Config{Source: Source{Paths: []string{copies(t, 1)}}, Publish: Publish{To: t.TempDir()}}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		plan, err := Make(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		defer plan.Close()
		found := &plan.Items[0].found
		found.object.Version, found.bucket = "listed", readsAs{found.bucket, read}
		out, err := plan.Run(t.Context(), Watcher{})
		if err != nil || out.Count(Equal) != 1 || out.Records[0].Version != want {
			t.Errorf("read as %q: %v, %v; want the version %q", read, out, err, want)
		}
	}
}

// TestSources names the same models in several ways.
func TestSources(t *testing.T) {
	dir := copies(t, 9) // d0 to d6, m000 to m008
	for _, c := range []struct {
		paths, include, exclude []string
		want                    int
	}{
		{[]string{dir}, nil, nil, 9},
		{[]string{dir + "/d0"}, nil, nil, 2},
		{[]string{dir + "/*/m00[0-3].pkl"}, nil, nil, 4},
		{[]string{dir + "/**/m008.pkl", dir + "/d1/m008.pkl"}, nil, nil, 1},
		{[]string{dir + "/d1/m001.pkl", dir + "/d1/m008.pkl"}, nil, nil, 2},
		{[]string{dir}, []string{"m00{1,2}.pkl"}, nil, 2},
		{[]string{dir}, []string{"d1/**"}, []string{"m008*"}, 1},
	} {
		config := &Config{Source: Source{Paths: c.paths, Include: c.include, Exclude: c.exclude}, Publish: Publish{To: t.TempDir()}}
		if err := config.Validate(); err != nil {
			t.Fatal(err)
		}
		plan, err := Make(t.Context(), config)
		if err != nil {
			t.Error(c.paths, err)
			continue
		}
		if len(plan.Items) != c.want {
			t.Errorf("%v %v %v: %d models, want %d", c.paths, c.include, c.exclude, len(plan.Items), c.want)
		}
		plan.Close()
	}
	for _, nothing := range []string{dir + "/*.joblib", dir + "/none/*"} {
		_, err := runConfig(t.Context(), &Config{Source: Source{Paths: []string{nothing}}, Publish: Publish{To: t.TempDir()}})
		if !errors.Is(err, ErrNothing) {
			t.Errorf("%s: %v", nothing, err)
		}
	}
}
