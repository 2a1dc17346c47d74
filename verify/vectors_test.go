package verify_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
	"github.com/seed-2867d59c/treeport/table"
	"github.com/seed-2867d59c/treeport/verify"
)

const testdata = "../testdata"

// vector is an entry of testdata/manifest.json.
type vector struct {
	Env, Case, Path, X string
	Expected           json.RawMessage
}

// vectors lists one saved file of each case.
func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testdata, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Files []vector }
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	var all []vector
	for _, v := range manifest.Files {
		if filepath.Base(v.Path) == "default.pkl" && filepath.Dir(v.Path) == v.Env+"/"+v.Case {
			all = append(all, v)
		}
	}
	if len(all) < 100 {
		t.Fatalf("%d vectors", len(all))
	}
	return all
}

func (v vector) model(t testing.TB) *model.Model {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testdata, v.Path))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := pickle.Decode(pickle.Source{Name: v.Path, Data: data}, pickle.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	found := sklearn.Find(doc.Root, "model")
	m, err := sklearn.Read(found[0].Object, found[0].Path)
	if err != nil {
		t.Fatalf("%s/%s: %v", v.Env, v.Case, err)
	}
	return m
}

func open(t testing.TB, path string) *table.Table {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testdata, path))
	if err != nil {
		t.Fatal(err)
	}
	x, err := table.Open(path, data)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// rows are the vector's test rows, as the model takes them.
func (v vector) rows(t testing.TB, m *model.Model) []*model.Tensor {
	t.Helper()
	rows, err := open(t, v.X).Inputs(m)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// expected are the recorded answers that the model has outputs for.
func (v vector) expected(t testing.TB, m *model.Model) []verify.Expected {
	t.Helper()
	var paths map[string]json.RawMessage // a path, or one per target
	if err := json.Unmarshal(v.Expected, &paths); err != nil {
		t.Fatal(err)
	}
	var all []verify.Expected
	for _, method := range model.Methods(m) {
		var one string
		var perTarget []string
		switch raw := paths[method]; {
		case raw == nil:
		case json.Unmarshal(raw, &one) == nil:
			all = append(all, verify.Expect(m, method, tensor(t, one))...)
		case json.Unmarshal(raw, &perTarget) == nil:
			for target, path := range perTarget {
				all = append(all, verify.Expected{Method: method, Target: target, Values: tensor(t, path)})
			}
		default:
			t.Fatalf("%s: %s", method, raw)
		}
	}
	return all
}

func tensor(t testing.TB, path string) *model.Tensor {
	t.Helper()
	x, err := open(t, path).Tensor()
	if err != nil {
		t.Fatal(err)
	}
	return x
}
