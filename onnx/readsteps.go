package onnx

import (
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// node adds the step, or the few steps, that a node is.
func (d *decoder) node(n *node) error {
	if len(n.inputs) == 0 || len(n.outputs) == 0 {
		return fmt.Errorf("without inputs or outputs")
	}
	_, constant := d.consts[n.inputs[0]]
	if constant && (n.op == "Gather" || n.op == "ArrayFeatureExtractor") {
		return d.lookup(n)
	}
	if _, ok := operationOf[n.op]; ok {
		return d.binary(n)
	}
	if s := d.parts.sums[n]; s != nil {
		return d.rowSum(n, s)
	}
	from, doubled := d.parts.doubled[n.inputs[0]]
	if !doubled {
		from = n.inputs[0]
	}
	x, err := d.value(from)
	if err != nil {
		return err
	}
	if fn, ok := functionOf[n.op]; ok {
		return d.make(n, &model.Unary{Fn: fn, X: x})
	}
	switch n.op {
	case "TreeEnsemble":
		f, err := d.treeEnsemble5(n, d.columns(x, doubled), d.expected())
		if err != nil {
			return err
		}
		return d.makeEnsemble(n, x, f)
	case "TreeEnsembleRegressor":
		return d.regressor(n, x, d.columns(x, doubled))
	case "TreeEnsembleClassifier":
		return d.classifier(n, x)
	case "LabelEncoder":
		return d.labelEncoder(n, x)
	case "Scaler":
		return d.scaler(n, x)
	case "Cast":
		return d.cast(n, x)
	case "Identity", "ZipMap":
		d.values[n.outputs[0]] = x
		return nil
	case "Reshape":
		return d.reshape(n, x)
	case "CumSum":
		axis, err := d.oneInt(n, 1)
		if err != nil {
			return err
		}
		if axis != 1 || len(n.attrs) > 0 {
			return fault.Unsupportedf(fault.Where{}, "a cumulative sum other than forward along axis 1")
		}
		return d.make(n, &model.CumSum{X: x})
	case "Gather":
		return d.gather(n, x)
	case "Where":
		return d.where(n, x)
	case "ReduceMax":
		return d.reduceMax(n, x)
	case "MatMul":
		w, err := d.constant(n, 1)
		if err != nil {
			return err
		}
		return d.make(n, &model.MatMul{X: x, W: w})
	case "ArgMax":
		axis, err1 := n.int("axis", 0)
		last, err2 := n.int("select_last_index", 0)
		if err1 != nil || err2 != nil || axis != 1 || last != 0 {
			return fault.Unsupportedf(fault.Where{}, "an argmax other than of the first along axis 1")
		}
		return d.make(n, &model.ArgMax{X: x})
	case "TopK":
		return d.order(n, x)
	case "Slice":
		return d.slice(n, x)
	case "Concat":
		return d.concat(n)
	}
	return fault.Unsupportedf(fault.Where{}, "operator %s", n.op)
}

func (d *decoder) cast(n *node, x model.Ref) error {
	to, err := n.int("to", 0)
	if err != nil {
		return err
	}
	kind, ok := kindOf(to)
	if !ok {
		return fault.Unsupportedf(fault.Where{}, "a cast to ONNX type %d", to)
	}
	if t := d.types[x]; t.Kind == kind && (kind == model.String || kind == model.Int64 && len(t.Row) == 0) {
		d.values[n.outputs[0]] = x // skl2onnx casts labels to the type they have
		return nil
	}
	return d.make(n, &model.Cast{X: x, To: kind})
}

func (d *decoder) reshape(n *node, x model.Ref) error {
	t, err := d.constant(n, 1)
	if err != nil {
		return err
	}
	before := d.types[x].Row
	if len(t.Int) > mostAxes {
		return fault.TooBigf(fault.Where{}, "", "a reshape to %d axes", len(t.Int))
	}
	refuse := fault.Unsupportedf(fault.Where{}, "a reshape of %v to %v", before, t.Int)
	if t.Kind != model.Int64 || len(t.Int) == 0 || t.Int[0] != 0 && t.Int[0] != -1 || len(n.attrs) > 0 {
		return refuse
	}
	if len(t.Int) == 1 && len(before) == 0 {
		d.values[n.outputs[0]] = x
		return nil
	}
	row, left := []int{}, items(before)
	for _, v := range t.Int[1:] {
		if v < 1 || int64(left)%v != 0 {
			return refuse
		}
		row = append(row, int(v))
		left /= int(v)
	}
	if left != 1 {
		return refuse
	}
	return d.make(n, &model.Reshape{X: x, Row: row})
}

// gather takes one entry or columns.
func (d *decoder) gather(n *node, x model.Ref) error {
	axis, err := n.int("axis", 0)
	if err != nil {
		return err
	}
	t, err := d.constant(n, 1)
	if err != nil {
		return err
	}
	switch {
	case axis != 1 || len(t.Shape) > 1 || t.Kind != model.Int64:
		return fault.Unsupportedf(fault.Where{}, "a gather other than of entries of axis 1")
	case len(t.Shape) == 0:
		return d.make(n, &model.Pick{X: x, Index: int(t.Int[0])})
	}
	take := &model.Take{X: x}
	for _, v := range t.Int {
		take.Columns = append(take.Columns, int(v))
	}
	return d.make(n, take)
}

// order is a TopK that takes all columns, the smallest first, of which the sorted items are not asked for.
func (d *decoder) order(n *node, x model.Ref) error {
	k, err1 := d.oneInt(n, 1)
	axis, err2 := n.int("axis", -1)
	largest, err3 := n.int("largest", 1)
	sorted, err4 := n.int("sorted", 1)
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			return err
		}
	}
	row := d.types[x].Row
	if len(n.outputs) != 2 || len(row) != 1 || k != row[0] || axis != 1 && axis != -1 || largest != 0 || sorted != 1 {
		return fault.Unsupportedf(fault.Where{}, "a TopK other than of all columns, the smallest first")
	}
	ref, err := d.step(&model.Order{X: x})
	d.values[n.outputs[1]] = ref
	return err
}

