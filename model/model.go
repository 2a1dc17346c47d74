// Package model is a straight-line program of typed steps around forests, and its evaluation. Readers make one from a
// file, writers put one into a format; both meet here and nowhere else.
//
// Values are numbered: the inputs first, then what each step makes. Step i may read only values made before it, so that
// evaluating, checking and writing are one forward loop.
package model

import (
	"fmt"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
)

// Model is a program from rows of input to rows of output.
type Model struct {
	Inputs  []Input
	Ops     []Op
	Outputs []Output
	Origin  Origin
}

// Ref names a value: 0 to len(Inputs)-1 are the inputs, len(Inputs)+i is what Ops[i] makes.
type Ref int

// Input is one input of the program: a matrix with one row per row, Width columns wide.
type Input struct {
	Name  string
	Kind  Kind
	Width int
	// Columns names the columns where the model knows names (scikit-learn's feature_names_in_); else nil.
	Columns []string
}

// Output is one answer of the program.
type Output struct {
	Name   string // no other output's
	Value  Ref
	Method string // scikit-learn's method that answers the same: predict, predict_proba, apply, ...
	Target int    // which of several targets, from 0
}

// Methods of Output. They are scikit-learn's names.
const (
	Predict          = "predict"
	PredictProba     = "predict_proba"
	DecisionFunction = "decision_function"
	ScoreSamples     = "score_samples"
	Transform        = "transform"
	RawScore         = "raw_score" // of XGBoost (output_margin), LightGBM (raw_score) and CatBoost (RawFormulaVal): before the link
	Apply            = "apply"
)

// OutputName is the usual name of a method's answer for a target, which skl2onnx's files have too: label (of a regressor,
// where values is set: variable), probabilities, leaf_ids, else the method's own; numbered where there are several targets.
func OutputName(method string, values bool, target, targets int) string {
	name := method
	switch {
	case method == Predict && values:
		name = "variable"
	case method == Predict:
		name = "label"
	case method == PredictProba:
		name = "probabilities"
	case method == Apply:
		return "leaf_ids"
	}
	if targets > 1 {
		name += "_" + strconv.Itoa(target)
	}
	return name
}

// Op is one step. Each kind of step is a struct in a file of its own.
type Op interface {
	// Name is the step's name in messages.
	Name() string
	// Reads lists the values that the step reads.
	Reads() []Ref
	// Moved is the same step reading to[r] wherever it reads r.
	Moved(to []Ref) Op
	// Type says what the step makes of values of these types, or why it can't.
	Type(in []Type) (Type, error)
	// Eval makes the value. in are tensors of the types that Type was asked about; out is one of the type that it answered, of as
	// many rows, and holds anything.
	Eval(in []*Tensor, out *Tensor) error
	// Equal tells whether another step is the same to the bit; its error names the difference.
	Equal(other Op) error
}

// Add appends a step and returns the value that it makes.
func (m *Model) Add(op Op) Ref {
	m.Ops = append(m.Ops, op)
	return Ref(len(m.Inputs) + len(m.Ops) - 1)
}

// Op is the step that makes a value, or nil for an input.
func (m *Model) Op(r Ref) Op {
	if i := int(r) - len(m.Inputs); i >= 0 && i < len(m.Ops) {
		return m.Ops[i]
	}
	return nil
}

// Types lists the type of every value, checking the program on the way: every step reads values made before it and of
// types it takes, every output exists. The error is a *fault.Broken.
func (m *Model) Types() ([]Type, error) {
	types := make([]Type, 0, len(m.Inputs)+len(m.Ops))
	for _, in := range m.Inputs {
		types = append(types, Type{Kind: in.Kind, Row: []int{in.Width}})
	}
	for i, op := range m.Ops {
		where := fault.In(fmt.Sprintf("step %d, %s", i, op.Name()))
		var in []Type
		for _, r := range op.Reads() {
			if r < 0 || int(r) >= len(types) {
				return nil, fault.Brokenf(where, "reads value %d, which is not there yet", r)
			}
			in = append(in, types[r])
		}
		t, err := op.Type(in)
		if err != nil {
			return nil, fault.Brokenf(where, "%v", err)
		}
		types = append(types, t)
	}
	for _, out := range m.Outputs {
		if out.Value < 0 || int(out.Value) >= len(types) {
			return nil, fault.Brokenf(fault.In("output "+out.Name), "no value %d", out.Value)
		}
	}
	return types, nil
}

