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
	"time"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/table"
)

//go:embed original.py
var originalScript string

// originalTimeout is how long the original may take to load and answer.
const originalTimeout = 30 * time.Minute

// Original lets a Python load the file with scikit-learn and compares what the model at path (model, model['clf'], ...)
// answers to rows with what m answers. m is the source or an artifact; rows are a tensor per input of m.
//
// Loading a pickle runs whatever code is in it: never do this unless the user asked for it.
//
// Rows that scikit-learn refuses (infinities) are left out and counted.
func Original(python, file, path string, m *model.Model, rows []*model.Tensor) (Check, error) {
	c := Check{Kind: Originals, Against: "scikit-learn in " + python}
	folder, err := os.MkdirTemp("", "treeport-*")
	if err != nil {
		return c, err
	}
	defer os.RemoveAll(folder)
	inputs := make([]NamedInput, len(rows))
	for i := range rows {
		inputs[i] = NamedInput{m.Inputs[i].Name, rows[i]}
	}
	x, err := sideBySide(inputs)
	if err != nil {
		return c, err
	}
	if err := writeNPY(filepath.Join(folder, "X.npy"), x); err != nil {
		return c, err
	}
	said, err := askPython(python, file, path, folder, model.Methods(m))
	if err != nil {
		return c, err
	}
	against := "scikit-learn " + fault.Printable(said.Version, 40)
	kept, expected, err := said.read(folder, m)
	if err != nil {
		return c, fmt.Errorf("what %s answered: %w", python, err)
	}
	for _, i := range kept {
		if i < 0 || i >= x.Rows() {
			return c, fmt.Errorf("%s answered row %d of %d", python, i, x.Rows())
		}
	}
	if len(kept) == 0 {
		c.Against, c.Refused, c.Why = against, x.Rows(), said.Why
		return c, nil
	}
	c, err = Answers(m, Take(rows, kept), expected)
	c.Against = against
	if c.Refused > 0 {
		c.Err = fmt.Sprintf("the model refuses %d rows that scikit-learn answers: %s", c.Refused, c.Why)
	}
	if left := x.Rows() - len(kept); left > 0 {
		c.Refused, c.Why = left, fault.Printable(said.Why, 200)
	}
	return c, err
}

// said is the line that the script writes.
type said struct {
	Version string
	Targets map[string]int // 0: one array for all targets
	Why     string         // first refusal
}

func askPython(python, file, path, folder string, methods []string) (*said, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	job, err := json.Marshal(map[string]any{"file": file, "path": path, "x": filepath.Join(folder, "X.npy"), "out": folder, "methods": methods})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), originalTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, python, "-c", originalScript, string(job))
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
