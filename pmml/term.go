package pmml

import (
	"fmt"
	"math"
	"strconv"
	"strings"

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
	known   map[string]*term
	count   int
	lowered map[part][]*forest.Forest
	refused map[int]bool // columns of the inputs in which the original refuses NaN
	err     error        // the first that occurred
}

// part is one output of a forest.
type part struct {
	forest *forest.Forest
	output int
}

func newTerms() *terms {
	return &terms{known: map[string]*term{}, lowered: map[part][]*forest.Forest{}, refused: map[int]bool{}}
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
		if v, err := step.Eval(constants); err == nil && v.Len() == 1 {
			return ts.constant(v, 0)
		}
	}
	return ts.intern(key, term{step: step, args: args, kind: t.Kind, span: spanOf(step, t.Kind, args)})
}

func (ts *terms) unary(fn model.Function, x *term) *term {
	switch fn {
	case model.Neg:
		return ts.binary(model.Mul, ts.like(x, -1), x)
	case model.Sign:
		zero := ts.like(x, 0)
		return ts.where(ts.binary(model.Greater, x, zero), ts.like(x, 1),
			ts.where(ts.binary(model.Less, x, zero), ts.like(x, -1), ts.binary(model.Add, x, zero)))
	case model.Floor, model.Ceil, model.Rint, model.Trunc:
		return ts.cast(ts.rounded(fn, ts.cast(x, model.Float64)), x.kind)
	}
	return ts.make(string(fn), &model.Unary{Fn: fn}, x)
}

// rounded is a whole number near x, by additions: JPMML-Evaluator's floor, ceil and rint are of integers of 32 bits. Where
// the answer is 0, its sign is lost.
func (ts *terms) rounded(fn model.Function, x *term) *term {
	zero, one, limit := ts.number(0), ts.number(1), ts.number(1<<52) // beyond which all numbers are whole
	if fn == model.Trunc {
		return ts.where(ts.binary(model.Less, x, zero), ts.rounded(model.Ceil, x), ts.rounded(model.Floor, x))
	}
	up := ts.binary(model.Sub, ts.binary(model.Add, x, limit), limit)
	down := ts.binary(model.Add, ts.binary(model.Sub, x, limit), limit)
	near := ts.where(ts.binary(model.GreaterOrEqual, x, zero),
		ts.where(ts.binary(model.Less, x, limit), up, x),
		ts.where(ts.binary(model.Greater, x, ts.number(-1<<52)), down, x))
	switch fn {
	case model.Floor:
		return ts.where(ts.binary(model.Greater, near, x), ts.binary(model.Sub, near, one), near)
	case model.Ceil:
		return ts.where(ts.binary(model.Less, near, x), ts.binary(model.Add, near, one), near)
	}
	return near
}

func (ts *terms) binary(fn model.Operation, a, b *term) *term {
	if fn == model.Pow && (a.span.nan || b.span.nan) { // NaN to the power of 0 is 1, as is 1 to the power of NaN
		switch one := ts.like(a, 1); {
		case a == one || b == ts.like(b, 0):
			return one
		case a.value == nil && b.value == nil:
			return ts.unsupported("PMML has no place for the power of two numbers that may be missing")
		}
	}
	return ts.make(string(fn), &model.Binary{Fn: fn}, a, b)
}

func (ts *terms) where(cond, a, b *term) *term {
	if cond.value != nil && a.kind == b.kind {
		if cond.value.Int[0] != 0 {
			return a
		}
		return b
	}
	return ts.make("where", &model.Where{}, cond, a, b)
}

