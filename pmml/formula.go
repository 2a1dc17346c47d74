package pmml

import (
	"math"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// A field's expression says the steps of model so (name is the name of an argument's field, or its own expression):
//
//	Unary, Binary, Where  Apply of the function below
//	Reduce max            Apply max
//	Cast                  FieldRef name, in a field of the type
//	Index                 MapValues: rows of keys and places. Unknown is defaultValue (none: the original refuses what is
//	                      unknown), the place of a missing value mapMissingTo
//	Lookup                MapValues: rows of places and entries, the last one always; most others may be the defaultValue
//	Search                Discretize: a bin for each place; mapMissingTo is the last place
//	constant              Constant
//
// A comparison with NaN is false, so comparisons say mapMissingTo="false". Arithmetic of a missing value is missing, as that
// of NaN is NaN. JPMML-Evaluator raises errors where a function of one argument is called without it or answers NaN, so it stands
// behind if(isNotMissing(name), ...) or if(greaterOrEqual(name, least), ...), unless it is known to be a number for which
// the function has an answer. It raises errors, too, where arithmetic of infinities is NaN; that is left so.
var unaryNames = map[model.Function]string{
	model.Abs: "abs", model.Sqrt: "sqrt", model.Exp: "exp",
	model.Expm1: "expm1", model.Log: "ln", model.Log1p: "ln1p", model.Sin: "sin", model.Cos: "cos", model.Tan: "tan",
	model.Tanh: "tanh", model.IsNaN: "isMissing", model.Not: "not",
}

var binaryNames = map[model.Operation]string{
	model.Add: "+", model.Sub: "-", model.Mul: "*", model.Quotient: "/", model.Pow: "pow", model.Less: "lessThan",
	model.LessOrEqual: "lessOrEqual", model.Greater: "greaterThan", model.GreaterOrEqual: "greaterOrEqual",
	model.Equals: "equal", model.And: "and", model.Or: "or",
}

const (
	choiceName  = "if"
	largestName = "max"
)

var (
	unaryFunctions  = reversed(unaryNames)
	binaryFunctions = reversed(binaryNames)
)

func reversed[K, V comparable](m map[K]V) map[V]K {
	r := make(map[V]K, len(m))
	for k, v := range m {
		r[v] = k
	}
	return r
}

// dataTypeOfTerm is PMML's name for a kind.
func dataTypeOfTerm(k model.Kind) string {
	if k == model.Float32 {
		return "float"
	}
	return dataTypeOf(k)
}

func kindOfDataType(dataType string) (model.Kind, bool) {
	for k := model.Float64; k <= model.String; k++ {
		if dataTypeOfTerm(k) == dataType {
			return k, true
		}
	}
	return 0, false
}

// reference is a term within an expression: its field's name, or what it is made of.
func (s *sheet) reference(t *term, name map[*term]string) *expression {
	if n, ok := name[t]; ok && t.value == nil {
		return fieldRef(n)
	}
	return s.definition(t, name)
}

// definition is the expression that makes a term.
func (s *sheet) definition(t *term, name map[*term]string) *expression {
	var args []*expression
	for _, arg := range t.args {
		args = append(args, s.reference(arg, name))
	}
	switch op := t.step.(type) {
	case nil:
		x := &expression{element: "Constant", name: dataTypeOfTerm(t.kind), text: string(appendItem(nil, t.value, 0))}
		if x.text == "" {
			x.missing = "true"
		}
		return x
	case *model.Unary:
		return behind(t, apply(unaryNames[op.Fn], args...))
	case *model.Binary:
		x := apply(binaryNames[op.Fn], args...)
		if t.kind == model.Bool && t.args[0].kind.IsFloat() {
			x.missing = "false"
		}
		return behind(t, x)
	case *model.Where:
		return apply(choiceName, args...)
	case *model.Reduce:
		return apply(largestName, args...)
	case *model.Index:
		return indexTable(op, name[t.args[0]])
	case *model.Lookup:
		return lookupTable(op.Table, name[t.args[0]])
	case *model.Search:
		return bins(op, name[t.args[0]])
	}
	return args[0] // a cast
}

// guard is the condition under which a function may be called, about one of its arguments: the condition says so of nil.
// nil: there is none.
func guard(t *term) (cond *expression, arg int) {
	least := math.Inf(-1)
	switch op := t.step.(type) {
	case *model.Binary:
		if op.Fn != model.Pow {
			return nil, 0
		}
		if t.args[1].span.nan {
			arg = 1
		}
	case *model.Unary:
		switch op.Fn {
		case model.IsNaN, model.Not:
			return nil, 0
		case model.Sqrt, model.Log:
			least = 0
		case model.Log1p:
			least = -1
		}
	default:
		return nil, 0
	}
	switch x := t.args[arg]; {
	case x.span.low < least:
		cond = apply("greaterOrEqual", nil, &expression{element: "Constant", name: dataTypeOfTerm(x.kind), text: strconv.Itoa(int(least))})
		cond.missing = "false"
	case x.span.nan:
		cond = apply("isNotMissing", nil)
	}
	return cond, arg
}

// behind is a call behind the condition that it needs.
func behind(t *term, call *expression) *expression {
	cond, arg := guard(t)
	if cond == nil {
		return call
	}
	cond.args[0] = call.args[arg]
	return apply(choiceName, cond, call)
}

func indexTable(op *model.Index, field string) *expression {
	x := &expression{element: "MapValues", name: field, kind: "integer", in: "key", out: "place"}
	if !op.Refuses {
		x.other = strconv.FormatInt(op.Unknown, 10)
		x.missing = x.other
	}
	for i := range op.Keys.Len() {
		key, place := string(appendItem(nil, op.Keys, i)), strconv.Itoa(i)
		if key == "" {
			x.missing = place
		} else {
			x.rows = append(x.rows, [2]string{key, place})
		}
	}
	return x
}

func lookupTable(table *model.Tensor, field string) *expression {
	x := &expression{element: "MapValues", name: field, kind: dataTypeOfTerm(table.Kind), in: "place", out: "value"}
	last := table.Len() - 1
	count := map[string]int{}
	texts := make([]string, last+1)
	for i := range texts {
		texts[i] = string(appendItem(nil, table, i))
		count[texts[i]]++
	}
	if table.Kind != model.String {
		for _, text := range texts {
			if count[text] > max(1, count[x.other]) {
				x.other = text
			}
		}
	}
	for i, text := range texts {
		if text != x.other || i == last {
			x.rows = append(x.rows, [2]string{strconv.Itoa(i), text})
		}
	}
	return x
}

func bins(op *model.Search, field string) *expression {
	x := &expression{element: "Discretize", name: field, kind: "integer", missing: strconv.Itoa(len(op.Edges))}
	closure := "openClosed"
	if op.Right {
		closure = "closedOpen"
	}
	left := ""
	for i := 0; i <= len(op.Edges); i++ {
		b := bin{value: strconv.Itoa(i), left: left, closure: closure}
		if i < len(op.Edges) {
			b.right = string(appendItem(nil, model.Scalar(op.Edges[i]).Row, 0))
			if b.right == left {
				continue
			}
		}
		x.bins = append(x.bins, b)
		left = b.right
	}
	return x
}

// read makes a term of an expression. What it says must be what engines make of it.
func (ts *terms) read(x *expression, field map[string]*term, cells func(int) error) (*term, error) {
	bad := func(why string) (*term, error) {
		return nil, fault.Unsupportedf(fault.Where{}, "a PMML expression %s", why)
	}
	if x.element == "Apply" && x.name == choiceName && len(x.args) == 2 {
		return ts.readGuarded(x, field, cells)
	}
	var args []*term
	for _, arg := range x.args {
		t, err := ts.read(arg, field, cells)
		if err != nil {
			return nil, err
		}
		args = append(args, t)
	}
	switch x.element {
	case "FieldRef":
		if t := field[x.name]; t != nil {
			return t, nil
		}
		return nil, fault.Brokenf(fault.Where{}, "the field %q is not there yet", x.name)
	case "Constant":
		kind, ok := kindOfDataType(x.name)
		if !ok {
			return bad("with a Constant of type " + x.name)
		}
		v, ok := parseItems(kind, []string{x.text}, x.missing == "true")
		if !ok || x.missing != "" && x.missing != "true" || x.missing != "" && x.text != "" {
			return nil, fault.Brokenf(fault.Where{}, "the constant %q of type %s", x.text, x.name)
		}
		return ts.constant(v, 0), nil
	case "MapValues", "Discretize":
		from := field[x.name]
		if from == nil {
			return nil, fault.Brokenf(fault.Where{}, "the field %q is not there yet", x.name)
		}
		if x.element == "Discretize" {
			return ts.readBins(x, from, cells)
		}
		return ts.readTable(x, from, cells)
	}
	fn, unary := unaryFunctions[x.name]
	op, binary := binaryFunctions[x.name]
	switch {
	case x.missing != "" && !(binary && model.Operation(op) != model.And && op != model.Or):
		return bad("with mapMissingTo")
	case unary && len(args) == 1:
		t := ts.unary(fn, args[0])
		if cond, _ := guard(t); cond != nil {
			return bad("with the function " + x.name + " of what may be missing")
		}
		return t, ts.err
	case binary && len(args) == 2:
		t := ts.binary(op, args[0], args[1])
		if cond, _ := guard(t); cond != nil {
			return bad("with the function " + x.name + " of what may be missing")
		}
		guarded := x.missing == "false"
		if guards := t.kind == model.Bool && op != model.And && op != model.Or; guarded != (guards && args[0].kind.IsFloat()) {
			return bad("whose " + x.name + " of missing values is not false")
		}
		return t, ts.err
	case x.name == choiceName && len(args) == 3:
		return ts.where(args[0], args[1], args[2]), ts.err
	case x.name == largestName && len(args) > 1:
		for _, arg := range args {
			if !arg.kind.IsFloat() || arg.kind != args[0].kind || arg.span.nan {
				return bad("with the largest of what may be missing")
			}
		}
		return ts.largest(args), ts.err
	}
	return bad("with the function " + x.name)
}

// readGuarded makes a term of an if without else: a function, where its argument is not missing.
func (ts *terms) readGuarded(x *expression, field map[string]*term, cells func(int) error) (*term, error) {
	call := x.args[1]
	fn, unary := unaryFunctions[call.name]
	power := call.name == binaryNames[model.Pow] && len(call.args) == 2
	if call.element != "Apply" || !power && !(unary && len(call.args) == 1) || x.missing+call.missing != "" {
		return nil, fault.Unsupportedf(fault.Where{}, "a PMML expression with an if that has no else")
	}
	var args []*term
	for _, arg := range call.args {
		t, err := ts.read(arg, field, cells)
		if err != nil {
			return nil, err
		}
		args = append(args, t)
	}
	var t *term
	if power {
		t = ts.binary(model.Pow, args[0], args[1])
	} else {
		t = ts.unary(fn, args[0])
	}
	if guarded := behind(t, call); guarded == call || !guarded.equal(x) {
		return nil, fault.Unsupportedf(fault.Where{}, "a PMML expression with an if of another condition than %s needs", call.name)
	}
	return t, ts.err
}

func (ts *terms) readTable(x *expression, from *term, cells func(int) error) (*term, error) {
	kind, ok := kindOfDataType(x.kind)
	broken := func() (*term, error) {
		return nil, fault.Unsupportedf(fault.Where{}, "a MapValues of the field %q that is no table of places or by places", x.name)
	}
	if !ok || len(x.rows) == 0 {
		return broken()
	}
	switch {
	case x.in == "key" && x.out == "place":
		return ts.readIndex(x, from, broken)
	case x.in != "place" || x.out != "value" || from.kind != model.Int64 || x.missing != "":
		return broken()
	}
	// Places are in rising order, and the last one is there.
	last, err := strconv.Atoi(x.rows[len(x.rows)-1][0])
	if err != nil || last < 0 || last >= maxTerms {
		return broken()
	}
	if err := cells(last + 1); err != nil {
		return nil, err
	}
	texts := make([]string, last+1)
	for i := range texts {
		texts[i] = x.other
	}
	before := -1
	for _, row := range x.rows {
		at, err := strconv.Atoi(row[0])
		if err != nil || at <= before || at > last || strconv.Itoa(at) != row[0] || x.other == "" && at != before+1 {
			return broken()
		}
		texts[at], before = row[1], at
	}
	table, ok := parseItems(kind, texts, false)
	if !ok {
		return broken()
	}
	return ts.lookup(from, table), ts.err
}

func (ts *terms) readIndex(x *expression, from *term, broken func() (*term, error)) (*term, error) {
	op := &model.Index{Refuses: x.other == "", Unknown: -1}
	if !op.Refuses {
		v, err := strconv.ParseInt(x.other, 10, 64)
		if err != nil {
			return broken()
		}
		op.Unknown = v
	}
	var texts []string
	missing := -1
	for _, row := range x.rows {
		place := strconv.Itoa(len(texts))
		if row[1] != place && x.missing == place {
			missing = len(texts)
			texts = append(texts, "")
			place = strconv.Itoa(len(texts))
		}
		if row[1] != place || row[0] == "" {
			return broken()
		}
		texts = append(texts, row[0])
	}
	if x.missing == strconv.Itoa(len(texts)) && missing < 0 && x.missing != x.other {
		missing = len(texts)
		texts = append(texts, "")
	}
	if from.kind == model.Bool || x.kind != "integer" || missing < 0 && x.missing != x.other {
		return broken()
	}
	keys, ok := parseItems(from.kind, texts, missing >= 0)
	if !ok {
		return broken()
	}
	op.Keys = keys
	return ts.index(from, op), ts.err
}

func (ts *terms) readBins(x *expression, from *term, cells func(int) error) (*term, error) {
	broken := fault.Unsupportedf(fault.Where{}, "a Discretize of the field %q whose bins do not number its intervals", x.name)
	op := &model.Search{}
	left := ""
	for i, b := range x.bins {
		last := i == len(x.bins)-1
		place, err := strconv.Atoi(b.value)
		if i == 0 {
			op.Right = b.closure == "closedOpen"
		}
		if err != nil || place < len(op.Edges) || place > len(op.Edges)+maxTerms || b.left != left || (b.right == "") != last ||
			b.closure != map[bool]string{false: "openClosed", true: "closedOpen"}[op.Right] {
			return nil, broken
		}
		if err := cells(place - len(op.Edges) + 1); err != nil {
			return nil, err
		}
		if i > 0 {
			edge := op.Edges[len(op.Edges)-1]
			for len(op.Edges) < place && len(op.Edges) < maxTerms {
				op.Edges = append(op.Edges, edge)
			}
		}
		if len(op.Edges) != place {
			return nil, broken
		}
		if !last {
			v, ok := number([]byte(b.right), 64)
			if !ok {
				return nil, broken
			}
			op.Edges = append(op.Edges, v)
		}
		left = b.right
	}
	if x.kind != "integer" || x.other != "" || len(op.Edges) == 0 || x.missing != strconv.Itoa(len(op.Edges)) || !from.kind.IsFloat() {
		return nil, broken
	}
	return ts.search(from, op), ts.err
}

// parseItems is the tensor of items of which the texts are given; a missing one has none, where there may be any.
func parseItems(kind model.Kind, texts []string, missing bool) (*model.Tensor, bool) {
	if !kind.IsFloat() {
		for _, s := range texts {
			if s == "" && !(missing && kind == model.String) {
				return nil, false
			}
		}
		return parseLabels(dataTypeOf(kind), texts)
	}
	t := &model.Tensor{Kind: kind, Shape: []int{len(texts)}}
	for _, s := range texts {
		v, ok := math.NaN(), missing
		if s != "" {
			v, ok = number([]byte(s), 64)
			if kind == model.Float32 {
				v, ok = number([]byte(s), 32)
			}
		}
		if !ok {
			return nil, false
		}
		t.Float = append(t.Float, v)
	}
	return t, true
}
