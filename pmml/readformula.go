package pmml

import (
	"math"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// read makes a term of an expression. What it says must be what engines make of it.
func (ts *terms) read(x *expression, field map[string]*term, cells func(int) error) (*term, error) {
	bad := func(why string) (*term, error) {
		return nil, fault.Unsupportedf(fault.Where{}, "a PMML expression %s", why)
	}
	if x.element == "Apply" && x.name == choiceName && len(x.args) == 2 {
		return ts.readGuarded(x, field, cells)
	}
	if t := ts.readMissingText(x, field); t != nil {
		return t, ts.err
	}
	if x.name == unaryNames[model.Abs] && len(x.args) == 1 && x.args[0].element == "MapValues" {
		t, err := ts.read(x.args[0], field, cells)
		if err != nil {
			return nil, err
		}
		if op, ok := t.step.(*model.Index); !ok || !op.Refuses || x.missing != "" {
			return bad("with abs of a place")
		}
		return t, nil
	}
	var args []*term
	for _, arg := range x.args {
		t, err := ts.read(arg, field, cells)
		if err != nil {
			return nil, err
		}
		if op, ok := t.step.(*model.Index); ok && op.Refuses && arg.element == "MapValues" {
			return bad("of a place that may be missing")
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
		if guards(t) {
			return bad("with the function " + x.name + " of what may be missing")
		}
		return t, ts.err
	case binary && len(args) == 2:
		t := ts.binary(op, args[0], args[1])
		if guards(t) {
			return bad("with the function " + x.name + " of what may be missing")
		}
		guarded := x.missing == "false"
		if guards := t.kind == model.Bool && op != model.And && op != model.Or; guarded != (guards && args[0].kind.IsFloat()) {
			return bad("whose " + x.name + " of missing values is not false")
		}
		return t, ts.err
	case x.name == choiceName && len(args) == 3:
		return ts.where(args[0], args[1], args[2]), ts.err
	case x.name == sumName:
		t, _, err := ts.readProduct(x, field, cells)
		if err == nil && guards(t) {
			return bad("with a sum of what may be missing")
		}
		return t, err
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
	var args []*term
	for _, arg := range call.args {
		if call.name == sumName {
			break
		}
		t, err := ts.read(arg, field, cells)
		if err != nil {
			return nil, err
		}
		args = append(args, t)
	}
	var t *term
	refs := call.args
	switch {
	case call.element != "Apply" || x.missing+call.missing != "":
	case call.name == sumName:
		var err error
		if t, refs, err = ts.readProduct(call, field, cells); err != nil {
			return nil, err
		}
	case call.name == binaryNames[model.Pow] && len(args) == 2:
		t = ts.binary(model.Pow, args[0], args[1])
	case unary && len(args) == 1:
		t = ts.unary(fn, args[0])
	}
	if t == nil || !guards(t) || !guard(t, refs).equal(x.args[0]) {
		return nil, fault.Unsupportedf(fault.Where{}, "a PMML expression with an if without else, or of another condition than %s needs", call.name)
	}
	return t, ts.err
}

// readProduct makes a term of a sum of products; refs are the expressions of what is multiplied.
func (ts *terms) readProduct(x *expression, field map[string]*term, cells func(int) error) (t *term, refs []*expression, err error) {
	var args []*term
	var weights []string
	dataType := ""
	for _, p := range x.args {
		if p.element != "Apply" || p.name != binaryNames[model.Mul] || p.missing != "" || len(p.args) != 2 ||
			p.args[1].element != "Constant" || p.args[1].missing != "" || dataType != "" && p.args[1].name != dataType {
			return nil, nil, fault.Unsupportedf(fault.Where{}, "a PMML expression with a sum of other than weighted fields")
		}
		dataType = p.args[1].name
		arg, err := ts.read(p.args[0], field, cells)
		if err != nil {
			return nil, nil, err
		}
		args, refs, weights = append(args, arg), append(refs, p.args[0]), append(weights, p.args[1].text)
	}
	kind, ok := kindOfDataType(dataType)
	w, parsed := parseItems(kind, weights, false)
	if !ok || !kind.IsFloat() || !parsed {
		return nil, nil, fault.Brokenf(fault.Where{}, "the weights of a sum")
	}
	return ts.product(args, w), refs, ts.err
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

// readMissingText makes a term of what missingText says; nil: it says something else.
func (ts *terms) readMissingText(x *expression, field map[string]*term) *term {
	if x.element != "Apply" || len(x.args) != 3 || len(x.args[0].args) != 1 {
		return nil
	}
	from := field[x.args[0].args[0].name]
	unknown, err := strconv.ParseInt(x.args[2].text, 10, 64)
	if err != nil || from == nil || from.kind != model.String || !missingText(x.args[0].args[0].name, unknown).equal(x) {
		return nil
	}
	missing := &model.Tensor{Kind: model.String, Shape: []int{1}, Text: []string{model.MissingText}}
	return ts.index(from, &model.Index{Keys: missing, Unknown: unknown})
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
