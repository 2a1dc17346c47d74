package pmml

import "reflect"

// expression is a PMML expression: what a field says of other fields.
type expression struct {
	element string // Apply, FieldRef, Constant, MapValues, Discretize
	name    string // function of an Apply, dataType of a Constant, field of the others
	text    string // of a Constant
	args    []*expression
	missing string      // mapMissingTo; of a Constant: whether it is a missing value
	other   string      // defaultValue of a MapValues
	kind    string      // dataType of a MapValues or Discretize
	in, out string      // columns of a MapValues
	rows    [][2]string // of a MapValues: what becomes what
	bins    []bin       // of a Discretize
}

// maxExpression bounds how deep expressions go into one another; the label of chooser goes twice as deep as there are
// classes.
const maxExpression = 2*manyClasses + 8

func apply(function string, args ...*expression) *expression {
	return &expression{element: "Apply", name: function, args: args}
}

func fieldRef(name string) *expression { return &expression{element: "FieldRef", name: name} }

// Forests of more classes than plainClasses, and up to manyClasses, choose their label by an expression: the first class
// whose probability is the largest. PMML4S keeps more than four classes in a hash table and answers any of those that tie
// for the largest; JPMML-Evaluator answers the first. PMML4S overflows its stack at expressions some hundred deep, so
// forests of more classes leave the label to the engine.
const (
	plainClasses = 4
	manyClasses  = 256
)

// chosen tells whether the target's label is an expression.
func (t *target) chosen() bool {
	return t.choosable() && (t.apart != nil || t.classes() > plainClasses && len(t.forest.Trees) > 1)
}

// choosable tells whether the target's label can be one.
func (t *target) choosable() bool {
	if k := t.classes(); k < 2 || k > manyClasses {
		return false
	}
	for _, label := range t.labels.Text {
		if !plainText(label) {
			return false
		}
	}
	return true
}

// plainText tells whether the text between two tags survives consumers that trim or join blanks.
func plainText(s string) bool {
	blank := true
	for i := range len(s) {
		switch s[i] {
		case '\t', '\n', '\r':
			return false
		case ' ':
			if blank {
				return false
			}
			blank = true
		default:
			blank = false
		}
	}
	return !blank
}

// chooser is the label: the first class whose probability is the largest.
func (t *target) chooser(proba []string, largest string) *expression {
	last := t.classes() - 1
	e := t.constant(last)
	for j := last - 1; j >= 0; j-- {
		e = apply("if", apply("equal", fieldRef(proba[j]), fieldRef(largest)), t.constant(j), e)
	}
	return e
}

func (t *target) constant(j int) *expression {
	return &expression{element: "Constant", name: t.dataType(), text: string(appendLabel(nil, t.labels, j))}
}

// maximum is the largest probability.
func maximum(proba []string) *expression {
	e := apply("max")
	for _, name := range proba {
		e.args = append(e.args, fieldRef(name))
	}
	return e
}

// choices takes a chooser apart into its constants. What else it is made of is left to a comparison with a new one.
func (e *expression) choices() (dataType string, texts []string) {
	for {
		switch {
		case e.element == "Constant":
			return e.name, append(texts, e.text)
		case e.element != "Apply" || len(e.args) != 3:
			return "", nil
		}
		texts = append(texts, e.args[1].text)
		e = e.args[2]
	}
}

func (e *expression) equal(other *expression) bool { return reflect.DeepEqual(e, other) }

func (e *encoder) expression(x *expression) {
	e.text("<", x.element)
	switch x.element {
	case "Apply":
		e.attr("function", x.name)
		if x.missing != "" {
			e.attr("mapMissingTo", x.missing)
		}
	case "FieldRef":
		e.attr("field", x.name)
		e.text("/>")
		return
	case "Constant":
		e.attr("dataType", x.name)
		if x.missing != "" {
			e.attr("missing", x.missing)
		}
	default:
		e.table(x)
		return
	}
	e.text(">")
	e.b = appendEscaped(e.b, x.text)
	for _, arg := range x.args {
		e.expression(arg)
	}
	e.text("</", x.element, ">")
	e.spill()
}

// expression reads the expression whose start was read last.
func (r *reader) expression(depth int) (*expression, error) {
	if depth > maxExpression {
		return nil, r.unsupported("an expression %d deep", depth)
	}
	x := &expression{element: string(r.name)}
	var err error
	switch x.element {
	case "Apply":
		x.name, err = r.text("function")
		x.missing = string(r.raw("mapMissingTo"))
	case "FieldRef":
		x.name, err = r.text("field")
	case "Constant":
		x.name, err = r.text("dataType")
		x.missing = string(r.raw("missing"))
	case "MapValues", "Discretize":
		return x, r.table(x)
	default:
		err = r.refuseElement()
	}
	if err != nil {
		return nil, err
	}
	err = r.each(func() error {
		arg, err := r.expression(depth + 1)
		x.args = append(x.args, arg)
		return err
	})
	if err == nil && x.element == "Constant" {
		x.text, err = r.decode(r.between)
	}
	return x, err
}
