package pmml

import (
	"math"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// term is one column of a program: a number, truth or text for each row. PMML has no vectors, so a program that is no plain
// forest is taken apart into terms; each becomes a field, or a part of the expression of one.
type term struct {
	step  model.Op // what makes it of args, whatever values it says that it reads; nil: an input or a constant
	args  []*term
	kind  model.Kind
	input int           // place among the columns of all inputs
	value *model.Tensor // of a constant: one row of one column
	span  span
	id    int
}

func (t *term) forest() *forest.Forest {
	if e, ok := t.step.(*model.Ensemble); ok {
		return e.Forest
	}
	return nil
}

func (t *term) isInput() bool { return t.step == nil && t.value == nil }

// maxTerms bounds what a program may be taken apart into.
const maxTerms = 1 << 20

// terms makes terms. Equal ones are made once, and some are made of others so that each question has one wording.
type terms struct {
	known     map[string]*term
	count     int
	lowered   map[part][]*forest.Forest
	asTheyAre bool               // forests of one output are lowered already
	wholes    map[*term]bool     // what whole found
	choices   map[*term][]string // what possible found of choices
	refused   map[int]bool       // columns of the inputs in which the original refuses NaN
	err       error              // the first that occurred
}

// part is one output of a forest.
type part struct {
	forest *forest.Forest
	output int
}

func newTerms() *terms {
	return &terms{known: map[string]*term{}, lowered: map[part][]*forest.Forest{}, refused: map[int]bool{},
		wholes: map[*term]bool{}, choices: map[*term][]string{}}
}

func (ts *terms) fail(err error) {
	if ts.err == nil {
		ts.err = err
	}
}

// refusing adds to refused the columns of the inputs whose NaN makes one of the terms NaN.
func refusing(from []*term, refused map[int]bool) {
	seen := map[*term]bool{}
	var visit func(t *term)
	visit = func(t *term) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch op := t.step.(type) {
		case nil:
			if t.isInput() && t.kind.IsFloat() {
				refused[t.input] = true
			}
		case *model.Unary, *model.Cast:
			visit(t.args[0])
		case *model.Binary:
			if op.Fn != model.Pow {
				visit(t.args[0])
				visit(t.args[1])
			}
		}
	}
	for _, t := range from {
		if t.kind.IsFloat() {
			visit(t)
		}
	}
}

func (ts *terms) unsupported(format string, args ...any) *term {
	ts.fail(fault.Unsupportedf(fault.Where{}, format, args...))
	return ts.number(0)
}

// intern is the one term that is equal to t.
func (ts *terms) intern(key string, t term) *term {
	for _, arg := range t.args {
		key += " " + strconv.Itoa(arg.id)
	}
	if known := ts.known[key]; known != nil {
		return known
	}
	if ts.count++; ts.count > maxTerms {
		ts.fail(fault.Unsupportedf(fault.Where{}, "PMML for more than %d columns of numbers", maxTerms))
	}
	t.id = ts.count
	ts.known[key] = &t
	return &t
}

func (ts *terms) inputColumn(i int, kind model.Kind) *term {
	return ts.intern("input "+strconv.Itoa(i), term{kind: kind, input: i, span: anything(kind)})
}

// constant is item i of a tensor.
func (ts *terms) constant(of *model.Tensor, i int) *term {
	v := &model.Tensor{Kind: of.Kind, Shape: []int{1, 1}}
	key := "constant " + v.Kind.String()
	span := span{}
	switch {
	case v.Kind.IsFloat():
		x := of.Float[i]
		if x != x {
			x = math.NaN()
		}
		v.Float = []float64{x}
		key += strconv.FormatUint(math.Float64bits(x), 16)
		span = only(x)
	case v.Kind == model.String:
		v.Text = []string{of.Text[i]}
		key += strconv.Quote(of.Text[i])
		ts.checkText(of.Text[i])
	default:
		v.Int = []int64{of.Int[i]}
		key += strconv.FormatInt(of.Int[i], 10)
		span = only(float64(of.Int[i]))
	}
	return ts.intern(key, term{kind: v.Kind, value: v, span: span})
}

// checkText finds text that consumers would not read as it is.
func (ts *terms) checkText(s string) {
	if s != model.MissingText && (!holds(s) || !plainText(s)) {
		ts.unsupported("the text %q in PMML, whose readers drop or join blanks", s)
	}
}

func (ts *terms) number(v float64) *term { return ts.constant(model.Vector(v).Row, 0) }

// like is a number of another term's kind.
func (ts *terms) like(t *term, v float64) *term {
	return ts.constant(&model.Tensor{Kind: t.kind, Float: []float64{v}, Int: []int64{int64(v)}}, 0)
}

// make is the term that a step makes of others; of constants it is a constant.
func (ts *terms) make(key string, step model.Op, args ...*term) *term {
	types := make([]model.Type, len(args))
	constants := make([]*model.Tensor, len(args))
	folds := true
	for i, arg := range args {
		types[i] = model.Type{Kind: arg.kind, Row: []int{1}}
		constants[i] = arg.value
		folds = folds && arg.value != nil
	}
	t, err := step.Type(types)
	if err != nil {
		return ts.unsupported("%v", err)
	}
	if folds {
		if v, err := model.Eval(step, constants); err == nil && v.Len() == 1 {
			return ts.constant(v, 0)
		}
	}
	return ts.intern(key, term{step: step, args: args, kind: t.Kind, span: spanOf(step, t.Kind, args)})
}

// appendItem appends the text of one item as it stands in a file, nothing where it is missing. Java reads neither
// infinity, so they are numbers beyond all others.
func appendItem(b []byte, t *model.Tensor, i int) []byte {
	if !t.Kind.IsFloat() {
		return appendLabel(b, t, i)
	}
	switch v := t.Float[i]; {
	case v != v:
		return b
	case math.IsInf(v, 1):
		return append(b, "1e999"...)
	case t.Kind == model.Float32 && !math.IsInf(v, 0):
		return strconv.AppendFloat(b, v, 'g', -1, 32)
	default:
		return appendFloat(b, v)
	}
}
