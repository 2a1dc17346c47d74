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
	l := &lowering{o: o, from: m, types: types, to: program{m: &model.Model{Origin: m.Origin}}, tables: map[*forest.Forest]*table{},
		casts: map[model.Cast]model.Ref{}, sums: map[model.Ref]*forest.Forest{}}
	if err := l.inputs(); err != nil {
		return nil, err
	}
	for i, op := range m.Ops {
		ref, err := l.op(op)
		if err == nil {
			err = l.to.err
		}
		if err != nil {
			return nil, fault.Unsupportedf(fault.In(fmt.Sprintf("step %d, %s", i, op.Name())), "ml-opset %d: %v", o.MLOpset, err)
		}
		l.refs = append(l.refs, ref)
	}
	l.outputs()
	return l.to.m, l.to.err
}

type lowering struct {
	o      Options
	from   *model.Model
	types  []model.Type // of the values of from
	to     program
	refs   []model.Ref // value of from -> value of to
	tables map[*forest.Forest]*table
	casts  map[model.Cast]model.Ref
	sums   map[model.Ref]*forest.Forest // what is a forest's answer
}

// program is a model that grows step by step, with the types of its values. The first step that can't be leaves its error.
type program struct {
	m     *model.Model
	types []model.Type
	err   error
}

func (p *program) input(in model.Input) model.Ref {
	p.m.Inputs = append(p.m.Inputs, in)
	p.types = append(p.types, model.Type{Kind: in.Kind, Row: []int{in.Width}})
	return model.Ref(len(p.types) - 1)
}

func (p *program) add(op model.Op) model.Ref {
	var in []model.Type
	for _, r := range op.Reads() {
		in = append(in, p.types[r])
	}
	t, err := op.Type(in)
	if err != nil && p.err == nil {
		p.err = err
	}
	p.types = append(p.types, t)
	return p.m.Add(op)
}

// ensemble is the forest of a step that walks trees.
func ensemble(op model.Op) *forest.Forest {
	switch op := op.(type) {
	case *model.Ensemble:
		return op.Forest
	case *model.Leaves:
		return op.Forest
	}
	return nil
}

func (l *lowering) op(op model.Op) (model.Ref, error) {
	if check, ok := op.(*model.Finite); ok {
		return l.refs[check.X], nil
	}
	if l.o.Profile == Classifier {
		return l.classifier(op)
	}
	switch op := op.(type) {
	case *model.Ensemble:
		sum, err := l.rows(op)
		l.sums[sum] = op.Forest
		return sum, err
	case *model.Leaves:
		return l.leaves(op)
	case *model.Unary:
		return l.unary(op)
	case *model.Binary:
		return l.binary(op)
	case *model.Where:
		return l.where(op)
	case *model.Reduce:
		return l.reduce(op)
	case *model.Complement:
		return l.complement(op), nil
	case *model.WeightedMedian:
		return l.median(op), nil
	case *model.Repeat:
		return l.repeat(op)
	case *model.Index:
		return l.index(op)
	case *model.Search:
		return l.search(op)
	case *model.Cast:
		if op.To.IsFloat() {
			return l.cast(l.refs[op.X], op.To), nil
		}
	case *model.Lookup:
		if l.isIdle(op) {
			return l.refs[op.X], nil
		}
		return l.lookup(l.refs[op.X], op.Table), nil
	case *model.Pick:
		return l.pick(l.refs[op.X], op.Index), nil
	case *model.ArgMax, *model.Slice, *model.Take, *model.Concat, *model.Div, *model.CumSum,
		*model.Offset, *model.Reshape, *model.MatMul:
	default:
		return 0, fmt.Errorf("no ONNX operator")
	}
	return l.to.add(op.Moved(l.refs)), nil
}

// cast is x as floats of a kind.
func (l *lowering) cast(x model.Ref, kind model.Kind) model.Ref {
	if l.to.types[x].Kind == kind {
		return x
	}
	// What came as float32 and was widened is still there.
	if c, ok := l.to.m.Op(x).(*model.Cast); ok && kind == model.Float32 && l.to.types[c.X].Kind == kind {
		return c.X
	}
	if c, ok := l.to.m.Op(x).(*model.Cast); ok && kind == model.Float64 && c.To == model.Float32 && l.o.MLOpset < 5 {
		// onnxruntime 1.12 takes the first of two casts for idle, and with it the rounding.
		x = l.to.add(&model.Cast{X: l.apply(model.Neg, x), To: kind})
		return l.apply(model.Neg, x)
	}
	// Many forests may read the same rows.
	if known, ok := l.casts[model.Cast{X: x, To: kind}]; ok {
		return known
	}
	ref := l.to.add(&model.Cast{X: x, To: kind})
	l.casts[model.Cast{X: x, To: kind}] = ref
	return ref
}

