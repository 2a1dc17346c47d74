package vectors

import (
	"testing"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
	"github.com/seed-2867d59c/treeport/skops"
	"github.com/seed-2867d59c/treeport/store"
)

// Source hands an opened file to the decoder.
func Source(f *store.File) pickle.Source {
	return pickle.Source{Name: f.Name, Data: f.Data, Sibling: f.Sibling}
}

// Decode reads a pickle, joblib or skops file, or a booster's own.
func Decode(src pickle.Source) (*pickle.Document, error) {
	if doc := sklearn.OwnFormat(src.Data); doc != nil {
		return doc, nil
	}
	if skops.Sniff(src.Data) {
		return skops.Decode(src, pickle.Limits{})
	}
	return pickle.Decode(src, pickle.Limits{})
}

// Model reads the only model of a vector's file.
func (v *Vector) Model(t testing.TB) *model.Model {
	t.Helper()
	file, err := store.Open(v.File())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	doc, err := Decode(Source(file))
	if err != nil {
		t.Fatal(err)
	}
	found := sklearn.Find(doc.Root, "model")
	if len(found) != 1 {
		t.Fatalf("%s: %d estimators", v.Name(), len(found))
	}
	m, err := sklearn.Read(found[0].Object, found[0].Path)
	if err != nil {
		t.Fatalf("%s: %v", v.Name(), err)
	}
	return m
}

// Pickled narrows a filter to one file per case: that of Python's own pickle.
func Pickled(keep func(*Vector) bool) func(*Vector) bool {
	return func(v *Vector) bool { return v.Format == "pickle" && keep(v) }
}
