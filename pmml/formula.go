package pmml

import (
	"math"
	"strconv"

	"github.com/seed-2867d59c/treeport/model"
)

// A field's expression says the steps of model so (name is the name of an argument's field, or its own expression):
//
//	Unary, Binary, Where  Apply of the function below
//	Reduce max            Apply max
//	MatMul                Apply sum of the products with the weights
//	Cast                  FieldRef name, in a field of the type
//	Index                 MapValues: rows of keys and places. Unknown is defaultValue, the place of a missing value
//	                      mapMissingTo. Where the original refuses what is unknown: Apply abs of it, without defaultValue.
//	                      if(isMissing(name), 0, Unknown) where the only key is missing: a table without rows is none
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
	sumName     = "sum"
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
		return behind(t, args, apply(unaryNames[op.Fn], args...))
	case *model.Binary:
		x := apply(binaryNames[op.Fn], args...)
		if t.kind == model.Bool && t.args[0].kind.IsFloat() {
			x.missing = "false"
		}
		return behind(t, args, x)
	case *model.Where:
		return apply(choiceName, args...)
	case *model.Reduce:
		return apply(largestName, args...)
	case *model.MatMul:
		sum := apply(sumName)
		for i, arg := range args {
			weight := &expression{element: "Constant", name: dataTypeOfTerm(t.kind), text: string(appendItem(nil, op.W, i))}
			sum.args = append(sum.args, apply(binaryNames[model.Mul], arg, weight))
		}
		return behind(t, args, sum)
	case *model.Index:
		if isMissingText(op) {
			return missingText(name[t.args[0]], op.Unknown)
		}
		x := indexTable(op, name[t.args[0]])
		if op.Refuses { // what is unknown is missing, and a function called without its argument is an error
			return apply(unaryNames[model.Abs], x)
		}
		return x
	case *model.Lookup:
		return lookupTable(op.Table, name[t.args[0]])
	case *model.Search:
		return bins(op, name[t.args[0]])
	}
	return args[0] // a cast
}

// guard is the condition under which a function may be called with the arguments args; nil: there is none.
func guard(t *term, args []*expression) *expression {
	arg, least := 0, math.Inf(-1)
	switch op := t.step.(type) {
	case *model.MatMul:
		return allPresent(t, args)
	case *model.Binary:
		if op.Fn != model.Pow {
			return nil
		}
		if t.args[1].span.nan {
			arg = 1
		}
	case *model.Unary:
		switch op.Fn {
		case model.IsNaN, model.Not:
			return nil
		case model.Sqrt, model.Log:
			least = 0
		case model.Log1p:
			least = -1
		}
	default:
		return nil
	}
	switch x := t.args[arg]; {
	case x.span.low < least:
		cond := apply("greaterOrEqual", args[arg], &expression{element: "Constant", name: dataTypeOfTerm(x.kind), text: strconv.Itoa(int(least))})
		cond.missing = "false"
		return cond
	case x.span.nan:
		return apply("isNotMissing", args[arg])
	}
	return nil
}

// allPresent is the condition that no argument is missing: PMML's sum passes over those that are.
func allPresent(t *term, args []*expression) *expression {
	all := apply("and")
	for i, x := range t.args {
		if x.span.nan {
			all.args = append(all.args, apply("isNotMissing", args[i]))
		}
	}
	switch len(all.args) {
	case 0:
		return nil
	case 1:
		return all.args[0]
	}
	return all
}

// guards tells whether a term is a call behind a condition.
func guards(t *term) bool { return guard(t, make([]*expression, len(t.args))) != nil }

// behind is a call behind the condition that it needs.
func behind(t *term, args []*expression, call *expression) *expression {
	if cond := guard(t, args); cond != nil {
		return apply(choiceName, cond, call)
	}
	return call
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

// isMissingText tells whether the only key is the text that is missing.
func isMissingText(op *model.Index) bool {
	return op.Keys.Kind == model.String && op.Keys.Len() == 1 && op.Keys.Text[0] == model.MissingText && !op.Refuses
}

// missingText says whether a field of text is missing: 0 if so, else unknown.
func missingText(field string, unknown int64) *expression {
	integer := func(v int64) *expression {
		return &expression{element: "Constant", name: dataTypeOfTerm(model.Int64), text: strconv.FormatInt(v, 10)}
	}
	return apply(choiceName, apply(unaryNames[model.IsNaN], fieldRef(field)), integer(0), integer(unknown))
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
