package lightgbm

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// pandasCategories are the categories of the DataFrame's columns of dtype category, in their order. They stand in the last
// line, which only the Python package writes (python-package/lightgbm/basic.py, _load_pandas_categorical).
func pandasCategories(text string) ([][]any, error) {
	const key = "\npandas_categorical:"
	at := strings.LastIndex(text, key)
	if at < 0 {
		return nil, nil
	}
	var all [][]any
	if err := json.Unmarshal([]byte(strings.TrimSpace(text[at+len(key):])), &all); err != nil {
		return nil, fault.Brokenf(fault.Where{}, "pandas_categorical: %v", err)
	}
	return all, nil
}

// giveCategories finds the columns that categories belong to. The text only says how many such columns the DataFrame had,
// in their order; where it has as many features with categories, and each saw no other codes than its list is long, these
// are they (categorical_feature="auto"). A column of an ordered dtype, or one that never varied, is no such feature.
func (b *Booster) giveCategories(all [][]any, infos []string) error {
	if len(all) == 0 {
		return nil
	}
	unclear := fault.Unsupportedf(fault.Where{}, "a LightGBM model of a DataFrame that does not tell which columns had the dtype category")
	if len(all) != len(b.categorical) {
		return unclear
	}
	b.Categories = make([]*model.Tensor, b.Features)
	for i, column := range b.categorical {
		for _, code := range strings.Split(infos[column], ":") {
			if n, err := strconv.Atoi(code); err != nil || n >= len(all[i]) {
				return unclear
			}
		}
		keys, err := categories(all[i])
		if err != nil {
			return err
		}
		b.Categories[column] = keys
	}
	return nil
}

// categories are a column's categories as a table: all text, or all numbers.
func categories(values []any) (*model.Tensor, error) {
	t := &model.Tensor{Kind: model.Float64, Shape: []int{len(values)}}
	if len(values) > 0 {
		if _, text := values[0].(string); text {
			t.Kind = model.String
		}
	}
	for _, v := range values {
		switch v := v.(type) {
		case string:
			if v == model.MissingText {
				return nil, fault.Unsupportedf(fault.Where{}, "an empty text as a category, which can't be told from a missing one")
			}
			t.Text = append(t.Text, v)
		case float64:
			t.Float = append(t.Float, v)
		default:
			return nil, fault.Unsupportedf(fault.Where{}, "%v as a category", v)
		}
	}
	if len(t.Text) > 0 && len(t.Float) > 0 {
		return nil, fault.Unsupportedf(fault.Where{}, "categories of text and of numbers in one column")
	}
	return t, nil
}

// Code adds what Python's LightGBM makes of a column of a DataFrame of dtype category: the place among the categories, NaN
// for what is none of them.
func Code(add func(model.Op) model.Ref, column model.Ref, categories *model.Tensor) model.Ref {
	n := categories.Len()
	codes := &model.Tensor{Kind: model.Float64, Shape: []int{n + 1}, Float: make([]float64, n+1)}
	for i := range n {
		codes.Float[i] = float64(i)
	}
	codes.Float[n] = math.NaN()
	return add(&model.Lookup{X: add(&model.Index{X: column, Keys: categories, Unknown: int64(n)}), Table: codes})
}
