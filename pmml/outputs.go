package pmml

// outputField is an OutputField.
type outputField struct {
	name, feature, value string
	optype, dataType     string
	hidden               bool        // isFinalResult="false"; JPMML-Evaluator shows it all the same
	expression           *expression // of a transformedValue
	answer               bool        // a chain passes it on
}

// fields are the output fields of target i. Within a chain all targets but the last have names that begin with inner.
func (e *encoder) fields(p *plan, i int, inner string) []outputField {
	t, n := &p.targets[i], &e.out[i]
	if p.choice != nil {
		return []outputField{{name: inner + n.predict, feature: "predictedValue", optype: "continuous", dataType: "double", hidden: !p.proba, answer: true}}
	}
	label := outputField{name: inner + n.predict, feature: "predictedValue", optype: "categorical", dataType: t.dataType(), answer: true}
	if t.labels == nil {
		label.optype = "continuous"
	}
	var list []outputField
	if p.predict && !t.chosen() {
		list = append(list, label)
	}
	if !p.proba && (!p.predict || !t.chosen()) {
		return list
	}
	var proba []string
	for j, name := range n.proba {
		proba = append(proba, inner+name)
		list = append(list, outputField{name: inner + name, feature: "probability", value: string(appendLabel(nil, t.labels, j)),
			optype: "continuous", dataType: "double", hidden: !p.proba, answer: p.proba})
	}
	if p.predict && t.chosen() {
		largest := inner + n.largest
		label.feature, label.expression = "transformedValue", t.chooser(proba, largest)
		list = append(list, outputField{name: largest, feature: "transformedValue", optype: "continuous", dataType: "double", hidden: true, expression: maximum(proba)}, label)
	}
	return list
}

// outputs writes the Output of target i. The last target of a chain first repeats the answers of those before it: engines
// show its output alone.
func (e *encoder) outputs(p *plan, i int) {
	last := len(p.targets) - 1
	e.text("<Output>")
	if i < last {
		for _, f := range e.fields(p, i, e.inner) {
			e.outputField(f)
		}
		e.text("</Output>")
		return
	}
	for j := range last {
		for _, f := range e.fields(p, j, e.inner) {
			if f.answer {
				f.expression, f.feature, f.value = fieldRef(f.name), "transformedValue", ""
				f.name = f.name[len(e.inner):]
				e.outputField(f)
			}
		}
	}
	for _, f := range e.fields(p, i, "") {
		e.outputField(f)
	}
	if p.choice != nil {
		e.choose(p)
	}
	e.text("</Output>")
}

// choose writes the label of probabilities that stand in outputs of numbers.
func (e *encoder) choose(p *plan) {
	var proba []string
	for i := range e.out {
		proba = append(proba, e.out[i].predict)
	}
	e.outputField(outputField{name: e.largest, feature: "transformedValue", optype: "continuous", dataType: "double", hidden: true, expression: maximum(proba)})
	e.outputField(outputField{name: p.choice.name, feature: "transformedValue", optype: "categorical", dataType: p.choice.dataType(), hidden: !p.predict,
		expression: p.choice.chooser(proba, e.largest)})
}

func (e *encoder) outputField(f outputField) {
	e.text("<OutputField")
	e.attr("name", f.name)
	e.text(` optype="`, f.optype, `" dataType="`, f.dataType, `" feature="`, f.feature, `"`)
	if f.feature == "probability" {
		e.attr("value", f.value)
	}
	if f.hidden {
		e.text(` isFinalResult="false"`)
	}
	if f.expression == nil {
		e.text("/>")
	} else {
		e.text(">")
		e.expression(f.expression)
		e.text("</OutputField>")
	}
	e.spill()
}

// schema writes the MiningSchema of target i. The last target of a chain takes the answers of those before it, to repeat
// them.
func (e *encoder) schema(p *plan, i int) {
	e.text("<MiningSchema>")
	e.targetField(i)
	for _, field := range e.active {
		e.b = append(e.b, field...)
		e.spill()
	}
	if i == len(p.targets)-1 {
		for j := range i {
			for _, f := range e.fields(p, j, e.inner) {
				if f.answer {
					e.text("<MiningField")
					e.attr("name", f.name)
					e.text("/>")
				}
			}
		}
	}
	e.text("</MiningSchema>")
}

func (e *encoder) targetField(i int) {
	e.text("<MiningField")
	e.attr("name", e.out[i].target)
	e.text(` usageType="target"/>`)
}

// dataType is the type of the target's label or number.
func (t *target) dataType() string {
	if t.labels == nil {
		return "double"
	}
	return dataTypeOf(t.labels.Kind)
}

// chain writes several targets.
func (e *encoder) chain(p *plan) {
	last := len(p.targets) - 1
	e.text(`<MiningModel functionName="`, function(&p.targets[last]), `"><MiningSchema>`)
	e.targetField(last)
	for _, field := range e.active {
		e.b = append(e.b, field...)
		e.spill()
	}
	e.text("</MiningSchema>", `<Segmentation multipleModelMethod="modelChain">`, "\n")
	for i := range p.targets {
		e.text("<Segment><True/>")
		e.target(p, i)
		e.text("</Segment>\n")
		if e.err != nil {
			return
		}
	}
	e.text("</Segmentation></MiningModel>\n")
}
