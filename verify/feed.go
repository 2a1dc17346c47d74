package verify

import (
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// Feed makes the inputs of one model out of those of another: the same columns, in another kind or split otherwise. Where
// both know names, columns are matched by name, else by position. Floats are rounded to nearest for a float32 input;
// rounded counts the numbers that this changed.
func Feed(from *model.Model, rows []*model.Tensor, to *model.Model) (fed []*model.Tensor, rounded int, err error) {
	var sources []source
	for i, in := range from.Inputs {
		for j := range in.Width {
			sources = append(sources, source{rows[i], j, columnName(in, j, len(from.Inputs))})
		}
	}
	order, err := match(sources, to)
	if err != nil {
		return nil, 0, err
	}
	count := 0
	if len(rows) > 0 {
		count = rows[0].Rows()
	}
	at := 0
	for _, in := range to.Inputs {
		t := model.NewTensor(model.Type{Kind: in.Kind, Row: []int{in.Width}}, count)
		for j := range in.Width {
			s := sources[order[at+j]]
			width := s.tensor.RowLen()
			if (s.tensor.Kind == model.String) != (in.Kind == model.String) {
				return nil, 0, fault.Mismatchf(fault.In("input "+in.Name), "takes %v, the source has %v", in.Kind, s.tensor.Kind)
			}
			for i := range count {
				from, to := i*width+s.column, i*in.Width+j
				switch {
				case s.tensor.Kind == model.String:
					t.Text[to] = s.tensor.Text[from]
				case s.tensor.Kind.IsFloat():
					v := s.tensor.Float[from]
					put(t, to, v)
					if in.Kind == model.Float32 && v == v && t.Float[to] != v {
						rounded++
					}
				case in.Kind.IsFloat():
					put(t, to, float64(s.tensor.Int[from]))
				default:
					t.Int[to] = s.tensor.Int[from]
				}
			}
		}
		at += in.Width
		fed = append(fed, t)
	}
	return fed, rounded, nil
}

// source is a column of a model's inputs.
type source struct {
	tensor *model.Tensor
	column int
	name   string
}

func columnName(in model.Input, j, inputs int) string {
	switch {
	case len(in.Columns) == in.Width:
		return in.Columns[j]
	case inputs > 1 && in.Width == 1:
		return in.Name
	}
	return ""
}

// match lists for each column that a model takes the source that feeds it.
func match(sources []source, to *model.Model) ([]int, error) {
	byName := map[string]int{}
	for i, s := range sources {
		if _, twice := byName[s.name]; twice || s.name == "" {
			byName = nil
			break
		}
		byName[s.name] = i
	}
	var named, positional []int
	total := 0
	for _, in := range to.Inputs {
		for j := range in.Width {
			if i, ok := byName[columnName(in, j, len(to.Inputs))]; ok {
				named = append(named, i)
			}
			positional = append(positional, total)
			total++
		}
	}
	switch {
	case len(named) == total:
		return named, nil
	case total == len(sources) && len(named) == 0:
		return positional, nil // one of the two knows no names
	case len(named) > 0:
		return nil, fault.Mismatchf(fault.Where{}, "%d of the artifact's %d columns have names that the source does not know", total-len(named), total)
	}
	return nil, fault.Mismatchf(fault.Where{}, "the artifact takes %d columns, the source %d", total, len(sources))
}