func (ts *terms) cast(x *term, to model.Kind) *term {
	switch {
	case x.kind == to:
		return x
	case x.kind == model.Bool && to != model.String:
		one := &model.Tensor{Kind: to, Float: []float64{1, 0}, Int: []int64{1, 0}}
		return ts.where(x, ts.constant(one, 0), ts.constant(one, 1))
	case x.kind.IsFloat() && to == model.Int64 && !ts.whole(x):
		x = ts.unary(model.Trunc, x)
	case x.kind == model.Int64: // PMML4S does not cast what an expression answers, and 0 is not equal to 0.0 to it
		switch op := x.step.(type) {
		case *model.Where:
			return ts.where(x.args[0], ts.cast(x.args[1], to), ts.cast(x.args[2], to))
		case *model.Lookup:
			table := &model.Tensor{Kind: to, Shape: op.Table.Shape}
			for _, v := range op.Table.Int {
				table.Float = append(table.Float, float64(v))
			}
			if to == model.Float64 || allWhole32(op.Table.Int) {
				return ts.lookup(x.args[0], table)
			}
		}
	}
	return ts.make("cast "+to.String(), &model.Cast{To: to}, x)
}

// whole tells whether a number is whole by the way it is made: engines make no integer of another.
func (ts *terms) whole(t *term) bool {
	switch op := t.step.(type) {
	case nil:
		return t.value != nil && t.value.Float[0] == math.Trunc(t.value.Float[0])
	case *model.Binary:
		return (op.Fn == model.Add || op.Fn == model.Sub || op.Fn == model.Mul) && ts.whole(t.args[0]) && ts.whole(t.args[1])
	case *model.Where:
		if cond, ok := t.args[0].step.(*model.Binary); ok && cond.Fn == model.GreaterOrEqual && t.kind == model.Float64 {
			if x := t.args[0].args[0]; x.kind == model.Float64 && ts.rounded(model.Rint, x) == t {
				return true
			}
		}
		return ts.whole(t.args[1]) && ts.whole(t.args[2])
	case *model.Cast:
		return t.args[0].kind == model.Int64 || t.args[0].kind.IsFloat() && ts.whole(t.args[0])
	case *model.Lookup:
		return allWhole(op.Table.Float)
	case *model.Ensemble:
		return len(op.Forest.Trees) == 1 && allWhole(op.Forest.Trees[0].Value)
	}
	return false
}

func allWhole32(values []int64) bool {
	for _, v := range values {
		if int64(float32(v)) != v {
			return false
		}
	}
	return true
}

func allWhole(values []float64) bool {
	for _, v := range values {
		if v != math.Trunc(v) {
			return false
		}
	}
	return true
}

// index is the place of x among keys.
func (ts *terms) index(x *term, op *model.Index) *term {
	unknown := op.Unknown
	if op.Refuses {
		unknown = -1
	}
	keys := *op.Keys
	keys.Float = positiveZeros(keys.Float)
	if last := keys.Len() - 1; last >= 0 && unknown == int64(last) && len(appendItem(nil, &keys, last)) == 0 {
		// What is missing is as what is unknown.
		keys.Shape = []int{last}
		keys.Float, keys.Text = keys.Float[:min(last, len(keys.Float))], keys.Text[:min(last, len(keys.Text))]
	}
	var key strings.Builder
	fmt.Fprintf(&key, "index %v %d %v", op.Refuses, unknown, op.Keys.Kind)
	seen := map[string]bool{}
	for i := range keys.Len() {
		text := string(appendItem(nil, &keys, i))
		if keys.Kind == model.String {
			ts.checkText(text)
		}
		if seen[text] {
			return ts.unsupported("the category %q twice in PMML", text)
		}
		seen[text] = true
		fmt.Fprintf(&key, " %q", text)
	}
	return ts.make(key.String(), &model.Index{Keys: &keys, Unknown: unknown, Refuses: op.Refuses}, x)
}

