package conformance

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

var classifierResults = &results{
	title: "ONNX, profile classifier",
	about: "One operator that adds in float32. Probabilities: values that are identical to scikit-learn's (rounded to float32), and the largest " +
		"distance in steps of float32, of at most n+1 for n trees. Labels may differ in ties, where scikit-learn's own probabilities of the two " +
		"are that close. Regressors: the largest part used of the bound n x 2^-24 x S, where S is the mean over the trees of the largest |leaf|.",
	columns: []string{"runtime", "models", "identical probabilities", "largest distance", "part of the bound", "labels that differ", "regressors, part of the bound"},
}

var refusedResults = &results{
	title:   "ONNX, profile classifier: what is refused",
	about:   "Models of testdata/ that the profile has no place for, by the reason given.",
	columns: []string{"reason", "models", "cases"},
}

// TestClassifier: what the profile classifier answers is off by no more than float32 arithmetic can be, and labels differ
// only where scikit-learn's own probabilities are that close.
func TestClassifier(t *testing.T) {
	t.Parallel()
	for _, version := range onnxruntimes {
		t.Run(version.name, func(t *testing.T) {
			ort := start(t, version.name, "run_onnx.py")
			keep := small
			if version.name == newest {
				keep = all
			}
			for _, encoding := range []int{3, 1} {
				if encoding > version.loads {
					continue
				}
				c := &classified{t: t, refused: map[string][]string{}}
				each(t, cases(t, keep), func(o *opened) { c.one(ort, o, encoding) })
				c.report(fmt.Sprintf("%s, ml-opset %d", version.name, encoding))
			}
		})
	}
	t.Log("\n" + classifierResults.text() + "\n" + refusedResults.text())
}

// classified is what was seen of one runtime and encoding.
type classified struct {
	t  *testing.T
	mu sync.Mutex

	models, values, identical int
	labels, ties, mistakes    int
	farthest                  uint64
	part, regressor           float64 // the largest parts of the bounds
	refused                   map[string][]string
	failed                    *opened
}

