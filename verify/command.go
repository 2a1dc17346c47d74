package verify

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
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/table"
)

// Command is a runtime in a process of its own, which reads jobs from standard input, a line of JSON each, and answers
// each with a line:
//
//	{"model": FILE, "x": FILE.npy, "out": FOLDER, "threads": 1}
//	{"ok": true}  or  {"error": TEXT}
//
// x is a float64 matrix, its columns in the order of the artifact's inputs. For every output it writes
// FOLDER/NAME.npy; a / in a name becomes a _. What it writes to standard error is shown where it dies.
type Command struct {
	// Timeout is how long one job may take; 0 says ten minutes.
	Timeout time.Duration

	name    string
	process *exec.Cmd
	in      io.WriteCloser
	lines   chan string // answers; closed when the process has ended
	stderr  tail
	folder  string
	jobs    int
}

// NewCommand starts a command. name is for reports; empty is the command's own.
func NewCommand(name string, words ...string) (*Command, error) {
	if name == "" {
		name = filepath.Base(words[len(words)-1])
	}
	c := &Command{name: name, process: exec.Command(words[0], words[1:]...), lines: make(chan string)}
	c.process.Stderr = &c.stderr
	var err error
	if c.in, err = c.process.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.folder, err = os.MkdirTemp("", "treeport-*"); err != nil {
		return nil, err
	}
	if err := c.process.Start(); err != nil {
		os.RemoveAll(c.folder)
		return nil, err
	}
	go func() {
		defer close(c.lines)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			c.lines <- lines.Text()
		}
		io.Copy(io.Discard, out) // a line that is too long must not block the process
	}()
	return c, nil
}

func (c *Command) Name() string    { return c.name }
func (c *Command) Version() string { return "" }

// Run writes the job's files and waits for the answer.
func (c *Command) Run(job Job) (map[string]*model.Tensor, error) {
	c.jobs++
	folder := filepath.Join(c.folder, fmt.Sprint(c.jobs))
	out := filepath.Join(folder, "out")
	if err := os.MkdirAll(out, 0o700); err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	artifact := filepath.Join(folder, "model"+filepath.Ext(job.Name))
	if err := os.WriteFile(artifact, job.Data, 0o600); err != nil {
		return nil, err
	}
	x, err := jobInputs(folder, job.Inputs)
	if err != nil {
		return nil, err
	}
	line, err := json.Marshal(map[string]any{"model": artifact, "x": x, "out": out, "threads": max(job.Threads, 1)})
	if err != nil {
		return nil, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return nil, c.died(err)
	}
	if err := c.answer(); err != nil {
		return nil, err
	}
	return readOutputs(out)
}

func (c *Command) answer() error {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 10 * time.Minute
	}
	var line string
	select {
	case l, ok := <-c.lines:
		if !ok {
			return c.died(errors.New("it ended without an answer"))
		}
		line = l
	case <-time.After(timeout):
		c.process.Process.Kill()
		return fmt.Errorf("no answer within %v", timeout)
	}
	var answer struct {
		OK    bool
		Error string
	}
	if err := json.Unmarshal([]byte(line), &answer); err != nil {
		return fmt.Errorf("an answer that is no JSON: %s", fault.Printable(line, 100))
	}
	if !answer.OK {
		return errors.New(answer.Error)
	}
	return nil
}

func (c *Command) died(err error) error {
	if said := c.stderr.String(); said != "" {
		return fmt.Errorf("%w: %s", err, said)
	}
	return err
}

// Close ends the process.
func (c *Command) Close() error {
	c.in.Close()
	kill := time.AfterFunc(5*time.Second, func() { c.process.Process.Kill() })
	for range c.lines { // what is left to be read blocks Wait
	}
	err := c.process.Wait()
	kill.Stop()
	return errors.Join(err, os.RemoveAll(c.folder))
}

// jobInputs writes what the model is given: one matrix, or, where some inputs are text, a folder with a file for each, by its
// name (a / becomes a _).
func jobInputs(folder string, inputs []NamedInput) (path string, err error) {
	if !slices.ContainsFunc(inputs, func(in NamedInput) bool { return in.Values.Kind == model.String }) {
		path = filepath.Join(folder, "X.npy")
		return path, writeNPY(path, sideBySide(inputs))
	}
	path = filepath.Join(folder, "X")
	if err := os.Mkdir(path, 0o700); err != nil {
		return "", err
	}
	seen := map[string]bool{}
	for _, in := range inputs {
		name := strings.NewReplacer("/", "_", string(filepath.Separator), "_").Replace(in.Name)
		if seen[name] || !filepath.IsLocal(name) {
			return "", fault.Unsupportedf(fault.In("input "+in.Name), "a name that can't be a file's")
		}
		seen[name] = true
		if err := writeNPY(filepath.Join(path, name+".npy"), in.Values); err != nil {
			return "", err
		}
	}
	return path, nil
}

// sideBySide is one float64 matrix of all inputs.
func sideBySide(inputs []NamedInput) *model.Tensor {
	width := 0
	for _, in := range inputs {
		width += in.Values.RowLen()
	}
	rows := inputs[0].Values.Rows()
	out := model.NewTensor(model.Type{Kind: model.Float64, Row: []int{width}}, rows)
	at := 0
	for _, in := range inputs {
		w := in.Values.RowLen()
		for i := range rows {
			for j := range w {
				if in.Values.Kind.IsFloat() {
					out.Float[i*width+at+j] = in.Values.Float[i*w+j]
				} else {
					out.Float[i*width+at+j] = float64(in.Values.Int[i*w+j])
				}
			}
		}
		at += w
	}
	return out
}

func writeNPY(path string, t *model.Tensor) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(table.WriteTensor(f, t), f.Close())
}

// readOutputs reads every npy file of a folder, by its name.
func readOutputs(folder string) (map[string]*model.Tensor, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.npy"))
	if err != nil {
		return nil, err
	}
	outputs := map[string]*model.Tensor{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".npy")
		if outputs[name], err = readNPY(file); err != nil {
			return nil, err
		}
	}
	return outputs, nil
}

// fileName is an output's name as the protocol writes it.
func fileName(output string) string { return strings.ReplaceAll(output, "/", "_") }

// tail keeps the last bytes that were written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	const most = 2048
	t.kept = append(t.kept, p...)
	if len(t.kept) > most {
		t.kept = append(t.kept[:0], t.kept[len(t.kept)-most:]...)
	}
	return len(p), nil
}

// String is the last line that was written.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := bytes.Split(bytes.TrimSpace(t.kept), []byte("\n"))
	return fault.Printable(string(lines[len(lines)-1]), 200)
}
