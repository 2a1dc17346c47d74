package verify

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/table"
)

//go:embed original.py
var originalScript string

// originalTimeout is how long the original may take to load and answer.
const originalTimeout = 30 * time.Minute

// Original lets a Python load the file with the library that wrote it and compares what the model at path (model, model['clf'], ...)
// answers to rows with what m answers. m is the source or an artifact; rows are a tensor per input of m.
//
// Loading a pickle runs whatever code is in it: never do this unless the user asked for it.
//
// Rows that it refuses (infinities, unknown categories) are left out and counted.
func Original(python, file, path string, m *model.Model, rows []*model.Tensor) (Check, error) {
	c := Check{Kind: Originals, Against: "the original in " + python}
	count := rows[0].Rows()
	folder, err := os.MkdirTemp("", "treeport-*")
	if err != nil {
		return c, err
	}
	defer os.RemoveAll(folder)
	inputs, err := writeColumns(folder, m, rows)
	if err != nil {
		return c, err
	}
	said, err := askPython(python, file, path, folder, inputs, model.Methods(m))
	if err != nil {
		return c, err
	}
	against := fault.Printable(said.Version, 60)
	kept, expected, err := said.read(folder, m)
	if err != nil {
		return c, fmt.Errorf("what %s answered: %w", python, err)
	}
	for _, i := range kept {
		if i < 0 || i >= count {
			return c, fmt.Errorf("%s answered row %d of %d", python, i, count)
		}
	}
	if len(kept) == 0 {
		c.Against, c.Refused, c.Why = against, count, said.Why
		return c, nil
	}
	c, err = Answers(m, Take(rows, kept), expected)
	c.Against = against
	if c.Refused > 0 {
		c.Err = fmt.Sprintf("the model refuses %d rows that %s answers: %s", c.Refused, against, c.Why)
	}
	if left := count - len(kept); left > 0 {
		c.Refused, c.Why = left, fault.Printable(said.Why, 200)
	}
	return c, err
}

// givenInput is an input of the model as the script takes it.
type givenInput struct {
	File  string   `json:"file"`
	Names []string `json:"names"` // of its columns; null where the model knows none
}

func writeColumns(folder string, m *model.Model, rows []*model.Tensor) ([]givenInput, error) {
	given := make([]givenInput, len(rows))
	for i, in := range m.Inputs {
		given[i].File = filepath.Join(folder, fmt.Sprintf("X_%d.npy", i))
		if err := writeNPY(given[i].File, rows[i]); err != nil {
			return nil, err
		}
		switch {
		case len(in.Columns) == in.Width:
			given[i].Names = in.Columns
		case len(m.Inputs) > 1 && in.Width == 1 && in.Name != "x"+strconv.Itoa(i): // x0, x1, ... are columns without names
			given[i].Names = []string{in.Name}
		}
	}
	return given, nil
}

// said is the line that the script writes.
type said struct {
	Version string
	Targets map[string]int // 0: one array for all targets
	Why     string         // first refusal
}

func askPython(python, file, path, folder string, inputs []givenInput, methods []string) (*said, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(map[string]any{"file": file, "path": path, "inputs": inputs, "out": folder, "methods": methods})
	if err != nil {
		return nil, err
	}
	job := filepath.Join(folder, "job.json") // a model may take more columns than fit on a command line
	if err := os.WriteFile(job, text, 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), originalTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, python, "-c", originalScript, job)
	command.WaitDelay = 5 * time.Second
	var errs tail
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		if last := errs.String(); last != "" {
			return nil, fmt.Errorf("%s: %w: %s", python, err, last)
		}
		return nil, fmt.Errorf("%s: %w", python, err)
	}
	var s said
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		return nil, fmt.Errorf("%s: no answer: %w", python, err)
	}
	return &s, nil
}

// read reads the rows that were answered, and the answers.
func (s *said) read(folder string, m *model.Model) (kept []int, expected []Expected, err error) {
	rows, err := readNPY(filepath.Join(folder, "kept.npy"))
	if err != nil {
		return nil, nil, err
	}
	for _, i := range rows.Int {
		kept = append(kept, int(i))
	}
	for method, targets := range s.Targets {
		if targets == 0 {
			values, err := readNPY(filepath.Join(folder, method+".npy"))
			if err != nil {
				return nil, nil, err
			}
			expected = append(expected, Expect(m, method, values)...)
		}
		for target := range targets {
			values, err := readNPY(filepath.Join(folder, fmt.Sprintf("%s_%d.npy", method, target)))
			if err != nil {
				return nil, nil, err
			}
			expected = append(expected, Expected{method, target, values})
		}
	}
	if len(kept) > 0 && len(expected) == 0 {
		return nil, nil, errors.New("no answers")
	}
	return kept, expected, nil
}

func readNPY(path string) (*model.Tensor, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	x, err := table.Open(filepath.Base(path), data)
	if err != nil {
		return nil, err
	}
	return x.Tensor()
}
