package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/table"
)

// testdata is the folder of the scripts that set up and speak to runtimes.
func testdata() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "testdata")
}

// Python is the python of a runtime of testdata/runtimes, which is built if it is not there yet.
func Python(name string) (string, error) { return python("runtime", name) }

// Original is the python of an environment of testdata/environments.json.
func Original(env string) (string, error) { return python("python", env) }

func python(command, name string) (string, error) {
	cmd := exec.Command("python3", filepath.Join(testdata(), "make.py"), command, name)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("setting up %s: %w\n%s", name, err, said.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// A Runner is a process that does jobs: a line of JSON each on its standard input, a line of answer each on its standard
// output, {"ok": true} or {"error": text}. Starting a runtime takes as long as a hundred jobs, so one serves a whole test.
type Runner struct {
	python, script string
	dir            string // for the jobs' files

	mu      sync.Mutex // one job at a time
	jobs    int
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers chan []byte // closed when the process ended
	said    *tail
}

// jobTime is when a job is given up, and its process with it.
const jobTime = 5 * time.Minute

// ErrDied is what Do answers where the process ended, or had to be ended, in the middle of the job.
var ErrDied = errors.New("the process ended")

// NewRunner is a runner of a script; the process starts with the first job, and again after a job that ended it.
func NewRunner(python, script string) (*Runner, error) {
	dir, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return nil, err
	}
	return &Runner{python: python, script: script, dir: dir}, nil
}

// Runtime is the runner of a runtime by one of the scripts of testdata/runtimes.
func Runtime(name, script string) (*Runner, error) {
	path, err := Python(name)
	if err != nil {
		return nil, err
	}
	return NewRunner(path, filepath.Join(testdata(), "runtimes", script))
}

// Close ends the process and deletes the files of its jobs.
func (r *Runner) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop()
	return os.RemoveAll(r.dir)
}

func (r *Runner) stop() {
	if r.cmd == nil {
		return
	}
	r.in.Close()
	done := time.AfterFunc(10*time.Second, func() { r.cmd.Process.Kill() })
	for range r.answers {
	}
	r.cmd.Wait()
	done.Stop()
	r.cmd = nil
}

func (r *Runner) start() error {
	r.said = &tail{}
	cmd := exec.Command(r.python, r.script)
	cmd.Stderr = r.said
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	answers := make(chan []byte)
	go func() {
		defer close(answers)
		lines := bufio.NewReader(out)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return
			}
			answers <- line
		}
	}()
	r.cmd, r.in, r.answers = cmd, in, answers
	return nil
}

// Do does one job. The error is ErrDied (wrapped, with what the process said last), or the one that the job answered.
func (r *Runner) Do(job any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cmd == nil {
		if err := r.start(); err != nil {
			return err
		}
	}
	line, err := json.Marshal(job)
	if err != nil {
		return err
	}
	r.in.Write(append(line, '\n')) // where it fails, there is no answer either
	var answer []byte
	select {
	case answer = <-r.answers:
	case <-time.After(jobTime):
		r.cmd.Process.Kill()
	}
	if answer == nil {
		r.stop()
		return fmt.Errorf("%w: %s", ErrDied, r.said.text())
	}
	var said struct{ Error string }
	if err := json.Unmarshal(answer, &said); err != nil {
		return fmt.Errorf("%w: %q", err, answer)
	}
	if said.Error != "" {
		return errors.New(said.Error)
	}
	return nil
}

// Evaluate lets a runtime answer: artifact are the bytes of a file with this extension, x is the path of an npy file. The
// answers come by the names of the outputs.
func (r *Runner) Evaluate(artifact []byte, extension, x string, threads int) (map[string]*model.Tensor, error) {
	r.mu.Lock()
	r.jobs++
	base := filepath.Join(r.dir, fmt.Sprint(r.jobs))
	r.mu.Unlock()
	file, out := base+extension, base+"-out"
	defer os.RemoveAll(out)
	defer os.Remove(file)
	if err := os.WriteFile(file, artifact, 0o666); err != nil {
		return nil, err
	}
	if err := r.Do(map[string]any{"model": file, "x": x, "out": out, "threads": threads}); err != nil {
		return nil, err
	}
	return readAnswers(out)
}

// Check lets a checker look at a file; the error is what it found.
func (r *Runner) Check(artifact []byte, extension string) error {
	r.mu.Lock()
	r.jobs++
	file := filepath.Join(r.dir, fmt.Sprint(r.jobs)+extension)
	r.mu.Unlock()
	defer os.Remove(file)
	if err := os.WriteFile(file, artifact, 0o666); err != nil {
		return err
	}
	return r.Do(map[string]any{"model": file})
}

// readAnswers reads a folder of npy files.
func readAnswers(dir string) (map[string]*model.Tensor, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.npy"))
	if err != nil {
		return nil, err
	}
	answers := map[string]*model.Tensor{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		tab, err := table.Open(path, data)
		if err != nil {
			return nil, err
		}
		if answers[strings.TrimSuffix(filepath.Base(path), ".npy")], err = tab.Tensor(); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// tail keeps the last bytes that a process said.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const tailSize = 2000

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b...)
	t.last = t.last[max(0, len(t.last)-tailSize):]
	return len(b), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.last)
}
