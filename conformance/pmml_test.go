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
	title: "PMML",
	about: "Models whose labels are scikit-learn's on every row, NaN and thresholds included, whose regressions are identical to the last bit and " +
		"whose probabilities are within 4 steps of float64 (more where a leaf's own probabilities don't add up to 1); how many of those are identical. " +
		"The last column is the depth of the deepest tree tried (500, 1000, 2000, ...) that the engine answers with the machine's usual stack.",
	columns: []string{"engine", "models", "labels", "regressions identical", "probabilities identical", "largest distance (ulp)", "deepest chain"},
}

// probabilityULP is how far an engine may move a probability: it makes each leaf's probabilities add up to 1, which
// scikit-learn's do but for their rounding.
const probabilityULP = 4

// excess is how far a leaf's probabilities are from adding up to 1, in steps of float64: weighted samples can make that
// more than a rounding, and engines can't say such a leaf.
func (o *opened) excess() uint64 {
	most := 0.0
	for _, t := range o.trees().Trees {
		width := o.trees().Outputs
		for at := 0; at+width <= len(t.Value); at += width {
			sum := 0.0
			for _, v := range t.Value[at : at+width] {
				sum += v
			}
			// Rows of several targets hold a 1 for each.
			most = max(most, math.Abs(sum-math.Round(sum)))
		}
	}
	return uint64(most / 0x1p-53)
}

// engines are the PMML engines of testdata/runtimes.
var engines = []struct{ name, script string }{{"jpmml", "run_jpmml.py"}, {"pmml4s", "run_pmml4s.py"}}

// TestPMML: two engines answer as scikit-learn does.
func TestPMML(t *testing.T) {
	t.Parallel()
	list := cases(t, func(v *vectors.Vector) bool { return v.Case != deepCase })
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			run := start(t, engine.name, engine.script)
			s := &scored{t: t, engine: engine.name}
			each(t, list, func(o *opened) {
				a, err := o.convertTo("PMML", convert.Options{})
				if err != nil {
					t.Errorf("%s: %v", o.name, err)
					return
				}
				x, err := fieldsOf(o, a, t.TempDir())
				if err != nil {
					t.Errorf("%s: %v", o.name, err)
					return
				}
				got, err := run.Evaluate(a.data, ".pmml", x, 1)
				s.one(o, a, got, err)
			})
			s.report()
		})
	}
}

// deepCase is a tree 10,000 deep, see TestPMMLDepth.
const deepCase = "dt_reg_deep"

// scored is what was seen of one engine.
type scored struct {
	t      *testing.T
	engine string
	mu     sync.Mutex

	models, labels, numbers, values, identical int
	farthest                                   uint64
}

func (s *scored) one(o *opened, a *artifact, got map[string]*model.Tensor, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.t.Errorf("%s: %v", o.name, err)
		return
	}
	answers, err := byOutput(a, got)
	if err != nil {
		s.t.Errorf("%s: %v", o.name, err)
		return
	}
	s.models++
	for i, out := range a.lowered.Outputs {
		want := o.recorded(out.Method, out.Target)
		if want == nil {
			continue
		}
		d := verify.Compare(want, answers[i])
		if out.Method == model.PredictProba {
			s.values += d.Values
			s.identical += d.SameValues
			s.farthest = max(s.farthest, d.MaxULP)
			if d.Err != "" || d.NaN+d.Infinite > 0 || d.MaxULP > probabilityULP+o.excess() {
				s.t.Errorf("%s: %s: %s", o.name, out.Name, describe(&d))
			}
			continue
		}
		if !d.Same() {
			s.t.Errorf("%s: %s: %s", o.name, out.Name, describe(&d))
		}
		if o.recorded(model.PredictProba, 0) == nil {
			s.numbers += d.Values
		} else {
			s.labels += d.Values
		}
	}
}

func (s *scored) report() {
	pmmlResults.set(s.engine, "models", fmt.Sprint(s.models))
	pmmlResults.set(s.engine, "labels", fmt.Sprint(s.labels))
	pmmlResults.set(s.engine, "regressions identical", fmt.Sprint(s.numbers))
	pmmlResults.set(s.engine, "probabilities identical", fmt.Sprintf("%d of %d", s.identical, s.values))
	pmmlResults.set(s.engine, "largest distance (ulp)", fmt.Sprint(s.farthest))
	s.t.Logf("\n%s", pmmlResults.text())
}

// fieldsOf is the path of X with a column for each field that the scripts look for: engines know only the last of several
// targets as one, so the others count as fields. They are never read; their column is missing values.
func fieldsOf(o *opened, a *artifact, dir string) (string, error) {
	more := 0
	types, err := a.lowered.Types()
	if err != nil {
		return "", err
	}
	for _, out := range a.lowered.Outputs {
		more = max(more, out.Target)
		if row := types[out.Value].Row; out.Method == model.Predict && len(row) > 0 {
			more = row[0] - 1
		}
	}
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
	file, err := os.CreateTemp(dir, "*.npy")
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
