package sklearn

import (
	"errors"

	"github.com/seed-2867d59c/treeport/catboost"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/lightgbm"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/xgboost"
)

// OwnFormat reads a file in the format of a booster's own library as what a pickle of that booster holds; nil where data is
// no such file. Nothing but the first bytes is looked at: Read finds out whether the rest is whole.
func OwnFormat(data []byte) *pickle.Document {
	if lightgbm.Sniff(data) {
		return ownFormat("lightgbm", pickle.Global{Module: "lightgbm.basic", Name: "Booster"}, "_handle", pickle.Text(data), len(data))
	}
	if xgboost.Sniff(data) {
		return ownFormat("xgboost", pickle.Global{Module: "xgboost.core", Name: "Booster"}, "handle", pickle.Bytes(data), len(data))
	}
	if catboost.Sniff(data) {
		// The object inside CatBoost's estimators: what it holds says whether it is a classifier.
		return ownFormat("catboost", pickle.Global{Module: "_catboost", Name: "_CatBoost"}, catboostModel, pickle.Bytes(data), len(data))
	}
	return nil
}

func ownFormat(library string, class pickle.Global, attribute string, v pickle.Value, size int) *pickle.Document {
	state := &pickle.Dict{Keys: []pickle.Value{pickle.Text(attribute)}, Values: []pickle.Value{v}}
	return &pickle.Document{Root: &pickle.Object{Class: class, State: state}, Layers: []string{library}, Library: library,
		Size: int64(size)}
}

// within says of a fault in what an object holds where that object stands.
func within(err error, e *object) error {
	set := func(w *fault.Where) {
		if w.Path != "" {
			w.Path = e.path + ", " + w.Path
		} else {
			w.Path = e.path
		}
	}
	var broken *fault.Broken
	var unsupported *fault.Unsupported
	var big *fault.TooBig
	switch {
	case errors.As(err, &broken):
		set(&broken.Where)
	case errors.As(err, &unsupported):
		set(&unsupported.Where)
	case errors.As(err, &big):
		set(&big.Where)
	}
	return err
}
