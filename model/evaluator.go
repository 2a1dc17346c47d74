package model

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
)

// Evaluator runs a program over and over, in buffers of its own: once it has seen as many rows before, a run allocates
// nothing. It answers what Model.Run answers, to the bit. It is for one goroutine at a time; Clone makes one for another.
type Evaluator struct {
	model   *Model
	types   []Type
	inputs  []*Tensor
	steps   []evaluated
	outputs []*Tensor
}

// evaluated is a step and the tensors that it reads and writes.
type evaluated struct {
	op  Op
	run evaluation
	in  []*Tensor
	out *Tensor
}

// evaluation is what evaluates a step, in buffers of its own if need be.
type evaluation interface {
	Eval(in []*Tensor, out *Tensor) error
	clone() evaluation
}

// preparer is a step that evaluates faster once something is prepared.
type preparer interface{ prepare(will asked) evaluation }

// asked is what a step will be asked: about how many rows (0: very many), and what other models were asked.
type asked struct {
	rows  int
	walks *forest.Walks // may be nil
}

// plainly evaluates a step as it is.
type plainly struct{ Op }

func (p plainly) clone() evaluation { return p }

// NewEvaluator makes an Evaluator of a model, which must not change from then on. rows is about how many rows will be asked for,
// 0 for very many: where they are worth it, the model's forests are compiled first (forest.NewPredictor). The error is that of
// Types.
func NewEvaluator(m *Model, rows int) (*Evaluator, error) { return NewEvaluatorAmong(m, rows, nil) }

// NewEvaluatorAmong is NewEvaluator for one of several models that share trees and are asked the same rows: walks remembers for the next
// what was found for one; nil remembers nothing.
func NewEvaluatorAmong(m *Model, rows int, walks *forest.Walks) (*Evaluator, error) {
	types, err := m.Types()
	if err != nil {
		return nil, err
	}
	all := make([]evaluation, len(m.Ops))
	for i, op := range m.Ops {
		all[i] = plainly{op}
		if p, ok := op.(preparer); ok {
			all[i] = p.prepare(asked{rows, walks})
		}
	}
	return wire(m, types, all), nil
}

// Clone is an Evaluator that shares what was prepared.
func (e *Evaluator) Clone() *Evaluator {
	all := make([]evaluation, len(e.steps))
	for i := range all {
		all[i] = e.steps[i].run.clone()
	}
	return wire(e.model, e.types, all)
}

// wire gives every value a tensor.
func wire(m *Model, types []Type, all []evaluation) *Evaluator {
	e := &Evaluator{model: m, types: types}
	values := make([]*Tensor, len(types))
	for i, t := range types {
		values[i] = NewTensor(t, 0)
	}
	e.inputs = values[:len(m.Inputs)]
	for i, op := range m.Ops {
		s := evaluated{op: op, run: all[i], out: values[len(m.Inputs)+i]}
		for _, r := range op.Reads() {
			s.in = append(s.in, values[r])
		}
		e.steps = append(e.steps, s)
	}
	for _, out := range m.Outputs {
		e.outputs = append(e.outputs, values[out.Value])
	}
	return e
}

// Run is Model.Run: one tensor per input, all with the same number of rows, of shape [rows, Width]; one tensor per output comes
// back, of shape [rows, ...]. They are the Evaluator's own: the next Run overwrites them.
func (e *Evaluator) Run(inputs []*Tensor) ([]*Tensor, error) { return e.run(inputs, nil) }

// run is Run, and shows each step once it is made, unless made is nil.
func (e *Evaluator) run(inputs []*Tensor, made func(s *evaluated)) ([]*Tensor, error) {
	if err := e.model.takes(inputs); err != nil {
		return nil, err
	}
	for i, t := range inputs {
		e.inputs[i].rowsOf(t, 0, t.Rows())
	}
	for i := range e.steps {
		s := &e.steps[i]
		s.out.setRows(rowsOf(s.in))
		if err := s.run.Eval(s.in, s.out); err != nil {
			return nil, fmt.Errorf("step %d, %s: %w", i, s.op.Name(), err)
		}
		if made != nil {
			made(s)
		}
	}
	for i, out := range e.outputs {
		if len(inputs) > 0 && out.Rows() != inputs[0].Rows() {
			return nil, fault.Brokenf(fault.In("output "+e.model.Outputs[i].Name), "it depends on no input")
		}
	}
	return e.outputs, nil
}

// Block is how many rows RunBlocks takes at once: a row table holds rows x trees x outputs numbers while it runs.
const Block = 128

// RunBlocks takes the rows of the inputs in blocks, on as many workers at once (0: one per processor). It calls do for every block
// with the worker's Evaluator, the number of the block's first row, and the block's rows, which the next call overwrites. It
// answers do's error for the lowest block; the row of a RowError is counted from the first of all rows.
func (e *Evaluator) RunBlocks(inputs []*Tensor, workers int, do func(e *Evaluator, first int, rows []*Tensor) error) error {
	if err := e.model.takes(inputs); err != nil || len(inputs) == 0 {
		return err
	}
	count := inputs[0].Rows()
	blocks := (count + Block - 1) / Block
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	errs := make([]error, blocks)
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(workers, blocks) {
		wait.Go(func() {
			own := e.Clone()
			rows := make([]*Tensor, len(inputs))
			for i := range rows {
				rows[i] = &Tensor{}
			}
			for b := int(next.Add(1)) - 1; b < blocks; b = int(next.Add(1)) - 1 {
				for i, t := range inputs {
					rows[i].rowsOf(t, b*Block, min((b+1)*Block, count))
				}
				errs[b] = do(own, b*Block, rows)
				var row *RowError
				if errors.As(errs[b], &row) {
					row.Row += b * Block
				}
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// RunAll is Run for many rows, on as many workers at once (0: one per processor), whose answers are new tensors. They are the same
// for any number of workers.
func (e *Evaluator) RunAll(inputs []*Tensor, workers int) ([]*Tensor, error) {
	count := 0
	if len(inputs) > 0 {
		count = inputs[0].Rows()
	}
	outputs := e.Outputs(count)
	err := e.RunBlocks(inputs, workers, func(e *Evaluator, first int, rows []*Tensor) error {
		answers, err := e.Run(rows)
		if err != nil {
			return err
		}
		for k, t := range answers {
			outputs[k].PutRows(first, t)
		}
		return nil
	})
	return outputs, err
}

// Outputs makes a tensor for each output, with room for so many rows.
func (e *Evaluator) Outputs(rows int) []*Tensor {
	all := make([]*Tensor, len(e.outputs))
	for k, out := range e.model.Outputs {
		all[k] = NewTensor(e.types[out.Value], rows)
	}
	return all
}
