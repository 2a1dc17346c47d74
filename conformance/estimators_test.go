package conformance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/table"
	"github.com/seed-2867d59c/treeport/verify"
)

var estimatorResults = &results{
	title: "Estimators",
	about: "Models of testdata/ by the estimators in them, and how many of them answer as the original did: to the bit, but for what goes " +
		"through exp, log, powers or matrix products, which may be 4 ulp off (column ulp: the farthest, evaluated by treeport itself). Labels are " +
		"always equal. The rest is refused by name, see the next table. ONNX under onnxruntime " + strings.TrimPrefix(newest, "onnxruntime-") +
		", with one thread and with two; PMML under JPMML-Evaluator.",
	columns: []string{"estimator", "environments", "models", "read", "ulp", "ml-opset 5", "ml-opset 3", "ml-opset 1", "classifier", "PMML"},
}

var refusalResults = &results{
	title:   "Estimators: what is refused",
	about:   "By the reason given; numbers are left out of it.",
	columns: []string{"reason", "models", "cases"},
}

// ways are the columns of estimatorResults that are artifacts.
var ways = []struct {
	column, format string
	options        convert.Options
}{
	{"ml-opset 5", "ONNX", convert.Options{MLOpset: 5}},
	{"ml-opset 3", "ONNX", convert.Options{MLOpset: 3}},
	{"ml-opset 1", "ONNX", convert.Options{MLOpset: 1}},
	{"classifier", "ONNX", convert.Options{Profile: "classifier"}},
	{"PMML", "PMML", convert.Options{}},
}

// TestEstimators: every model that is read answers as its original did, here and in every format that can say it; what
// can't be said is refused by name.
func TestEstimators(t *testing.T) {
	t.Parallel()
	list := casesOf(t, func(v *vectors.Vector) bool { return v.Case != deepCase })
	s := &surveyed{t: t, onnx: start(t, newest, "run_onnx.py"), pmml: start(t, "jpmml", "run_jpmml.py"),
		rows: map[string]*surveyRow{}, refusals: map[string]map[string]int{}}
	survey(t, list, s.one)
	s.report()
}

// surveyed is what was seen of all models.
type surveyed struct {
	t          *testing.T
	onnx, pmml *Runner

	mu       sync.Mutex
	rows     map[string]*surveyRow
	refusals map[string]map[string]int // models by reason, by case
}

type surveyRow struct {
	environments map[string]bool
	models, read int
	ulp          uint64
	equal        map[string]int // models by column
}

