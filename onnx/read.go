package onnx

import (
	"encoding/json"
	"fmt"
	"math"
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
func Read(data []byte) (*model.Model, error) { return ReadExpecting(data, forest.Limits{}, nil) }

// ReadExpecting is Read within limits, of a file that should hold the model want: trees that equal those of want, node by node, and tables that
// do, item by item, take their arrays instead of being held a second time. Nothing else is taken from want.
func ReadExpecting(data []byte, lim forest.Limits, want *model.Model) (*model.Model, error) {
	var forests []*forest.Forest
	var tables []*model.Tensor
	if want != nil {
		for _, op := range want.Ops {
			switch op := op.(type) {
			case *model.Ensemble:
				forests = append(forests, op.Forest)
			case *model.RowSum:
				tables = append(tables, op.Table)
			case *model.Lookup:
				tables = append(tables, op.Table)
			}
		}
	}
	f, err := parseFile(data, tables)
	if err != nil {
		return nil, err
	}
	d := &decoder{file: f, budget: lim.Budget(), program: program{m: &model.Model{Origin: model.Origin(f.metadata)}}, values: map[string]model.Ref{},
		room: spareItems + itemsPerByte*len(data), want: forests}
	if err := d.inputs(); err != nil {
		return nil, err
	}
	d.parts = partsOf(f)
	for _, n := range f.nodes {
		if d.parts.inner[n] {
			continue
		}
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
		if labels, ok := d.m.Op(ref).(*model.Lookup); ok && method == model.Predict {
			if err := d.budget.Classes(fault.In("output "+out.name), labels.Table.Rows()); err != nil {
				return nil, err
			}
		}
		d.m.Outputs = append(d.m.Outputs, model.Output{Name: out.name, Value: ref, Method: method, Target: target})
	}
	return d.m, nil
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
	case model.DecisionFunction, model.ScoreSamples, model.Transform, model.RawScore:
		return base, target
	}
	return name, 0
}

type decoder struct {
	*file
	program
	budget *forest.Budget
	values map[string]model.Ref
	room   int              // items that the values of a row may still take
	want   []*forest.Forest // of the ensembles that should follow
	parts  parts
}

// expected is the forest that the next ensemble should be, or nil.
func (d *decoder) expected() *forest.Forest {
	if len(d.want) == 0 {
		return nil
	}
	next := d.want[0]
	d.want = d.want[1:]
	return next
}

func (d *decoder) inputs() error {
	var declared []declared
	for _, in := range d.file.inputs {
		if _, constant := d.consts[in.name]; !constant { // IR 3 lists constants among the inputs
			declared = append(declared, in)
		}
	}
	columns := 0
	for _, in := range declared {
		kind, ok := kindOf(in.elem)
		if !ok || len(in.dims) != 2 || in.dims[1] < 1 || in.dims[1] > math.MaxInt32 {
			return fault.Unsupportedf(fault.In("input "+in.name), "an input of ONNX type %d and shape %v", in.elem, in.dims)
		}
		width := int(in.dims[1])
		columns += width
		if err := d.budget.Features(fault.In("input "+in.name), columns); err != nil {
			return err
		}
		if _, twice := d.values[in.name]; twice {
			return fault.Brokenf(fault.In("input "+in.name), "stands twice")
		}
		d.room += itemsPerByte * width // whoever asks gives rows as wide
		d.values[in.name] = d.input(model.Input{Name: in.name, Kind: kind, Width: width, Columns: d.columnNames(columnsOf(in.name, len(declared)), width)})
	}
	return nil
}

// columnNames takes the names of an input's columns out of the metadata.
func (d *decoder) columnNames(key string, width int) []string {
	for i, p := range d.m.Origin {
		var names []string
		if p.Key == key && json.Unmarshal([]byte(p.Value), &names) == nil && len(names) == width {
			d.m.Origin = slices.Delete(d.m.Origin, i, i+1)
			return names
		}
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

// make adds the step that a node is.
func (d *decoder) make(n *node, op model.Op) error {
	if len(n.outputs) != 1 {
		return fmt.Errorf("%d outputs", len(n.outputs))
	}
	ref, err := d.step(op)
	d.values[n.outputs[0]] = ref
	return err
}

// The items that all values of a row may take together, and the products of its matrices: some for each byte of the file and
// each column of the inputs, since a value as wide as the inputs, or as a constant, is what most steps make.
const (
	spareItems   = 1 << 16
	itemsPerByte = 64
	mostAxes     = 32 // of a value; numpy has no more
)

// step adds a step.
func (d *decoder) step(op model.Op) (model.Ref, error) {
	ref := d.add(op)
	if d.err != nil {
		switch op.(type) {
		case *model.Unary, *model.Binary, *model.Where, *model.Reduce, *model.MatMul:
			return 0, fault.Unsupportedf(fault.Where{}, "%v", d.err) // ONNX has them for more types than model
		}
		return 0, d.err
	}
	row := d.types[ref].Row
	if len(row) >= mostAxes {
		return 0, fault.TooBigf(fault.Where{}, "", "a value of %d axes", 1+len(row))
	}
	if product, ok := op.(*model.MatMul); ok {
		row = append(slices.Clone(row), product.W.Shape[0])
	}
	n := 1
	for _, width := range row {
		if width > 0 && n > d.room/width {
			return 0, fault.TooBigf(fault.Where{}, "", "rows of shape %v, for a file of this size", d.types[ref].Row)
		}
		n *= width
	}
	d.room -= n
	return ref, nil
}

// makeEnsemble adds an ensemble over all columns of x, of which the trees may use fewer.
func (d *decoder) makeEnsemble(n *node, x model.Ref, f *forest.Forest) error {
	if err := d.widen(f, x); err != nil {
		return err
	}
	return d.make(n, &model.Ensemble{X: x, Forest: f})
}

func (d *decoder) widen(f *forest.Forest, x model.Ref) error {
	row := d.types[x].Row
	if len(row) != 1 || f.Features > row[0] {
		return fmt.Errorf("uses %d columns of %v", f.Features, row)
	}
	f.Features = row[0]
	return nil
}
