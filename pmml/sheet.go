package pmml

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// sheet is a program as fields: the second way into PMML, for what is more than a forest. Lower takes a program apart into
// a sheet, and the sheet is one program (see program); Write writes the sheet, and Read reads it.
type sheet struct {
	*terms
	inputs  []model.Input // one matrix of floats, or columns one by one
	answers []answered
	origin  model.Origin

	uses   map[*term]int
	field  map[*term]bool   // terms that are fields of their own
	stage  map[*term]int    // how many of the ensembles are evaluated before it
	height map[*term]int    // of the expression, down to its fields
	strict map[int]bool     // columns of the inputs in which some step refuses what is missing
	valid  map[int][]string // columns of the inputs of which some values only are not refused
	stages []stage          // the first one has no ensemble
	float  map[*term]*term  // inputs that are rounded to float32 wherever they are used: the rounded one
}

// stage is an ensemble and the fields that can be told once it is.
type stage struct {
	ensemble *term
	fields   []*term
}

// answered is an output of the program.
type answered struct {
	model.Output // but for its value
	columns      []*term
	label        bool // one label per row
}

// maxHeight bounds how deep expressions go into one another: engines evaluate them by recursion.
const maxHeight = 12

// lowerSheet is Lower for what is no forest; why says so.
func lowerSheet(m *model.Model, o Options, why error) (*model.Model, error) {
	var u *fault.Unsupported
	if !errors.As(why, &u) {
		return nil, why
	}
	s, err := sheetOf(m, o)
	if err != nil {
		return nil, err
	}
	return s.program(), nil
}

func sheetOf(m *model.Model, o Options) (*sheet, error) {
	types, err := m.Types()
	if err != nil {
		return nil, err
	}
	s := &sheet{terms: newTerms(), origin: m.Origin}
	for _, in := range m.Inputs {
		if in.Width == 0 {
			return nil, fault.Unsupportedf(fault.In("input "+in.Name), "PMML has no inputs without columns")
		}
	}
	methods := o.Methods
	if methods == nil {
		methods = model.Default(m)
		if len(methods) > 1 {
			methods = slices.DeleteFunc(slices.Clone(methods), func(method string) bool { return method == model.Apply })
		}
	}
	var outputs []model.Output
	for _, method := range methods {
		some := false
		for _, out := range m.Outputs {
			if out.Method == method {
				outputs, some = append(outputs, out), true
			}
		}
		if !some {
			return nil, fault.Unsupportedf(fault.Where{}, "the model does not have the methods [%s]", method)
		}
	}
	if len(outputs) == 0 {
		return nil, fault.Unsupportedf(fault.Where{}, "a model without answers in PMML")
	}
	t := &taker{terms: s.terms, m: m, needed: needs(m, outputs)}
	if err := t.run(); err != nil {
		return nil, err
	}
	targets, seen := map[string]int{}, names{}
	for _, out := range outputs {
		if out.Target != targets[out.Method] || seen[out.Name] {
			return nil, fault.Unsupportedf(fault.In("output "+out.Name), "target %d is not in its place, or two outputs have one name", out.Target)
		}
		if leaves, ok := m.Op(out.Value).(*model.Leaves); ok { // numbers of nodes, which PMML's trees do not have
			return nil, fault.Unsupportedf(fault.In("output "+out.Name), "PMML has no place for the step %s as an answer", leaves.Name())
		}
		targets[out.Method]++
		seen[out.Name] = true
		v := t.values[out.Value]
		a := answered{Output: out, columns: v.terms}
		a.label = len(v.terms) == 1 && (!types[out.Value].Kind.IsFloat() || len(v.row) == 0 && possible(v.terms[0]) != nil)
		if len(v.terms) == 0 || len(v.row) > 1 {
			return nil, fault.Unsupportedf(fault.In("output "+out.Name), "PMML has no answers of shape %v", v.row)
		}
		s.answers = append(s.answers, a)
	}
	if err := s.name(m.Inputs); err != nil {
		return nil, err
	}
	s.arrange()
	return s, s.err
}

