package pmml

import "github.com/seed-2867d59c/treeport/model"

// program is the sheet as steps of model, in the order of the fields.
func (s *sheet) program() *model.Model {
	e := &emitter{s: s, m: &model.Model{Inputs: s.inputs, Origin: visibleOrigin(s.origin)}, refs: map[*term]model.Ref{}}
	for _, stage := range s.stages {
		if stage.ensemble != nil {
			e.ref(stage.ensemble)
		}
		for _, t := range stage.fields {
			if t.value == nil { // constants are repeated where they are asked for
				e.ref(t)
			}
		}
	}
	for _, a := range s.answers {
		out := a.Output
		if a.label {
			out.Value = e.m.Add(&model.Pick{X: e.ref(a.columns[0]), Index: 0})
		} else {
			out.Value = e.concat(a.columns)
		}
		e.m.Outputs = append(e.m.Outputs, out)
	}
	return e.m
}

// emitter makes steps of terms.
type emitter struct {
	s    *sheet
	m    *model.Model
	refs map[*term]model.Ref
}

func (e *emitter) concat(xs []*term) model.Ref {
	c := &model.Concat{}
	for _, x := range xs {
		c.Xs = append(c.Xs, e.ref(x))
	}
	return e.m.Add(c)
}

func (e *emitter) operand(t *term) model.Operand {
	if t.value != nil {
		return model.Operand{Row: t.value}
	}
	return model.Value(e.ref(t))
}

// ref is the value of a term, one column wide.
func (e *emitter) ref(t *term) model.Ref {
	if r, ok := e.refs[t]; ok {
		return r
	}
	r := e.emit(t)
	e.refs[t] = r
	return r
}

func (e *emitter) emit(t *term) model.Ref {
	switch op := t.step.(type) {
	case nil:
		switch {
		case t.value != nil:
			return e.m.Add(&model.Repeat{Like: 0, Row: t.value})
		}
		x := model.Ref(t.input)
		if len(e.s.inputs) == 1 && e.s.inputs[0].Kind.IsFloat() {
			x = e.m.Add(&model.Slice{X: 0, From: t.input, To: t.input + 1})
		}
		if e.s.refused[t.input] {
			x = e.m.Add(&model.Finite{X: x})
		}
		return x
	case *model.Unary:
		return e.m.Add(&model.Unary{Fn: op.Fn, X: e.ref(t.args[0])})
	case *model.Cast:
		return e.m.Add(&model.Cast{To: op.To, X: e.ref(t.args[0])})
	case *model.Index:
		return e.m.Add(&model.Index{Keys: op.Keys, Unknown: op.Unknown, Refuses: op.Refuses, X: e.ref(t.args[0])})
	case *model.Search:
		return e.m.Add(&model.Search{Edges: op.Edges, Right: op.Right, X: e.ref(t.args[0])})
	case *model.Lookup:
		return e.m.Add(&model.Lookup{Table: op.Table, X: e.ref(t.args[0])})
	case *model.Binary:
		a := e.operand(t.args[0])
		return e.m.Add(&model.Binary{Fn: op.Fn, A: a, B: e.operand(t.args[1])})
	case *model.Where:
		cond, a := e.ref(t.args[0]), e.operand(t.args[1])
		return e.m.Add(&model.Where{Cond: cond, A: a, B: e.operand(t.args[2])})
	case *model.MatMul:
		return e.m.Add(&model.MatMul{W: op.W, X: e.concat(t.args)})
	case *model.Reduce:
		return e.m.Add(&model.Reduce{Fn: op.Fn, X: e.concat(t.args)})
	}
	return e.m.Add(&model.Ensemble{Forest: t.forest(), X: e.concat(t.args)})
}

// visibleOrigin is an origin that XML can hold.
func visibleOrigin(o model.Origin) model.Origin {
	all := make(model.Origin, 0, len(o))
	for _, p := range o {
		all = append(all, model.Property{Key: visible(p.Key), Value: visible(p.Value)})
	}
	return all
}
