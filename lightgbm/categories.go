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
// in their order. With categorical_feature="auto" all features with categories are among them; those of an ordered dtype
// are numbers, codes as well. Where the values that each feature had in training leave more than one choice, or none, the
// model is refused.
func (b *Booster) giveCategories(all [][]any, infos []string) error {
	if len(all) == 0 {
		return nil
	}
	columns := placeCategories(all, infos)
	if columns == nil {
		return fault.Unsupportedf(fault.Where{}, "a LightGBM model of a DataFrame that does not tell which columns had the dtype category")
	}
	b.Categories = make([]*model.Tensor, b.Features)
	for i, column := range columns {
		keys, err := categories(all[i])
		if err != nil {
			return err
		}
		b.Categories[column] = keys
	}
	return nil
}

// mostPlaces bounds the work of placing categories.
const mostPlaces = 1 << 24

// placeCategories are the columns of the categories, if there is just one choice; else nil.
func placeCategories(all [][]any, infos []string) []int {
	n, features := len(all), len(infos)
	if n > features || n*features > mostPlaces {
		return nil
	}
	// ways[i*(features+1)+j] is in how many ways the categories from i on fit the columns from j on, up to 2.
	ways := make([]uint8, (n+1)*(features+1))
	at := func(i, j int) *uint8 { return &ways[i*(features+1)+j] }
	*at(n, features) = 1
	for j := features - 1; j >= 0; j-- {
		for i := n; i >= 0; i-- {
			var some uint8
			if !hasCategories(infos[j]) {
				some = *at(i, j+1) // just a number
			}
			if i < n && holdsCodes(infos[j], len(all[i])) {
				some += *at(i+1, j+1)
			}
			*at(i, j) = min(some, 2)
		}
	}
	if *at(0, 0) != 1 {
		return nil
	}
	var columns []int
	for j, i := 0, 0; i < n; j++ {
		if holdsCodes(infos[j], len(all[i])) && *at(i+1, j+1) == 1 {
			columns = append(columns, j)
			i++
		}
	}
	return columns
}

// hasCategories tells by its feature_infos whether a feature has categories: of numbers there is a range in brackets, of a
// feature that never varied there is none.
func hasCategories(info string) bool { return info != "none" && !strings.HasPrefix(info, "[") }

// holdsCodes tells whether all values that a feature had may be codes of n categories.
func holdsCodes(info string, n int) bool {
	switch {
	case info == "none":
		return true
	case hasCategories(info):
		for code := range strings.SplitSeq(info, ":") {
			if v, err := strconv.Atoi(code); err != nil || v >= n { // -1 stands for a missing one
				return false
			}
		}
		return true
	}
	low, high, _ := strings.Cut(strings.Trim(info, "[]"), ":")
	from, err := strconv.Atoi(low)
	to, err2 := strconv.Atoi(high)
	return err == nil && err2 == nil && from >= 0 && to < n
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