// name settles the names of the columns.
func (s *sheet) name(inputs []model.Input) error {
	taken := names{}
	matrix := len(inputs) == 1 && inputs[0].Kind.IsFloat()
	at := 0
	for _, in := range inputs {
		columns := make([]string, in.Width)
		for j := range columns {
			switch {
			case in.Columns != nil:
				columns[j] = in.Columns[j]
			case in.Width == 1 && len(inputs) > 1:
				columns[j] = in.Name
			default:
				columns[j] = defaultColumn(at)
			}
			switch c := columns[j]; {
			case !holds(c):
				return fault.Unsupportedf(fault.Where{}, "XML can't hold the feature name %q", c)
			case taken[c] || c == "":
				return fault.Unsupportedf(fault.Where{}, "two features called %q, or one without a name", c)
			}
			taken[columns[j]] = true
			at++
			if !matrix {
				s.inputs = append(s.inputs, model.Input{Name: columns[j], Kind: in.Kind, Width: 1})
			}
		}
		if matrix {
			in.Columns = columns
			s.inputs = append(s.inputs, in)
		}
	}
	for i := range s.answers {
		if a := &s.answers[i]; !holds(a.Name) || !holds(a.Method) {
			return fault.Unsupportedf(fault.Where{}, "XML can't hold the output name %q", a.Name)
		}
	}
	return nil
}

// arrange finds the terms that are fields, and their order.
func (s *sheet) arrange() {
	s.uses, s.field, s.stage = map[*term]int{}, map[*term]bool{}, map[*term]int{}
	s.height, s.float = map[*term]int{}, map[*term]*term{}
	var roots []*term
	for _, a := range s.answers {
		roots = append(roots, a.columns...)
	}
	order := s.order(roots)
	for _, t := range roots {
		s.uses[t]++
		s.field[t] = t.value == nil
	}
	rounded := map[*term]int{}
	for _, t := range order {
		for _, arg := range t.args {
			s.uses[arg]++
			if needsFields(t) {
				s.field[arg] = true
			}
			if cast, ok := t.step.(*model.Cast); ok && cast.To == model.Float32 && arg.isInput() && arg.kind == model.Float64 {
				s.float[arg], rounded[arg] = t, rounded[arg]+1
			}
		}
	}
	for arg := range s.float {
		if s.uses[arg] > rounded[arg] || len(s.inputs) > 1 {
			delete(s.float, arg)
		}
	}
	s.strict = map[int]bool{}
	for _, t := range order {
		if f := t.forest(); f != nil && f.RefusesNaN {
			refusing(t.args, s.strict)
		}
	}
	s.valid = map[int][]string{}
	for _, t := range order {
		if op, ok := t.step.(*model.Index); ok && op.Refuses && t.args[0].isInput() {
			s.known(t.args[0].input, op.Keys)
		}
	}
	for column := range s.strict {
		delete(s.refused, column)
	}
	s.stages = []stage{{}}
	for _, t := range order {
		for _, arg := range t.args {
			s.stage[t] = max(s.stage[t], s.stage[arg])
			if !s.field[arg] && arg.step != nil {
				s.height[t] = max(s.height[t], s.height[arg]+1)
			}
		}
		switch {
		case t.isInput() || t.value != nil && !s.field[t]:
		case t.forest() != nil:
			s.field[t] = true
			s.stage[t] = len(s.stages)
			s.stages = append(s.stages, stage{ensemble: t})
		case s.field[t] || s.uses[t] > 1 || isField(t) || s.height[t] >= maxHeight:
			s.field[t] = true
			if len(t.args) == 0 || s.float[t.args[0]] != t {
				at := &s.stages[s.stage[t]]
				at.fields = append(at.fields, t)
			}
		}
	}
}

