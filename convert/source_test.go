package convert_test

import (
	"slices"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/model"
)

// TestSkopsIsThePickle: a forest that skops saved is the model that the pickle of the same forest is.
func TestSkopsIsThePickle(t *testing.T) {
	for release, protocol := range map[string]string{"0.3.0": "0", "0.11.0": "2", "0.13.0": "2"} {
		only := func(path string) *model.Model {
			s, err := convert.Open(path, convert.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			sel, err := s.Only("")
			if err != nil {
				t.Fatal(err)
			}
			return sel.Model
		}
		base := "../skops/testdata/rf_reg-" + release
		saved, pickled := only(base+".skops"), only(base+".pkl")
		for key, want := range map[string]string{
			model.KeySkops: "==" + release, model.KeyContainer: "skops", model.KeyProtocol: protocol, model.KeyPython: ">=3.7",
		} {
			if got := saved.Origin.Get(key); got != want {
				t.Errorf("%s: %s %q, not %q", release, key, got, want)
			}
		}
		of := []string{model.KeySource, model.KeySHA256, model.KeySkops, model.KeyContainer, model.KeyProtocol, model.KeyPython, model.KeyNumpy}
		for _, m := range []*model.Model{saved, pickled} {
			m.Origin = slices.DeleteFunc(m.Origin, func(p model.Property) bool { return slices.Contains(of, p.Key) })
		}
		if err := model.Equal(saved, pickled); err != nil {
			t.Errorf("%s: %v", release, err)
		}
	}
}

// TestOwnFormat: a model in a file of LightGBM's own is the booster that a pickle would hold.
func TestOwnFormat(t *testing.T) {
	s, err := convert.Open("../lightgbm/testdata/4.6.0_pandas.txt", convert.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sel, err := s.Only("")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		model.KeyClass: "lightgbm.basic.Booster", model.KeyContainer: "lightgbm", model.KeyProtocol: "", model.KeyPython: "",
		model.KeyFeatures: "5", model.KeyTakenFor: "", model.KeySource: "4.6.0_pandas.txt",
	} {
		if got := sel.Model.Origin.Get(key); got != want {
			t.Errorf("%s %q, not %q", key, got, want)
		}
	}
	if in := sel.Model.Inputs; len(in) != 5 || in[1].Name != "colour" || in[1].Kind != model.String || in[2].Kind != model.Float64 {
		t.Errorf("inputs %+v", in)
	}
}

// TestParts: paths into a model, in Python's words or in those of messages; what is no path finds nothing.
func TestParts(t *testing.T) {
	for file, paths := range map[string]map[string]string{
		"../testdata/py311-sk1.7.2/columns_by_name/default.pkl": {
			"model.steps[1]":                              "model.steps[1][1]",
			".steps[1]":                                   "model.steps[1][1]",
			"model.steps[1].estimators_[2]":               "model.steps[1][1].estimators_[2]",
			"model.named_steps.columntransformer":         "model.steps[0][1]",
			"model.steps[0].named_transformers_['scale']": "model.steps[0][1].transformers_[1][1]",
			"model.steps[1].estimators_[3]":               "",
			"model.steps[-1]":                             "",
			"model.steps[0].transformers_[2]":             "", // it drops
			"model.":                                      "",
			"model..":                                     "",
			"model[":                                      "",
			"model.steps[":                                "",
			"model.steps[1":                               "",
			"model.steps['a":                              "",
			"model.steps[1]x":                             "",
			"model.steps[999999999999999999999999999999999]": "",
		},
		"../testdata/py311-sk1.7.2/gb_clf_multi/default.pkl": {
			"model.estimators_[4]":    "model.estimators_[1, 1]",
			"model.estimators_[1][1]": "model.estimators_[1, 1]",
			"model.estimators_[0, 3]": "",
			"model.estimators_[0][3]": "",
		},
		"../testdata/py311-sk1.7.2/wrapped/dict.pkl": {
			`model["model"].estimators_[0]`: "model['model'].estimators_[0]",
			"model['model'][0]":             "",
		},
	} {
		s, err := convert.Open(file, convert.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for path, want := range paths {
			sel, err := s.Only(path)
			if sel.Path != want || (err == nil) != (want != "") {
				t.Errorf("%s: %q, %v", path, sel.Path, err)
			}
		}
	}
}
