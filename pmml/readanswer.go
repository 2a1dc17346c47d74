package pmml

import (
	"cmp"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// sheetField is an OutputField.
type sheetField struct {
	name, feature, optype, dataType string
	method, output                  string // of its Extension
	expression                      *expression
}

func (s *sheetReader) outputFields() ([]sheetField, error) {
	var list []sheetField
	err := s.each(func() error {
		if string(s.name) != "OutputField" {
			return s.refuseElement()
		}
		f := sheetField{feature: string(s.raw("feature")), optype: string(s.raw("optype")), dataType: string(s.raw("dataType"))}
		var err error
		if f.name, err = s.text("name"); err != nil {
			return err
		}
		err = s.each(func() error {
			if string(s.name) == "Extension" {
				var e error
				f.method, err = s.text("name")
				f.output, e = s.text("value")
				return cmp.Or(err, e, s.skip())
			}
			if f.expression != nil {
				return s.refuseElement()
			}
			f.expression, err = s.reader.expression(0)
			return err
		})
		list = append(list, f)
		return err
	})
	return list, err
}

// answer reads the Segment that answers.
func (s *sheetReader) answer() error {
	var fields []sheetField
	r := result{}
	err := s.each(func() error {
		var err error
		switch string(s.name) {
		case "MiningSchema":
			return s.skip()
		case "Node":
			return s.choice(&r)
		case "RegressionTable":
			return s.copied(&r)
		case "Output":
			fields, err = s.outputFields()
			return err
		}
		return s.refuseElement()
	})
	if err != nil {
		return err
	}
	targets, seen := map[string]int{}, names{}
	for _, f := range fields {
		if f.feature != "transformedValue" || f.expression == nil || f.method == "" {
			return s.unsupported("the OutputField %q, which names no method", f.name)
		}
		t, err := s.typed(f.dataType, f.expression)
		if err != nil {
			return err
		}
		if n := len(s.s.answers); n == 0 || s.s.answers[n-1].Method != f.method || s.s.answers[n-1].Name != f.output {
			if seen[f.output] {
				return s.broken("two outputs are called %q", f.output)
			}
			seen[f.output] = true
			s.s.answers = append(s.s.answers, answered{Output: model.Output{Name: f.output, Method: f.method, Target: targets[f.method]}})
			targets[f.method]++
		}
		a := &s.s.answers[len(s.s.answers)-1]
		a.columns = append(a.columns, t)
		a.label = f.optype == "categorical"
	}
	for _, a := range s.s.answers {
		t := a.columns[0]
		if label := len(a.columns) == 1 && (!t.kind.IsFloat() || a.label && s.s.possible(t) != nil); label != a.label {
			return fault.Unsupportedf(fault.In("output "+a.Name), "an OutputField of another optype than its values")
		}
		for _, column := range a.columns {
			if column.kind != t.kind {
				return fault.Unsupportedf(fault.In("output "+a.Name), "columns of several types")
			}
		}
	}
	if len(s.s.answers) == 0 {
		return s.broken("no answers")
	}
	if t := s.s.result().columns[0]; r.field != "" && s.field[r.field] != t {
		return s.unsupported("a target that is another than what predict answers")
	}
	return nil
}

// result is what the target of a file is said to be: what stands in a field.
type result struct{ field string }

// copied reads the RegressionTable whose start was read last: a number that is another field's, or none.
func (s *sheetReader) copied(r *result) error {
	if err := s.allow("intercept", "0"); err != nil {
		return err
	}
	return s.each(func() error {
		if string(s.name) != "NumericPredictor" || r.field != "" {
			return s.refuseElement()
		}
		var err error
		r.field, err = s.text("name")
		return cmp.Or(err, s.allow("coefficient", "1"), s.allow("exponent", "1"), s.skip())
	})
}

// choice reads the Node whose start was read last: of each label a Node, where a field is equal to it; or a single one.
func (s *sheetReader) choice(r *result) error {
	depth := 0
	var scores []string // of the Nodes that are open
	for {
		switch string(s.name) {
		case "Node":
			score, err := s.text("score")
			if err != nil {
				return err
			}
			scores = append(scores, score)
			if len(scores) > 2 {
				return s.refuseElement()
			}
		case "True":
			if len(scores) == 2 && r.field != "" {
				return s.refuseElement()
			}
		case "SimplePredicate":
			field, err := s.text("field")
			if err != nil {
				return err
			}
			value, err := s.text("value")
			if err != nil {
				return err
			}
			if len(scores) != 2 || r.field != "" && r.field != field || value != scores[1] || string(s.raw("operator")) != "equal" {
				return s.unsupported("a target that is no copy of a label")
			}
			r.field = field
		default:
			return s.refuseElement()
		}
		depth++
		for {
			t, err := s.next()
			if err != nil {
				return err
			}
			if t == tokenStart {
				break
			}
			if depth--; len(scores) > depth {
				scores = scores[:depth]
			}
			if depth == 0 {
				return nil
			}
		}
	}
}