// known notes that a column of the inputs refuses what is not among keys.
func (s *sheet) known(column int, keys *model.Tensor) {
	valid := itemsOf(keys)
	if len(valid) == keys.Len() { // none of them is missing
		s.strict[column] = true
	}
	if before, ok := s.valid[column]; ok {
		valid = slices.DeleteFunc(valid, func(key string) bool { return !slices.Contains(before, key) })
	}
	s.valid[column] = valid
}

// order lists all terms, each behind those that it is made of.
func (s *sheet) order(roots []*term) []*term {
	var order []*term
	seen := map[*term]bool{}
	var visit func(t *term)
	visit = func(t *term) {
		if seen[t] {
			return
		}
		seen[t] = true
		for _, arg := range t.args {
			visit(arg)
		}
		order = append(order, t)
	}
	for _, t := range roots {
		visit(t)
	}
	return order
}

// needsFields tells whether what t is made of must have names.
func needsFields(t *term) bool {
	switch t.step.(type) {
	case *model.Index, *model.Lookup, *model.Search, *model.Ensemble:
		return true
	}
	cond, _ := guard(t)
	return cond != nil
}

// isField tells whether t must have a name, since the field's type is part of what it says.
func isField(t *term) bool {
	switch t.step.(type) {
	case *model.Index, *model.Lookup, *model.Search, *model.Cast:
		return true
	}
	return t.kind == model.Float32
}

// program is the sheet as steps of model, in the order of the fields.
func (s *sheet) program() *model.Model {
	e := &emitter{s: s, m: &model.Model{Inputs: s.inputs, Origin: visibleOrigin(s.origin)}, refs: map[*term]model.Ref{}}
	for _, stage := range s.stages {
		if stage.ensemble != nil {
			e.ref(stage.ensemble)
		}
		for _, t := range stage.fields {
			if t.value == nil { // constants are repeated where they are asked for
				e.ref(t)
			}
		}
	}
	for _, a := range s.answers {
		out := a.Output
		if a.label {
			out.Value = e.m.Add(&model.Pick{X: e.ref(a.columns[0]), Index: 0})
		} else {
			out.Value = e.concat(a.columns)
		}
		e.m.Outputs = append(e.m.Outputs, out)
	}
	return e.m
}

// emitter makes steps of terms.
type emitter struct {
	s    *sheet
	m    *model.Model
	refs map[*term]model.Ref
}

func (e *emitter) concat(xs []*term) model.Ref {
	c := &model.Concat{}
	for _, x := range xs {
		c.Xs = append(c.Xs, e.ref(x))
	}
	return e.m.Add(c)
}

func (e *emitter) operand(t *term) model.Operand {
	if t.value != nil {
		return model.Operand{Row: t.value}
	}
	return model.Value(e.ref(t))
}

// ref is the value of a term, one column wide.
func (e *emitter) ref(t *term) model.Ref {
	if r, ok := e.refs[t]; ok {
		return r
	}
	r := e.emit(t)
	e.refs[t] = r
	return r
}

