package sklearn

import (
	"fmt"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pickle"
)

// object is a fitted object of the pickle with the place where it stands and the release that wrote it, so that every
// complaint can name both.
type object struct {
	*pickle.Object
	path string
	rel  Release
	file *file
}

// at is an object of the same file.
func (o *object) at(inside *pickle.Object, path string) *object {
	return &object{inside, path, o.rel, o.file}
}

func (o *object) where() fault.Where { return fault.In(o.path) }

// name is the class without its module.
func (o *object) name() string { return o.Class.Name }

// isClassifier tells classifiers from regressors by the name of the class, since old regressors have classes_ too.
func (o *object) isClassifier() bool { return strings.HasSuffix(o.name(), "Classifier") }

func (o *object) broken(format string, args ...any) error {
	return fault.Brokenf(o.where(), o.name()+": "+format, args...)
}

// unsupported names class and release, since another release's file may well convert; of another library's class, the library.
func (o *object) unsupported(format string, args ...any) error {
	library, _, _ := strings.Cut(o.Class.Module, ".")
	if library == "sklearn" {
		library = "scikit-learn " + o.rel.String()
	}
	return fault.Unsupportedf(o.where(), fmt.Sprintf("%s of %s: ", o.name(), library)+format, args...)
}

// attr is an attribute that must be there.
func (o *object) attr(name string) (pickle.Value, error) {
	v, ok := o.Attr(name)
	if !ok {
		return nil, o.broken("no attribute %s (is it fitted?)", name)
	}
	return v, nil
}

// has tells whether an attribute is there and not None.
func (o *object) has(name string) bool {
	v, ok := o.Attr(name)
	_, none := v.(pickle.None)
	return ok && !none
}

// text is an attribute of text, or "" if it is absent or something else.
func (o *object) text(name string) string {
	v, _ := o.Attr(name)
	s, _ := pickle.AsString(v)
	return s
}

// count is an attribute that is a number of things: an integer from 1 to 2^31-1.
func (o *object) count(names ...string) (int, error) {
	for _, name := range names {
		if v, ok := o.Attr(name); ok {
			n, ok := asInt(v)
			if !ok || n < 1 || n > 1<<31-1 {
				return 0, o.broken("%s is no number of things", name)
			}
			return n, nil
		}
	}
	return 0, o.broken("no attribute %s (is it fitted?)", strings.Join(names, " or "))
}

// child is an attribute that is an object.
func (o *object) child(name string) (*object, error) {
	v, err := o.attr(name)
	if err != nil {
		return nil, err
	}
	c, ok := v.(*pickle.Object)
	if !ok {
		return nil, o.broken("%s is no object", name)
	}
	return o.at(c, o.path+"."+name), nil
}

// children is an attribute that is a list (or array) of objects.
func (o *object) children(name string) ([]*object, error) {
	v, err := o.attr(name)
	if err != nil {
		return nil, err
	}
	items, ok := asItems(v)
	if !ok {
		return nil, o.broken("%s is no list", name)
	}
	all := make([]*object, len(items))
	for i, item := range items {
		if all[i], err = o.member(item, fmt.Sprintf("%s[%d]", name, i)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// member is an object in a list, named as it stands there.
func (o *object) member(v pickle.Value, name string) (*object, error) {
	c, ok := v.(*pickle.Object)
	if !ok {
		return nil, o.broken("%s is no object", name)
	}
	return o.at(c, o.path+"."+name), nil
}

// asItems is the content of a list, tuple, or array of objects of one dimension.
func asItems(v pickle.Value) ([]pickle.Value, bool) {
	switch v := v.(type) {
	case *pickle.List:
		return v.Items, true
	case *pickle.Tuple:
		return v.Items, true
	case *pickle.NDArray:
		if len(v.Shape) == 1 && v.DType.Kind == 'O' {
			return v.Objects, true
		}
	}
	return nil, false
}

// asInt is an integer, or an array of one integer (n_classes_ in some releases).
func asInt(v pickle.Value) (int, bool) {
	switch v := v.(type) {
	case int64:
		return int(v), true
	case *pickle.NDArray:
		if v.Len() == 1 && (v.DType.Kind == 'i' || v.DType.Kind == 'u') {
			if n, err := v.Int64s(); err == nil {
				return int(n[0]), true
			}
		}
	}
	return 0, false
}

// asFloat is a number, or an array of one number.
func asFloat(v pickle.Value) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case *pickle.NDArray:
		if v.Len() == 1 {
			if f, err := v.Float64s(); err == nil {
				return f[0], true
			}
		}
	}
	return 0, false
}

// floats is an attribute that is an array (or list) of numbers, of any shape; one number counts as one.
func (o *object) floats(name string) ([]float64, error) {
	v, err := o.attr(name)
	if err != nil {
		return nil, err
	}
	if a, ok := v.(*pickle.NDArray); ok {
		all, err := a.Float64s()
		if err != nil {
			return nil, o.broken("%s: %v", name, err)
		}
		return all, nil
	}
	if f, ok := asFloat(v); ok {
		return []float64{f}, nil
	}
	items, ok := asItems(v)
	if !ok {
		return nil, o.broken("%s is no array", name)
	}
	all := make([]float64, len(items))
	for i, item := range items {
		if all[i], ok = asFloat(item); !ok {
			return nil, o.broken("%s[%d] is no number", name, i)
		}
	}
	return all, nil
}

// ints is an attribute that is an array (or list) of integers.
func (o *object) ints(name string) ([]int, error) {
	all, err := o.floats(name)
	if err != nil {
		return nil, err
	}
	n := make([]int, len(all))
	for i, f := range all {
		if n[i] = int(f); float64(n[i]) != f {
			return nil, o.broken("%s[%d] is no integer", name, i)
		}
	}
	return n, nil
}
