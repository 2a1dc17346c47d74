// Package sklearn turns decoded values into models, for every scikit-learn release: what a fitted estimator answered in
// the release that wrote it, its model answers too. What it can't follow it refuses, naming class, release and place.
//
// Find lists the estimators in a decoded file, Read makes a model of one.
package sklearn

import (
	"strings"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// A reader adds to the program what an estimator answers for the rows x, and lists the answers.
type reader func(b *builder, e *object, x model.Ref) ([]model.Output, error)

// An estimator is a class that can be read. The package is the part of its module that never changed: the modules below
// it were renamed more than once.
type estimator struct {
	pkg, class string
	read       reader
}

// estimators is the visible list of what can be read.
func estimators() []estimator {
	return []estimator{
		{"sklearn.tree", "DecisionTreeClassifier", readTreeClassifier},
		{"sklearn.tree", "DecisionTreeRegressor", readTreeRegressor},
		{"sklearn.tree", "ExtraTreeClassifier", readTreeClassifier},
		{"sklearn.tree", "ExtraTreeRegressor", readTreeRegressor},
		{"sklearn.ensemble", "RandomForestClassifier", readForestClassifier},
		{"sklearn.ensemble", "RandomForestRegressor", readForestRegressor},
		{"sklearn.ensemble", "ExtraTreesClassifier", readForestClassifier},
		{"sklearn.ensemble", "ExtraTreesRegressor", readForestRegressor},
	}
}

// readerOf finds the reader of a class, or nil.
func readerOf(class pickle.Global) reader {
	for _, e := range estimators() {
		if class.Name == e.class && (class.Module == e.pkg || strings.HasPrefix(class.Module, e.pkg+".")) {
			return e.read
		}
	}
	return nil
}

// builder is the program while it is made.
type builder struct {
	m *model.Model
	// refusesNaN is set by an estimator whose original raises an error on NaN.
	refusesNaN bool
}

func (b *builder) add(op model.Op) model.Ref { return b.m.Add(op) }

func output(method string, target int, value model.Ref) model.Output {
	return model.Output{Method: method, Target: target, Value: value}
}