func (e *emitter) emit(t *term) model.Ref {
	switch op := t.step.(type) {
	case nil:
		switch {
		case t.value != nil:
			return e.m.Add(&model.Repeat{Like: 0, Row: t.value})
		}
		x := model.Ref(t.input)
		if len(e.s.inputs) == 1 && e.s.inputs[0].Kind.IsFloat() {
			x = e.m.Add(&model.Slice{X: 0, From: t.input, To: t.input + 1})
		}
		if e.s.refused[t.input] {
			x = e.m.Add(&model.Finite{X: x})
		}
		return x
	case *model.Unary:
		return e.m.Add(&model.Unary{Fn: op.Fn, X: e.ref(t.args[0])})
	case *model.Cast:
		return e.m.Add(&model.Cast{To: op.To, X: e.ref(t.args[0])})
	case *model.Index:
		return e.m.Add(&model.Index{Keys: op.Keys, Unknown: op.Unknown, Refuses: op.Refuses, X: e.ref(t.args[0])})
	case *model.Search:
		return e.m.Add(&model.Search{Edges: op.Edges, Right: op.Right, X: e.ref(t.args[0])})
	case *model.Lookup:
		return e.m.Add(&model.Lookup{Table: op.Table, X: e.ref(t.args[0])})
	case *model.Binary:
		a := e.operand(t.args[0])
		return e.m.Add(&model.Binary{Fn: op.Fn, A: a, B: e.operand(t.args[1])})
	case *model.Where:
		cond, a := e.ref(t.args[0]), e.operand(t.args[1])
		return e.m.Add(&model.Where{Cond: cond, A: a, B: e.operand(t.args[2])})
	case *model.Reduce:
		return e.m.Add(&model.Reduce{Fn: op.Fn, X: e.concat(t.args)})
	}
	return e.m.Add(&model.Ensemble{Forest: t.forest(), X: e.concat(t.args)})
}

// visibleOrigin is an origin that XML can hold.
func visibleOrigin(o model.Origin) model.Origin {
	all := make(model.Origin, 0, len(o))
	for _, p := range o {
		all = append(all, model.Property{Key: visible(p.Key), Value: visible(p.Value)})
	}
	return all
}

// outputNames are the names of the output fields of an answer, column by column.
func (s *sheet) outputNames(i int, taken names) []string {
	a := &s.answers[i]
	target := ""
	if a.Method == model.PredictProba && s.targets() > 1 {
		target = fmt.Sprintf("y%d,", a.Target+1)
	}
	labels := s.labels(a.Target)
	var list []string
	for j := range a.columns {
		switch {
		case a.Method != model.PredictProba && len(a.columns) == 1:
			list = append(list, taken.free(a.Name))
		case a.Method != model.PredictProba:
			list = append(list, taken.free(numbered(a.Name, j)))
		case len(labels) == len(a.columns):
			list = append(list, taken.free(probaName+"("+target+labels[j]+")"))
		default:
			list = append(list, taken.free(fmt.Sprintf("%s(%s%d)", probaName, target, j)))
		}
	}
	return list
}

// targets is how many targets the answers have.
func (s *sheet) targets() int {
	n := 1
	for _, a := range s.answers {
		n = max(n, a.Target+1)
	}
	return n
}

// labels are the texts of the labels of a target that predict can answer, in order; nil where they can't be listed.
func (s *sheet) labels(target int) []string {
	for _, a := range s.answers {
		if a.Method == model.Predict && a.Target == target && a.label {
			return possible(a.columns[0])
		}
	}
	return nil
}

// possible lists the texts that a term can be; nil where that is anything. Those of a choice are in rising order, as
// scikit-learn's classes are.
func possible(t *term) []string {
	switch op := t.step.(type) {
	case nil:
		if t.value != nil {
			return itemsOf(t.value)
		}
	case *model.Lookup:
		return itemsOf(op.Table)
	case *model.Where:
		a, b := possible(t.args[1]), possible(t.args[2])
		if a == nil || b == nil {
			return nil
		}
		list := append(slices.Clone(a), b...)
		slices.SortFunc(list, func(a, b string) int {
			if t.kind == model.String || t.kind == model.Bool {
				return cmp.Compare(a, b)
			}
			x, _ := number([]byte(a), 64)
			y, _ := number([]byte(b), 64)
			return cmp.Compare(x, y)
		})
		return slices.Compact(list)
	}
	return nil
}

// itemsOf are the texts of a tensor's items, each once.
func itemsOf(t *model.Tensor) []string {
	list := []string{}
	seen := map[string]bool{"": true}
	for i := range t.Len() {
		if text := string(appendItem(nil, t, i)); !seen[text] {
			seen[text] = true
			list = append(list, text)
		}
	}
	return list
}
