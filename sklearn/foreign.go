package sklearn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/pickle"
)

// honest are the packages whose objects stand in attributes of fitted estimators. An attribute made by anything else is none
// that scikit-learn wrote: it may be what the model's owner added, or worse, and in either case nobody here knows what it
// does to the answers.
var honest = []string{"sklearn", "numpy", "scipy", "pandas", "joblib", "_loss", "collections", "functools", "copy_reg", "copyreg", "datetime",
	"lightgbm", "xgboost", "catboost", "_catboost"}

// plainTypes are the builtins that are types of data.
var plainTypes = []string{"object", "slice", "complex", "bytearray", "bytes", "range", "float", "int", "bool", "str", "unicode", "dict", "list", "tuple", "set", "frozenset"}

func isHonest(g pickle.Global) bool {
	top, _, _ := strings.Cut(g.Module, ".")
	if top == "builtins" || top == "__builtin__" {
		return slices.Contains(plainTypes, g.Name)
	}
	return slices.Contains(honest, top)
}

// isBoundMethod tells whether an object is what a method of an honest object is pickled as: getattr(object, "name"). Fitted
// searches hold some, in scipy's distributions. Nothing is called.
func isBoundMethod(o *pickle.Object) bool {
	if o.Class.Name != "getattr" || len(o.Args) != 2 {
		return false
	}
	of, ok1 := o.Args[0].(*pickle.Object)
	_, ok2 := pickle.AsString(o.Args[1])
	return ok1 && ok2 && (o.Class.Module == "builtins" || o.Class.Module == "__builtin__") && of.Call == nil && isHonest(of.Class)
}

// checkAttributes refuses an estimator with an attribute that holds a foreign object, by its path.
func checkAttributes(e *object) error {
	w := &foreignWalk{seen: make(map[any]bool, 64)}
	w.object(e.Object, e.path, 0)
	if w.deep {
		return e.unsupported("attributes more than %d deep inside each other", deepest)
	}
	if w.found != nil {
		return e.at(w.found, w.path).unsupported("made by %s, which is no part of a fitted model", w.what)
	}
	return nil
}

type foreignWalk struct {
	seen  map[any]bool
	visit func(o *pickle.Object, path string) // of every object, instead of looking for foreign ones
	found *pickle.Object
	path  string
	what  string
	deep  bool // something lies too deep to be looked at
}

func (w *foreignWalk) value(v pickle.Value, path string, depth int) {
	w.deep = w.deep || depth > deepest
	if w.found != nil || w.deep {
		return
	}
	switch v := v.(type) {
	case *pickle.Object:
		w.object(v, path, depth)
	case *pickle.List:
		w.items(v, v.Items, path, depth)
	case *pickle.Tuple:
		w.items(v, v.Items, path, depth)
	case *pickle.NDArray:
		w.items(v, v.Objects, path, depth)
	case *pickle.Dict:
		if !w.enter(v) {
			return
		}
		for i, k := range v.Keys {
			if !mayHold(v.Values[i]) {
				continue
			}
			if name, ok := pickle.AsString(k); ok {
				w.value(v.Values[i], path+"."+name, depth+1)
			} else {
				w.value(v.Values[i], path+"["+keyText(k)+"]", depth+1)
			}
		}
	}
}

func (w *foreignWalk) items(holder any, items []pickle.Value, path string, depth int) {
	if len(items) == 0 || !w.enter(holder) {
		return
	}
	for i, item := range items {
		if !mayHold(item) {
			continue
		}
		w.value(item, fmt.Sprintf("%s[%d]", path, i), depth+1)
	}
}

func (w *foreignWalk) object(o *pickle.Object, path string, depth int) {
	if !w.enter(o) {
		return
	}
	if w.visit != nil {
		w.visit(o, path)
	} else if o.Call != nil || !isHonest(o.Class) && !isBoundMethod(o) {
		w.found, w.path, w.what = o, path, o.Class.String()
		if o.Call != nil {
			w.what = pickle.Repr(o.Call, 60)
		}
		return
	}
	for i, arg := range o.Args {
		w.value(arg, fmt.Sprintf("%s.args[%d]", path, i), depth+1)
	}
	w.items(&o.Items, o.Items, path, depth)
	if o.Dict != nil {
		w.value(o.Dict, path, depth+1)
	}
	switch s := o.State.(type) {
	case *pickle.Tuple:
		for _, part := range s.Items {
			w.value(part, path, depth+1)
		}
	default:
		w.value(s, path, depth)
	}
}

func (w *foreignWalk) enter(v any) bool {
	if w.seen[v] {
		return false
	}
	w.seen[v] = true
	return true
}
