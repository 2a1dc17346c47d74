package verify

import (
	"errors"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// Evaluate runs a model over rows (one tensor per input), in blocks on all processors. Rows that the model refuses (a NaN
// where the original raises an error) are left out: kept lists the rows that were answered, in order, and why is the first
// refusal. Any other error ends it.
func Evaluate(m *model.Model, rows []*model.Tensor) (outputs []*model.Tensor, kept []int, why error, err error) {
	count := 0
	if len(rows) > 0 {
		count = rows[0].Rows()
	}
	e, err := model.NewEvaluator(m, count)
	if err != nil {
		return nil, nil, nil, err
	}
	outputs = e.Outputs(count)
	answered := make([]bool, count)
	answer := func(e *model.Evaluator, first int, some []*model.Tensor) error {
		answers, err := e.Run(some)
		if err != nil {
			return err
		}
		for k, t := range answers {
			outputs[k].PutRows(first, t)
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
		return nil, nil, nil, err
	}
	for i, is := range answered {
		if is {
			kept = append(kept, i)
		}
	}
	for _, err := range whys {
		if why == nil {
			why = err
		}
	}
	if len(kept) < count {
		outputs = Take(outputs, kept)
	}
	return outputs, kept, why, nil
}

// Bounds says of each number that a model answers how far another correct arithmetic may be from it (model.RunWithin): one
// tensor per output, nil where that is nothing. The model must answer all rows.
func Bounds(m *model.Model, rows []*model.Tensor) ([]*model.Tensor, error) {
	bounds := make([]*model.Tensor, len(m.Outputs))
	if len(rows) == 0 || !slices.Contains(exactOutputs(m), false) {
		return bounds, nil
	}
	for from := 0; from < rows[0].Rows(); from += model.Block {
		some := make([]*model.Tensor, len(rows))
		for i, t := range rows {
			some[i] = t.Part(from, min(t.Rows(), from+model.Block))
		}
		_, part, err := m.RunWithin(some)
		if err != nil {
			return nil, err
		}
		for k, b := range part {
			switch {
			case b == nil:
			case bounds[k] == nil:
				bounds[k] = b
			default:
				bounds[k].Float = append(bounds[k].Float, b.Float...)
				bounds[k].Shape[0] += b.Rows()
			}
		}
	}
	return bounds, nil
}

func exactOutputs(m *model.Model) []bool {
	exact := m.Exact()
	all := make([]bool, len(m.Outputs))
	for i, out := range m.Outputs {
		all[i] = exact[out.Value]
	}
	return all
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
