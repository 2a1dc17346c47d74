package verify

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// Runtime is another program that answers rows with an artifact.
type Runtime interface {
	Name() string
	Version() string // empty where it is not known
	// Run answers rows: a tensor per output, by the output's name. Its error is what the runtime itself said.
	Run(Job) (map[string]*model.Tensor, error)
	Close() error
}

// Job is what a runtime is asked.
type Job struct {
	Name    string // the artifact's file name; its extension tells the format
	Data    []byte // the artifact
	Inputs  []NamedInput
	Threads int // 0: one
}

// NamedInput is what an input of the artifact is given.
type NamedInput struct {
	Name   string
	Values *model.Tensor
}

// Artifact is a written model.
type Artifact struct {
	Name  string
	Data  []byte
	Model *model.Model // what reading Data gives
	// Fields are the names under which a runtime answers the columns of an output, where it answers each as an output of its
	// own (PMML's probabilities); by the output's name.
	Fields map[string][]string
}

// Run compares what a runtime makes of an artifact with what the source answers to the same rows (one tensor per input of
// the source). What the runtime says against it is the Check's Err, not an error.
func Run(rt Runtime, a Artifact, source *model.Model, rows []*model.Tensor, threads int) (Check, error) {
	threads = max(threads, 1)
	c := Check{Kind: InRuntime, Against: strings.TrimSpace(rt.Name()+" "+rt.Version()) + ", " + plural(threads, "thread")}
	s, err := c.ask(source, a.Model, rows, nil)
	if err != nil || c.Rows == 0 {
		return c, err
	}
	job := Job{Name: a.Name, Data: a.Data, Threads: threads}
	for i, in := range a.Model.Inputs {
		job.Inputs = append(job.Inputs, NamedInput{in.Name, s.inputs[i]})
	}
	got, err := rt.Run(job)
	if err != nil {
		c.Err = fault.Printable(err.Error(), 400)
		return c, nil
	}
	for name, fields := range a.Fields {
		if t := gather(got, fields); t != nil {
			got[name] = t
		}
	}
	return c, c.compare(s, a.Model, got)
}

// gather is a matrix of columns that a runtime answers one by one; nil where one is not there or is no column of floats.
func gather(got map[string]*model.Tensor, fields []string) *model.Tensor {
	var out *model.Tensor
	for j, name := range fields {
		t := got[name]
		if t == nil {
			t = got[fileName(name)]
		}
		if t == nil || !t.Kind.IsFloat() || t.RowLen() != 1 || out != nil && t.Rows() != out.Rows() {
			return nil
		}
		if out == nil {
			out = model.NewTensor(model.Type{Kind: t.Kind, Row: []int{len(fields)}}, t.Rows())
		}
		for i, v := range t.Float {
			out.Float[i*len(fields)+j] = v
		}
	}
	return out
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// CommandVariable and LibraryVariable are environment variables that tell where runtimes are.
const (
	LibraryVariable = "TREEPORT_ONNXRUNTIME" // the library of onnxruntime, or a folder that holds it
	CommandVariable = "TREEPORT_JPMML"       // a command that evaluates PMML (see Command)
)

// OpenRuntime opens a runtime by what a user writes:
//
//	onnxruntime         the library that TREEPORT_ONNXRUNTIME names, or one in a usual place
//	onnxruntime:PATH    that library, or the one in that folder (or Python environment)
//	jpmml               the command in TREEPORT_JPMML
//	cmd:COMMAND ...     a command that speaks the protocol of Command
func OpenRuntime(spec string) (Runtime, error) {
	name, rest, _ := strings.Cut(spec, ":")
	switch {
	case name == "onnxruntime":
		return OpenONNXRuntime(rest)
	case name == "jpmml" && rest == "":
		words := strings.Fields(os.Getenv(CommandVariable))
		if len(words) == 0 {
			return nil, fmt.Errorf("%s is not set; it must be a command that evaluates PMML files", CommandVariable)
		}
		return NewCommand("jpmml", words...)
	case name == "cmd" && strings.TrimSpace(rest) != "":
		return NewCommand("", strings.Fields(rest)...)
	}
	return nil, errors.New("runtime " + fault.Printable(spec, 60) + "; there are onnxruntime, onnxruntime:PATH, jpmml and cmd:COMMAND")
}
