package conformance

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/table"
	"github.com/seed-2867d59c/treeport/verify"
)

var pmmlResults = &results{
	title:   "PMML",
	about:   "Answers that are identical to scikit-learn's, to the last bit: all of them, rows on thresholds and rows with NaN included.",
	columns: []string{"engine", "models", "labels", "numbers", "probabilities"},
}

// engines are the PMML engines of testdata/runtimes.
var engines = []struct{ name, script string }{{"jpmml", "run_jpmml.py"}, {"pmml4s", "run_pmml4s.py"}}

// TestPMML: two engines answer as scikit-learn does, to the last bit. How pmml/ gets around what engines do otherwise, with a
// minimal file for each case, is in ../pmml/testdata/engine-faults.
func TestPMML(t *testing.T) {
	t.Parallel()
	list := cases(t, func(v *vectors.Vector) bool { return v.Case != deepCase })
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			run := start(t, engine.name, engine.script)
			s := &scored{t: t, engine: engine.name}
			each(t, list, func(o *opened) { s.one(run, o, convert.Options{}) })
			s.report()
		})
	}
}

// TestPMMLSparse: JPMML-Evaluator answers the same where leaves leave out the classes that have no weight.
func TestPMMLSparse(t *testing.T) {
	t.Parallel()
	run := start(t, "jpmml", "run_jpmml.py")
	s := &scored{t: t}
	each(t, cases(t, func(v *vectors.Vector) bool { return small(v) && v.Case != deepCase }), func(o *opened) {
		s.one(run, o, convert.Options{SparsePMML: true})
	})
	t.Logf("%d models, %d labels, %d numbers, %d probabilities identical", s.models, s.labels, s.numbers, s.probabilities)
}

// deepCase is a tree 10,000 deep, see TestPMMLDepth.
const deepCase = "dt_reg_deep"

// scored is what was seen of one engine.
type scored struct {
	t      *testing.T
	engine string
	mu     sync.Mutex

	models, labels, numbers, probabilities int
}