func (s *surveyed) one(o *opened) {
	seen := o.model != nil
	equal := map[string]bool{}
	var ulp uint64
	if !seen {
		s.refuse("reading", o, o.refusal)
	} else {
		ulp = s.evaluated(o)
		for _, w := range ways {
			ok, err := s.artifact(o, w.format, w.options)
			switch {
			case refused(err):
				s.refuse(w.column, o, err)
			case err != nil:
				s.t.Errorf("%s, %s: %v", o.name, w.column, err)
			default:
				equal[w.column] = ok
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, class := range o.classes {
		row := s.rows[class]
		if row == nil {
			row = &surveyRow{environments: map[string]bool{}, equal: map[string]int{}}
			s.rows[class] = row
		}
		row.environments[o.vector.Env] = true
		row.models++
		if seen {
			row.read++
		}
		row.ulp = max(row.ulp, ulp)
		for column, ok := range equal {
			if ok {
				row.equal[column]++
			}
		}
	}
}

// evaluated holds the model itself against the original, and answers how far off it is.
func (s *surveyed) evaluated(o *opened) (ulp uint64) {
	rows, err := o.vector.Rows(s.t).Inputs(o.model)
	if err != nil {
		s.t.Errorf("%s: %v", o.name, err)
		return 0
	}
	got, bounds, err := o.model.RunWithin(rows)
	if err != nil {
		s.t.Errorf("%s: %v", o.name, err)
		return 0
	}
	o.bounds = bounds
	for i, out := range o.model.Outputs {
		if want := o.recorded(out.Method, out.Target); want != nil {
			d := verify.CompareWithin(vectors.Fit(s.t, want, got[i], out.Target), got[i], bounds[i])
			ulp = max(ulp, distanceOf(&d))
			s.check(o, "itself", out, &d, verify.Arithmetic(o.model))
		}
	}
	return ulp
}

// distanceOf is how far a difference is, in numbers of its own width.
func distanceOf(d *verify.Diff) uint64 {
	if d.Float32 {
		return d.MaxULP32
	}
	return d.MaxULP
}

func (s *surveyed) check(o *opened, way string, out model.Output, d *verify.Diff, t verify.Tolerance) bool {
	d.Label = d.Label || out.Method == model.Apply
	if !d.Equal(t) || d.Open > 0 && out.Method == model.Predict && len(labelsOf(o.model)) > 0 { // labels of open rows, too
		s.t.Errorf("%s, %s: %s: %s", o.name, way, out.Name, describe(d))
		return false
	}
	return true
}

// artifact converts a model and lets a runtime answer, with one thread and, for all methods, with two.
func (s *surveyed) artifact(o *opened, format string, options convert.Options) (equal bool, err error) {
	equal = true
	for threads := 1; threads <= 2; threads++ {
		if threads == 2 {
			if format == "PMML" || options.Profile != "" {
				break
			}
			options.Methods = model.Methods(o.model)
		}
		a, err := o.convertTo(format, options)
		if err != nil {
			return false, err
		}
		tolerance := verify.Arithmetic(o.model)
		for _, f := range convert.Formats {
			if t := f.Tolerance(a.lowered); f.Name == format {
				tolerance.MaxULP, tolerance.MaxAbs, tolerance.Ties = max(tolerance.MaxULP, t.MaxULP), max(tolerance.MaxAbs, t.MaxAbs), tolerance.Ties || t.Ties
			}
		}
		x, err := o.inputs(a)
		if err != nil {
			return false, err
		}
		run, extension := s.onnx, ".onnx"
		if format == "PMML" {
			run, extension = s.pmml, ".pmml"
		}
		answered, err := run.Evaluate(a.data, extension, x, threads)
		if err != nil {
			return false, err
		}
		got := make([]*model.Tensor, len(a.lowered.Outputs))
		for i, out := range a.lowered.Outputs {
			got[i] = answered[out.Name]
		}
		if format == "PMML" {
			if got, err = byOutput(a, answered); err != nil {
				return false, err
			}
		}
		way := fmt.Sprintf("%s %d%s, %d threads", format, options.MLOpset, options.Profile, threads)
		for i, out := range a.lowered.Outputs {
			want := o.recorded(out.Method, out.Target)
			if want == nil {
				continue
			}
			if got[i] == nil {
				return false, errors.New(out.Name + " is not answered")
			}
			d := verify.CompareWithin(vectors.Fit(s.t, want, got[i], out.Target), got[i], o.boundsOf(out))
			if p := o.recorded(model.PredictProba, out.Target); p != nil && out.Method == model.Predict && tolerance.Ties {
				d.CountTies(p)
			}
			equal = s.check(o, way, out, &d, tolerance) && equal
		}
	}
	return equal, nil
}

// boundsOf is how far an answer may be off by the arithmetic of the model; nil: not at all.
func (o *opened) boundsOf(out model.Output) *model.Tensor {
	for i, of := range o.model.Outputs {
		if of.Method == out.Method && of.Target == out.Target && o.bounds != nil {
			return o.bounds[i]
		}
	}
	return nil
}

// inputs is the path of X as an artifact takes it: the recorded file, or a folder with an array for each input.
func (o *opened) inputs(a *artifact) (string, error) {
	if len(a.lowered.Inputs) == 1 && strings.HasSuffix(o.x, ".npy") {
		return o.x, nil
	}
	rows, err := o.vector.Rows(o.t).Inputs(a.lowered)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(o.t.TempDir(), "x")
	if err != nil {
		return "", err
	}
	for i, in := range a.lowered.Inputs {
		file, err := os.Create(filepath.Join(dir, strings.ReplaceAll(in.Name, "/", "_")+".npy"))
		if err != nil {
			return "", err
		}
		if err := errors.Join(table.WriteTensor(file, rows[i]), file.Close()); err != nil {
			return "", err
		}
	}
	return dir, nil
}

func (s *surveyed) refuse(column string, o *opened, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reason := column + ": " + plainReason(err)
	if s.refusals[reason] == nil {
		s.refusals[reason] = map[string]int{}
	}
	s.refusals[reason][o.vector.Case]++
}

// plainReason is what an error says, without places and numbers.
func plainReason(err error) string {
	var u *fault.Unsupported
	if !errors.As(err, &u) {
		return err.Error()
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '#'
		}
		return r
	}, u.What)
}

func (s *surveyed) report() {
	for class, row := range s.rows {
		estimatorResults.set(class, "environments", fmt.Sprint(len(row.environments)))
		estimatorResults.set(class, "models", fmt.Sprint(row.models))
		estimatorResults.set(class, "read", fmt.Sprint(row.read))
		estimatorResults.set(class, "ulp", fmt.Sprint(row.ulp))
		for _, w := range ways {
			estimatorResults.set(class, w.column, fmt.Sprint(row.equal[w.column]))
		}
	}
	for reason, cases := range s.refusals {
		total := 0
		var names []string
		for name, n := range cases {
			total += n
			names = append(names, name)
		}
		sort.Strings(names)
		if len(names) > 8 {
			names = append(names[:8], fmt.Sprintf("and %d more", len(names)-8))
		}
		reason = strings.ReplaceAll(reason, "|", "/")
		refusalResults.set(reason, "models", fmt.Sprint(total))
		refusalResults.set(reason, "cases", strings.Join(names, " "))
	}
	s.t.Logf("\n%s\n%s", estimatorResults.text(), refusalResults.text())
}

// isTree tells the classes that are members of most ensembles, and get a row only where they are the model itself.
func isTree(class string) bool {
	return slices.Contains([]string{"DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor"}, class)
}
