package sklearn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// set changes an attribute of a fitted estimator.
func set(t *testing.T, obj *pickle.Object, name string, v pickle.Value) {
	t.Helper()
	state := obj.State.(*pickle.Dict)
	for i, k := range state.Keys {
		if s, _ := pickle.AsString(k); s == name {
			state.Values[i] = v
			return
		}
	}
	t.Fatalf("no attribute %s", name)
}

// TestXGBoostRefused: what changes XGBoost's answers in ways that nobody here follows.
func TestXGBoostRefused(t *testing.T) {
	for _, c := range []struct {
		env, release, name string
		value              pickle.Value
		want               string
	}{
		{"py38-sk1.1.3", "1.7.1", "predictor", pickle.Text("gpu_predictor"), "dart with predictor=gpu_predictor"},
		{"py311-sk1.7.2", "3.0.5", "device", pickle.Text("cuda"), "dart with device=cuda"},
		{"py311-sk1.7.2", "3.0.5", "missing", &pickle.List{}, "of xgboost: missing=[]"},
	} {
		v := vectors.Load(t, func(v *vectors.Vector) bool { return v.Path == c.env+"/xgb_reg_dart/default.pkl" })[0]
		obj := decode(t, v)[0].Object
		m, err := sklearn.Read(obj, "model")
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Origin.Get(model.KeyXGBoost); got != c.release {
			t.Errorf("made by XGBoost %q, want %s", got, c.release)
		}
		set(t, obj, c.name, c.value)
		_, err = sklearn.Read(obj, "model")
		var u *fault.Unsupported
		if !errors.As(err, &u) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.want, err)
		}
	}
}
