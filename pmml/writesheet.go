package pmml

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// The files that Write makes of a sheet, as a grammar:
//
//	file           = PMML(Header DataDictionary MiningModel(MiningSchema LocalTransformations? Segmentation(Segment* answer)))
//	DataDictionary = DataDictionary(Extension(name value) DataField*)   the inputs' shape, the columns, the target
//	Segment        = Segment(True TreeModel(MiningSchema Output Node))
//	               | Segment(True MiningModel(MiningSchema Output Segmentation))     an ensemble of one output
//	Output         = Output(OutputField(predictedValue) OutputField(expression)*)    what can be told once it is known
//	answer         = Segment(True TreeModel(MiningSchema Output Node(True Node(SimplePredicate)*)))    a label
//	               | Segment(True RegressionModel(MiningSchema Output RegressionTable))                a number
//
// Fields that need no ensemble are DerivedFields of the LocalTransformations. The answer repeats fields: each OutputField of
// its Output has an Extension with the method and the name of the output that it is a column of. Only its Output leaves the
// file, and its target is the first answer of predict.

// writeSheet is Write for what is no forest; why says so.
func writeSheet(w io.Writer, m *model.Model, o Options, why error) error {
	var u *fault.Unsupported
	if !errors.As(why, &u) {
		return why
	}
	s, err := sheetOf(m, Options{Methods: model.Methods(m)}, true)
	if err != nil {
		return err
	}
	if err := model.Equal(s.program(), m); err != nil {
		return fault.Unsupportedf(fault.Where{}, "a model that was not lowered: %v", err)
	}
	return s.write(&encoder{w: w, sparse: o.Sparse}, o)
}

// shapes are the names of the shapes of inputs: one matrix of a kind, or columns of any.
var shapes = map[model.Kind]string{model.Float64: "matrix", model.Float32: "float32 matrix", model.String: "columns"}

// shapeOf says in the DataDictionary how the columns are put together as inputs.
func (s *sheet) shapeOf() (name, value string) {
	if len(s.inputs) == 1 && s.inputs[0].Kind.IsFloat() {
		return shapes[s.inputs[0].Kind], s.inputs[0].Name
	}
	return shapes[model.String], strconv.Itoa(len(s.inputs))
}

// sheetWriter writes a sheet.
type sheetWriter struct {
	*encoder
	s      *sheet
	name   map[*term]string // of a term's field
	target string
	output [][]string // names of the output fields, per answer
	result *term      // what the target is
	labels []string   // those of the result, where it is a label
}

// named settles the names of all fields.
func (s *sheet) named(e *encoder) *sheetWriter {
	w := &sheetWriter{encoder: e, s: s, name: map[*term]string{}}
	taken := names{}
	columns := s.columns()
	for _, c := range columns {
		taken[c.name] = true
	}
	for t := range s.uses {
		if t.isInput() {
			w.name[t] = columns[t.input].name
		}
	}
	for from, to := range s.float {
		w.name[to] = w.name[from]
		delete(w.name, from)
	}
	for i := range s.answers {
		w.output = append(w.output, s.outputNames(i, taken))
	}
	a := s.result()
	if w.result = a.columns[0]; a.label {
		w.labels = s.possible(w.result)
	}
	w.target = taken.free("y")
	n := 0
	next := func(t *term) {
		n++
		w.name[t] = taken.free(fmt.Sprintf("f%d", n))
	}
	for _, stage := range s.stages {
		if stage.ensemble != nil {
			next(stage.ensemble)
		}
		for _, t := range stage.fields {
			next(t)
		}
	}
	return w
}

// column is a DataField.
type column struct {
	name string
	kind model.Kind
}

func (s *sheet) columns() []column {
	var list []column
	for _, in := range s.inputs {
		if in.Columns == nil {
			list = append(list, column{in.Name, in.Kind})
		}
		for _, c := range in.Columns {
			list = append(list, column{c, in.Kind})
		}
	}
	for from := range s.float {
		list[from.input].kind = model.Float32
	}
	return list
}

