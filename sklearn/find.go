package sklearn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/pickle"
)

// Found is an estimator in a file.
type Found struct {
	Path   string // as Python would reach it: model, model['clf'], model[0], model.estimators_[3]
	Object *pickle.Object
	// Inside is the path of the object of another library, or of an estimator that can't be converted, that holds it; empty
	// where only dicts, lists, tuples and arrays stand around it. Taking such a part for the whole would be a guess, so
	// it is taken only where the user names it.
	Inside string
}

// Find lists the estimators in a value named path: those that can be read, and those of scikit-learn and its kin that
// can't, so that they are refused by name. What stands inside one that can be read is not listed.
func Find(root pickle.Value, path string) []Found {
	f := finder{seen: map[any]bool{}}
	f.walk(root, path, "", 0)
	return f.found
}

// Inside lists the classes of the estimators that can be read in an estimator, itself first, each once.
func Inside(obj *pickle.Object) []string {
	var all []string
	eachObject(obj, "", func(_ *objectWalk, o *pickle.Object) {
		if (len(all) == 0 || find(o.Class) != nil) && !slices.Contains(all, o.Class.Name) {
			all = append(all, o.Class.Name)
		}
	})
	return all
}

// deepest is how many containers may stand around an estimator.
const deepest = 100

type finder struct {
	found []Found
	seen  map[any]bool
}

func (f *finder) walk(v pickle.Value, path, inside string, depth int) {
	if depth > deepest {
		return
	}
	switch v := v.(type) {
	case *pickle.List:
		f.items(v, v.Items, path, inside, depth)
	case *pickle.Tuple:
		f.items(v, v.Items, path, inside, depth)
	case *pickle.NDArray:
		f.items(v, v.Objects, path, inside, depth)
	case *pickle.Dict:
		if f.enter(v) {
			for i, k := range v.Keys {
				f.walk(v.Values[i], path+"["+keyText(k)+"]", inside, depth+1)
			}
		}
	case *pickle.Object:
		if !f.enter(v) {
			return
		}
		known := find(v.Class) != nil
		if known || isEstimator(v) {
			f.found = append(f.found, Found{Path: path, Object: v, Inside: inside})
		}
		if known {
			return
		}
		if inside == "" {
			inside = path
		}
		for i, arg := range v.Args {
			f.walk(arg, fmt.Sprintf("%s.args[%d]", path, i), inside, depth+1)
		}
		f.items(nil, v.Items, path, inside, depth)
		if v.Dict != nil {
			f.walk(v.Dict, path, inside, depth+1)
		}
		f.state(v.State, path, inside, depth)
	}
}

// keyText is a dict's key as Python writes it, text and byte strings (Python 2's text) alike.
func keyText(k pickle.Value) string {
	if s, ok := pickle.AsString(k); ok {
		k = pickle.Text(s)
	}
	return pickle.Repr(k, 60)
}

// state walks an object's attributes.
func (f *finder) state(v pickle.Value, path, inside string, depth int) {
	if depth > deepest {
		return
	}
	switch s := v.(type) {
	case *pickle.Dict:
		if !f.enter(s) {
			return
		}
		for i, k := range s.Keys {
			name, _ := pickle.AsString(k)
			f.walk(s.Values[i], path+"."+name, inside, depth+1)
		}
	case *pickle.Tuple:
		if !f.enter(s) {
			return
		}
		for _, part := range s.Items {
			f.state(part, path, inside, depth+1)
		}
	}
}

func (f *finder) items(holder pickle.Value, items []pickle.Value, path, inside string, depth int) {
	if len(items) == 0 || holder != nil && !f.enter(holder) {
		return
	}
	for i, item := range items {
		if mayHold(item) {
			f.walk(item, fmt.Sprintf("%s[%d]", path, i), inside, depth+1)
		}
	}
}

// mayHold tells whether there may be an object in a value, which most have not: their paths need not be made.
func mayHold(v pickle.Value) bool {
	switch v := v.(type) {
	case *pickle.List:
		return len(v.Items) > 0
	case *pickle.Tuple:
		return len(v.Items) > 0
	case *pickle.NDArray:
		return len(v.Objects) > 0
	case *pickle.Dict:
		return len(v.Keys) > 0
	case *pickle.Object:
		return true
	}
	return false
}

// enter tells whether a container is met for the first time: pickles share, and may refer to themselves.
func (f *finder) enter(v any) bool {
	if f.seen[v] {
		return false
	}
	f.seen[v] = true
	return true
}

// isEstimator tells whether an object is an estimator of a library that users of tree models save, whether it can be read
// or not.
func isEstimator(o *pickle.Object) bool {
	top, _, _ := strings.Cut(o.Class.Module, ".")
	switch top {
	case "sklearn", "xgboost", "lightgbm", "catboost", "imblearn":
	default:
		return false
	}
	for _, mark := range []string{"_sklearn_version", "n_features_in_", "n_features_", "classes_", "steps", "estimators_", "_Booster", "n_outputs_"} {
		if _, ok := o.Attr(mark); ok {
			return true
		}
	}
	return false
}