func (c *classified) one(ort *Runner, o *opened, encoding int) {
	a, err := o.convertTo("ONNX", convert.Options{Profile: "classifier", MLOpset: encoding})
	if refused(err) {
		c.mu.Lock()
		defer c.mu.Unlock()
		reason := err.Error()
		if at := strings.LastIndex(reason, ": "); at >= 0 {
			reason = reason[at+2:]
		}
		c.refused[reason] = append(c.refused[reason], o.vector.Case)
		return
	}
	if err != nil {
		c.t.Errorf("%s: %v", o.name, err)
		return
	}
	got, err := ort.Evaluate(a.data, ".onnx", o.x, 1)
	if err != nil {
		c.t.Errorf("%s: %v", o.name, err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.models++
	for _, out := range a.lowered.Outputs {
		want, answer := o.recorded(out.Method, out.Target), got[out.Name]
		switch {
		case want == nil: // not recorded
		case answer == nil || answer.Rows() != want.Rows() || answer.RowLen() != want.RowLen():
			c.t.Errorf("%s: %s is not answered, or of another shape", o.name, out.Name)
		case out.Method == model.PredictProba:
			c.probabilities(o, want, answer)
		case len(labelsOf(o.model)) == 0:
			c.numbers(o, want, answer)
		default:
			c.label(o, want, answer)
		}
	}
}

// wrong fails the test once for each model.
func (c *classified) wrong(o *opened, text string) {
	c.mistakes++
	if o != c.failed {
		c.t.Errorf("%s: %s", o.name, text)
	}
	c.failed = o
}

// trees is the model's forest.
func (o *opened) trees() *forest.Forest { return forestOf(o.model) }

func forestOf(m *model.Model) *forest.Forest {
	for _, op := range m.Ops {
		if e, ok := op.(*model.Ensemble); ok {
			return e.Forest
		}
	}
	return nil
}

// largestSums is, for each output, the sum over the trees of the largest |leaf|.
func largestSums(f *forest.Forest) []float64 {
	sums := make([]float64, f.Outputs)
	for k := range f.Trees {
		t := &f.Trees[k]
		width := f.RowWidth(t)
		largest := make([]float64, width)
		for at, v := range t.Value {
			largest[at%width] = max(largest[at%width], math.Abs(v))
		}
		for j, v := range largest {
			if t.Output != forest.AllOutputs {
				j = int(t.Output)
			}
			sums[j] += v
		}
	}
	return sums
}

// bound is how many steps of float32 a probability may be off: each of n leaf values is rounded once, and each of n sums.
func (o *opened) bound() uint64 { return uint64(len(o.trees().Trees) + 1) }

func (c *classified) probabilities(o *opened, want, got *model.Tensor) {
	for i, w := range want.Float {
		off := verify.ULP32(float32(w), float32(got.Float[i]))
		c.values++
		if want.RowLen() == 2 && i%2 == 0 {
			// Of two classes the first one's probability is 1 less the second one's, so that its error is the other's.
			off = uint64(math.Abs(w-got.Float[i]) * 0x1p24)
		}
		if off == 0 {
			c.identical++
		}
		if off > o.bound() {
			c.t.Errorf("%s: probability %d is %v, want %v: %d steps of float32, %d allowed", o.name, i, got.Float[i], w, off, o.bound())
		}
		c.farthest = max(c.farthest, off)
		c.part = max(c.part, float64(off)/float64(o.bound()))
	}
}

// numbers checks a regressor.
func (c *classified) numbers(o *opened, want, got *model.Tensor) {
	f := o.trees()
	sums := largestSums(f)
	for i, w := range want.Float {
		bound := 0x1p-24 * sums[i%f.Outputs] // n x 2^-24 x the mean
		off := math.Abs(w - got.Float[i])
		if !(off <= bound) {
			c.t.Errorf("%s: value %d is %v, want %v: off by %g, %g allowed", o.name, i, got.Float[i], w, off, bound)
		}
		if bound > 0 {
			c.regressor = max(c.regressor, off/bound)
		}
	}
}

// label checks labels: another one than the original's must be as probable, but for the bound.
func (c *classified) label(o *opened, want, got *model.Tensor) {
	proba := o.recorded(model.PredictProba, 0)
	if d := verify.Compare(want, got); d.Err != "" || proba == nil && !d.Same() {
		c.t.Errorf("%s: labels: %s", o.name, describe(&d))
		return
	}
	classes := labelsOf(o.model)
	for i := range want.Rows() {
		c.labels++
		if one := verify.Compare(verify.Take([]*model.Tensor{want}, []int{i})[0], verify.Take([]*model.Tensor{got}, []int{i})[0]); one.Same() {
			continue
		}
		row := proba.Float[i*proba.RowLen() : (i+1)*proba.RowLen()]
		k := slices.Index(classes, got.Item(i))
		if k < 0 {
			c.t.Errorf("%s: row %d: label %s is none of %v", o.name, i, got.Item(i), classes)
			continue
		}
		if off := verify.ULP32(float32(slices.Max(row)), float32(row[k])); off > 2*o.bound() {
			c.wrong(o, fmt.Sprintf("row %d: label %s, want %s, of probabilities %v", i, got.Item(i), want.Item(i), row))
			continue
		}
		c.ties++
	}
}

// labelsOf are a classifier's labels as text.
func labelsOf(m *model.Model) []string {
	var list []string
	for _, op := range m.Ops {
		if lookup, ok := op.(*model.Lookup); ok {
			for i := range lookup.Table.Len() {
				list = append(list, lookup.Table.Item(i))
			}
		}
	}
	return list
}

func (c *classified) report(row string) {
	classifierResults.set(row, "models", fmt.Sprint(c.models))
	classifierResults.set(row, "identical probabilities", fmt.Sprintf("%.1f%%", 100*float64(c.identical)/float64(c.values)))
	classifierResults.set(row, "largest distance", fmt.Sprint(c.farthest))
	classifierResults.set(row, "part of the bound", fmt.Sprintf("%.2f", c.part))
	classifierResults.set(row, "labels that differ", fmt.Sprintf("%d in ties, %d wrong, of %d", c.ties, c.mistakes, c.labels))
	classifierResults.set(row, "regressors, part of the bound", fmt.Sprintf("%.2f", c.regressor))
	for reason, names := range c.refused {
		refusedResults.set(reason, "models", fmt.Sprint(len(names)))
		slices.Sort(names)
		refusedResults.set(reason, "cases", strings.Join(slices.Compact(names), " "))
	}
	// Every reason is one that is known, so that a model is not refused unnoticed.
	for reason := range c.refused {
		if !slices.ContainsFunc([]string{"a lone forest only", "single class", "int64 and string only"}, func(known string) bool { return strings.Contains(reason, known) }) {
			c.t.Errorf("refused: %s: %v", reason, c.refused[reason])
		}
	}
}
