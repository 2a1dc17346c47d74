package pmml

import (
	"io"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// The files that Write makes, as a grammar (attributes that say what they always say are left out):
//
//	file       = PMML(Header DataDictionary target)
//	           | PMML(Header DataDictionary chain)         several targets, or the classes of one
//	Header     = Header(Extension(name value)* Application(name version?))
//	DataDictionary = DataDictionary(DataField(name)* DataField(name Value(value)*)*)   features, then targets
//	chain      = MiningModel(modelChain: Segment(True target)*)
//	target     = TreeModel(MiningSchema Output Node)       one tree
//	           | MiningModel(MiningSchema Output Segmentation(Segment(True TreeModel(MiningSchema Node))*))
//	Node       = Node(predicate Node+ Node) | Node(predicate score ScoreDistribution(value recordCount)*)
//	predicate  = True | SimplePredicate(field operator value?)
//
// A MiningSchema lists the target and all features; within a Segmentation, the features that the tree uses. Output lists
// the label or number and the probabilities; see chooser for labels that are an expression. In a chain only the last
// target's Output leaves the file, in both engines; it repeats the outputs of the targets before it.

const (
	namespace   = "http://www.dmg.org/PMML-4_4"
	application = "treeport" // in the header
	chunk       = 64 << 10   // bytes gathered before they are handed to the file
)

// Write encodes a model that Lower made. The same model makes the same bytes. The error is w's, or a *fault.Unsupported
// where m is not as Lower leaves it.
func Write(w io.Writer, m *model.Model, o Options) error {
	p, err := planOf(m, Options{})
	if err != nil {
		return writeSheet(w, m, o, err)
	}
	if len(p.columns) != m.Inputs[0].Width {
		return fault.Unsupportedf(fault.In("input"), "columns without names; a model is lowered before it is written")
	}
	if p, err = p.parts(); err != nil {
		return err
	}
	e := &encoder{w: w, sparse: o.Sparse}
	e.names(p)
	e.file(p, o)
	return e.flush()
}

// encoder gathers bytes and writes them on.
type encoder struct {
	w                       io.Writer
	b                       []byte
	err                     error // of w, or of the model; nothing is written after it
	sparse                  bool
	out                     []outputNames // one per target
	inner                   string        // put before the names of the outputs of a chain's targets but the last
	largest                 string        // of the output field with the largest of probabilities that are targets
	active                  [][]byte      // MiningField elements of the features
	le, gt                  [][]byte      // per feature, a comparison up to its value
	isMissing, isNotMissing [][]byte
	isIn, isNotIn           [][]byte // per feature, a SimpleSetPredicate up to its Array
	dataType                string   // of the features
}

// outputNames are the names that a target has in the file.
type outputNames struct {
	target  string   // of its DataField
	predict string   // of the output field with the label or number
	proba   []string // of the output fields with the probabilities
	largest string   // of the output field with the largest of them
}

func (e *encoder) flush() error {
	if e.err == nil && len(e.b) > 0 {
		_, e.err = e.w.Write(e.b)
	}
	e.b = e.b[:0]
	return e.err
}

func (e *encoder) text(parts ...string) {
	for _, s := range parts {
		e.b = append(e.b, s...)
	}
}

// attr adds an attribute.
func (e *encoder) attr(key, value string) {
	e.b = append(e.b, ' ')
	e.b = append(e.b, key...)
	e.b = append(e.b, `="`...)
	e.b = appendEscaped(e.b, value)
	e.b = append(e.b, '"')
}

// names settles the names that Lower left open: those that only the file has.
func (e *encoder) names(p *plan) {
	taken := names{}
	for _, c := range p.columns {
		taken[c] = true
	}
	for i := range p.targets {
		taken[p.targets[i].name] = true
	}
	many := len(p.targets) > 1
	for i := range p.targets {
		t := &p.targets[i]
		n := outputNames{predict: t.name}
		name := "y"
		if many {
			name += strconv.Itoa(i + 1)
		}
		n.target = taken.free(name)
		switch {
		case p.choice != nil:
			n.predict = taken.free(probaName + "(" + string(appendLabel(nil, p.choice.labels, i)) + ")")
		case many && t.labels == nil:
			n.predict = taken.free(numbered(t.name, i))
		}
		for j := range t.classes() {
			label := string(appendLabel(nil, t.labels, j))
			if many {
				label = n.target + "," + label
			}
			n.proba = append(n.proba, taken.free(probaName+"("+label+")"))
		}
		if t.chosen() {
			n.largest = taken.free("largest")
		}
		e.out = append(e.out, n)
	}
	if p.choice != nil {
		e.largest = taken.free("largest")
	}
	e.inner = "_"
	for clash := true; clash; {
		clash = false
		for name := range taken {
			clash = clash || taken[e.inner+name]
		}
		if clash {
			e.inner += "_"
		}
	}
}

// numbered is the name of the output field of one of several numbers that share an output.
func numbered(name string, i int) string { return name + "(" + strconv.Itoa(i+1) + ")" }

func (e *encoder) file(p *plan, o Options) {
	e.dataType = "double"
	if p.targets[0].forest.Input == forest.Float32 {
		e.dataType = "float"
	}
	for i := range p.targets {
		if f := p.targets[i].forest; f.Input != p.targets[0].forest.Input || f.RefusesNaN != p.targets[0].forest.RefusesNaN {
			e.err = fault.Unsupportedf(fault.In("output "+p.targets[i].name), "targets that take the same features otherwise")
			return
		}
	}
	e.head(p.origin, o)
	e.dictionary(p)
	if len(p.targets) == 1 {
		e.target(p, 0)
	} else {
		e.chain(p)
	}
	e.text("</PMML>\n")
}

// head writes all up to the dictionary.
func (e *encoder) head(origin model.Origin, o Options) {
	e.text(`<?xml version="1.0" encoding="UTF-8"?>`, "\n", `<PMML xmlns="`, namespace, `" version="4.4">`, "\n<Header>")
	for _, property := range origin {
		e.text("<Extension")
		e.attr("name", property.Key)
		e.attr("value", property.Value)
		e.text("/>\n")
	}
	e.text(`<Application name="`, application, `"`)
	if o.Version != "" {
		e.attr("version", visible(o.Version))
	}
	e.text("/></Header>\n")
}

func (e *encoder) dictionary(p *plan) {
	e.text("<DataDictionary>")
	for _, c := range p.columns {
		name := string(appendEscaped(nil, c))
		e.text(`<DataField name="`, name, `" optype="continuous" dataType="`, e.dataType, `"/>`)
		e.feature(c, p.targets[0].forest.RefusesNaN)
		e.spill()
	}
	for i := range p.targets {
		t := &p.targets[i]
		e.text("<DataField")
		e.attr("name", e.out[i].target)
		if t.labels == nil {
			e.text(` optype="continuous" dataType="double"/>`)
			continue
		}
		e.text(` optype="categorical" dataType="`, dataTypeOf(t.labels.Kind), `">`)
		for j := range t.classes() {
			e.text("<Value")
			e.attr("value", string(appendLabel(nil, t.labels, j)))
			e.text("/>")
		}
		e.text("</DataField>")
	}
	e.text("</DataDictionary>\n")
}

// feature keeps ready what trees say of a feature.
func (e *encoder) feature(c string, refusesNaN bool) {
	name := string(appendEscaped(nil, c))
	refuse := ""
	if refusesNaN {
		refuse = ` missingValueTreatment="returnInvalid"`
	}
	e.active = append(e.active, []byte(`<MiningField name="`+name+`"`+refuse+`/>`))
	simple := `<SimplePredicate field="` + name + `" operator="`
	e.le = append(e.le, []byte(simple+`lessOrEqual" value="`))
	e.gt = append(e.gt, []byte(simple+`greaterThan" value="`))
	e.isMissing = append(e.isMissing, []byte(simple+`isMissing"/>`))
	e.isNotMissing = append(e.isNotMissing, []byte(simple+`isNotMissing"/>`))
	set := `<SimpleSetPredicate field="` + name + `" booleanOperator="`
	e.isIn = append(e.isIn, []byte(set+`isIn">`))
	e.isNotIn = append(e.isNotIn, []byte(set+`isNotIn">`))
}

// spill hands over what has been gathered where that is enough.
func (e *encoder) spill() {
	if len(e.b) >= chunk && e.w != nil {
		e.flush()
	}
}

func function(t *target) string {
	if t.labels == nil {
		return "regression"
	}
	return "classification"
}

// target writes the model of target i.
func (e *encoder) target(p *plan, i int) {
	t := &p.targets[i]
	f := t.forest
	if f.Base != nil || f.Outputs != max(1, t.width()) {
		e.err = fault.Unsupportedf(fault.In("output "+t.name), "an ensemble that was not lowered")
		return
	}
	e.trees(t, func() {
		e.schema(p, i)
		e.outputs(p, i)
	})
}

// trees writes a target's forest as a model; head writes its MiningSchema and Output.
func (e *encoder) trees(t *target, head func()) {
	f := t.forest
	if len(f.Trees) == 1 {
		e.text(`<TreeModel functionName="`, function(t), `">`)
		head()
		nothing := func(*treeWriter, int) {}
		e.render(t, nothing, nothing)
		e.text("</TreeModel>\n")
		return
	}
	method := "sum"
	if f.Combine == forest.Mean {
		method = "average"
	}
	e.text(`<MiningModel functionName="`, function(t), `">`)
	head()
	e.text(`<Segmentation multipleModelMethod="`, method, `">`, "\n")
	e.render(t, (*treeWriter).beginTree, (*treeWriter).endTree)
	e.text("</Segmentation></MiningModel>\n")
}

// width is the number of columns of a target's forest.
func (t *target) width() int {
	if t.scored {
		return t.classes() + 1
	}
	return t.classes()
}