func (d *decoder) slice(n *node, x model.Ref) error {
	from, err1 := d.oneInt(n, 1)
	to, err2 := d.oneInt(n, 2)
	axis, err3 := d.oneInt(n, 3)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return err
		}
	}
	if axis != 1 || len(n.inputs) > 4 {
		return fault.Unsupportedf(fault.Where{}, "a slice other than of columns")
	}
	return d.make(n, &model.Slice{X: x, From: from, To: to})
}

func (d *decoder) concat(n *node) error {
	axis, err := n.int("axis", 0)
	if err != nil {
		return err
	}
	if axis != 1 && axis != -1 {
		return fault.Unsupportedf(fault.Where{}, "a concatenation along axis %d", axis)
	}
	concat := &model.Concat{}
	for _, name := range n.inputs {
		r, err := d.value(name)
		if err != nil {
			return err
		}
		concat.Xs = append(concat.Xs, r)
	}
	return d.make(n, concat)
}

func (d *decoder) reduceMax(n *node, x model.Ref) error {
	keep, err := n.int("keepdims", 1)
	if err != nil {
		return err
	}
	axes := listOf(n.ints("axes")).Int
	if rank := int64(1 + len(d.types[x].Row)); keep != 1 || len(n.inputs) > 1 || len(axes) != 1 || axes[0] != -1 && axes[0] != rank-1 {
		return fault.Unsupportedf(fault.Where{}, "a maximum other than along the last axis, which stays")
	}
	return d.make(n, &model.Reduce{Fn: model.ReduceMax, X: x})
}

// binary is an operation of two operands. A division by one number is a Div, an addition of a list of integers an Offset.
func (d *decoder) binary(n *node) error {
	if len(n.inputs) != 2 {
		return fmt.Errorf("%d inputs", len(n.inputs))
	}
	t, constant := d.consts[n.inputs[1]]
	if x, ok := d.values[n.inputs[0]]; ok && constant {
		switch {
		case n.op == "Div" && len(t.Shape) == 0 && t.Kind == d.types[x].Kind && t.Kind.IsFloat():
			return d.make(n, &model.Div{X: x, By: t.Float[0]})
		case n.op == "Add" && len(t.Shape) == 1 && t.Kind == model.Int64 && len(d.types[x].Row) == 1 && d.types[x].Row[0] == len(t.Int):
			return d.make(n, &model.Offset{X: x, By: t.Int})
		}
	}
	sides, err := d.operands(n.inputs)
	if err != nil {
		return err
	}
	return d.make(n, &model.Binary{Fn: operationOf[n.op], A: sides[0], B: sides[1]})
}

func (d *decoder) where(n *node, cond model.Ref) error {
	if len(n.inputs) != 3 {
		return fmt.Errorf("%d inputs", len(n.inputs))
	}
	sides, err := d.operands(n.inputs)
	if err != nil {
		return err
	}
	return d.make(n, &model.Where{Cond: cond, A: sides[1], B: sides[2]})
}

