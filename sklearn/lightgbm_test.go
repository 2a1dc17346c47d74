package sklearn_test

import (
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// TestLightGBMRefused gives a real classifier of LightGBM 3.3, which numbers its model v3, and one of 4.6 what changes answers.
func TestLightGBMRefused(t *testing.T) {
	early := &pickle.Dict{Keys: []pickle.Value{pickle.Text("pred_early_stop")}, Values: []pickle.Value{true}}
	own := pickle.Global{Module: "__main__", Name: "my_objective"}
	for want, c := range map[string]struct {
		env, attribute string
		value          pickle.Value
	}{
		"pred_early_stop":            {"py311-sk1.7.2", "_other_params", early},
		"an objective of the user's": {"py38-sk1.1.3", "_objective", own},
		"_le is no object":           {"py311-sk1.7.2", "_le", pickle.None{}},
		"_Booster is no object":      {"py311-sk1.7.2", "_Booster", pickle.None{}},
	} {
		v := vectors.Load(t, func(v *vectors.Vector) bool { return v.Path == c.env+"/lgbm_clf_binary/default.pkl" })[0]
		obj := decode(t, v)[0].Object
		state := obj.State.(*pickle.Dict)
		for i, key := range state.Keys {
			if key == pickle.Value(pickle.Text(c.attribute)) {
				state.Values[i] = c.value
			}
		}
		if _, err := sklearn.Read(obj, "model"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestLightGBMBrokenText cuts the text of a model that a pickle holds, and one in a file of its own.
func TestLightGBMBrokenText(t *testing.T) {
	for _, format := range []string{"pickle", "lightgbm-text"} {
		v := vectors.Load(t, func(v *vectors.Vector) bool {
			return v.Env == "py311-sk1.7.2" && v.Case == "lgbm_reg" && v.Format == format
		})[0]
		obj := decode(t, v)[0].Object
		holder, path := obj, "model"
		if booster, ok := obj.Attr("_Booster"); ok {
			holder, path = booster.(*pickle.Object), "model._Booster"
		}
		state := holder.State.(*pickle.Dict)
		for i, key := range state.Keys {
			if key == pickle.Value(pickle.Text("_handle")) {
				text := string(state.Values[i].(pickle.Text))
				state.Values[i] = pickle.Text(strings.Replace(text, "left_child=", "left_child=7 ", 1))
			}
		}
		want := path + ", model.trees[0]"
		if _, err := sklearn.Read(obj, "model"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", format, err)
		}
	}
}
