package sklearn

import (
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Encoders of categories: sklearn/preprocessing/_encoders.py from 0.20 on, _target_encoder.py from 1.3 on. Each is a table
// for each column: the place of a value among the categories finds a row of it; the last row is for what is none of them.

// categories are those of one column, as keys of its kind: text or float64.
type categories struct {
	keys    *model.Tensor
	missing int // place of the missing value, or -1
}

// columnCategories reads categories_: one array per column.
func columnCategories(e *object) ([]categories, error) {
	v, err := e.attr("categories_")
	if err != nil {
		return nil, err
	}
	items, ok := asItems(v)
	if !ok || len(items) == 0 {
		return nil, e.broken("categories_ is no list of arrays")
	}
	all := make([]categories, len(items))
	for i, item := range items {
		a, ok := item.(*pickle.NDArray)
		if !ok || len(a.Shape) != 1 || a.Len() == 0 {
			return nil, e.unsupported("categories_[%d] is no vector", i)
		}
		if all[i], err = categoriesOf(a); err != nil {
			return nil, e.unsupported("categories_[%d]: %v", i, err)
		}
	}
	return all, nil
}

// categoryInputs says which columns an encoder takes as text.
func categoryInputs(e *object) (in inputs, err error) {
	all, err := columnCategories(e)
	if err != nil {
		return in, err
	}
	in.features = len(all)
	text := make([]bool, len(all))
	for i, c := range all {
		text[i] = c.keys.Kind == model.String
	}
	in.takeText(text, nil)
	in.names, err = featureNames(e, in.features)
	return in, err
}

// encoded looks each column's values up: row k of table(i) is what stands for category k of column i, the row behind them
// for values that are none. Where refuses is set, those are an error.
func (b *builder) encoded(e *object, x rows, all []categories, refuses bool, table func(column int) (*model.Tensor, error)) (rows, error) {
	if x.width != len(all) {
		return rows{}, e.broken("%d columns, categories of %d", x.width, len(all))
	}
	var parts []rows
	for i, c := range all {
		t, err := table(i)
		if err != nil {
			return rows{}, err
		}
		if t.RowLen() == 0 {
			continue
		}
		index, err := b.categoryIndex(e, x, i, c, refuses)
		if err != nil {
			return rows{}, err
		}
		parts = append(parts, b.numbers(b.add(&model.Lookup{X: b.asVector(index), Table: t})))
	}
	return b.joined(e, parts)
}

// categoryIndex is the place of column i's values among its categories; of others it is the number of categories.
func (b *builder) categoryIndex(e *object, x rows, i int, c categories, refuses bool) (model.Ref, error) {
	column := b.column(x, i)
	text := b.kind(column) == model.String
	if text != (c.keys.Kind == model.String) {
		return 0, e.unsupported("column %s is %v, its categories are %v", x.columnName(i), b.kind(column), c.keys.Kind)
	}
	if !text {
		column = b.add(&model.Finite{X: b.toFloat64(column), NaN: e.rel.has(nanCategories)})
	}
	return b.add(&model.Index{X: column, Keys: c.keys, Unknown: int64(c.keys.Len()), Refuses: refuses}), nil
}

// mostCells bounds a table, which may be as wide as it is long.
const mostCells = 1 << 26

func tableFits(e *object, length, width int) error {
	if width > mostCells/length {
		return fault.TooBigf(e.where(), "", "a table of %d categories by %d columns", length, width)
	}
	return nil
}

// tableOf makes a table of rows that are equally long.
func tableOf(rows [][]float64) *model.Tensor {
	t := &model.Tensor{Kind: model.Float64, Shape: []int{len(rows), len(rows[0])}}
	for _, row := range rows {
		t.Float = append(t.Float, row...)
	}
	return t
}