// operands are values and constants that are combined item by item. All values must have as many axes; a constant may have
// fewer, and stands for the same row everywhere.
func (d *decoder) operands(names []string) ([]model.Operand, error) {
	all := make([]model.Operand, len(names))
	rank := -1
	for i, name := range names {
		if _, constant := d.consts[name]; constant {
			continue
		}
		x, err := d.value(name)
		if err != nil {
			return nil, err
		}
		all[i] = model.Value(x)
		axes := 1 + len(d.types[x].Row)
		if rank >= 0 && axes != rank {
			return nil, fault.Unsupportedf(fault.Where{}, "values of %d and %d axes", rank, axes)
		}
		rank = axes
	}
	for i, name := range names {
		t, constant := d.consts[name]
		if !constant {
			continue
		}
		if rank < 0 || len(t.Shape) > rank || len(t.Shape) == rank && t.Shape[0] != 1 {
			return nil, fault.Unsupportedf(fault.Where{}, "constant %q of shape %v beside a value of %d axes", name, t.Shape, rank)
		}
		row := *t
		for row.Shape = slices.Clone(t.Shape); len(row.Shape) < rank; {
			row.Shape = append([]int{1}, row.Shape...)
		}
		all[i].Row = &row
	}
	return all, nil
}

// lookup is a Gather from a constant along its first axis, or an ArrayFeatureExtractor from a constant list.
func (d *decoder) lookup(n *node) error {
	t, err := d.constant(n, 0)
	if err != nil {
		return err
	}
	if len(n.inputs) != 2 {
		return fmt.Errorf("%d inputs", len(n.inputs))
	}
	x, err := d.value(n.inputs[1])
	if err != nil {
		return err
	}
	axis, err := n.int("axis", 0)
	if err != nil {
		return err
	}
	if axis != 0 || len(t.Shape) == 0 || n.op == "ArrayFeatureExtractor" && len(t.Shape) != 1 {
		return fault.Unsupportedf(fault.Where{}, "a lookup along axis %d of shape %v", axis, t.Shape)
	}
	return d.make(n, &model.Lookup{X: x, Table: t})
}

// labelEncoder finds the places of texts, or of other numbers that stand for them.
func (d *decoder) labelEncoder(n *node, x model.Ref) error {
	otherwise, err := n.int("default_int64", -1)
	if err != nil {
		return err
	}
	keys, err := n.strings("keys_strings")
	if err != nil {
		return err
	}
	places := listOf(n.ints("values_int64s"))
	if len(keys) == 0 {
		if keys, err = n.strings("classes_strings"); err != nil {
			return err
		}
		places = counting(0, len(keys))
	}
	table := &model.Tensor{Kind: model.String, Shape: []int{len(keys)}, Text: keys}
	if len(keys) == 0 || len(places.Int) != len(keys) || duplicate(table) >= 0 || d.types[x].Kind != model.String {
		return fault.Unsupportedf(fault.Where{}, "other than text that is once each made an integer")
	}
	if places.Same(counting(0, len(keys))) {
		return d.make(n, &model.Index{X: x, Keys: table, Unknown: otherwise})
	}
	place, err := d.step(&model.Index{X: x, Keys: table, Unknown: int64(len(keys))})
	if err != nil {
		return err
	}
	places.Int = append(places.Int, otherwise)
	places.Shape = []int{len(places.Int)}
	return d.make(n, &model.Lookup{X: place, Table: places})
}

// scaler is (x - offset) * scale, in float32.
func (d *decoder) scaler(n *node, x model.Ref) error {
	if d.types[x].Kind != model.Float32 || len(d.types[x].Row) != 1 {
		return fault.Unsupportedf(fault.Where{}, "a scaler of %v", d.types[x])
	}
	for _, part := range []struct {
		attr string
		fn   model.Operation
	}{{"offset", model.Sub}, {"scale", model.Mul}} {
		l, err := n.floats(part.attr, "")
		if err != nil {
			return err
		}
		by := &model.Tensor{Kind: model.Float32, Shape: []int{1, 0}}
		for v, ok := l.number(); ok; v, ok = l.number() {
			by.Float = append(by.Float, v)
		}
		if by.Shape[1] = len(by.Float); by.Shape[1] == 0 {
			return fault.Unsupportedf(fault.Where{}, "no %s", part.attr)
		}
		if x, err = d.step(&model.Binary{Fn: part.fn, A: model.Value(x), B: model.Operand{Row: by}}); err != nil {
			return err
		}
	}
	d.values[n.outputs[0]] = x
	return nil
}
