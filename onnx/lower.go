package onnx

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Lower rewrites a model into steps that ONNX has an operator for. What it can't rewrite is a *fault.Unsupported that names
// the step.
func Lower(m *model.Model, o Options) (*model.Model, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	if m, err = m.Select(o.Methods); err != nil {
		return nil, err
	}
	types, err := m.Types()
	if err != nil {
		return nil, err
	}
	l := &lowering{o: o, from: m, types: types, to: &model.Model{Origin: m.Origin}, tables: map[*forest.Forest]*table{}}
	if err := l.inputs(); err != nil {
		return nil, err
	}
	for i, op := range m.Ops {
		ref, err := l.op(op)
		if err != nil {
			return nil, fault.Unsupportedf(fault.In(fmt.Sprintf("step %d, %s", i, op.Name())), "%v", err)
		}
		l.refs = append(l.refs, ref)
	}
	l.outputs()
	_, err = l.to.Types()
	return l.to, err
}

type lowering struct {
	o      Options
	from   *model.Model
	types  []model.Type
	to     *model.Model
	refs   []model.Ref // value of from -> value of to
	tables map[*forest.Forest]*table
}

// inputs makes the matrix X, or the columns and their concatenation.
func (l *lowering) inputs() error {
	for _, in := range l.from.Inputs {
		kind := model.Float32
		for _, op := range l.from.Ops {
			if f, x := ensemble(op); f != nil && x < model.Ref(len(l.from.Inputs)) && f.Input == forest.Float64 {
				kind = model.Float64
			}
		}
		switch l.o.Input {
		case "float":
			kind = model.Float32
		case "double":
			kind = model.Float64
		}
		if !l.o.Columns {
			l.to.Inputs = append(l.to.Inputs, model.Input{Name: in.Name, Kind: kind, Width: in.Width, Columns: in.Columns})
			l.refs = append(l.refs, model.Ref(len(l.to.Inputs)-1))
			continue
		}
		if len(l.from.Inputs) > 1 {
			return fault.Unsupportedf(fault.Where{}, "one input per column of a model with several inputs")
		}
		concat := &model.Concat{}
		for i := range in.Width {
			name := in.Name + strconv.Itoa(i)
			if in.Columns != nil {
				name = in.Columns[i]
			}
			if slices.ContainsFunc(l.to.Inputs, func(other model.Input) bool { return other.Name == name }) || name == "" {
				return fault.Unsupportedf(fault.Where{}, "one input per column where a column's name is empty or not its own: %q", name)
			}
			concat.Xs = append(concat.Xs, model.Ref(i))
			l.to.Inputs = append(l.to.Inputs, model.Input{Name: name, Kind: kind, Width: 1})
		}
		l.refs = append(l.refs, l.to.Add(concat))
	}
	return nil
}

// ensemble is the forest of a step that walks trees, and the rows it reads.
func ensemble(op model.Op) (*forest.Forest, model.Ref) {
	switch op := op.(type) {
	case *model.Ensemble:
		return op.Forest, op.X
	case *model.Leaves:
		return op.Forest, op.X
	}
	return nil, 0
}

func (l *lowering) op(op model.Op) (model.Ref, error) {
	switch op := op.(type) {
	case *model.Ensemble:
		if l.o.Profile == Classifier {
			return l.lone(op)
		}
		return l.rows(op)
	case *model.Leaves:
		if l.o.Profile == Classifier {
			return 0, fmt.Errorf("profile classifier has no operator for it")
		}
		t, err := l.table(op.Forest, op.X)
		if err != nil {
			return 0, err
		}
		return l.to.Add(&model.Lookup{X: t.index, Table: t.leaves}), nil
	case *model.ArgMax, *model.Lookup:
		if t, ok := op.(*model.Lookup); ok && l.o.Profile == Classifier && t.Table.Kind != model.Int64 && t.Table.Kind != model.String {
			return 0, fmt.Errorf("profile classifier has labels of int64 and string only, these are %v", t.Table.Kind)
		}
		return l.to.Add(op.Moved(l.refs)), nil
	case *model.Slice, *model.Pick, *model.Cast, *model.Concat, *model.Div, *model.CumSum, *model.Offset:
		if l.o.Profile == Classifier {
			return 0, fmt.Errorf("profile classifier is a lone ensemble (several outputs, or a label that is not the largest probability)")
		}
		return l.to.Add(op.Moved(l.refs)), nil
	}
	return 0, fmt.Errorf("no ONNX operator")
}

// cast is x in the precision that a forest rounds it to.
func (l *lowering) cast(x model.Ref, p forest.Precision) model.Ref {
	types, _ := l.to.Types()
	kind := model.Float64
	if p == forest.Float32 {
		kind = model.Float32
	}
	if types[x].Kind == kind {
		return x
	}
	return l.to.Add(&model.Cast{X: x, To: kind})
}

// outputs keeps the answers' names, but for those that a column has already.
func (l *lowering) outputs() {
	for _, out := range l.from.Outputs {
		value := l.refs[out.Value]
		t := l.types[out.Value]
		label := out.Method == model.Predict && len(t.Row) == 0
		if l.o.Output == "float" && !label && t.Kind == model.Float64 {
			value = l.cast(value, forest.Float32)
		}
		name := out.Name
		for slices.ContainsFunc(l.to.Inputs, func(in model.Input) bool { return in.Name == name }) {
			name = "output_" + name
		}
		l.to.Outputs = append(l.to.Outputs, model.Output{Name: name, Value: value, Method: out.Method, Target: out.Target})
	}
}
