package pmml

import (
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// value is a value of a program, taken apart: the terms of one row, in row-major order.
type value struct {
	row   []int
	terms []*term
}

// taker takes programs apart.
type taker struct {
	*terms
	m      *model.Model
	needed []bool // values that the outputs need
	values []value
	at     fault.Where // the step that is taken apart
}

func (t *taker) run() error {
	column := 0
	for _, in := range t.m.Inputs {
		v := value{row: []int{in.Width}}
		for range in.Width {
			v.terms = append(v.terms, t.inputColumn(column, in.Kind))
			column++
		}
		t.values = append(t.values, v)
	}
	for i, op := range t.m.Ops {
		if !t.needed[len(t.m.Inputs)+i] {
			t.values = append(t.values, value{})
			continue
		}
		t.at = fault.In(fmt.Sprintf("step %d", i))
		v, err := t.step(op)
		if err == nil {
			err = t.err
		}
		if err != nil {
			return err
		}
		t.values = append(t.values, v)
	}
	return nil
}

// needs lists the values that the outputs need: steps that serve another method are not looked at.
func needs(m *model.Model, outputs []model.Output) []bool {
	needed := make([]bool, len(m.Inputs)+len(m.Ops))
	for _, out := range outputs {
		needed[out.Value] = true
	}
	for i := len(m.Ops) - 1; i >= 0; i-- {
		if needed[len(m.Inputs)+i] {
			for _, r := range m.Ops[i].Reads() {
				needed[r] = true
			}
		}
	}
	return needed
}

func (t *taker) step(op model.Op) (value, error) {
	switch op := op.(type) {
	case *model.Ensemble:
		return t.ensemble(t.values[op.X], op.Forest)
	case *model.Leaves:
		return t.leaves(t.values[op.X], op.Forest)
	case *model.Unary:
		return each(t.values[op.X], func(x *term) *term { return t.unary(op.Fn, x) }), nil
	case *model.Cast:
		return each(t.values[op.X], func(x *term) *term { return t.cast(x, op.To) }), nil
	case *model.Index:
		return each(t.values[op.X], func(x *term) *term { return t.index(x, op) }), nil
	case *model.Search:
		return each(t.values[op.X], func(x *term) *term { return t.search(x, op) }), nil
	case *model.Div:
		return each(t.values[op.X], func(x *term) *term { return t.binary(model.Quotient, x, t.like(x, op.By)) }), nil
	case *model.Finite:
		if !op.NaN {
			refusing(t.values[op.X].terms, t.refused)
		}
		return t.values[op.X], nil // an engine raises no errors about infinity
	case *model.Binary:
		return stretched([]value{t.operand(op.A), t.operand(op.B)}, func(x []*term) *term { return t.binary(op.Fn, x[0], x[1]) }), nil
	case *model.Where:
		return stretched([]value{t.values[op.Cond], t.operand(op.A), t.operand(op.B)}, func(x []*term) *term { return t.where(x[0], x[1], x[2]) }), nil
	case *model.Repeat:
		return t.operand(model.Operand{Row: op.Row}), nil
	case *model.Lookup:
		return t.lookups(t.values[op.X], op.Table), nil
	case *model.Complement:
		p := t.values[op.X].terms[0]
		return value{[]int{2}, []*term{t.binary(model.Sub, t.like(p, 1), p), p}}, nil
	case *model.ArgMax:
		return value{nil, []*term{t.argMax(t.values[op.X].terms)}}, nil
	case *model.Reduce:
		x := t.values[op.X]
		width := x.row[len(x.row)-1]
		v := value{row: append(append([]int{}, x.row[:len(x.row)-1]...), 1)}
		for items := range slices.Chunk(x.terms, width) {
			v.terms = append(v.terms, t.reduce(op.Fn, items))
		}
		return v, nil
	case *model.WeightedMedian:
		m, err := t.median(t.values[op.X].terms, op.Weights)
		return value{[]int{1}, []*term{m}}, err
	case *model.MatMul:
		return t.products(t.values[op.X], op.W), nil
	}
	return t.moved(op)
}

// moved is what a step makes that only puts columns elsewhere.
func (t *taker) moved(op model.Op) (value, error) {
	switch op := op.(type) {
	case *model.Slice:
		return value{[]int{op.To - op.From}, t.values[op.X].terms[op.From:op.To]}, nil
	case *model.Pick:
		x := t.values[op.X]
		width := len(x.terms) / x.row[0]
		return value{x.row[1:], x.terms[op.Index*width : (op.Index+1)*width]}, nil
	case *model.Concat:
		var v value
		for _, x := range op.Xs {
			v.terms = append(v.terms, t.values[x].terms...)
		}
		v.row = []int{len(v.terms)}
		return v, nil
	case *model.Take:
		v := value{row: []int{len(op.Columns)}}
		for _, c := range op.Columns {
			v.terms = append(v.terms, t.values[op.X].terms[c])
		}
		return v, nil
	case *model.Reshape:
		return value{op.Row, t.values[op.X].terms}, nil
	case *model.CumSum:
		x := t.values[op.X]
		width := len(x.terms) / x.row[0]
		v := value{x.row, append([]*term{}, x.terms...)}
		for i := width; i < len(v.terms); i++ {
			v.terms[i] = t.binary(model.Add, v.terms[i-width], v.terms[i])
		}
		return v, nil
	case *model.Offset:
		v := value{row: t.values[op.X].row}
		for i, x := range t.values[op.X].terms {
			v.terms = append(v.terms, t.binary(model.Add, x, t.constant(&model.Tensor{Kind: model.Int64, Int: op.By}, i)))
		}
		return v, nil
	}
	return value{}, fault.Unsupportedf(t.at, "PMML has no place for the step %s", op.Name())
}

func (t *taker) operand(a model.Operand) value {
	if a.Row == nil {
		return t.values[a.Ref]
	}
	v := value{row: a.Row.Shape[1:]}
	for i := range a.Row.Len() {
		v.terms = append(v.terms, t.constant(a.Row, i))
	}
	return v
}

func each(x value, do func(*term) *term) value {
	v := value{row: x.row, terms: make([]*term, len(x.terms))}
	for i, a := range x.terms {
		v.terms[i] = do(a)
	}
	return v
}

// stretched makes a term of each group of terms that stand in the same place, rows stretched as numpy does.
func stretched(sides []value, do func([]*term) *term) value {
	axes := len(sides[0].row)
	v := value{row: make([]int, axes)}
	items := 1
	for d := range axes {
		for _, s := range sides {
			v.row[d] = max(v.row[d], s.row[d])
		}
		items *= v.row[d]
	}
	for k := range items {
		group := make([]*term, len(sides))
		for i, s := range sides {
			at, rest, step := 0, k, 1
			for d := axes - 1; d >= 0; d-- {
				if s.row[d] != 1 {
					at += rest % v.row[d] * step
				}
				rest /= v.row[d]
				step *= s.row[d]
			}
			group[i] = s.terms[at]
		}
		v.terms = append(v.terms, do(group))
	}
	return v
}

// lookups are the columns of a table's rows.
func (t *taker) lookups(x value, table *model.Tensor) value {
	v := value{row: append(append([]int{}, x.row...), table.Shape[1:]...)}
	width, rows := table.RowLen(), table.Rows()
	for _, index := range x.terms {
		for j := range width {
			column := &model.Tensor{Kind: table.Kind, Shape: []int{rows}}
			for i := range rows {
				switch {
				case table.Kind.IsFloat():
					column.Float = append(column.Float, table.Float[i*width+j])
				case table.Kind == model.String:
					column.Text = append(column.Text, table.Text[i*width+j])
				default:
					column.Int = append(column.Int, table.Int[i*width+j])
				}
			}
			v.terms = append(v.terms, t.lookup(index, column))
		}
	}
	return v
}

func (t *taker) reduce(fn model.Reduction, items []*term) *term {
	add := func(a, b *term) *term { return t.binary(model.Add, a, b) }
	switch fn {
	case model.ReduceMax:
		return t.largest(items)
	case model.ReducePairwise:
		return pairwise(items, add)
	}
	sum := items[0]
	for _, x := range items[1:] {
		sum = add(sum, x)
	}
	return sum
}

// pairwise is model.PairwiseSum, written out.
func pairwise(a []*term, add func(a, b *term) *term) *term {
	n := len(a)
	if n > 128 {
		half := n / 2
		half -= half % 8
		return add(pairwise(a[:half], add), pairwise(a[half:], add))
	}
	rest := a
	sum := a[0]
	if n >= 8 {
		var r [8]*term
		copy(r[:], a)
		for i := 8; i < n-n%8; i++ {
			r[i%8] = add(r[i%8], a[i])
		}
		sum = add(add(add(r[0], r[1]), add(r[2], r[3])), add(add(r[4], r[5]), add(r[6], r[7])))
		rest = a[n-n%8:]
	} else {
		rest = a[1:]
	}
	for _, x := range rest {
		sum = add(sum, x)
	}
	return sum
}

// products are the columns of a matrix product.
func (t *taker) products(x value, w *model.Tensor) value {
	width := w.Shape[1]
	v := value{row: []int{width}}
	for j := range width {
		column := &model.Tensor{Kind: w.Kind, Shape: []int{w.Shape[0]}}
		for k := range w.Shape[0] {
			column.Float = append(column.Float, w.Float[k*width+j])
		}
		v.terms = append(v.terms, t.product(x.terms, column))
	}
	return v
}

// ensemble is an ensemble of one output for each output of f.
func (t *taker) ensemble(x value, f *forest.Forest) (value, error) {
	if err := check(f); err != nil {
		return value{}, err
	}
	v := value{row: []int{f.Outputs}}
	for j := range f.Outputs {
		out, err := t.output(x.terms, f, j)
		if err != nil {
			return v, err
		}
		v.terms = append(v.terms, out)
	}
	return v, nil
}
