package sklearn

import (
	"strings"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// longestParameter is how much of a parameter's text is kept: a class_weight of thousands of classes says no more.
const longestParameter = 200

// Parameters are the parameters an estimator was made with, as get_params names them, in the order of the file: what
// stands in its state without an underscore at either end. Values are written as Python writes them. A booster has no
// parameters: what its handle holds is the model.
func Parameters(obj *pickle.Object) []model.Property {
	d, ok := obj.State.(*pickle.Dict)
	if !ok {
		return nil
	}
	var all []model.Property
	for i, k := range d.Keys {
		name, ok := pickle.AsString(k)
		if !ok || name == "" || strings.HasPrefix(name, "_") || strings.HasSuffix(name, "_") || name == "handle" {
			continue
		}
		v := d.Values[i]
		if s, ok := pickle.AsString(v); ok {
			v = pickle.Text(s) // Python 2 writes text as byte strings
		}
		all = append(all, model.Property{Key: name, Value: pickle.Repr(v, longestParameter)})
	}
	return all
}
