package pmml

import (
	"errors"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// sheet is a program as fields: the second way into PMML, for what is more than a forest. Lower takes a program apart into
// a sheet, and the sheet is one program (see program); Write writes the sheet, and Read reads it.
type sheet struct {
	*terms
	inputs  []model.Input // one matrix of floats, or columns one by one
	answers []answered
	origin  model.Origin

	uses   map[*term]int
	field  map[*term]bool   // terms that are fields of their own
	stage  map[*term]int    // how many of the ensembles are evaluated before it
	height map[*term]int    // of the expression, down to its fields
	strict map[int]bool     // columns of the inputs in which some step refuses what is missing
	valid  map[int][]string // columns of the inputs of which some values only are not refused
	stages []stage          // the first one has no ensemble
	float  map[*term]*term  // inputs that are rounded to float32 wherever they are used: the rounded one
}

// stage is an ensemble and the fields that can be told once it is.
type stage struct {
	ensemble *term
	fields   []*term
}

// answered is an output of the program.
type answered struct {
	model.Output // but for its value
	columns      []*term
	label        bool // one label per row
}

// lowerSheet is Lower for what is no forest; why says so.
func lowerSheet(m *model.Model, o Options, why error) (*model.Model, error) {
	var u *fault.Unsupported
	if why != nil && !errors.As(why, &u) {
		return nil, why
	}
	s, err := sheetOf(m, o, false)
	if err != nil {
		return nil, err
	}
	return s.program(), nil
}

// sheetOf takes a program apart; lowered tells whether Lower made it.
func sheetOf(m *model.Model, o Options, lowered bool) (*sheet, error) {
	types, err := m.Types()
	if err != nil {
		return nil, err
	}
	s := &sheet{terms: newTerms(), origin: m.Origin}
	s.asTheyAre = lowered
	for _, in := range m.Inputs {
		if in.Width == 0 {
			return nil, fault.Unsupportedf(fault.In("input "+in.Name), "PMML has no inputs without columns")
		}
	}
	methods := o.Methods
	if methods == nil {
		methods = model.Default(m)
		if len(methods) > 1 {
			methods = slices.DeleteFunc(slices.Clone(methods), func(method string) bool { return method == model.Apply })
		}
	}
	var outputs []model.Output
	for _, method := range methods {
		some := false
		for _, out := range m.Outputs {
			if out.Method == method {
				outputs, some = append(outputs, out), true
			}
		}
		if !some {
			return nil, fault.Unsupportedf(fault.Where{}, "the model does not have the methods [%s]", method)
		}
	}
	if len(outputs) == 0 {
		return nil, fault.Unsupportedf(fault.Where{}, "a model without answers in PMML")
	}
	t := &taker{terms: s.terms, m: m, needed: needs(m, outputs)}
	if err := t.run(); err != nil {
		return nil, err
	}
	targets, seen := map[string]int{}, names{}
	for _, out := range outputs {
		if out.Target != targets[out.Method] || seen[out.Name] {
			return nil, fault.Unsupportedf(fault.In("output "+out.Name), "target %d is not in its place, or two outputs have one name", out.Target)
		}
		if leaves, ok := m.Op(out.Value).(*model.Leaves); ok { // numbers of nodes, which PMML's trees do not have
			return nil, fault.Unsupportedf(fault.In("output "+out.Name), "PMML has no place for the step %s as an answer", leaves.Name())
		}
		targets[out.Method]++
		seen[out.Name] = true
		v := t.values[out.Value]
		a := answered{Output: out, columns: v.terms}
		a.label = len(v.terms) == 1 && (!types[out.Value].Kind.IsFloat() || len(v.row) == 0 && s.possible(v.terms[0]) != nil)
		if len(v.terms) == 0 || len(v.row) > 1 {
			return nil, fault.Unsupportedf(fault.In("output "+out.Name), "PMML has no answers of shape %v", v.row)
		}
		s.answers = append(s.answers, a)
	}
	if err := s.name(m.Inputs); err != nil {
		return nil, err
	}
	s.arrange()
	return s, s.err
}
