package onnx

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Read decodes an ONNX file: those that Write made, exactly; those of other writers (skl2onnx's forests) as far as their
// operators are known here. Bytes that are no ONNX are a *fault.Broken, operators that are not known a
// *fault.Unsupported that names them.
func Read(data []byte) (*model.Model, error) {
	f, err := parseFile(data)
	if err != nil {
		return nil, err
	}
	d := &decoder{file: f, m: &model.Model{Origin: model.Origin(f.metadata)}, values: map[string]model.Ref{}}
	if err := d.inputs(); err != nil {
		return nil, err
	}
	for _, n := range f.nodes {
		if err := d.node(n); err != nil {
			return nil, inNode(n, err)
		}
	}
	for _, out := range f.outputs {
		ref, ok := d.values[out.name]
		if !ok {
			return nil, fault.Brokenf(fault.In("output "+out.name), "nothing makes it")
		}
		method, target := methodOf(out.name)
		d.m.Outputs = append(d.m.Outputs, model.Output{Name: out.name, Value: ref, Method: method, Target: target})
	}
	_, err = d.m.Types()
	return d.m, err
}

// inNode adds the node to what went wrong in it.
func inNode(n *node, err error) error {
	where := fault.In("node " + n.op)
	if len(n.outputs) > 0 {
		where.Path += " " + n.outputs[0]
	}
	switch err := err.(type) {
	case *fault.Broken:
		return &fault.Broken{Where: where, What: err.What}
	case *fault.Unsupported:
		return &fault.Unsupported{Where: where, What: err.What}
	case *fault.TooBig:
		return err
	}
	return fault.Brokenf(where, "%v", err)
}

// methodOf is the method that an output of this name usually answers, treeport's names and skl2onnx's.
func methodOf(name string) (method string, target int) {
	base := strings.TrimPrefix(name, "output_")
	if at := strings.LastIndexByte(base, '_'); at >= 0 {
		if k, err := strconv.Atoi(base[at+1:]); err == nil && k >= 0 {
			base, target = base[:at], k
		}
	}
	switch base {
	case "label", "variable":
		return model.Predict, target
	case "probabilities", "probability":
		return model.PredictProba, target
	case "leaf_ids":
		return model.Apply, target
	}
	return name, 0
}

type decoder struct {
	*file
	m      *model.Model
	values map[string]model.Ref
}

func (d *decoder) inputs() error {
	var columns []string
	d.m.Origin = slices.DeleteFunc(d.m.Origin, func(p model.Property) bool {
		return p.Key == columnsKey && json.Unmarshal([]byte(p.Value), &columns) == nil
	})
	for _, in := range d.file.inputs {
		if _, constant := d.consts[in.name]; constant {
			continue // IR 3 lists constants among the inputs
		}
		kind, ok := kindOf(in.elem)
		if !ok || len(in.dims) != 2 || in.dims[1] < 1 || in.dims[1] > 1<<24 {
			return fault.Unsupportedf(fault.In("input "+in.name), "an input of ONNX type %d and shape %v", in.elem, in.dims)
		}
		d.values[in.name] = model.Ref(len(d.m.Inputs))
		d.m.Inputs = append(d.m.Inputs, model.Input{Name: in.name, Kind: kind, Width: int(in.dims[1])})
	}
	if columns != nil && len(d.m.Inputs) == 1 && len(columns) == d.m.Inputs[0].Width {
		d.m.Inputs[0].Columns = columns
	}
	return nil
}

func (d *decoder) value(name string) (model.Ref, error) {
	r, ok := d.values[name]
	if !ok {
		return 0, fmt.Errorf("reads %q, which nothing before it makes", name)
	}
	return r, nil
}

// constant is an input of a node that must be a constant.
func (d *decoder) constant(n *node, i int) (*model.Tensor, error) {
	if i >= len(n.inputs) {
		return nil, fmt.Errorf("it has %d inputs", len(n.inputs))
	}
	t, ok := d.consts[n.inputs[i]]
	if !ok {
		return nil, fault.Unsupportedf(fault.Where{}, "input %q is not a constant", n.inputs[i])
	}
	return t, nil
}

// oneInt is a constant of one integer.
func (d *decoder) oneInt(n *node, i int) (int, error) {
	t, err := d.constant(n, i)
	if err != nil {
		return 0, err
	}
	if t.Kind != model.Int64 || len(t.Int) != 1 {
		return 0, fault.Unsupportedf(fault.Where{}, "input %q is not a single integer", n.inputs[i])
	}
	return int(t.Int[0]), nil
}

func (d *decoder) make(n *node, op model.Op) error {
	if len(n.outputs) != 1 {
		return fmt.Errorf("%d outputs", len(n.outputs))
	}
	d.values[n.outputs[0]] = d.m.Add(op)
	return nil
}

// makeEnsemble adds an ensemble over all columns of x, of which the trees may use fewer.
func (d *decoder) makeEnsemble(n *node, x model.Ref, f *forest.Forest) error {
	if err := d.widen(f, x); err != nil {
		return err
	}
	return d.make(n, &model.Ensemble{X: x, Forest: f})
}

func (d *decoder) widen(f *forest.Forest, x model.Ref) error {
	row := d.rowShape(x)
	if len(row) != 1 || f.Features > row[0] {
		return fmt.Errorf("uses %d columns of %v", f.Features, row)
	}
	f.Features = row[0]
	return nil
}

func (d *decoder) rowShape(r model.Ref) []int {
	types, err := d.m.Types()
	if err != nil {
		return nil
	}
	return types[r].Row
}

func (d *decoder) node(n *node) error {
	if len(n.inputs) == 0 || len(n.outputs) == 0 {
		return fmt.Errorf("without inputs or outputs")
	}
	if _, constant := d.consts[n.inputs[0]]; constant && (n.op == "Gather" || n.op == "ArrayFeatureExtractor") {
		return d.lookup(n)
	}
	x, err := d.value(n.inputs[0])
	if err != nil {
		return err
	}
	switch n.op {
	case "TreeEnsemble":
		f, err := d.treeEnsemble5(n)
		if err != nil {
			return err
		}
		return d.makeEnsemble(n, x, f)
	case "TreeEnsembleRegressor":
		f, err := d.treeEnsemble(n, "target")
		if err != nil {
			return err
		}
		return d.makeEnsemble(n, x, f)
	case "TreeEnsembleClassifier":
		return d.classifier(n, x)
	case "Cast":
		to, err := n.int("to", 0)
		if err != nil {
			return err
		}
		kind, ok := kindOf(to)
		if !ok {
			return fault.Unsupportedf(fault.Where{}, "a cast to ONNX type %d", to)
		}
		if types, err := d.m.Types(); err == nil && types[x].Kind == kind && (kind == model.String || kind == model.Int64 && len(types[x].Row) == 0) {
			d.values[n.outputs[0]] = x // skl2onnx casts labels to the type they have
			return nil
		}
		return d.make(n, &model.Cast{X: x, To: kind})
	case "Identity", "ZipMap":
		d.values[n.outputs[0]] = x
		return nil
	case "Reshape":
		shape, err := d.constant(n, 1)
		if err != nil {
			return err
		}
		if len(shape.Int) != 1 || shape.Int[0] != -1 || len(d.rowShape(x)) != 0 {
			return fault.Unsupportedf(fault.Where{}, "a reshape of %v to %v", d.rowShape(x), shape.Int)
		}
		d.values[n.outputs[0]] = x
		return nil
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
		axis, err := n.int("axis", 0)
		if err != nil {
			return err
		}
		t, err := d.constant(n, 1)
		if err != nil {
			return err
		}
		if axis != 1 || len(t.Shape) != 0 || t.Kind != model.Int64 {
			return fault.Unsupportedf(fault.Where{}, "a gather other than of one entry of axis 1")
		}
		return d.make(n, &model.Pick{X: x, Index: int(t.Int[0])})
	case "Div":
		t, err := d.constant(n, 1)
		if err != nil {
			return err
		}
		if len(t.Float) != 1 {
			return fault.Unsupportedf(fault.Where{}, "a division by other than one number")
		}
		return d.make(n, &model.Div{X: x, By: t.Float[0]})
	case "Add":
		t, err := d.constant(n, 1)
		if err != nil {
			return err
		}
		if t.Kind != model.Int64 || len(t.Shape) != 1 {
			return fault.Unsupportedf(fault.Where{}, "an addition other than of integers to columns")
		}
		return d.make(n, &model.Offset{X: x, By: t.Int})
	case "ArgMax":
		axis, err1 := n.int("axis", 0)
		last, err2 := n.int("select_last_index", 0)
		if err1 != nil || err2 != nil || axis != 1 || last != 0 {
			return fault.Unsupportedf(fault.Where{}, "an argmax other than of the first along axis 1")
		}
		return d.make(n, &model.ArgMax{X: x})
	case "Slice":
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
	case "Concat":
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
	return fault.Unsupportedf(fault.Where{}, "operator %s", n.op)
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
