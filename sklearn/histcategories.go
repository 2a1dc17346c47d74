package sklearn

import (
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// histCategories are the categories of one feature of histogram gradient boosting: the value of each, by its bit in the sets
// of the trees, and whether fitting knew it. Splits by them ask for the feature that is column.
type histCategories struct {
	values []float64
	is     []bool
	column int32
}

// histColumns are the columns that the trees see, and which of those are categorical.
func (b *builder) histColumns(e *object, in rows) (x model.Ref, known map[int32]*histCategories, err error) {
	if e.has("_preprocessor") {
		return b.encodedColumns(e, in)
	}
	if x, err = b.matrix(in); err != nil {
		return 0, nil, e.unsupported("%v", err)
	}
	categorical, ok := attrArray(e, "is_categorical_")
	if !ok {
		return x, nil, nil
	}
	is, err := categorical.Bools()
	if err != nil || len(is) != in.width {
		return 0, nil, e.broken("is_categorical_ of %d features, there are %d", len(is), in.width)
	}
	return b.byteColumns(e, x, is)
}

// byteColumns are the columns until 1.3: the bits of a set are the categories themselves, 0 to 255. A value is cast to a byte
// (_predictor.pyx), so its fraction goes, and of what is left the lowest eight bits stay; x86 makes 0 of what no int32
// holds. What is cast stands behind the columns as they are.
func (b *builder) byteColumns(e *object, x model.Ref, is []bool) (model.Ref, map[int32]*histCategories, error) {
	mapper, err := e.child("_bin_mapper")
	if err != nil {
		return 0, nil, err
	}
	v, err := mapper.attr("bin_thresholds_")
	if err != nil {
		return 0, nil, err
	}
	items, ok := asItems(v)
	if !ok || len(items) != len(is) {
		return 0, nil, mapper.broken("bin_thresholds_ is no list of %d arrays", len(is))
	}
	known := map[int32]*histCategories{}
	var columns []int
	for j := range is {
		if !is[j] {
			continue
		}
		a, ok := items[j].(*pickle.NDArray)
		if !ok {
			return 0, nil, mapper.broken("bin_thresholds_[%d] is no array", j)
		}
		c := &histCategories{values: make([]float64, 256), is: make([]bool, 256), column: int32(len(is) + len(columns))}
		for bit := range c.values {
			c.values[bit] = float64(bit)
		}
		categories, err := a.Float64s()
		if err != nil {
			return 0, nil, mapper.broken("bin_thresholds_[%d]: %v", j, err)
		}
		for _, v := range categories {
			if !(v >= 0 && v < 256) {
				return 0, nil, mapper.broken("bin_thresholds_[%d]: a category %v", j, v)
			}
			c.is[int(v)] = true
		}
		known[int32(j)] = c
		columns = append(columns, j)
	}
	if len(columns) == 0 {
		return x, nil, nil
	}
	categories := model.Value(b.add(&model.Take{X: x, Columns: columns}))
	whole := b.unary(model.Trunc, categories.Ref)
	turns := b.unary(model.Floor, b.binary(model.Quotient, model.Value(whole), model.Scalar(256)))
	bytes := b.binary(model.Sub, model.Value(whole), model.Value(b.binary(model.Mul, model.Scalar(256), model.Value(turns))))
	large := b.binary(model.GreaterOrEqual, model.Value(b.unary(model.Abs, whole)), model.Scalar(1<<31))
	bytes = b.where(large, model.Scalar(0), model.Value(bytes))
	if e.rel.has(negativeCategories) {
		bytes = b.where(b.binary(model.Less, categories, model.Scalar(0)), model.Scalar(-1), model.Value(bytes))
	}
	return b.add(&model.Concat{Xs: []model.Ref{x, bytes}}), known, nil
}

// histEncoder finds the encoder of categories from 1.4 on, and the numbers of its columns and of the others, as the
// ColumnTransformer in _preprocessor puts them side by side.
func histEncoder(e *object) (encoder *object, all []categories, columns, rest []int, err error) {
	preprocessor, err := e.child("_preprocessor")
	if err != nil {
		return nil, nil, nil, nil, err
	}
	parts, in, err := columnParts(preprocessor)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if len(parts) == 0 || len(parts) > 2 || parts[0].word != "" || parts[0].Class.Name != "OrdinalEncoder" {
		return nil, nil, nil, nil, preprocessor.unsupported("as the preprocessor of histogram gradient boosting")
	}
	encoder, columns = parts[0].object, parts[0].columns
	if len(parts) == 2 {
		if parts[1].word != "" || parts[1].Class.Name != "FunctionTransformer" {
			return nil, nil, nil, nil, preprocessor.unsupported("as the preprocessor of histogram gradient boosting")
		}
		rest = parts[1].columns
	}
	if len(columns)+len(rest) != in.features {
		return nil, nil, nil, nil, preprocessor.broken("%d and %d columns of %d", len(columns), len(rest), in.features)
	}
	if all, err = columnCategories(encoder); err != nil {
		return nil, nil, nil, nil, err
	}
	if len(all) != len(columns) {
		return nil, nil, nil, nil, encoder.broken("%d columns for the categories of %d", len(columns), len(all))
	}
	unknown, _ := encoder.Attr("unknown_value")
	if v, ok := asFloat(unknown); encoder.text("handle_unknown") != "use_encoded_value" || !ok || v == v {
		return nil, nil, nil, nil, encoder.unsupported("in histogram gradient boosting, where unknown categories are no NaN")
	}
	for i, c := range all {
		n := c.keys.Len()
		if c.missing >= 0 {
			n--
		}
		if c.missing >= 0 && c.missing != n || n > 256 {
			return nil, nil, nil, nil, encoder.broken("categories_[%d]: %d categories, the missing one is %d", i, n, c.missing)
		}
	}
	return encoder, all, columns, rest, nil
}

// encodedColumns are the columns from 1.4 on: the categorical ones, encoded, then the others. Bit i of a set is the i-th
// category; what is none is NaN. The sets can hold categories that are numbers themselves, so that only text is encoded here;
// infinity is refused.
func (b *builder) encodedColumns(e *object, in rows) (model.Ref, map[int32]*histCategories, error) {
	encoder, all, columns, rest, err := histEncoder(e)
	if err != nil {
		return 0, nil, err
	}
	if len(columns)+len(rest) != in.width {
		return 0, nil, e.broken("%d columns for %d", in.width, len(columns)+len(rest))
	}
	known := map[int32]*histCategories{}
	parts := make([]rows, 0, len(columns)+1)
	for i, j := range columns {
		keys, n := all[i].keys, all[i].keys.Len()
		if all[i].missing >= 0 {
			n--
		}
		c := &histCategories{values: make([]float64, n), is: make([]bool, n), column: int32(i)}
		known[int32(i)] = c
		column := b.column(in, j)
		for k := range n {
			c.is[k], c.values[k] = true, float64(k)
			switch {
			case keys.Kind != model.String:
				c.values[k] = keys.Float[k]
			case keys.Text[k] == model.MissingText:
				return 0, nil, encoder.unsupported("the category that is an empty text, as is a missing one here")
			}
		}
		switch {
		case keys.Kind == model.String && b.kind(column) == model.String:
			known := &model.Tensor{Kind: model.String, Shape: []int{n}, Text: keys.Text[:n]}
			index := b.add(&model.Index{X: column, Keys: known, Unknown: -1})
			column = b.add(&model.Cast{X: index, To: model.Float64})
		case keys.Kind == model.String || !b.kind(column).IsFloat():
			return 0, nil, encoder.unsupported("column %s of another type than its categories", in.columnName(j))
		default:
			column = b.add(&model.Finite{X: b.float64s(column), NaN: true})
		}
		parts = append(parts, b.numbers(column))
	}
	if len(rest) > 0 {
		others, err := b.matrix(b.take(in, rest))
		if err != nil {
			return 0, nil, e.unsupported("%v", err)
		}
		parts = append(parts, b.numbers(others))
	}
	return b.join(parts...).matrix, known, nil
}

// histInputs says which columns are text: those with categories of text.
func histInputs(e *object) (in inputs, err error) {
	if in, err = countedInputs(e); err != nil || !e.has("_preprocessor") {
		return in, err
	}
	_, all, columns, rest, err := histEncoder(e)
	if err != nil {
		return in, err
	}
	if len(columns)+len(rest) != in.features {
		return in, e.broken("%d features, the preprocessor has %d", in.features, len(columns)+len(rest))
	}
	text := make([]bool, len(all))
	for i, c := range all {
		text[i] = c.keys.Kind == model.String
	}
	in.takeText(text, columns)
	return in, nil
}
