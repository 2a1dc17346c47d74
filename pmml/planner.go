package pmml

import (
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// planner recognises a plan in a program.
type planner struct {
	m     *model.Model
	types []model.Type
}

// columns are columns of one ensemble's answer, or of ensembles of one number each.
type columns struct {
	forest *forest.Forest
	index  []int
	apart  []*forest.Forest
}

func planOf(m *model.Model, o Options) (*plan, error) {
	wantPredict, wantProba, err := o.methods()
	if err != nil {
		return nil, err
	}
	if len(m.Inputs) != 1 || !m.Inputs[0].Kind.IsFloat() {
		return nil, fault.Unsupportedf(fault.Where{}, "PMML is written for one matrix of numbers as input, the model has %d inputs", len(m.Inputs))
	}
	types, err := m.Types()
	if err != nil {
		return nil, err
	}
	r := &planner{m: m, types: types}
	p := &plan{origin: m.Origin, columns: m.Inputs[0].Columns}
	if m.Inputs[0].Width == 0 {
		return nil, fault.Unsupportedf(fault.Where{}, "PMML has no models without features")
	}
	probas := map[int]columns{}
	regression := false
	for _, o := range r.outputs() {
		out := o.Output
		switch out.Method {
		case model.Predict: // its steps say what the targets are, even where it is not answered
			if regression {
				return nil, fault.Unsupportedf(fault.In("output "+out.Name), "numbers and labels side by side")
			}
			if lookup, ok := m.Op(out.Value).(*model.Lookup); ok {
				if out.Target != len(p.targets) {
					return nil, fault.Unsupportedf(fault.In("output "+out.Name), "target %d is not in its place", out.Target)
				}
				t, err := r.classification(out, lookup)
				if err != nil {
					return nil, err
				}
				p.targets = append(p.targets, t)
			} else {
				if len(p.targets) > 0 {
					return nil, fault.Unsupportedf(fault.In("output "+out.Name), "numbers and labels side by side")
				}
				regression = true
				if p.targets, err = r.regression(out); err != nil {
					return nil, err
				}
			}
			p.predict = p.predict || wantPredict && !o.silent
		case model.PredictProba:
			if probas[out.Target], err = r.columns(out.Value); err != nil {
				return nil, err
			}
			p.proba = wantProba
		}
	}
	switch {
	case len(p.targets) == 0:
		return nil, fault.Unsupportedf(fault.Where{}, "a model without predict in PMML")
	case o.Methods != nil && (wantPredict && !p.predict || wantProba && !p.proba), !p.predict && !p.proba:
		return nil, fault.Unsupportedf(fault.Where{}, "the model does not have the methods %v", o.Methods)
	case regression && len(probas) > 0:
		return nil, fault.Unsupportedf(fault.Where{}, "probabilities of numbers")
	}
	if len(probas) > 0 {
		for i := range p.targets {
			if err := probas[i].check(&p.targets[i]); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// answer is an output; a silent one is not an output of the program, but says what its targets are.
type answer struct {
	model.Output
	silent bool
}

// outputs are the program's outputs. Where predict is not among them, each lookup of labels is a silent one.
func (r *planner) outputs() []answer {
	var list []answer
	predicts := false
	for _, out := range r.m.Outputs {
		list = append(list, answer{Output: out})
		predicts = predicts || out.Method == model.Predict
	}
	if predicts {
		return list
	}
	targets := 0
	for i, op := range r.m.Ops {
		if _, ok := op.(*model.Lookup); ok {
			out := model.Output{Value: model.Ref(len(r.m.Inputs) + i), Method: model.Predict, Target: targets}
			list = append(list, answer{out, true})
			targets++
		}
	}
	return list
}

// check holds the columns that answer predict_proba against what predict is made of.
func (c columns) check(t *target) error {
	if c.forest == nil && c.apart == nil || len(c.index) != t.classes() {
		return fault.Unsupportedf(fault.In("output "+t.name), "probabilities of other classes than the labels")
	}
	return nil
}

// unsupported names the step that stands in the way.
func (r *planner) unsupported(v model.Ref, why string) error {
	if op := r.m.Op(v); op != nil {
		return fault.Unsupportedf(fault.In(fmt.Sprintf("step %d", int(v)-len(r.m.Inputs))), "PMML has no place for the step %s%s", op.Name(), why)
	}
	return fault.Unsupportedf(fault.Where{}, "PMML has no place for the input as an answer%s", why)
}

// columns follows a value back to the ensemble that makes it.
func (r *planner) columns(v model.Ref) (columns, error) {
	switch op := r.m.Op(v).(type) {
	case *model.Ensemble:
		if op.X != 0 {
			return columns{}, r.unsupported(op.X, " in front of a tree ensemble")
		}
		c := columns{forest: op.Forest}
		for i := range op.Forest.Outputs {
			c.index = append(c.index, i)
		}
		return c, nil
	case *model.Slice:
		return r.part(op.X, op.From, op.To)
	case *model.Pick:
		return r.part(op.X, op.Index, op.Index+1)
	case *model.Concat:
		var all columns
		for i, x := range op.Xs {
			c, err := r.columns(x)
			if err != nil {
				return all, err
			}
			if c.apart != nil || len(c.index) != 1 {
				return all, r.unsupported(v, " of more than single numbers")
			}
			f, err := c.project()
			if err != nil {
				return all, err
			}
			all.apart, all.index = append(all.apart, f), append(all.index, i)
		}
		return all, nil
	}
	return columns{}, r.unsupported(v, "")
}

// part is some of a value's columns.
func (r *planner) part(v model.Ref, from, to int) (columns, error) {
	c, err := r.columns(v)
	if err == nil && c.apart != nil {
		return c, r.unsupported(v, " that is taken apart again")
	}
	if err == nil {
		c.index = c.index[from:to]
	}
	return c, err
}

// regression is the targets of an output of numbers.
func (r *planner) regression(out model.Output) ([]target, error) {
	parts := []model.Ref{out.Value}
	if concat, ok := r.m.Op(out.Value).(*model.Concat); ok {
		parts = concat.Xs
	}
	var targets []target
	for _, part := range parts {
		c, err := r.columns(part)
		if err != nil {
			return nil, err
		}
		if c.apart != nil {
			return nil, r.unsupported(part, " within another")
		}
		for i := range c.index {
			f, err := columns{forest: c.forest, index: c.index[i : i+1]}.project()
			if err != nil {
				return nil, err
			}
			targets = append(targets, target{forest: f, name: out.Name})
		}
	}
	return targets, nil
}

// classification is the target of an output of labels.
func (r *planner) classification(out model.Output, lookup *model.Lookup) (target, error) {
	t := target{labels: lookup.Table, name: out.Name}
	if len(lookup.Table.Shape) != 1 || lookup.Table.Kind == model.Float32 || lookup.Table.Rows() == 0 {
		return t, r.unsupported(out.Value, " without labels")
	}
	k := lookup.Table.Rows()
	switch op := r.m.Op(lookup.X).(type) {
	case *model.ArgMax:
		c, err := r.columns(op.X)
		if err != nil {
			return t, err
		}
		if len(c.index) != k {
			return t, r.unsupported(out.Value, fmt.Sprintf(" with %d labels for %d probabilities", k, len(c.index)))
		}
		if t.apart = c.apart; c.apart == nil {
			t.forest, err = c.project()
		}
		return t, err
	case *model.Cast:
		c, err := r.columns(op.X)
		if err != nil {
			return t, err
		}
		if len(c.index) != 1 || c.forest == nil || len(c.forest.Trees) != 1 {
			return t, r.unsupported(lookup.X, ", unless it takes the label's number from a single tree's column")
		}
		proba, err := r.probabilities(out.Target)
		if err != nil {
			return t, err
		}
		if len(proba.index) != k || proba.forest != c.forest {
			return t, r.unsupported(lookup.X, ", unless the probabilities come from the same tree")
		}
		t.scored = true
		t.forest, err = columns{forest: c.forest, index: append(slices.Clone(proba.index), c.index[0])}.project()
		return t, err
	}
	return t, r.unsupported(lookup.X, "")
}

// probabilities are the columns of a target's probabilities, where its labels do not say which they are.
func (r *planner) probabilities(target int) (columns, error) {
	for _, out := range r.m.Outputs {
		if out.Method == model.PredictProba && out.Target == target {
			return r.columns(out.Value)
		}
	}
	// Not answered: the slices of an ensemble's columns are those of the targets, in order.
	for _, op := range r.m.Ops {
		if slice, ok := op.(*model.Slice); ok {
			if target == 0 {
				return r.part(slice.X, slice.From, slice.To)
			}
			target--
		}
	}
	return columns{}, fault.Unsupportedf(fault.Where{}, "labels without probabilities in PMML")
}