func (s *sheet) write(e *encoder, o Options) error {
	w := s.named(e)
	e.head(s.origin, o)
	w.dictionary()
	function := "regression"
	if w.labels != nil {
		function = "classification"
	}
	e.text(`<MiningModel functionName="`, function, `"><MiningSchema>`)
	w.targetField()
	for i, c := range s.columns() {
		more := ""
		if s.strict[i] || s.refused[i] { // of a column, and of what it refuses, JPMML-Evaluator looks at this in the outermost schema only
			more = ` missingValueTreatment="returnInvalid"`
		}
		w.miningField(c.name, more)
	}
	e.text("</MiningSchema>\n")
	if fields := s.stages[0].fields; len(fields) > 0 {
		e.text("<LocalTransformations>\n")
		for _, t := range fields {
			e.text("<DerivedField")
			w.typed(w.name[t], t)
			e.text(">")
			e.expression(s.definition(t, w.name))
			e.text("</DerivedField>\n")
		}
		e.text("</LocalTransformations>\n")
	}
	e.text(`<Segmentation multipleModelMethod="modelChain">`, "\n")
	for i := range s.stages[1:] {
		e.text("<Segment><True/>")
		w.segment(&s.stages[i+1])
		e.text("</Segment>\n")
		if e.err != nil {
			return e.err
		}
	}
	w.answer(function)
	e.text("</Segmentation></MiningModel>\n</PMML>\n")
	return e.flush()
}

func (w *sheetWriter) dictionary() {
	w.text("<DataDictionary><Extension")
	shape, value := w.s.shapeOf()
	w.attr("name", shape)
	w.attr("value", value)
	w.text("/>\n")
	for i, c := range w.s.columns() {
		w.text("<DataField")
		w.attr("name", c.name)
		w.text(` optype="`, optype(c.kind), `" dataType="`, dataTypeOfTerm(c.kind), `">`)
		if c.kind == model.String {
			w.text(`<Value value="" property="missing"/>`)
		}
		w.values(w.s.valid[i])
		w.text("</DataField>\n")
		w.spill()
	}
	w.text("<DataField")
	w.attr("name", w.target)
	if w.labels == nil {
		w.text(` optype="continuous" dataType="double"/>`)
	} else {
		w.text(` optype="categorical" dataType="`, dataTypeOfTerm(w.result.kind), `">`)
		w.values(w.labels)
		w.text("</DataField>")
	}
	w.text("</DataDictionary>\n")
}

func (w *sheetWriter) values(list []string) {
	for _, v := range list {
		w.text("<Value")
		w.attr("value", v)
		w.text("/>")
	}
}

func optype(k model.Kind) string {
	if k == model.String || k == model.Bool {
		return "categorical"
	}
	return "continuous"
}

func (w *sheetWriter) targetField() {
	w.text("<MiningField")
	w.attr("name", w.target)
	w.text(` usageType="target"/>`)
}

func (w *sheetWriter) miningField(name, more string) {
	w.text("<MiningField")
	w.attr("name", name)
	w.text(more, "/>")
	w.spill()
}

// typed writes the attributes of a field.
func (w *sheetWriter) typed(name string, t *term) {
	w.attr("name", name)
	w.text(` optype="`, optype(t.kind), `" dataType="`, dataTypeOfTerm(t.kind), `"`)
}

// segment writes an ensemble, and the fields that it decides.
func (w *sheetWriter) segment(at *stage) {
	f := at.ensemble.forest()
	w.active, w.le, w.gt, w.isMissing, w.isNotMissing, w.isIn, w.isNotIn = nil, nil, nil, nil, nil, nil, nil
	for _, arg := range at.ensemble.args {
		w.feature(w.name[arg], f.RefusesNaN)
	}
	head := func() {
		w.text("<MiningSchema>")
		for _, field := range w.active {
			w.b = append(w.b, field...)
			w.spill()
		}
		w.more(at)
		w.text("</MiningSchema><Output>")
		w.text("<OutputField")
		w.typed(w.name[at.ensemble], at.ensemble)
		w.text(` feature="predictedValue"/>`)
		for _, t := range at.fields {
			w.text("<OutputField")
			w.typed(w.name[t], t)
			w.text(` feature="transformedValue">`)
			w.expression(w.s.definition(t, w.name))
			w.text("</OutputField>\n")
		}
		w.text("</Output>\n")
	}
	w.trees(&target{forest: f}, head)
}

// more writes the fields beyond an ensemble's features that its stage reads.
func (w *sheetWriter) more(at *stage) {
	here := map[*term]bool{at.ensemble: true}
	for _, t := range at.ensemble.args {
		here[t] = true
	}
	for _, t := range at.fields {
		here[t] = true
	}
	var visit func(t *term)
	visit = func(t *term) {
		for _, arg := range t.args {
			switch _, named := w.name[arg]; {
			case here[arg] || arg.value != nil:
			case named:
				here[arg] = true
				w.miningField(w.name[arg], "")
			default:
				visit(arg)
			}
		}
	}
	for _, t := range at.fields {
		visit(t)
	}
}
