package sklearn

import (
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
	var found *pickle.Object
	var path, what string
	w := &objectWalk{visit: func(w *objectWalk, o *pickle.Object) bool {
		if o.Call == nil && (isHonest(o.Class) || isBoundMethod(o)) {
			return true
		}
		found, path, what = o, w.path(), o.Class.String()
		if o.Call != nil {
			what = pickle.Repr(o.Call, 60)
		}
		return false
	}}
	w.walk(e.Object, e.path)
	if w.deep {
		return e.unsupported("attributes more than %d deep inside each other", deepest)
	}
	if found != nil {
		return e.at(found, path).unsupported("made by %s, which is no part of a fitted model", what)
	}
	return nil
}
