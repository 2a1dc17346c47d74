package pmml

import (
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/model"
)

func (r *reader) output(b *body) error {
	return r.each(func() error {
		if string(r.name) != "OutputField" {
			return r.onlyExtensions()
		}
		f := outputField{feature: "predictedValue", hidden: string(r.raw("isFinalResult")) == "false"}
		for _, a := range []struct {
			key string
			to  *string
		}{{"name", &f.name}, {"feature", &f.feature}, {"value", &f.value}} {
			if r.raw(a.key) == nil {
				continue
			}
			var err error
			if *a.to, err = r.text(a.key); err != nil {
				return err
			}
		}
		if r.raw("segmentId") != nil {
			return r.unsupported("an OutputField with segmentId")
		}
		err := r.each(func() error {
			if string(r.name) == "Extension" {
				return r.skip()
			}
			if f.expression != nil || f.feature != "transformedValue" {
				return r.refuseElement()
			}
			var err error
			f.expression, err = r.expression(0)
			return err
		})
		b.outputs = append(b.outputs, f)
		return err
	})
}

// answers finds out what is answered under which name.
func (r *reader) answers(p *plan, targets []target, outputs [][]outputField) error {
	last := len(targets) - 1
	var hidden bool
	outer := map[string]string{} // the names under which the last target repeats the others' answers
	var own []outputField
	for _, f := range outputs[last] {
		if f.expression != nil && f.expression.element == "FieldRef" && last > 0 {
			outer[f.expression.name] = f.name
			hidden = hidden || f.hidden
		} else {
			own = append(own, f)
		}
	}
	outputs[last] = own
	if n := len(own); last > 0 && targets[last].labels == nil && n == 3 && own[2].expression != nil {
		outputs[last] = own[:1]
		p.choice = &target{name: own[2].name}
		p.predict, p.proba = !own[2].hidden, !own[0].hidden
		if hidden == p.proba || !p.predict && !p.proba {
			return r.unsupported("probabilities of some classes only")
		}
	}
	for i := range targets {
		predict, proba, err := r.answer(&targets[i], outputs[i])
		if err != nil {
			return err
		}
		if p.choice != nil {
			predict, proba = p.predict, p.proba
		}
		if i > 0 && (predict != p.predict || proba != p.proba) || targets[i].labels == nil != (targets[0].labels == nil) {
			return r.unsupported("targets of which not the same is answered")
		}
		p.predict, p.proba = predict, proba
		if i == last {
			break
		}
		for _, f := range outputs[i] {
			name, ok := outer[f.name]
			switch {
			case ok && f.name == targets[i].name:
				targets[i].name = name
			case !ok && !f.hidden:
				return r.unsupported("the output %q of a target that is not the last, and which the last does not repeat", f.name)
			}
		}
	}
	if p.choice != nil {
		return r.chosen(p, targets, own[1:])
	}
	if last > 0 && targets[0].labels == nil {
		for i := range targets {
			base, ok := strings.CutSuffix(targets[i].name, numbered("", i))
			if !ok || i > 0 && base != targets[0].name {
				return r.unsupported("numbers of several targets under names of their own")
			}
			targets[i].name = base
		}
	}
	p.targets = targets
	return nil
}

// chosen makes one target of the classes' probabilities and the label that is chosen by them.
func (r *reader) chosen(p *plan, targets []target, fields []outputField) error {
	t := p.choice
	p.choice = nil
	var names []string
	for i := range targets {
		names = append(names, targets[i].name)
		t.apart = append(t.apart, targets[i].forest)
		if targets[i].labels != nil {
			return r.unsupported("labels and numbers side by side")
		}
	}
	dataType, texts := fields[1].expression.choices()
	var ok bool
	if t.labels, ok = parseLabels(dataType, texts); !ok || len(texts) != len(targets) || !t.choosable() || dataType == "float" ||
		!t.chooser(names, fields[0].name).equal(fields[1].expression) || fields[0].expression == nil || !maximum(names).equal(fields[0].expression) {
		return r.unsupported("an output that is an expression, other than the label of the largest probability")
	}
	p.targets = []target{*t}
	return nil
}

// answer finds out what is answered of one target.
func (r *reader) answer(t *target, fields []outputField) (predict, proba bool, err error) {
	predicts := slices.ContainsFunc(fields, func(f outputField) bool { return f.feature != "probability" })
	if !predicts && !r.own { // engines answer the target field besides the output fields
		predict = true
		if t.name == "" {
			t.name = model.Predict
		}
	}
	var names, classes []string
	var expressions []outputField
	for _, f := range fields {
		switch f.feature {
		case "predictedValue":
			if predict {
				return false, false, r.unsupported("two outputs of the predicted value")
			}
			predict, t.name = true, f.name
		case "probability":
			proba = proba || !f.hidden
			names, classes = append(names, f.name), append(classes, f.value)
		case "transformedValue":
			expressions = append(expressions, f)
		default:
			return false, false, r.unsupported("an OutputField of feature %q", f.feature)
		}
	}
	if len(names) > 0 && (t.labels == nil || !slices.Equal(classes, t.texts())) {
		return false, false, r.unsupported("probabilities of a regression, of some classes only, or in another order")
	}
	if len(expressions) == 0 {
		return predict, proba, nil
	}
	if len(expressions) != 2 || predict || !t.chosen() || len(names) == 0 || !maximum(names).equal(expressions[0].expression) ||
		!t.chooser(names, expressions[0].name).equal(expressions[1].expression) {
		return false, false, r.unsupported("an output that is an expression, other than the label of the largest probability")
	}
	t.name = expressions[1].name
	return true, proba, nil
}

// texts are the texts of a target's labels.
func (t *target) texts() []string {
	var texts []string
	for i := range t.labels.Len() {
		texts = append(texts, string(appendLabel(nil, t.labels, i)))
	}
	return texts
}