// search is how many edges are below x. Infinite ones, which PMML's intervals can't have, become choices.
func (ts *terms) search(x *term, op *model.Search) *term {
	var edges []float64
	below, above := 0, 0
	for _, v := range op.Edges {
		switch {
		case math.IsInf(v, -1):
			below++
		case math.IsInf(v, 1):
			above++
		default:
			edges = append(edges, v+0)
		}
	}
	t := ts.place(0)
	if len(edges) > 0 {
		t = ts.make(fmt.Sprint("search ", op.Right, edges), &model.Search{Edges: edges, Right: op.Right}, x)
	}
	if below > 0 {
		t = ts.binary(model.Add, t, ts.place(below))
		if !op.Right {
			t = ts.where(ts.binary(model.Equals, x, ts.like(x, math.Inf(-1))), ts.place(0), t)
		}
	}
	if above > 0 {
		all := ts.unary(model.IsNaN, x)
		if op.Right {
			all = ts.binary(model.Or, all, ts.binary(model.Equals, x, ts.like(x, math.Inf(1))))
		}
		t = ts.where(all, ts.place(len(op.Edges)), t)
	}
	return t
}

func (ts *terms) place(v int) *term {
	return ts.constant(&model.Tensor{Kind: model.Int64, Int: []int64{int64(v)}}, 0)
}

// lookup is an entry of a table by its place. Entries that are missing are left to a choice of their own, since the
// cells of a PMML table can't be.
func (ts *terms) lookup(x *term, table *model.Tensor) *term {
	missing := &model.Tensor{Kind: model.Bool, Shape: table.Shape, Int: make([]int64, table.Len())}
	var key strings.Builder
	fmt.Fprintf(&key, "lookup %v", table.Kind)
	first, same, some := "", true, -1
	for i := range table.Len() {
		text := string(appendItem(nil, table, i))
		if i == 0 {
			first = text
		}
		same = same && text == first
		if text == "" {
			missing.Int[i], some = 1, i
		}
		if table.Kind == model.String {
			ts.checkText(text)
		}
		fmt.Fprintf(&key, " %q", text)
	}
	switch {
	case table.Len() == 0:
		return ts.unsupported("a lookup in an empty table in PMML")
	case same:
		return ts.constant(table, 0)
	case table.Kind == model.Int64 && countsUp(table.Int):
		return x // its own place
	case some >= 0:
		filled := &model.Tensor{Kind: table.Kind, Shape: table.Shape, Float: append([]float64{}, table.Float...), Text: append([]string{}, table.Text...)}
		for i, is := range missing.Int {
			if is == 1 && table.Kind == model.String {
				filled.Text[i] = "missing"
			} else if is == 1 {
				filled.Float[i] = 0
			}
		}
		return ts.where(ts.lookup(x, missing), ts.constant(table, some), ts.lookup(x, filled))
	}
	return ts.make(key.String(), &model.Lookup{Table: table}, x)
}

// countsUp tells whether each entry is its own place.
func countsUp(entries []int64) bool {
	for i, v := range entries {
		if v != int64(i) {
			return false
		}
	}
	return true
}

// largest is the largest of several numbers, NaN where one is. PMML's max passes over missing values, so it is used
// only where there are none.
func (ts *terms) largest(xs []*term) *term {
	if len(xs) == 1 {
		return xs[0]
	}
	for _, x := range xs {
		if x.span.nan { // by halves, so that engines do not go deep
			a, b := ts.largest(xs[:len(xs)/2]), ts.largest(xs[len(xs)/2:])
			more := ts.binary(model.Or, ts.unary(model.IsNaN, b), ts.binary(model.Greater, b, a))
			return ts.where(more, b, a)
		}
	}
	all := &model.Reduce{Fn: model.ReduceMax}
	return ts.intern("max", term{step: all, args: xs, kind: xs[0].kind, span: spanOf(all, xs[0].kind, xs)})
}

// argMax is the place of the largest number, the first of several; a NaN counts as the largest.
func (ts *terms) argMax(xs []*term) *term {
	m := ts.largest(xs)
	t := ts.place(len(xs) - 1)
	for j := len(xs) - 2; j >= 0; j-- {
		is := ts.binary(model.Equals, xs[j], m)
		if xs[j].span.nan {
			is = ts.binary(model.Or, ts.unary(model.IsNaN, xs[j]), is)
		}
		t = ts.where(is, ts.place(j), t)
	}
	return t
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
