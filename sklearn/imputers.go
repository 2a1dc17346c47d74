package sklearn

import (
	"math"
	"unicode/utf8"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Imputers: sklearn/impute/_base.py (impute.py in 0.20), SimpleImputer and MissingIndicator, and sklearn/preprocessing/
// imputation.py until 0.21, Imputer.

// absent is what an imputer takes for a missing value: NaN (in text None), a number, or a text.
type absent struct {
	text   bool
	word   string
	number float64
}

// missingValues reads the parameter of that name; 'NaN' is what the old Imputer calls it.
func missingValues(e *object) (absent, error) {
	v, err := e.attr("missing_values")
	if err != nil {
		return absent{}, err
	}
	if f, ok := asFloat(v); ok {
		return absent{number: f}, nil
	}
	if s, ok := pickle.AsString(v); ok {
		if s == "NaN" && e.name() == "Imputer" {
			return absent{number: math.NaN()}, nil
		}
		return absent{text: true, word: s}, nil
	}
	if _, none := v.(pickle.None); none || isPandasNA(v) {
		return absent{number: math.NaN()}, nil
	}
	return absent{}, e.unsupported("missing_values %s", pickle.Repr(v, 40))
}

func isPandasNA(v pickle.Value) bool {
	switch v := v.(type) {
	case pickle.Global:
		return v.Name == "NA"
	case *pickle.Object:
		return v.Class.Name == "NAType"
	}
	return false
}

// isMissing tells of every item of x, numbers or text, whether it is missing.
func (b *builder) isMissing(x model.Ref, a absent) model.Ref {
	if b.kind(x) == model.String {
		word := model.MissingText
		if a.text {
			word = a.word
		}
		keys := &model.Tensor{Kind: model.String, Shape: []int{1}, Text: []string{word}}
		index := b.add(&model.Index{X: x, Keys: keys, Unknown: 1})
		zero := &model.Tensor{Kind: model.Int64, Shape: []int{1, 1}, Int: []int64{0}}
		return b.binary(model.Equals, model.Value(index), model.Operand{Row: zero})
	}
	if a.number != a.number {
		return b.unary(model.IsNaN, x)
	}
	return b.binary(model.Equals, model.Value(x), model.Scalar(a.number))
}

// statistic is what stands for a missing value in one column.
type statistic struct {
	text    bool
	word    string
	number  float64
	invalid bool // there was no value: the column is left out
}

func statistics(e *object) ([]statistic, error) {
	a, ok := attrArray(e, "statistics_")
	if !ok {
		return nil, e.broken("statistics_ is no array (is it fitted?)")
	}
	all := make([]statistic, a.Len())
	for i := range all {
		v, err := a.At(i)
		if err != nil {
			return nil, e.broken("statistics_: %v", err)
		}
		s, isText := pickle.AsString(v)
		f, isNumber := asFloat(v)
		_, none := v.(pickle.None)
		switch {
		case isText && utf8.ValidString(s):
			all[i] = statistic{text: true, word: s}
		case isNumber:
			all[i] = statistic{number: f, invalid: f != f}
		case none:
			all[i] = statistic{number: math.NaN()}
		default:
			return nil, e.unsupported("statistics_[%d] is %s", i, pickle.Repr(v, 40))
		}
	}
	return all, nil
}

// keepsEmpty tells whether columns without a statistic stay: keep_empty_features from 1.2 on, and a constant until 1.7.
func keepsEmpty(e *object) bool {
	keep, _ := e.Attr("keep_empty_features")
	return keep == true || e.text("strategy") == "constant" && !e.rel.has(emptyConstants)
}

func transformImputer(b *builder, e *object, x rows) (rows, error) {
	all, err := statistics(e)
	if err != nil {
		return rows{}, err
	}
	if axis, ok := e.Attr("axis"); ok && axis != int64(0) {
		return rows{}, e.unsupported("axis %s", pickle.Repr(axis, 10))
	}
	if len(all) != x.width {
		return rows{}, e.broken("%d columns, statistics of %d", x.width, len(all))
	}
	missing, err := missingValues(e)
	if err != nil {
		return rows{}, err
	}
	x, err = b.imputerRows(e, x, missing)
	if err != nil {
		return rows{}, err
	}
	var kept []int
	for j, s := range all {
		if !s.invalid || keepsEmpty(e) {
			kept = append(kept, j)
		}
	}
	parts := []rows{}
	if len(kept) > 0 {
		y, err := b.imputed(e, b.take(x, kept), kept, all, missing)
		if err != nil {
			return rows{}, err
		}
		parts = append(parts, y)
	}
	if e.has("indicator_") {
		indicator, err := e.child("indicator_")
		if err != nil {
			return rows{}, err
		}
		mask, err := b.indicated(indicator, x)
		if err != nil {
			return rows{}, err
		}
		parts = append(parts, mask)
	}
	return b.joined(e, parts)
}

// imputerRows are the rows as an imputer or indicator validates them.
func (b *builder) imputerRows(e *object, x rows, missing absent) (rows, error) {
	nan := missing.text || missing.number != missing.number
	if x.columns == nil {
		checked := x
		checked.matrix = b.add(&model.Finite{X: b.toFloat64(x.matrix), NaN: nan})
		return checked, nil
	}
	checked := rows{width: x.width, names: x.names}
	for _, c := range x.columns {
		if b.kind(c) != model.String {
			c = b.add(&model.Finite{X: b.toFloat64(c), NaN: nan})
		}
		checked.columns = append(checked.columns, c)
	}
	return checked, nil
}

// imputed fills in the statistics; column j of x is column kept[j] of the statistics.
func (b *builder) imputed(e *object, x rows, kept []int, all []statistic, missing absent) (rows, error) {
	if x.columns == nil {
		fill := make([]float64, len(kept))
		for j, at := range kept {
			if all[at].text {
				return rows{}, e.unsupported("column %s is numbers, its statistic is text", x.columnName(j))
			}
			fill[j] = all[at].number
		}
		if missing.text {
			return x, nil // no number is text
		}
		x.matrix = b.where(b.isMissing(x.matrix, missing), model.Vector(fill...), model.Value(x.matrix))
		return x, nil
	}
	filled := rows{width: x.width, names: x.names}
	for j, c := range x.columns {
		s := all[kept[j]]
		text := b.kind(c) == model.String
		if text != s.text {
			return rows{}, e.unsupported("column %s is %v, its statistic is not", x.columnName(j), b.kind(c))
		}
		fill := model.Scalar(s.number)
		if text {
			fill = model.Operand{Row: &model.Tensor{Kind: model.String, Shape: []int{1, 1}, Text: []string{s.word}}}
		}
		if text || !missing.text {
			c = b.where(b.isMissing(c, missing), fill, model.Value(c))
		}
		filled.columns = append(filled.columns, c)
	}
	return filled, nil
}

// indicated answers 1 where a value is missing, for the columns in features_ of a MissingIndicator.
func (b *builder) indicated(e *object, x rows) (rows, error) {
	missing, err := missingValues(e)
	if err != nil {
		return rows{}, err
	}
	features, err := e.ints("features_")
	if err != nil {
		return rows{}, err
	}
	for _, j := range features {
		if j < 0 || j >= x.width {
			return rows{}, e.broken("feature %d of %d", j, x.width)
		}
	}
	if len(features) == 0 {
		return rows{}, nil
	}
	x = b.take(x, features)
	if x.columns == nil {
		return b.numbers(b.add(&model.Cast{X: b.isMissing(x.matrix, missing), To: model.Float64})), nil
	}
	masks := make([]rows, x.width)
	for j, c := range x.columns {
		masks[j] = b.numbers(b.add(&model.Cast{X: b.isMissing(c, missing), To: model.Float64}))
	}
	return b.join(masks...), nil
}

func transformIndicator(b *builder, e *object, x rows) (rows, error) {
	missing, err := missingValues(e)
	if err != nil {
		return rows{}, err
	}
	if x, err = b.imputerRows(e, x, missing); err != nil {
		return rows{}, err
	}
	return b.indicated(e, x)
}

// imputerInputs counts the columns; those are text whose statistic is.
func imputerInputs(e *object) (in inputs, err error) {
	all, err := statistics(e)
	if err != nil {
		return in, err
	}
	in.features = len(all)
	text := make([]bool, len(all))
	for i, s := range all {
		text[i] = s.text
	}
	in.takeText(text, nil)
	in.names, err = featureNames(e, in.features)
	return in, err
}
