package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-2867d59c/treeport/pipelines"
)

// build compiles a command of this module's.
func program(t *testing.T, pkg string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "program")
	if text, err := exec.Command("go", "build", "-o", out, pkg).CombinedOutput(); err != nil {
		t.Fatal(err, string(text))
	}
	return out
}

// configuration writes one of n models, and answers its file and the place of publication.
func configuration(t *testing.T, n int) (file, to string) {
	t.Helper()
	dir := t.TempDir()
	kinds := []string{"py311-sk1.7.2/rf_clf/default.pkl", "py313-sk1.9.1/dt_reg/default.pkl"}
	for i := range n {
		data, err := os.ReadFile(filepath.Join("../../testdata", kinds[i%len(kinds)]))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, "models"), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "models", fmt.Sprintf("m%04d.pkl", i)), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	to = filepath.Join(dir, "out")
	text, err := json.Marshal(map[string]any{
		"source": map[string]any{"paths": []string{filepath.Join(dir, "models")}}, "publish": map[string]any{"to": to},
	})
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "treeport.json")
	if err := os.WriteFile(file, text, 0o666); err != nil {
		t.Fatal(err)
	}
	return file, to
}

// manifests counts how often each model stands in the manifests as equal.
func manifests(t *testing.T, to string) map[string]int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(to, "treeport.manifest*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
			var r pipelines.Record
			if err := json.Unmarshal(line, &r); err != nil {
				t.Fatal(err)
			}
			if r.Status == pipelines.Equal {
				times[r.Source]++
			}
		}
	}
	return times
}

// once fails unless each of n models stands in the manifests once, with its artifact and certificate there.
func once(t *testing.T, to string, n int) {
	t.Helper()
	times := manifests(t, to)
	if len(times) != n {
		t.Errorf("%d models in the manifests, want %d", len(times), n)
	}
	for source, k := range times {
		base := strings.TrimSuffix(filepath.Base(source), ".pkl") + ".onnx"
		if k != 1 {
			t.Errorf("%s stands %d times in the manifests", source, k)
		}
		for _, file := range []string{base, base + ".certificate.json"} {
			if _, err := os.Stat(filepath.Join(to, file)); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestInProcess runs on Prism in the command's own process, twice: the second time what is done is kept.
func TestInProcess(t *testing.T) {
	beam := program(t, ".")
	config, to := configuration(t, 100)
	for range 2 {
		out, err := exec.Command(beam, "--config", config).CombinedOutput()
		if err != nil || !strings.Contains(string(out), `{"equal":100}`) {
			t.Fatal(err, string(out))
		}
		once(t, to, 100)
	}
}

// port is one that is free.
func port(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start starts a server, and waits until it answers.
func start(t *testing.T, port int, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(name, args...)
	said := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(filepath.Base(name), args, said)
		}
	})
	for range 300 {
		if c, err := net.Dial("tcp", fmt.Sprintf("localhost:%d", port)); err == nil {
			_ = c.Close()
			return cmd
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal(name, "does not answer: ", said)
	return nil
}

// TestServer runs on a Prism server, with the workers in a process of their own. That one is killed in the middle of a first job, which
// fails; submitted again with new workers, the rest is done, and every model stands in the manifests once.
func TestServer(t *testing.T) {
	beam := program(t, ".")
	prism := program(t, "github.com/apache/beam/sdks/v2/go/cmd/prism")
	const n = 400
	config, to := configuration(t, n)
	jobs, web := port(t), port(t)
	start(t, jobs, prism, "--job_port", fmt.Sprint(jobs), "--web_port", fmt.Sprint(web), "--serve_http=false")
	submit := func(workers int) *exec.Cmd {
		return exec.Command(beam, "--config", config, "--runner=universal", fmt.Sprintf("--endpoint=localhost:%d", jobs),
			"--environment_type=EXTERNAL", fmt.Sprintf("--environment_config=localhost:%d", workers), "--worker_binary="+beam)
	}
	first := port(t)
	pool := start(t, first, beam, "--worker_pool", fmt.Sprint(first))
	job := submit(first)
	said := &bytes.Buffer{}
	job.Stdout, job.Stderr = said, said
	if err := job.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- job.Wait() }()
	for tries := 0; ; tries++ { // until some models are done
		if done, _ := filepath.Glob(filepath.Join(to, "*.certificate.json")); len(done) > 5 {
			break
		}
		if tries > 12000 {
			t.Fatal("nothing is done after two minutes: ", said)
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = pool.Process.Kill()
	select {
	case err := <-ended:
		if err == nil {
			t.Fatal("the job ended well, though its workers were killed; it was too fast for this test: ", said)
		}
		t.Log("what a job says whose workers die: ", said.String()[max(0, said.Len()-600):])
	case <-time.After(20 * time.Second):
		_ = job.Process.Kill()
		<-ended
		t.Log("the job of workers that died waits for ever, and was killed")
	}
	second := port(t)
	start(t, second, beam, "--worker_pool", fmt.Sprint(second))
	out, err := submit(second).CombinedOutput()
	if err != nil || !strings.Contains(string(out), fmt.Sprintf(`{"equal":%d}`, n)) {
		t.Fatal(err, string(out))
	}
	once(t, to, n)
}
