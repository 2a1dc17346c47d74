package onnx

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// The versions that files declare: the oldest that have all that is needed. Opset 13 came with IR 7, ai.onnx.ml 3 with IR 8
// and 5 with IR 10; an onnxruntime refuses an IR that is newer than itself.
const (
	opset   = 13
	irML1   = 7
	irML3   = 8
	irML5   = 10
	mlOpset = "ai.onnx.ml"
	// columnsKey is the metadata property with the names of the columns of X, as a JSON list; see columnsOf.
	columnsKey = "feature_names"
)

// columnsOf is the metadata property with the columns' names of an input: of several inputs, each has its own.
func columnsOf(input string, inputs int) string {
	if inputs == 1 {
		return columnsKey
	}
	return columnsKey + "." + input
}

// largestFile is what protobuf can hold: sizes are signed 32-bit numbers in most of its readers. Only tests change it.
var largestFile = math.MaxInt32

// Write encodes a lowered model. It computes all sizes first and refuses, before the first byte, a file of 2 GiB or more
// (*fault.TooBig). The same model gives the same bytes.
func Write(w io.Writer, m *model.Model, o Options) error {
	file, err := encode(m, o)
	if err != nil {
		return err
	}
	return file.write(w)
}

// Size is how many bytes Write will write.
func Size(m *model.Model, o Options) (int64, error) {
	file, err := encode(m, o)
	if err != nil {
		return 0, err
	}
	return int64(file.bytes), nil
}

func encode(m *model.Model, o Options) (*message, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	types, err := m.Types()
	if err != nil {
		return nil, err
	}
	e := &encoder{m: m, o: o, types: types, doubles: map[model.Ref]string{}}
	e.nameValues()
	for i := 0; i < len(m.Ops); i++ {
		fused, err := e.step(i)
		if err != nil {
			return nil, fault.Unsupportedf(fault.In(fmt.Sprintf("step %d, %s", i, m.Ops[i].Name())), "%v", err)
		}
		i += fused
	}
	for i, out := range m.Outputs {
		if name := e.names[out.Value]; name != e.outputs[i] {
			e.node("", "Identity", []string{name}, []string{e.outputs[i]})
		}
	}
	graph := &message{}
	for _, n := range e.nodes {
		graph.message(graphNode, n)
	}
	graph.text(graphName, "treeport")
	for _, t := range e.constants {
		graph.message(graphInit, t)
	}
	for i, in := range m.Inputs {
		graph.message(graphInput, valueInfo(in.Name, types[i]))
	}
	for i, out := range m.Outputs {
		graph.message(graphOutput, valueInfo(e.outputs[i], types[out.Value]))
	}
	file := &message{}
	file.int(modelIR, irVersion(o))
	file.text(modelProducer, "treeport")
	if v := m.Origin.Get(model.KeyProducer); v != "" {
		file.text(modelProducerVersion, v)
	}
	file.message(modelGraph, graph)
	file.message(modelOpset, opsetID("", opset))
	file.message(modelOpset, opsetID(mlOpset, int64(o.MLOpset)))
	for _, p := range m.Origin {
		file.message(modelMetadata, property(p.Key, p.Value))
	}
	for _, in := range m.Inputs {
		if in.Columns != nil {
			names, err := json.Marshal(in.Columns)
			if err != nil {
				return nil, err
			}
			file.message(modelMetadata, property(columnsOf(in.Name, len(m.Inputs)), string(names)))
		}
	}
	if file.bytes > largestFile {
		return nil, fault.TooBigf(fault.Where{}, "", "the ONNX file would take %d bytes, protobuf holds 2 GiB", file.bytes)
	}
	return file, nil
}

func irVersion(o Options) int64 {
	switch o.MLOpset {
	case 5:
		return irML5
	case 3:
		return irML3
	}
	return irML1
}

func opsetID(domain string, version int64) *message {
	m := &message{}
	m.text(opsetDomain, domain)
	m.int(opsetVersion, version)
	return m
}

func property(key, value string) *message {
	m := &message{}
	m.text(entryKey, key)
	m.text(entryValue, value)
	return m
}

// valueInfo declares an input or output: any number of rows, each of the type's shape.
func valueInfo(name string, t model.Type) *message {
	shape := &message{}
	dim := &message{}
	dim.text(dimParam, "N")
	shape.message(shapeDim, dim)
	for _, d := range t.Row {
		dim := &message{}
		dim.int(dimValue, int64(d))
		shape.message(shapeDim, dim)
	}
	tensor := &message{}
	tensor.int(tensorTypeElem, elemType(t.Kind))
	tensor.message(tensorTypeShape, shape)
	typ := &message{}
	typ.message(typeTensor, tensor)
	v := &message{}
	v.text(valueName, name)
	v.message(valueType, typ)
	return v
}

type encoder struct {
	m         *model.Model
	o         Options
	types     []model.Type
	names     []string             // of values
	outputs   []string             // of outputs; a value that is an input, or answers two of them, is copied
	doubles   map[model.Ref]string // names of values with their columns negated behind them
	taken     map[string]bool
	nodes     []*message
	constants []*message
}

// nameValues names inputs and outputs as the model does, and what is between after its step.
func (e *encoder) nameValues() {
	taken := map[string]bool{}
	e.taken = taken
	for _, in := range e.m.Inputs {
		e.names = append(e.names, in.Name)
		taken[in.Name] = true
	}
	e.outputs = make([]string, len(e.m.Outputs))
	for i, out := range e.m.Outputs {
		e.outputs[i] = out.Name
		taken[out.Name] = true
	}
	for i := range e.m.Ops {
		e.names = append(e.names, e.free("step_"+strconv.Itoa(i)))
	}
	for _, out := range e.m.Outputs {
		if int(out.Value) >= len(e.m.Inputs) {
			e.names[out.Value] = out.Name
		}
	}
}

// free is a name that nothing has yet.
func (e *encoder) free(name string) string {
	for e.taken[name] {
		name += "_"
	}
	e.taken[name] = true
	return name
}

func (e *encoder) node(domain, op string, in []string, out []string, attrs ...*message) {
	n := &message{}
	for _, name := range in {
		n.text(nodeInput, name)
	}
	for _, name := range out {
		n.text(nodeOutput, name)
	}
	n.text(nodeName, out[0])
	n.text(nodeOp, op)
	for _, a := range attrs {
		n.message(nodeAttr, a)
	}
	if domain != "" {
		n.text(nodeDomain, domain)
	}
	e.nodes = append(e.nodes, n)
}

// constant adds an initializer of the step that makes out, and answers its name.
func (e *encoder) constant(out, what string, t *model.Tensor) string {
	name := e.free(out + "." + what)
	e.constants = append(e.constants, tensor(name, t))
	return name
}