// takes checks that the tensors are what the inputs take.
func (m *Model) takes(inputs []*Tensor) error {
	if len(inputs) != len(m.Inputs) {
		return fault.Mismatchf(fault.Where{}, "%d inputs given, the model has %d", len(inputs), len(m.Inputs))
	}
	for i, in := range m.Inputs {
		t := inputs[i]
		if t.Kind != in.Kind || len(t.Shape) != 2 || t.Shape[1] != in.Width || t.Rows() != inputs[0].Rows() {
			return fault.Mismatchf(fault.In("input "+in.Name), "%v of shape %v given, the model takes %v, %d columns", t.Kind, t.Shape, in.Kind, in.Width)
		}
	}
	return nil
}

// Eval makes the value of a step, in a tensor of its own.
func Eval(op Op, in []*Tensor) (*Tensor, error) {
	t, err := op.Type(types(in))
	if err != nil {
		return nil, err
	}
	out := NewTensor(t, rowsOf(in))
	return out, op.Eval(in, out)
}

// rowsOf is the number of rows that values make together: one where there are none, or all are the same row for all rows.
func rowsOf(in []*Tensor) int {
	for _, t := range in {
		if t.Rows() != 1 {
			return t.Rows()
		}
	}
	return 1
}

// Run evaluates the program: one tensor per input, all with the same number of rows; one tensor per output comes back. It is
// the reference: step by step, trees as they are. An Evaluator answers the same, faster where more than a few rows are asked for.
func (m *Model) Run(inputs []*Tensor) ([]*Tensor, error) {
	if err := m.takes(inputs); err != nil {
		return nil, err
	}
	values := append(make([]*Tensor, 0, len(m.Inputs)+len(m.Ops)), inputs...)
	for i, op := range m.Ops {
		var in []*Tensor
		for _, r := range op.Reads() {
			in = append(in, values[r])
		}
		t, err := Eval(op, in)
		if err != nil {
			return nil, fmt.Errorf("step %d, %s: %w", i, op.Name(), err)
		}
		values = append(values, t)
	}
	outputs := make([]*Tensor, len(m.Outputs))
	for i, out := range m.Outputs {
		outputs[i] = values[out.Value]
	}
	return outputs, nil
}

// Equal tells whether two programs are the same, step by step and bit by bit; the error, a *fault.Mismatch, names the
// first difference. Origins are compared too: they are part of what was written.
func Equal(a, b *Model) error {
	if len(a.Inputs) != len(b.Inputs) || len(a.Ops) != len(b.Ops) || len(a.Outputs) != len(b.Outputs) {
		return fault.Mismatchf(fault.Where{}, "%d inputs, %d steps, %d outputs against %d, %d, %d",
			len(a.Inputs), len(a.Ops), len(a.Outputs), len(b.Inputs), len(b.Ops), len(b.Outputs))
	}
	for i := range a.Inputs {
		if x, y := a.Inputs[i], b.Inputs[i]; x.Name != y.Name || x.Kind != y.Kind || x.Width != y.Width || !equalSlices(x.Columns, y.Columns) {
			return fault.Mismatchf(fault.In("input "+x.Name), "%+v against %+v", x, y)
		}
	}
	for i := range a.Ops {
		where := fault.In(fmt.Sprintf("step %d, %s", i, a.Ops[i].Name()))
		if !equalSlices(a.Ops[i].Reads(), b.Ops[i].Reads()) {
			return fault.Mismatchf(where, "reads %v against %v", a.Ops[i].Reads(), b.Ops[i].Reads())
		}
		if err := a.Ops[i].Equal(b.Ops[i]); err != nil {
			return fault.Mismatchf(where, "%v", err)
		}
	}
	if !equalSlices(a.Outputs, b.Outputs) {
		return fault.Mismatchf(fault.Where{}, "outputs %+v against %+v", a.Outputs, b.Outputs)
	}
	if !equalSlices(a.Origin, b.Origin) {
		return fault.Mismatchf(fault.Where{}, "they carry another origin")
	}
	return nil
}

func equalSlices[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// differ is what Op.Equal answers for a step of another kind or with another setting.
func differ(a, b Op) error { return fmt.Errorf("%T %+v against %T %+v", a, a, b, b) }
