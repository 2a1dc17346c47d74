package verify

import (
	"fmt"
	"io"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// Report lists the checks that were done on one artifact.
type Report struct {
	Artifact string `json:"artifact,omitempty"`
	Source   string `json:"source,omitempty"`
	// Certificate is the file that was found to be of both.
	Certificate string  `json:"certificate,omitempty"`
	Checks      []Check `json:"checks"`
}

// Tolerance says what counts as equal. The zero value: identical to the bit.
type Tolerance struct {
	// MaxULP is how many steps a value may be off: of float32 where one side is float32, else of float64. Where it is not 0,
	// values may also be as far off as their bounds say (see Bounds).
	MaxULP uint64
	// MaxAbs is how far a value may be off, whatever its ULP: sums that cancel out, and 1 - p where p is near 1, are small
	// numbers with the errors of large ones.
	MaxAbs float64
	// Ties forgives a differing label where the largest probabilities are the same but for float32 rounding.
	Ties bool
}

// Arithmetic is what a program's own arithmetic leaves open: nothing, unless answers go through exp, log, powers or sums of no
// certain order. Those differ by a few steps from library to library; labels don't.
func Arithmetic(m *model.Model) Tolerance {
	exact := m.Exact()
	for _, out := range m.Outputs {
		if !exact[out.Value] {
			return Tolerance{MaxULP: model.Steps}
		}
	}
	return Tolerance{}
}

// Equal tells whether every check that was done found equality. It is false where none was done.
func (r *Report) Equal(t Tolerance) bool {
	for i := range r.Checks {
		if !r.Checks[i].Equal(t) {
			return false
		}
	}
	return len(r.Checks) > 0
}

// Done tells whether a kind of check was done.
func (r *Report) Done(k Kind) bool {
	for i := range r.Checks {
		if r.Checks[i].Kind == k {
			return true
		}
	}
	return false
}

// Equal tells whether the check found equality. A comparison of no rows at all found none, but for the structure.
func (c *Check) Equal(t Tolerance) bool {
	if c.Err != "" || c.Rows == 0 && c.Kind != Structure {
		return false
	}
	for i := range c.Diffs {
		if !c.Diffs[i].Equal(t) {
			return false
		}
	}
	return true
}

// Equal tells whether the two are equal within a tolerance.
func (d *Diff) Equal(t Tolerance) bool {
	switch {
	case d.Err != "":
		return false
	case d.Same(), t.MaxULP > 0 && d.near():
		return true
	case d.Label:
		return t.Ties && d.Ties == d.Rows-d.SameRows
	case d.Labels+d.NaN+d.Infinite > 0:
		return false
	case t.MaxAbs > 0 && d.MaxAbs <= t.MaxAbs:
		return true
	case d.Float32:
		return t.MaxULP > 0 && d.MaxULP32 <= t.MaxULP
	}
	return t.MaxULP > 0 && d.MaxULP <= t.MaxULP
}

// JSON writes the report as one JSON object.
func (r *Report) JSON(w io.Writer) error {
	text, err := fault.JSON(r)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// Text is the report in plain words, a line per check, one per output below it, and the first rows that differ.
func (r *Report) Text(t Tolerance) string {
	var b strings.Builder
	if r.Certificate != "" {
		fmt.Fprintf(&b, "certificate: of this model and this artifact (%s)\n", fault.Printable(r.Certificate, 200))
	}
	for i := range r.Checks {
		r.Checks[i].text(&b, t)
	}
	var left []string
	for _, k := range []Kind{Structure, Probe, InRuntime, Originals} {
		if !r.Done(k) {
			left = append(left, string(k))
		}
	}
	if left != nil {
		fmt.Fprintf(&b, "not checked: %s\n", strings.Join(left, ", "))
	}
	return b.String()
}

// Why says in one line what the first check is that found no equality, and how large the difference; empty where all are equal.
func (r *Report) Why(t Tolerance) string {
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Equal(t) {
			continue
		}
		head := string(c.Kind)
		if c.Against != "" {
			head += " (" + c.Against + ")"
		}
		if c.Err != "" {
			return head + ": " + c.Err
		}
		for k := range c.Diffs {
			if d := &c.Diffs[k]; !d.Equal(t) {
				var b strings.Builder
				d.text(&b)
				first, _, _ := strings.Cut(strings.TrimSpace(b.String()), "\n")
				return head + ": " + first
			}
		}
		return head + ": no rows were compared"
	}
	return ""
}

func (c *Check) text(b *strings.Builder, t Tolerance) {
	head := string(c.Kind)
	if c.Against != "" {
		head += " (" + c.Against + ")"
	}
	switch {
	case c.Err != "":
		fmt.Fprintf(b, "%s: DIFFERS: %s\n", head, c.Err)
	case c.Kind == Structure:
		fmt.Fprintf(b, "%s: equal\n", head)
	case c.Rows == 0:
		fmt.Fprintf(b, "%s: no rows\n", head)
	case c.Equal(Tolerance{}):
		fmt.Fprintf(b, "%s: equal to the bit, %d rows\n", head, c.Rows)
	case c.Equal(t):
		fmt.Fprintf(b, "%s: equal within the tolerance, %d rows\n", head, c.Rows)
	default:
		fmt.Fprintf(b, "%s: DIFFERS, %d rows\n", head, c.Rows)
	}
	if c.Refused > 0 {
		fmt.Fprintf(b, "  %d rows left out, the original refuses them: %s\n", c.Refused, c.Why)
	}
	if c.Rounded > 0 {
		fmt.Fprintf(b, "  %d numbers of X were rounded to float32, which the artifact takes\n", c.Rounded)
	}
	for i := range c.Diffs {
		c.Diffs[i].text(b)
	}
}

func (d *Diff) text(b *strings.Builder) {
	name := d.Method
	if d.Target > 0 {
		name += fmt.Sprintf(" of target %d", d.Target)
	}
	switch {
	case d.Err != "":
		fmt.Fprintf(b, "  %s: %s\n", name, d.Err)
		return
	case d.Same():
		fmt.Fprintf(b, "  %s: %d rows identical\n", name, d.Rows)
	default:
		fmt.Fprintf(b, "  %s: %d of %d rows identical%s\n", name, d.SameRows, d.Rows, d.sizes())
	}
	for _, note := range d.Notes {
		fmt.Fprintf(b, "    %s\n", note)
	}
	for _, f := range d.First {
		fmt.Fprintf(b, "    row %d, column %d: %s wanted, %s answered\n", f.Row, f.Column, f.Want, f.Got)
	}
}

// sizes says how far apart the values are.
func (d *Diff) sizes() string {
	var parts []string
	if d.Labels > 0 {
		parts = append(parts, fmt.Sprintf("%d labels differ (%d of them ties)", d.Labels, d.Ties))
	}
	if d.MaxULP > 0 {
		size := fmt.Sprintf("at most %d ulp", d.MaxULP)
		if d.Float32 {
			size = fmt.Sprintf("at most %d ulp of float32", d.MaxULP32)
		}
		parts = append(parts, fmt.Sprintf("%s, %.3g", size, d.MaxAbs))
	}
	if d.NaN > 0 {
		parts = append(parts, fmt.Sprintf("%d NaN on one side only", d.NaN))
	}
	if d.Infinite > 0 {
		parts = append(parts, fmt.Sprintf("%d infinite on one side only", d.Infinite))
	}
	if d.Open > 0 {
		parts = append(parts, fmt.Sprintf("%d right on a threshold behind arithmetic that libraries round differently, where either answer is right", d.Open))
	}
	if parts == nil {
		return ""
	}
	return ": " + strings.Join(parts, "; ")
}