func (s *scored) one(run *Runner, o *opened, options convert.Options) {
	a, answers, err := evaluatePMML(run, o, options)
	if err != nil {
		s.t.Errorf("%s: %v", o.name, err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.models++
	for i, out := range a.lowered.Outputs {
		want := o.recorded(out.Method, out.Target)
		if want == nil {
			continue
		}
		d := verify.Compare(want, answers[i])
		switch {
		case out.Method == model.PredictProba:
			s.probabilities += d.Values
		case len(labelsOf(o.model)) == 0:
			s.numbers += d.Values
		default:
			s.labels += d.Values
		}
		if !d.Same() {
			s.t.Errorf("%s: %s: %s", o.name, out.Name, describe(&d))
		}
	}
}

// evaluatePMML converts a model and lets an engine answer: one tensor per output of the model.
func evaluatePMML(run *Runner, o *opened, options convert.Options) (*artifact, []*model.Tensor, error) {
	a, err := o.convertTo("PMML", options)
	if err != nil {
		return nil, nil, err
	}
	x, err := fieldsOf(o, a)
	if err != nil {
		return nil, nil, err
	}
	got, err := run.Evaluate(a.data, ".pmml", x, 1)
	if err != nil {
		return nil, nil, err
	}
	answers, err := byOutput(a, got)
	return a, answers, err
}

func (s *scored) report() {
	pmmlResults.set(s.engine, "models", fmt.Sprint(s.models))
	pmmlResults.set(s.engine, "labels", fmt.Sprint(s.labels))
	pmmlResults.set(s.engine, "numbers", fmt.Sprint(s.numbers))
	pmmlResults.set(s.engine, "probabilities", fmt.Sprint(s.probabilities))
	s.t.Logf("\n%s", pmmlResults.text())
}

// fieldsOf is the path of X with a column for each field that the scripts look for: engines know only the last of several
// targets as one, so the others count as fields. They are never read; their column is missing values.
func fieldsOf(o *opened, a *artifact) (string, error) {
	fields, err := dataFields(a.data)
	if err != nil {
		return "", err
	}
	more := fields - a.lowered.Inputs[0].Width - 1
	if more == 0 {
		return o.x, nil
	}
	x, err := o.vector.Rows(o.t).Tensor()
	if err != nil {
		return "", err
	}
	width := x.RowLen()
	wide := model.NewTensor(model.Type{Kind: model.Float64, Row: []int{width + more}}, x.Rows())
	for i := range wide.Float {
		wide.Float[i] = math.NaN()
		if row, j := i/(width+more), i%(width+more); j < width {
			wide.Float[i] = x.Float[row*width+j]
		}
	}
	file, err := os.CreateTemp(o.t.TempDir(), "*.npy")
	if err != nil {
		return "", err
	}
	defer file.Close()
	return file.Name(), table.WriteTensor(file, wide)
}

// byOutput puts the columns that an engine answered together: one tensor per output of the model. Labels have their
// output's name; the other fields stand in the order of the outputs, the probabilities in that of the classes.
func byOutput(a *artifact, got map[string]*model.Tensor) ([]*model.Tensor, error) {
	fields, err := outputFields(a.data)
	if err != nil {
		return nil, err
	}
	types, err := a.lowered.Types()
	if err != nil {
		return nil, err
	}
	isLabel := func(out model.Output) bool { return out.Method == model.Predict && len(types[out.Value].Row) == 0 }
	for _, out := range a.lowered.Outputs {
		if i := slices.Index(fields, out.Name); i >= 0 && isLabel(out) {
			fields = slices.Delete(fields, i, i+1)
		}
	}
	var answers []*model.Tensor
	for _, out := range a.lowered.Outputs {
		if isLabel(out) {
			if got[out.Name] == nil {
				return nil, fmt.Errorf("the engine does not answer %s", out.Name)
			}
			answers = append(answers, got[out.Name])
			continue
		}
		width := types[out.Value].Row[0]
		if width > len(fields) {
			return nil, fmt.Errorf("%d fields are left for %s, which has %d columns", len(fields), out.Name, width)
		}
		var columns []*model.Tensor
		for _, name := range fields[:width] {
			column := got[strings.ReplaceAll(name, "/", "_")]
			if column == nil {
				return nil, fmt.Errorf("the engine does not answer %s", name)
			}
			columns = append(columns, column)
		}
		fields = fields[width:]
		answers = append(answers, beside(columns))
	}
	if len(fields) > 0 {
		return nil, fmt.Errorf("fields %v are of no output", fields)
	}
	return answers, nil
}

// beside puts columns side by side.
func beside(columns []*model.Tensor) *model.Tensor {
	if len(columns) == 1 {
		return columns[0]
	}
	all := model.NewTensor(model.Type{Kind: model.Float64, Row: []int{len(columns)}}, columns[0].Rows())
	for j, c := range columns {
		for i, v := range c.Float {
			all.Float[i*len(columns)+j] = v
		}
	}
	return all
}

// dataFields counts the fields of the data dictionary.
func dataFields(data []byte) (int, error) {
	n := 0
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := d.Token()
		if err != nil {
			return 0, err
		}
		switch element := token.(type) {
		case xml.StartElement:
			if element.Name.Local == "DataField" {
				n++
			}
		case xml.EndElement:
			if element.Name.Local == "DataDictionary" {
				return n, nil
			}
		}
	}
}

// outputFields lists the final output fields of a file: those of its last Output, as engines show only that one of a chain.
func outputFields(data []byte) ([]string, error) {
	var names []string
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		element, ok := token.(xml.StartElement)
		switch {
		case ok && element.Name.Local == "Output":
			names = nil
		case ok && element.Name.Local == "OutputField":
			name, final := "", true
			for _, a := range element.Attr {
				switch a.Name.Local {
				case "name":
					name = a.Value
				case "isFinalResult":
					final = a.Value != "false"
				}
			}
			if final {
				names = append(names, name)
			}
		}
	}
}
