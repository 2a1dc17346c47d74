package verify

import (
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// chunk is how many rows are evaluated at once: a row table holds rows x trees x outputs numbers while it runs.
const chunk = 128

// Evaluate runs a model over rows (one tensor per input), in chunks on all processors. Rows that the model refuses (a NaN
// where the original raises an error) are left out: kept lists the rows that were answered, in order, and why is the first
// refusal. Any other error ends it.
func Evaluate(m *model.Model, rows []*model.Tensor) (outputs []*model.Tensor, kept []int, why error, err error) {
	count := 0
	if len(rows) > 0 {
		count = rows[0].Rows()
	}
	parts := make([]part, (count+chunk-1)/chunk)
	var wait sync.WaitGroup
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range parts {
		limit <- struct{}{}
		wait.Add(1)
		go func() {
			defer func() { <-limit; wait.Done() }()
			parts[i].run(m, rows, i*chunk, min(count, (i+1)*chunk))
		}()
	}
	wait.Wait()
	for i := range parts {
		p := &parts[i]
		if p.err != nil {
			return nil, nil, nil, p.err
		}
		if why == nil {
			why = p.why
		}
		kept = append(kept, p.kept...)
	}
	outputs, err = join(m, parts)
	return outputs, kept, why, err
}

// Bounds says of each number that a model answers how far another correct arithmetic may be from it (model.RunWithin): one
// tensor per output, nil where that is nothing. The model must answer all rows.
func Bounds(m *model.Model, rows []*model.Tensor) ([]*model.Tensor, error) {
	bounds := make([]*model.Tensor, len(m.Outputs))
	if len(rows) == 0 || !slices.Contains(exactOutputs(m), false) {
		return bounds, nil
	}
	for from := 0; from < rows[0].Rows(); from += chunk {
		var some []int
		for i := from; i < min(rows[0].Rows(), from+chunk); i++ {
			some = append(some, i)
		}
		_, part, err := m.RunWithin(Take(rows, some))
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

type part struct {
	outputs []*model.Tensor // nil: no row was kept
	kept    []int
	why     error
	err     error
}

func (p *part) run(m *model.Model, rows []*model.Tensor, from, to int) {
	for i := from; i < to; i++ {
		p.kept = append(p.kept, i)
	}
	p.outputs, p.err = m.Run(Take(rows, p.kept))
	if !refused(p.err) {
		return
	}
	// Some row was refused: find out which.
	var row *model.RowError
	if errors.As(p.err, &row) {
		row.Row += from
	}
	p.why, p.err, p.kept = p.err, nil, nil
	for i := from; i < to; i++ {
		_, err := m.Run(Take(rows, []int{i}))
		switch {
		case err == nil:
			p.kept = append(p.kept, i)
		case !refused(err):
			p.err = err
			return
		}
	}
	p.outputs = nil
	if len(p.kept) > 0 {
		p.outputs, p.err = m.Run(Take(rows, p.kept))
	}
}

func refused(err error) bool {
	var u *fault.Unsupported
	return errors.As(err, &u)
}

// join puts the parts' answers one below the other.
func join(m *model.Model, parts []part) ([]*model.Tensor, error) {
	var types []model.Type
	total := 0
	for i := range parts {
		if parts[i].outputs != nil {
			total += len(parts[i].kept)
			if types == nil {
				for _, t := range parts[i].outputs {
					types = append(types, t.Type())
				}
			}
		}
	}
	if types == nil { // no rows at all
		all, err := m.Types()
		if err != nil {
			return nil, err
		}
		for _, out := range m.Outputs {
			types = append(types, all[out.Value])
		}
	}
	outputs := make([]*model.Tensor, len(types))
	for k, t := range types {
		out := &model.Tensor{Kind: t.Kind, Shape: append([]int{total}, t.Row...)}
		for i := range parts {
			if parts[i].outputs != nil {
				part := parts[i].outputs[k]
				out.Float = append(out.Float, part.Float...)
				out.Int = append(out.Int, part.Int...)
				out.Text = append(out.Text, part.Text...)
			}
		}
		outputs[k] = out
	}
	return outputs, nil
}

// Take is the given rows of each tensor.
func Take(tensors []*model.Tensor, rows []int) []*model.Tensor {
	taken := make([]*model.Tensor, len(tensors))
	for k, t := range tensors {
		width := t.RowLen()
		out := model.NewTensor(t.Type(), len(rows))
		for i, row := range rows {
			switch {
			case t.Kind.IsFloat():
				copy(out.Float[i*width:], t.Float[row*width:(row+1)*width])
			case t.Kind == model.String:
				copy(out.Text[i*width:], t.Text[row*width:(row+1)*width])
			default:
				copy(out.Int[i*width:], t.Int[row*width:(row+1)*width])
			}
		}
		taken[k] = out
	}
	return taken
}

// contiguous tells whether rows are 0, 1, 2, ... up to count.
func contiguous(rows []int, count int) bool {
	return len(rows) == count && slices.IsSorted(rows)
}
