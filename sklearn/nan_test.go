package sklearn

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/seed-2867d59c/treeport/pickle"
)

// TestRoutesNaN holds the rule against what thirteen releases do when they are asked about a NaN (testdata/nan.py).
func TestRoutesNaN(t *testing.T) {
	text, err := os.ReadFile("../testdata/nan.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		release, class, criterion, splitter := row[0].(string), row[1].(string), row[2].(string), row[3].(string)
		attrs := map[string]pickle.Value{"criterion": pickle.Text(criterion), "splitter": pickle.Text(splitter), "monotonic_cst": pickle.None{}}
		if row[4].(bool) {
			attrs["monotonic_cst"] = &pickle.List{Items: []pickle.Value{int64(1), int64(0)}}
		}
		trees := map[string]string{"RandomForestClassifier": "DecisionTreeClassifier", "RandomForestRegressor": "DecisionTreeRegressor",
			"ExtraTreesClassifier": "ExtraTreeClassifier", "ExtraTreesRegressor": "ExtraTreeRegressor"}
		e := fake(class, attrs)
		if tree, forest := trees[class]; forest {
			member := fake(tree, attrs)
			e = fake(class, map[string]pickle.Value{"estimators_": &pickle.List{Items: []pickle.Value{member}}})
		}
		rel, ok := parseRelease(release)
		if !ok {
			t.Fatal(release)
		}
		if row[6].(bool) || row[7].(bool) {
			t.Errorf("%v: takes infinity, which readers of trees say is refused", row)
		}
		if got, want := routesNaN(&object{Object: e, rel: rel}), row[5].(bool); got != want {
			t.Errorf("%v: routes NaN %v, the original %v", row, got, want)
		}
	}
}

func fake(class string, attrs map[string]pickle.Value) *pickle.Object {
	d := &pickle.Dict{}
	for name, v := range attrs {
		d.Keys, d.Values = append(d.Keys, pickle.Text(name)), append(d.Values, v)
	}
	return &pickle.Object{Class: pickle.Global{Module: "sklearn", Name: class}, State: d}
}
