package pipelines

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// childVariable tells the test binary to be a run, which can be killed.
const childVariable = "TREEPORT_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		os.Exit(child(text))
	}
	os.Exit(m.Run())
}

func child(text string) int {
	c := &Config{}
	if err := json.Unmarshal([]byte(text), c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	out, err := runConfig(context.Background(), c)
	if err != nil || out.Count(Equal) != len(out.Records) {
		fmt.Fprintln(os.Stderr, out, err)
		return 1
	}
	fmt.Println(len(out.Records))
	return 0
}

func runConfig(ctx context.Context, c *Config) (*Outcome, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	plan, err := Make(ctx, c)
	if err != nil {
		return nil, err
	}
	defer plan.Close()
	return plan.Run(ctx, Watcher{})
}

// childOf prepares a run in a process of its own.
func childOf(t *testing.T, c *Config) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	return cmd
}

// copies makes a folder of n model files of several kinds.
func copies(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	kinds := []string{"py311-sk1.7.2/rf_clf/default.pkl", "py313-sk1.9.1/dt_reg/default.pkl", "py311-sk1.7.2/gb_clf_multi/default.pkl"}
	for i := range n {
		data, err := os.ReadFile(filepath.Join("../testdata", kinds[i%len(kinds)]))
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, fmt.Sprintf("d%d", i%7), fmt.Sprintf("m%03d.pkl", i))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// files are the contents below a folder, by name; hidden ones apart.
func files(t *testing.T, dir string) (shown, hidden map[string]string) {
	t.Helper()
	shown, hidden = map[string]string{}, map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		if strings.HasPrefix(e.Name(), ".") {
			hidden[rel] = string(data)
		} else {
			shown[rel] = string(data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return shown, hidden
}

// TestKilled kills a run a hundred times, each at a random moment. Whatever can be seen then is whole and as it must be, what was recorded
// is not done again, and in the end all is there as of a run in one go.
func TestKilled(t *testing.T) {
	const kills = 100
	source := copies(t, 24)
	config := func(to string) *Config {
		return &Config{Source: Source{Paths: []string{source}}, Emit: []Emit{{Format: "onnx"}, {Format: "pmml"}}, Publish: Publish{To: to}}
	}
	whole := t.TempDir()
	began := time.Now()
	if out, err := childOf(t, config(whole)).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	took := time.Since(began)
	want, _ := files(t, whole)
	random := rand.New(rand.NewPCG(1, 2))
	to := t.TempDir()
	recorded := map[string]time.Time{} // artifacts that were recorded, and when they were written
	finished := 0
	for range kills {
		cmd := childOf(t, config(to))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.Int64N(int64(took) * 2 / 3)))
		_ = cmd.Process.Kill()
		state := cmd.Wait()
		got, _ := files(t, to)
		for name, content := range got {
			if !strings.HasPrefix(name, manifestName) && content != want[name] {
				t.Fatalf("%s was seen with %d bytes of another content", name, len(content))
			}
		}
		records := map[string]Record{}
		for name, content := range got {
			if strings.HasPrefix(name, manifestName) {
				if err := parse([]byte(content), func(r Record) { records[r.Source] = r }); err != nil {
					t.Fatal(name, err)
				}
			}
		}
		done := map[string]time.Time{}
		for _, r := range records {
			for _, a := range r.Artifact {
				info, err := os.Stat(filepath.Join(to, a.Name))
				if err != nil {
					t.Fatal("recorded, but not there: ", err)
				}
				done[a.Name] = info.ModTime()
			}
		}
		for name, when := range recorded {
			if !done[name].Equal(when) {
				t.Fatalf("%s was recorded, and done again, or lost", name)
			}
		}
		recorded = done
		if state == nil { // it had come to its end
			finished++
			compareFolders(t, want, got)
			to, recorded = t.TempDir(), map[string]time.Time{}
		}
	}
	if out, err := childOf(t, config(to)).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	got, hidden := files(t, to)
	compareFolders(t, want, got)
	if len(hidden) > 0 {
		t.Errorf("left behind: %d hidden files", len(hidden))
	}
	if finished > kills*3/4 {
		t.Errorf("%d of %d runs were not killed in time", finished, kills)
	}
}

func compareFolders(t *testing.T, want, got map[string]string) {
	t.Helper()
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s differs from that of a run in one go", name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
}

// TestSharded lets 16 processes share the models, some of them killed and started again; every model is then in the manifests once.
func TestSharded(t *testing.T) {
	const shards = 16
	source, to := copies(t, 200), t.TempDir()
	config := func(i int) *Config {
		return &Config{Source: Source{Paths: []string{source}}, Publish: Publish{To: to}, Run: Running{Shard: fmt.Sprintf("%d/%d", i+1, shards)}}
	}
	all := make([]*exec.Cmd, shards)
	start := func(i int) {
		all[i] = childOf(t, config(i))
		said := &bytes.Buffer{}
		all[i].Stdout, all[i].Stderr = said, said
		if err := all[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range shards {
		start(i)
	}
	time.Sleep(50 * time.Millisecond)
	for i := 0; i < shards; i += 4 {
		_ = all[i].Process.Kill()
		_ = all[i].Wait()
		start(i)
	}
	for i, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Error(i, err, cmd.Stdout)
		}
	}
	shown, _ := files(t, to)
	times := map[string]int{}
	for name, content := range shown {
		if strings.HasPrefix(name, manifestName) {
			if err := parse([]byte(content), func(r Record) { times[r.Source]++ }); err != nil {
				t.Error(name, err)
			}
		}
	}
	if len(times) != 200 {
		t.Errorf("%d models in the manifests, want 200", len(times))
	}
	for source, n := range times {
		if n != 1 {
			t.Errorf("%s stands %d times in the manifests", source, n)
		}
	}
}
