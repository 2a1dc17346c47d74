package sklearn

import (
	"strconv"
)

// mostColumns is how many columns may be looked at one by one: their number is a claim that costs a file nothing.
const mostColumns = 1 << 20

// inputs are the columns that an estimator takes.
type inputs struct {
	features int
	names    []string // feature_names_in_; nil where the original knows none
	text     []bool   // which columns are text; nil: none
	unused   []bool   // which columns nothing reads, so that nobody knows what is in them; nil: none
}

// apart tells whether each column is an input of its own: where some are text, or named and unused.
func (in inputs) apart() bool { return in.text != nil || in.unused != nil && in.names != nil }

// columnName is the name of an input that is one column: the original's, or x and its number from 0.
func (in inputs) columnName(j int) string {
	if in.names != nil {
		return in.names[j]
	}
	return "x" + strconv.Itoa(j)
}

// takeText marks columns as text that a part takes as text: part i of it is column columns[i], or i where columns is nil.
func (in *inputs) takeText(text []bool, columns []int) {
	for i, is := range text {
		if !is {
			continue
		}
		if in.text == nil {
			in.text = make([]bool, in.features)
		}
		j := i
		if columns != nil {
			j = columns[i]
		}
		in.text[j] = true
	}
}

// inputsOf finds out which columns an estimator takes: those it counted itself (n_features_in_ from 0.23 on, n_features_
// until 0.24), or as its class says.
func inputsOf(e *object) (inputs, error) {
	known := find(e.Class)
	if known == nil {
		return inputs{}, e.unsupported("not an estimator that can be read")
	}
	return e.file.inputsOnce(e, func() (inputs, error) {
		if known.inputs != nil {
			return known.inputs(e)
		}
		return countedInputs(e)
	})
}

// wholeInputs are the inputs of the estimator that is the model.
func wholeInputs(e *object) (inputs, error) {
	in, err := inputsOf(e)
	if err != nil {
		return in, err
	}
	return in, e.file.budget.Features(e.where(), in.features)
}

// countedInputs are the features that an estimator itself counted, all of them numbers.
func countedInputs(e *object) (in inputs, err error) {
	if in.features, err = e.count("n_features_in_", "n_features_", "n_features", "_n_features"); err != nil {
		return in, err
	}
	in.names, err = featureNames(e, in.features)
	return in, err
}

// featureNames are the names in feature_names_in_, or nil.
func featureNames(e *object, features int) ([]string, error) {
	a, ok := attrArray(e, "feature_names_in_")
	if !ok {
		return nil, nil
	}
	names, err := a.Strings()
	if err != nil {
		return nil, e.broken("feature_names_in_: %v", err)
	}
	if len(names) != features {
		return nil, e.broken("%d feature names for %d features", len(names), features)
	}
	return names, nil
}

// inputsOfChild are the inputs of an estimator that hands its rows on to the one in an attribute; its own count, where it
// has one, and its names come first.
func inputsOfChild(attrs ...string) func(e *object) (inputs, error) {
	return func(e *object) (inputs, error) {
		for _, attr := range attrs {
			if !e.has(attr) {
				continue
			}
			all, err := e.children(attr)
			if err != nil || len(all) == 0 {
				c, err := e.child(attr)
				if err != nil {
					return inputs{}, err
				}
				all = []*object{c}
			}
			in, err := inputsOf(all[0])
			for _, other := range all[1:] { // some may be constants, which take anything
				if err == nil {
					break
				}
				in, err = inputsOf(other)
			}
			if err != nil && all[0].name() == "_ConstantPredictor" {
				in, err = countedInputs(all[0]) // from 1.0 on
			}
			if err != nil {
				return in, err
			}
			if names, err := featureNames(e, in.features); err != nil || names != nil {
				in.names = names
				return in, err
			}
			return in, nil
		}
		return countedInputs(e)
	}
}
