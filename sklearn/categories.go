package sklearn

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// categoriesOf makes keys of an array of categories: text, or numbers as float64; None and NaN are the missing value.
func categoriesOf(a *pickle.NDArray) (categories, error) {
	n := a.Len()
	c := categories{keys: &model.Tensor{Kind: model.String, Shape: []int{n}}, missing: -1}
	if a.DType.Kind == 'f' {
		c.keys.Kind = model.Float64 // though all that it holds be NaN
	}
	values := make([]pickle.Value, n)
	for i := range values {
		var err error
		if values[i], err = a.At(i); err != nil {
			return c, err
		}
		if f, ok := asFloat(values[i]); ok && f != f {
			values[i] = pickle.None{}
		}
		switch values[i].(type) {
		case pickle.None:
			if c.missing >= 0 {
				return c, fmt.Errorf("both None and NaN are categories")
			}
			c.missing = i
		case bool, int64, float64:
			c.keys.Kind = model.Float64
		}
	}
	for i, v := range values {
		s, isText := pickle.AsString(v)
		f, isNumber := asFloat(v)
		if b, ok := v.(bool); ok {
			f, isNumber = float64(truth(b)), true
		}
		switch text := c.keys.Kind == model.String; {
		case i == c.missing && text:
			c.keys.Text = append(c.keys.Text, model.MissingText)
		case i == c.missing:
			c.keys.Float = append(c.keys.Float, math.NaN())
		case isText && text && utf8.ValidString(s):
			if s == model.MissingText && c.missing >= 0 {
				return c, fmt.Errorf("both a missing value and an empty text are categories")
			}
			c.keys.Text = append(c.keys.Text, s)
		case isNumber && !text:
			if n, ok := v.(int64); ok && int64(f) != n {
				return c, fmt.Errorf("category %d is no float64", n)
			}
			c.keys.Float = append(c.keys.Float, f)
		default:
			return c, fmt.Errorf("the category %s (of several types, or no text in UTF-8)", pickle.Repr(v, 40))
		}
	}
	return c, nil
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