// isIdle tells whether a lookup answers the index that it is given: where the labels are 0, 1, ..., and no index is beyond them.
func (l *lowering) isIdle(op *model.Lookup) bool {
	n := op.Table.Len()
	if !op.Table.Same(counting(0, n)) {
		return false
	}
	from := l.from.Op(op.X)
	if r, ok := from.(*model.Reshape); ok {
		from = l.from.Op(r.X)
	}
	switch from := from.(type) {
	case *model.ArgMax:
		return l.types[from.X].Row[0] <= n
	case *model.Cast:
		return l.types[from.X].Kind == model.Bool && n >= 2
	}
	return false
}

func kindOfPrecision(p forest.Precision) model.Kind {
	if p == forest.Float32 {
		return model.Float32
	}
	return model.Float64
}

// inputs declares the inputs as the model has them, or column by column. A matrix of float64 that is read by nothing but
// trees that round it to float32 is declared as that, unless the options say otherwise.
func (l *lowering) inputs() error {
	parts := make([][]model.Ref, len(l.from.Inputs))
	kinds := make([]model.Kind, len(l.from.Inputs)) // that the steps read
	for i, in := range l.from.Inputs {
		kinds[i] = in.Kind
		if in.Kind.IsFloat() {
			rounded := l.rounded(model.Ref(i))
			switch {
			case l.o.Input == "float", l.o.Input == "" && rounded:
				in.Kind = model.Float32
			case l.o.Input == "double":
				in.Kind = model.Float64
			}
			if rounded {
				kinds[i] = in.Kind
			}
		}
		columns, err := l.columns(in)
		if err != nil {
			return err
		}
		for _, c := range columns {
			parts[i] = append(parts[i], l.to.input(c))
		}
	}
	for i, refs := range parts {
		x := refs[0]
		if l.o.Columns && len(l.from.Inputs) == 1 || len(refs) > 1 {
			x = l.to.add(&model.Concat{Xs: refs})
		}
		if l.to.types[x].Kind != kinds[i] {
			x = l.to.add(&model.Cast{X: x, To: kinds[i]})
		}
		l.refs = append(l.refs, x)
	}
	return nil
}

// columns are the inputs that stand for one of the model: itself or, where the options ask for it, one for each column.
func (l *lowering) columns(in model.Input) ([]model.Input, error) {
	several := len(l.from.Inputs) > 1
	if !l.o.Columns || several && in.Width == 1 {
		return []model.Input{in}, nil
	}
	var all []model.Input
	for i := range in.Width {
		name := in.Name + strconv.Itoa(i)
		if in.Columns != nil {
			name = in.Columns[i]
		}
		taken := func(other model.Input) bool { return other.Name == name }
		if name == "" || slices.ContainsFunc(l.to.m.Inputs, taken) || slices.ContainsFunc(all, taken) || several && slices.ContainsFunc(l.from.Inputs, taken) {
			return nil, fault.Unsupportedf(fault.Where{}, "one input per column where a column's name is empty or not its own: %q", name)
		}
		all = append(all, model.Input{Name: name, Kind: in.Kind, Width: 1})
	}
	return all, nil
}

// rounded tells whether all that reads a value, or columns taken of it, are trees that round it to float32.
func (l *lowering) rounded(x model.Ref) bool {
	for _, out := range l.from.Outputs {
		if out.Value == x {
			return false
		}
	}
	for i, op := range l.from.Ops {
		if !slices.Contains(op.Reads(), x) {
			continue
		}
		switch op.(type) {
		case *model.Finite, *model.Slice, *model.Take, *model.Pick, *model.Reshape:
			if !l.rounded(model.Ref(len(l.from.Inputs) + i)) {
				return false
			}
		default:
			if f := ensemble(op); f == nil || f.Input != forest.Float32 {
				return false
			}
		}
	}
	return true
}

// outputs keeps the answers' names, but for those that a column has already.
func (l *lowering) outputs() {
	for _, out := range l.from.Outputs {
		value := l.refs[out.Value]
		if l.o.Output == "float" && l.types[out.Value].Kind == model.Float64 && !isLabel(l.from.Op(out.Value)) {
			value = l.cast(value, model.Float32)
		}
		name := out.Name
		for slices.ContainsFunc(l.to.m.Inputs, func(in model.Input) bool { return in.Name == name }) {
			name = "output_" + name
		}
		l.to.m.Outputs = append(l.to.m.Outputs, model.Output{Name: name, Value: value, Method: out.Method, Target: out.Target})
	}
}

// isLabel tells whether a step looks labels up, which are numbers that nothing may round.
func isLabel(op model.Op) bool {
	lookup, ok := op.(*model.Lookup)
	return ok && len(lookup.Table.Shape) == 1
}
