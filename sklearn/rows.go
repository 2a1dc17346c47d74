package sklearn

import (
	"fmt"

	"github.com/seed-2867d59c/treeport/model"
)

// rows are the rows that an estimator is given: one matrix of numbers or, where columns of text stand among them, its
// columns one by one.
type rows struct {
	matrix  model.Ref   // float64 or float32, width wide; means nothing where columns is set
	columns []model.Ref // one value per column, each one wide
	width   int
	names   []string // of the columns, where they have names; else nil
}

// numbers are the rows of a matrix.
func (b *builder) numbers(matrix model.Ref) rows {
	return rows{matrix: matrix, width: b.width(matrix)}
}

// matrix is all columns as one float64 (or float32) matrix. Columns of text are an error: the original would raise one too.
func (b *builder) matrix(x rows) (model.Ref, error) {
	if x.columns == nil {
		return x.matrix, nil
	}
	all := make([]model.Ref, x.width)
	for j, c := range x.columns {
		switch kind := b.kind(c); {
		case kind == model.String:
			return 0, fmt.Errorf("column %s is text, where numbers are needed", x.columnName(j))
		case kind != model.Float64:
			c = b.add(&model.Cast{X: c, To: model.Float64})
		}
		all[j] = c
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return b.add(&model.Concat{Xs: all}), nil
}

// column is column j, one wide, of whatever kind it is.
func (b *builder) column(x rows, j int) model.Ref {
	switch {
	case x.columns != nil:
		return x.columns[j]
	case x.width == 1:
		return x.matrix
	}
	return b.add(&model.Slice{X: x.matrix, From: j, To: j + 1})
}

// take are some of the columns, in the order given.
func (b *builder) take(x rows, columns []int) rows {
	taken := rows{width: len(columns)}
	if x.names != nil {
		for _, j := range columns {
			taken.names = append(taken.names, x.names[j])
		}
	}
	if x.columns == nil {
		taken.matrix = x.matrix
		if !isAll(columns, x.width) {
			taken.matrix = b.add(&model.Take{X: x.matrix, Columns: columns})
		}
		return taken
	}
	for _, j := range columns {
		taken.columns = append(taken.columns, x.columns[j])
	}
	return taken
}

func isAll(columns []int, width int) bool {
	for i, j := range columns {
		if i != j {
			return false
		}
	}
	return len(columns) == width
}

// join puts rows side by side, as numpy.hstack does. Parts without columns vanish.
func (b *builder) join(parts ...rows) rows {
	var some []rows
	text := false
	for _, p := range parts {
		if p.width > 0 {
			some = append(some, p)
			text = text || p.columns != nil
		}
	}
	if len(some) == 1 {
		return some[0]
	}
	var joined rows
	var matrices []model.Ref
	for _, p := range some {
		for j := range p.width {
			if text {
				joined.columns = append(joined.columns, b.column(p, j))
			}
		}
		if !text {
			m := p.matrix
			if b.kind(m) == model.Float32 {
				m = b.add(&model.Cast{X: m, To: model.Float64})
			}
			matrices = append(matrices, m)
		}
		joined.width += p.width
		joined.names = append(joined.names, p.names...)
	}
	if len(joined.names) != joined.width {
		joined.names = nil
	}
	if !text {
		joined.matrix = b.add(&model.Concat{Xs: matrices})
	}
	return joined
}

func (x rows) columnName(j int) string {
	if x.names != nil {
		return fmt.Sprintf("%q", x.names[j])
	}
	return fmt.Sprint(j)
}
