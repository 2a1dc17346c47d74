package sklearn

import (
	"fmt"
	"unicode/utf8"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// labels are those of one target, see labelTable.
func (o *object) labels(v pickle.Value) (*model.Tensor, error) {
	t, err := labelTable(v)
	if err != nil {
		return nil, o.unsupported("%v", err)
	}
	return t, o.file.budget.Classes(o.where(), t.Len())
}

// labelTable turns classes_ of one target into a table of labels in their own type: integers (of any width) as int64, bool,
// float64, text. Bytes become text where they are UTF-8.
func labelTable(v pickle.Value) (*model.Tensor, error) {
	a, ok := v.(*pickle.NDArray)
	if !ok {
		items, ok := asItems(v)
		if !ok {
			return nil, fmt.Errorf("the classes are no array")
		}
		return labelsOf(items)
	}
	if len(a.Shape) != 1 || a.Shape[0] == 0 {
		return nil, fmt.Errorf("the classes are an array of shape %v", a.Shape)
	}
	t := &model.Tensor{Shape: []int{a.Shape[0]}}
	var err error
	switch a.DType.Kind {
	case 'O':
		return labelsOf(a.Objects)
	case 'i', 'u':
		t.Kind = model.Int64
		t.Int, err = a.Int64s()
	case 'b':
		t.Kind = model.Bool
		t.Int, err = a.Int64s()
	case 'f':
		t.Kind = model.Float64
		t.Float, err = a.Float64s()
	case 'U', 'S':
		t.Kind = model.String
		t.Text, err = a.Strings()
	default:
		err = fmt.Errorf("class labels of dtype %v", a.DType)
	}
	if err != nil {
		return nil, err
	}
	return t, checkText(t)
}

// labelsOf is labels of an array of objects: all of one type.
func labelsOf(items []pickle.Value) (*model.Tensor, error) {
	t := &model.Tensor{Shape: []int{len(items)}}
	for i, item := range items {
		var kind model.Kind
		switch item := item.(type) {
		case int64:
			kind, t.Int = model.Int64, append(t.Int, item)
		case bool:
			kind, t.Int = model.Bool, append(t.Int, int64(truth(item)))
		case float64:
			kind, t.Float = model.Float64, append(t.Float, item)
		default:
			s, ok := pickle.AsString(item)
			if !ok {
				return nil, fmt.Errorf("a class label that is %T", item)
			}
			kind, t.Text = model.String, append(t.Text, s)
		}
		if i > 0 && kind != t.Kind {
			return nil, fmt.Errorf("class labels of several types")
		}
		t.Kind = kind
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("no classes")
	}
	return t, checkText(t)
}

func checkText(t *model.Tensor) error {
	for _, s := range t.Text {
		if !utf8.ValidString(s) {
			return fmt.Errorf("class label %q is not UTF-8, so no format can carry it", s)
		}
	}
	return nil
}
