package pmml

// schema writes the MiningSchema of target i.
func (e *encoder) schema(p *plan, i int) {
	e.text("<MiningSchema>")
	e.targetField(i)
	for _, field := range e.active {
		e.b = append(e.b, field...)
		e.spill()
	}
	if i > 0 && i == len(p.targets)-1 {
		e.eachOutput(p, i, func(_ int, name, _, _ string) {
			e.text("<MiningField")
			e.attr("name", name)
			e.text("/>")
		})
	}
	e.text("</MiningSchema>")
}

func (e *encoder) targetField(i int) {
	e.text("<MiningField")
	e.attr("name", e.out[i].target)
	e.text(` usageType="target"/>`)
}

// eachOutput calls do for every output field of the targets before target last, by its name within the chain.
func (e *encoder) eachOutput(p *plan, last int, do func(target int, inner, outer, dataType string)) {
	for i := range last {
		t, n := &p.targets[i], &e.out[i]
		if p.predict {
			do(i, e.inner+n.predict, n.predict, t.dataType())
		}
		for _, name := range n.proba {
			do(i, e.inner+name, name, "double")
		}
	}
}

// dataType is the type of the target's label or number.
func (t *target) dataType() string {
	if t.labels == nil {
		return "double"
	}
	return dataTypeOf(t.labels.Kind)
}

func optype(t *target) string {
	if t.labels == nil {
		return "continuous"
	}
	return "categorical"
}

// outputs writes the Output of target i. The last target of a chain first repeats those before it.
func (e *encoder) outputs(p *plan, i int) {
	e.text("<Output>")
	if i > 0 && i == len(p.targets)-1 {
		e.eachOutput(p, i, func(target int, inner, outer, dataType string) {
			kind := "continuous"
			if outer == e.out[target].predict {
				kind = optype(&p.targets[target])
			}
			e.text("<OutputField")
			e.attr("name", outer)
			e.text(` optype="`, kind, `" dataType="`, dataType, `" feature="transformedValue"><FieldRef`)
			e.attr("field", inner)
			e.text("/></OutputField>")
		})
	}
	t, n := &p.targets[i], &e.out[i]
	inner := e.inner
	if i == len(p.targets)-1 {
		inner = ""
	}
	if p.predict {
		e.text("<OutputField")
		e.attr("name", inner+n.predict)
		e.text(` optype="`, optype(t), `" dataType="`, t.dataType(), `" feature="predictedValue"/>`)
	}
	for j, name := range n.proba {
		e.text("<OutputField")
		e.attr("name", inner+name)
		e.text(` optype="continuous" dataType="double" feature="probability"`)
		e.attr("value", string(appendLabel(nil, t.labels, j)))
		e.text("/>")
		e.spill()
	}
	e.text("</Output>")
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
