package pmml

import "github.com/seed-2867d59c/treeport/model"

// Fields lists, by the name of an output of a model that Lower made, the output fields in which an engine answers the
// columns of that output, in the order of the columns.
func Fields(m *model.Model) (map[string][]string, error) {
	p, err := planOf(m, Options{})
	if err != nil {
		return fieldsOfSheet(m)
	}
	if p, err = p.parts(); err != nil {
		return nil, err
	}
	e := &encoder{}
	e.names(p)
	fields := map[string][]string{}
	if p.choice != nil {
		if p.predict {
			fields[p.choice.name] = []string{p.choice.name}
		}
		for i := range e.out {
			if p.proba {
				fields[probaName] = append(fields[probaName], e.out[i].predict)
			}
		}
		return fields, nil
	}
	for i := range p.targets {
		t, n := &p.targets[i], &e.out[i]
		if p.predict {
			fields[t.name] = append(fields[t.name], n.predict)
		}
		if p.proba {
			fields[p.probaName(i)] = n.proba
		}
	}
	return fields, nil
}

// fieldsOfSheet is Fields for what is no forest. A missing text among the rows is a missing value to an engine.
func fieldsOfSheet(m *model.Model) (map[string][]string, error) {
	s, err := sheetOf(m, Options{Methods: model.Methods(m)}, true)
	if err != nil {
		return nil, err
	}
	w := s.named(&encoder{})
	fields := map[string][]string{}
	for i, a := range s.answers {
		fields[a.Name] = w.output[i]
	}
	return fields, nil
}
