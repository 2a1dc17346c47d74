package pmml

import (
	"slices"

	"github.com/seed-2867d59c/treeport/model"
)

// maxHeight bounds how deep expressions go into one another: engines evaluate them by recursion.
const maxHeight = 12

// arrange finds the terms that are fields, and their order.
func (s *sheet) arrange() {
	s.uses, s.field, s.stage = map[*term]int{}, map[*term]bool{}, map[*term]int{}
	s.height, s.float = map[*term]int{}, map[*term]*term{}
	var roots []*term
	for _, a := range s.answers {
		roots = append(roots, a.columns...)
	}
	order := s.order(roots)
	for _, t := range roots {
		s.uses[t]++
		s.field[t] = t.value == nil
	}
	rounded := map[*term]int{}
	for _, t := range order {
		for _, arg := range t.args {
			s.uses[arg]++
			if needsFields(t) {
				s.field[arg] = true
			}
			if cast, ok := t.step.(*model.Cast); ok && cast.To == model.Float32 && arg.isInput() && arg.kind == model.Float64 {
				s.float[arg], rounded[arg] = t, rounded[arg]+1
			}
		}
	}
	for arg := range s.float {
		if s.uses[arg] > rounded[arg] || len(s.inputs) > 1 {
			delete(s.float, arg)
		}
	}
	s.strict = map[int]bool{}
	for _, t := range order {
		if f := t.forest(); f != nil && f.RefusesNaN {
			refusing(t.args, s.strict)
		}
	}
	s.valid = map[int][]string{}
	for _, t := range order {
		if op, ok := t.step.(*model.Index); ok && op.Refuses && t.args[0].isInput() {
			s.known(t.args[0].input, op.Keys)
		}
	}
	for column := range s.strict {
		delete(s.refused, column)
	}
	s.stages = []stage{{}}
	for _, t := range order {
		for _, arg := range t.args {
			s.stage[t] = max(s.stage[t], s.stage[arg])
			if !s.field[arg] && arg.step != nil {
				s.height[t] = max(s.height[t], s.height[arg]+1)
			}
		}
		switch {
		case t.isInput() || t.value != nil && !s.field[t]:
		case t.forest() != nil:
			s.field[t] = true
			s.stage[t] = len(s.stages)
			s.stages = append(s.stages, stage{ensemble: t})
		case s.field[t] || s.uses[t] > 1 || isField(t) || s.height[t] >= maxHeight:
			s.field[t] = true
			if len(t.args) == 0 || s.float[t.args[0]] != t {
				at := &s.stages[s.stage[t]]
				at.fields = append(at.fields, t)
			}
		}
	}
}

// known notes that a column of the inputs refuses what is not among keys.
func (s *sheet) known(column int, keys *model.Tensor) {
	valid := itemsOf(keys)
	if len(valid) == keys.Len() { // none of them is missing
		s.strict[column] = true
	}
	if before, ok := s.valid[column]; ok {
		valid = slices.DeleteFunc(valid, func(key string) bool { return !slices.Contains(before, key) })
	}
	s.valid[column] = valid
}

// order lists all terms, each behind those that it is made of.
func (s *sheet) order(roots []*term) []*term {
	var order []*term
	seen := map[*term]bool{}
	var visit func(t *term)
	visit = func(t *term) {
		if seen[t] {
			return
		}
		seen[t] = true
		for _, arg := range t.args {
			visit(arg)
		}
		order = append(order, t)
	}
	for _, t := range roots {
		visit(t)
	}
	return order
}

// needsFields tells whether what t is made of must have names.
func needsFields(t *term) bool {
	switch t.step.(type) {
	case *model.Index, *model.Lookup, *model.Search, *model.Ensemble:
		return true
	}
	return guards(t)
}

// isField tells whether t must have a name, since the field's type is part of what it says.
func isField(t *term) bool {
	switch t.step.(type) {
	case *model.Index, *model.Lookup, *model.Search, *model.Cast:
		return true
	}
	return t.kind == model.Float32
}
