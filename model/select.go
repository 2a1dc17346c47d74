package model

import (
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
)

// Select is the program that answers only the given methods, in their order, and holds only the steps that they need. No
// methods: Default. A method that the model does not answer is a *fault.Unsupported that lists those it does.
func (m *Model) Select(methods []string) (*Model, error) {
	if len(methods) == 0 {
		methods = Default(m)
	}
	s := &Model{Inputs: m.Inputs, Origin: m.Origin}
	for _, method := range methods {
		found := false
		for _, out := range m.Outputs {
			if out.Method == method {
				s.Outputs = append(s.Outputs, out)
				found = true
			}
		}
		if !found {
			return nil, fault.Unsupportedf(fault.Where{}, "the model has no method %s, it has %s", method, strings.Join(Methods(m), ", "))
		}
	}
	needed := make([]bool, len(m.Inputs)+len(m.Ops))
	for _, out := range s.Outputs {
		needed[out.Value] = true
	}
	for i := len(m.Ops) - 1; i >= 0; i-- {
		if needed[len(m.Inputs)+i] {
			for _, r := range m.Ops[i].Reads() {
				needed[r] = true
			}
		}
	}
	moved := make([]Ref, len(needed))
	for i := range needed {
		switch {
		case i < len(m.Inputs):
			moved[i] = Ref(i)
		case needed[i]:
			moved[i] = s.Add(m.Ops[i-len(m.Inputs)].Moved(moved))
		}
	}
	for i := range s.Outputs {
		s.Outputs[i].Value = moved[s.Outputs[i].Value]
	}
	return s, nil
}

// WithoutUnread is the program without the inputs that no step and no output reads.
func (m *Model) WithoutUnread() *Model {
	read := make([]bool, len(m.Inputs)+len(m.Ops))
	for _, op := range m.Ops {
		for _, r := range op.Reads() {
			read[r] = true
		}
	}
	for _, out := range m.Outputs {
		read[out.Value] = true
	}
	s := &Model{Origin: m.Origin}
	moved := make([]Ref, len(read))
	for i, in := range m.Inputs {
		if read[i] {
			moved[i] = Ref(len(s.Inputs))
			s.Inputs = append(s.Inputs, in)
		}
	}
	for i, op := range m.Ops {
		moved[len(m.Inputs)+i] = s.Add(op.Moved(moved))
	}
	for _, out := range m.Outputs {
		out.Value = moved[out.Value]
		s.Outputs = append(s.Outputs, out)
	}
	return s
}

// Methods lists the methods that a model answers, each once, in the order of its outputs.
func Methods(m *Model) []string {
	var all []string
	for _, out := range m.Outputs {
		if !slices.Contains(all, out.Method) {
			all = append(all, out.Method)
		}
	}
	return all
}

// Default are the methods that an artifact answers where nobody chose: predict and, of a classifier, predict_proba; of a
// model with neither, all.
func Default(m *Model) []string {
	all := Methods(m)
	usual := slices.DeleteFunc(slices.Clone(all), func(method string) bool { return method != Predict && method != PredictProba })
	if len(usual) == 0 {
		return all
	}
	return usual
}
