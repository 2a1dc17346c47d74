package verify

import (
	"errors"
	"slices"
	"sync"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Evaluate runs a model over rows (one tensor per input), in blocks on all processors. Rows that the model refuses (a NaN
// where the original raises an error) are left out: kept lists the rows that were answered, in order, and why is the first
// refusal. Any other error ends it.
func Evaluate(m *model.Model, rows []*model.Tensor) (outputs []*model.Tensor, kept []int, why error, err error) {
	a, err := evaluate(m, rows, nil, exactly)
	return a.outputs, a.kept, a.why, err
}

// exactly is an Evaluator's Run, which has no bounds.
func exactly(e *model.Evaluator, rows []*model.Tensor) (answers, bounds []*model.Tensor, err error) {
	answers, err = e.Run(rows)
	return answers, nil, err
}

// EvaluateWithin is Evaluate, and says of each number that is answered how far another correct arithmetic may be from it
// (model.RunWithin): one tensor per output, nil where that is nothing.
func EvaluateWithin(m *model.Model, rows []*model.Tensor) (outputs, bounds []*model.Tensor, kept []int, why error, err error) {
	a, err := evaluateWithin(m, rows, nil)
	return a.outputs, a.bounds, a.kept, a.why, err
}

func evaluateWithin(m *model.Model, rows []*model.Tensor, walks *forest.Walks) (evaluated, error) {
	exact := m.Exact()
	if slices.ContainsFunc(m.Outputs, func(out model.Output) bool { return !exact[out.Value] }) {
		return evaluate(m, rows, walks, (*model.Evaluator).RunWithin)
	}
	return evaluate(m, rows, walks, exactly)
}

// evaluated is what a model answers to rows.
type evaluated struct {
	outputs, bounds []*model.Tensor
	kept            []int
	why             error
}

// evaluate runs a model over rows by run, whose bounds may be nil. So may walks.
func evaluate(m *model.Model, rows []*model.Tensor, walks *forest.Walks, run func(*model.Evaluator, []*model.Tensor) (answers, bounds []*model.Tensor, err error)) (a evaluated, err error) {
	count := 0
	if len(rows) > 0 {
		count = rows[0].Rows()
	}
	e, err := model.NewEvaluatorAmong(m, count, walks)
	if err != nil {
		return a, err
	}
	a.outputs, a.bounds = e.Outputs(count), make([]*model.Tensor, len(m.Outputs))
	within := make([]sync.Once, len(m.Outputs)) // bounds are rare
	answered := make([]bool, count)
	answer := func(e *model.Evaluator, first int, some []*model.Tensor) error {
		answers, bounds, err := run(e, some)
		if err != nil {
			return err
		}
		for k, t := range answers {
			a.outputs[k].PutRows(first, t)
		}
		for k, t := range bounds {
			if t != nil {
				within[k].Do(func() {
					a.bounds[k] = &model.Tensor{Kind: model.Float64, Shape: slices.Clone(a.outputs[k].Shape), Float: make([]float64, a.outputs[k].Len())}
				})
				a.bounds[k].PutRows(first, t)
			}
		}
		for i := range some[0].Rows() {
			answered[first+i] = true
		}
		return nil
	}
	whys := make([]error, (count+model.Block-1)/model.Block)
	err = e.RunBlocks(rows, 0, func(e *model.Evaluator, first int, block []*model.Tensor) error {
		err := answer(e, first, block)
		if !refused(err) {
			return err
		}
		// Some row was refused: find out which.
		var row *model.RowError
		if errors.As(err, &row) {
			row.Row += first
		}
		whys[first/model.Block] = err
		for i := range block[0].Rows() {
			one := make([]*model.Tensor, len(block))
			for k, t := range block {
				one[k] = t.Part(i, i+1)
			}
			if err := answer(e, first+i, one); err != nil && !refused(err) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return evaluated{}, err
	}
	for i, is := range answered {
		if is {
			a.kept = append(a.kept, i)
		}
	}
	for _, err := range whys {
		if a.why == nil {
			a.why = err
		}
	}
	if len(a.kept) < count {
		a.outputs = Take(a.outputs, a.kept)
		for k, t := range a.bounds {
			if t != nil {
				a.bounds[k] = Take([]*model.Tensor{t}, a.kept)[0]
			}
		}
	}
	return a, nil
}

func refused(err error) bool {
	var u *fault.Unsupported
	return errors.As(err, &u)
}

// Take is the given rows of each tensor.
func Take(tensors []*model.Tensor, rows []int) []*model.Tensor {
	taken := make([]*model.Tensor, len(tensors))
	for k, t := range tensors {
		out := model.NewTensor(t.Type(), len(rows))
		for i, row := range rows {
			out.PutRows(i, t.Part(row, row+1))
		}
		taken[k] = out
	}
	return taken
}

// contiguous tells whether rows are 0, 1, 2, ... up to count.
func contiguous(rows []int, count int) bool {
	return len(rows) == count && slices.IsSorted(rows)
}
