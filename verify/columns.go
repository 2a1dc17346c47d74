package verify

import (
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// unknown is a column that no input column reaches unchanged.
const unknown = -1

// A probed forest and where its features come from: columns[f] is a column of the model's inputs, counted through all
// inputs, or unknown.
type probed struct {
	forest  *forest.Forest
	columns []int
}

// forests lists the forests of a model's program, each once.
func forests(m *model.Model) ([]probed, error) {
	types, err := m.Types()
	if err != nil {
		return nil, err
	}
	from := make([][]int, 0, len(types)) // per value: the input column of each of its columns, nil where it has none
	at := 0
	for _, in := range m.Inputs {
		columns := make([]int, in.Width)
		for j := range columns {
			columns[j] = at + j
		}
		at += in.Width
		from = append(from, columns)
	}
	var all []probed
	seen := map[*forest.Forest]bool{}
	for i, op := range m.Ops {
		var f *forest.Forest
		var x model.Ref
		switch op := op.(type) {
		case *model.Ensemble:
			f, x = op.Forest, op.X
		case *model.Leaves:
			f, x = op.Forest, op.X
		}
		if f != nil && !seen[f] {
			seen[f] = true
			columns := from[x]
			if columns == nil {
				columns = make([]int, f.Features)
				for j := range columns {
					columns[j] = unknown
				}
			}
			all = append(all, probed{f, columns})
		}
		from = append(from, through(op, from, types[len(m.Inputs)+i]))
	}
	return all, nil
}

// through is which input columns a step hands on unchanged, but for a rounding.
func through(op model.Op, from [][]int, t model.Type) []int {
	switch op := op.(type) {
	case *model.Cast:
		if t.Kind.IsFloat() {
			return from[op.X]
		}
	case *model.Slice:
		if columns := from[op.X]; columns != nil {
			return columns[op.From:op.To]
		}
	case *model.Concat:
		var columns []int
		for _, x := range op.Xs {
			if from[x] == nil {
				return nil
			}
			columns = append(columns, from[x]...)
		}
		return columns
	}
	return nil
}
