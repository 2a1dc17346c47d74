package verify

import (
	"fmt"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Kind is one of the four ways to prove an artifact.
type Kind string

const (
	Structure Kind = "structure" // what was written, read back, is what was meant
	Probe     Kind = "probes"    // source and artifact answer the same, both evaluated here
	InRuntime Kind = "runtime"   // a runtime of its own answers as the source does
	Originals Kind = "originals" // answers known beforehand
)

// Check is one comparison that was done.
type Check struct {
	Kind    Kind   `json:"kind"`
	Against string `json:"against,omitempty"` // what answered: onnxruntime 1.21.1, 2 threads; a file of answers
	Rows    int    `json:"rows"`              // rows that were compared
	// Refused counts the rows that the source refuses to answer, which are left out; Why is the first refusal.
	Refused int    `json:"refused,omitempty"`
	Why     string `json:"why,omitempty"`
	// Rounded counts the numbers of X that the artifact's inputs, being float32, could not hold.
	Rounded int    `json:"rounded,omitempty"`
	Diffs   []Diff `json:"outputs,omitempty"`
	// Err says why the comparison failed as a whole: another structure, a runtime's own error.
	Err string `json:"error,omitempty"`
}

// StructureCheck is the check that what was written reads back as what was meant; err is what model.Equal answered.
func StructureCheck(err error) Check {
	c := Check{Kind: Structure}
	if err != nil {
		c.Err = err.Error()
	}
	return c
}

// Models compares the answers of a source and of its artifact to the same rows (one tensor per input of the source), both
// evaluated here. Outputs are matched by method and target; every output of the artifact must have one in the source.
func Models(source, artifact *model.Model, rows []*model.Tensor) (Check, error) {
	a, err := Ask(source, artifact, rows)
	if err != nil {
		return Check{Kind: Probe}, err
	}
	return a.Compare(artifact)
}

// Asked is a source that has answered rows, which an artifact is to answer too.
type Asked struct {
	answered
	check Check
	walks forest.Walks // of trees that the two share
}

// Ask is the first half of Models, for which the artifact need not be there yet: like has the same inputs and outputs.
func Ask(source, like *model.Model, rows []*model.Tensor) (*Asked, error) {
	a := &Asked{check: Check{Kind: Probe}}
	var err error
	a.answered, err = a.check.ask(source, like, rows, &a.walks)
	return a, err
}

// Compare is the second half of Models.
func (a *Asked) Compare(artifact *model.Model) (Check, error) {
	c, s := a.check, a.answered
	got, err := evaluate(artifact, s.inputs, &a.walks, exactly)
	if err != nil {
		return c, err
	}
	if !contiguous(got.kept, c.Rows) {
		c.Err = fmt.Sprintf("the artifact refuses %d rows that the source answers: %v", c.Rows-len(got.kept), got.why)
		return c, nil
	}
	named := map[string]*model.Tensor{}
	for i, out := range artifact.Outputs {
		named[out.Name] = got.outputs[i]
	}
	return c, c.compare(s, artifact, named)
}

// answered is what a source answered, and the same rows as the artifact takes them.
type answered struct {
	source  *model.Model
	answers []*model.Tensor
	bounds  []*model.Tensor // of the answers
	inputs  []*model.Tensor
}

// ask lets the source answer, and leaves out what it refuses.
func (c *Check) ask(source, artifact *model.Model, rows []*model.Tensor, walks *forest.Walks) (answered, error) {
	methods := model.Methods(artifact)
	if isLabel(source, model.Predict) {
		methods = append(methods, model.PredictProba) // to tell ties
	}
	m, err := source.Select(unique(methods))
	if err != nil {
		return answered{}, err
	}
	a, err := evaluateWithin(m, rows, walks)
	if err != nil {
		return answered{}, err
	}
	if count := rows[0].Rows(); !contiguous(a.kept, count) {
		c.Refused, c.Why = count-len(a.kept), a.why.Error()
		rows = Take(rows, a.kept)
	}
	c.Rows = len(a.kept)
	inputs, rounded, err := Feed(source, rows, artifact)
	c.Rounded = rounded
	return answered{m, a.outputs, a.bounds, inputs}, err
}

// compare compares each output of the artifact, which got holds by name.
func (c *Check) compare(s answered, artifact *model.Model, got map[string]*model.Tensor) error {
	for _, out := range artifact.Outputs {
		k := output(s.source, out.Method, out.Target)
		if k < 0 {
			return fault.Mismatchf(fault.In("output "+out.Name), "the source has no %s of target %d", out.Method, out.Target)
		}
		d := Diff{Err: "the runtime did not answer it"}
		t := got[out.Name]
		if t == nil {
			t = got[fileName(out.Name)]
		}
		if t != nil {
			d = CompareWithin(s.answers[k], t, s.bounds[k])
		}
		d.Method, d.Target, d.Name = out.Method, out.Target, out.Name
		d.Label = isLabel(s.source, out.Method)
		if p := output(s.source, model.PredictProba, out.Target); p >= 0 && out.Method == model.Predict {
			d.CountTies(s.answers[p])
		}
		c.Diffs = append(c.Diffs, d)
	}
	return nil
}

// Expected are answers known beforehand.
type Expected struct {
	Method string
	Target int
	Values *model.Tensor
}

// Expect makes of one matrix, which holds the answers of a method for all targets side by side (scikit-learn's predict with
// several outputs), the expected answers of each target; what is a single target's stays one.
func Expect(m *model.Model, method string, values *model.Tensor) []Expected {
	targets := 0
	for _, out := range m.Outputs {
		if out.Method == method {
			targets = max(targets, out.Target+1)
		}
	}
	if targets < 2 || values.RowLen() != targets {
		return []Expected{{Method: method, Values: values}}
	}
	var all []Expected
	for target := range targets {
		all = append(all, Expected{method, target, column(values, target)})
	}
	return all
}

// column is one column of a matrix, a value per row.
func column(t *model.Tensor, j int) *model.Tensor {
	width := t.RowLen()
	c := model.NewTensor(model.Type{Kind: t.Kind}, t.Rows())
	for i := range t.Rows() {
		switch at := i*width + j; {
		case t.Kind.IsFloat():
			c.Float[i] = t.Float[at]
		case t.Kind == model.String:
			c.Text[i] = t.Text[at]
		default:
			c.Int[i] = t.Int[at]
		}
	}
	return c
}

// Answers compares what a model answers to rows with what is expected.
func Answers(m *model.Model, rows []*model.Tensor, expected []Expected) (Check, error) {
	return ArtifactAnswers(m, m, rows, expected)
}

// ArtifactAnswers compares what an artifact answers to the rows of its source with what the original is expected to answer. How
// near numbers must be is said by the source, which knows more of where they come from than a format can say.
func ArtifactAnswers(source, artifact *model.Model, rows []*model.Tensor, expected []Expected) (Check, error) {
	c := Check{Kind: Originals}
	var methods []string
	for _, e := range expected {
		methods = append(methods, e.Method)
	}
	if isLabel(artifact, model.Predict) {
		methods = append(methods, model.PredictProba) // to tell ties
	}
	methods = unique(methods)
	selected, err := artifact.Select(methods)
	if err != nil {
		return c, err
	}
	fed, _, err := Feed(source, rows, artifact)
	if err != nil {
		return c, err
	}
	got, kept, why, err := Evaluate(selected, fed)
	if err != nil {
		return c, err
	}
	count := rows[0].Rows()
	c.Rows = len(kept)
	if c.Refused = count - len(kept); c.Refused > 0 {
		c.Why = why.Error()
	}
	bounding, err := source.Select(methods)
	if err != nil {
		return c, err
	}
	_, bounds, within, why, err := EvaluateWithin(bounding, Take(rows, kept))
	if err == nil && !contiguous(within, len(kept)) {
		err = why // the source refuses rows that the artifact answers
	}
	if err != nil {
		return c, err
	}
	for _, e := range expected {
		k, bound := output(selected, e.Method, e.Target), output(bounding, e.Method, e.Target)
		if k < 0 || bound < 0 {
			return c, fault.Unsupportedf(fault.Where{}, "the model has no %s of target %d", e.Method, e.Target)
		}
		want := e.Values
		var d Diff
		if want.Rows() != count {
			d.Err = fmt.Sprintf("%d expected answers for %d rows", want.Rows(), count)
		} else {
			d = CompareWithin(Take([]*model.Tensor{want}, kept)[0], got[k], bounds[bound])
		}
		d.Method, d.Target, d.Name = e.Method, e.Target, selected.Outputs[k].Name
		d.Label = isLabel(artifact, e.Method)
		if p := output(selected, model.PredictProba, e.Target); p >= 0 && e.Method == model.Predict && d.Err == "" {
			d.CountTies(got[p])
		}
		c.Diffs = append(c.Diffs, d)
	}
	return c, nil
}

func unique(methods []string) []string {
	var once []string
	seen := map[string]bool{}
	for _, m := range methods {
		if !seen[m] {
			once = append(once, m)
		}
		seen[m] = true
	}
	return once
}

// output finds a model's output by method and target; -1 says there is none.
func output(m *model.Model, method string, target int) int {
	for i, out := range m.Outputs {
		if out.Method == method && out.Target == target {
			return i
		}
	}
	return -1
}

// isLabel tells whether a method's answers are labels: those of apply, and of a classifier's predict.
func isLabel(m *model.Model, method string) bool {
	return method == model.Apply || method == model.Predict && output(m, model.PredictProba, 0) >= 0
}

// CountTies counts the rows whose label differs where the two largest wanted probabilities are neighbours in float32.
func (d *Diff) CountTies(probabilities *model.Tensor) {
	width := probabilities.RowLen()
	for _, i := range d.differing {
		best, second := -1.0, -1.0
		for _, v := range probabilities.Float[i*width : (i+1)*width] {
			if v > best {
				best, second = v, best
			} else if v > second {
				second = v
			}
		}
		if width > 1 && ULP32(float32(best), float32(second)) <= tieULP {
			d.Ties++
		}
	}
}

// tieULP is how far apart two probabilities may be that a sum of float32 numbers can't tell apart, in steps of float32.
const tieULP = 16
