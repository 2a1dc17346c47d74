package sklearn_test

import (
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
	"github.com/seed-2867d59c/treeport/store"
)

// decode opens a vector's file and lists the estimators in it.
func decode(t *testing.T, v *vectors.Vector) []sklearn.Found {
	t.Helper()
	file, err := store.Open(v.File())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	doc, err := pickle.Decode(vectors.Source(file), pickle.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	found := sklearn.Find(doc.Root, "model")
	for _, more := range doc.More {
		found = append(found, sklearn.Find(more, "more")...)
	}
	return found
}

// unreadable tells vectors that no reader of this package is for: skops archives, and the one file that its own writer
// can't load.
func unreadable(v *vectors.Vector) bool {
	return v.Format == "skops" || strings.Contains(strings.Join(v.Notes, " "), "cannot load it")
}

// TestForeignAttributes puts things into a real model's attributes that no scikit-learn wrote: they are refused by their place.
func TestForeignAttributes(t *testing.T) {
	deep := pickle.Value(int64(1))
	for range 200 {
		deep = &pickle.List{Items: []pickle.Value{deep}}
	}
	call := &pickle.Object{Class: pickle.Global{Module: "os", Name: "system"}, Args: []pickle.Value{pickle.Text("true")}}
	for name, c := range map[string]struct {
		value pickle.Value
		want  string
	}{
		"a call":             {call, "os.system"},
		"a call in a list":   {&pickle.List{Items: []pickle.Value{int64(1), call}}, "extra_[1]"},
		"eval":               {&pickle.Object{Class: pickle.Global{Module: "builtins", Name: "eval"}}, "builtins.eval"},
		"too deep":           {deep, "deep inside each other"},
		"an array, harmless": {&pickle.NDArray{DType: pickle.DType{Kind: 'f', Size: 8}, Shape: []int{1}, Data: make([]byte, 8)}, ""},
	} {
		v := vectors.Load(t, func(v *vectors.Vector) bool { return v.Path == "py311-sk1.7.2/rf_clf/default.pkl" })[0]
		obj := decode(t, v)[0].Object
		state := obj.State.(*pickle.Dict)
		state.Keys, state.Values = append(state.Keys, pickle.Text("extra_")), append(state.Values, c.value)
		_, err := sklearn.Read(obj, "model")
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAnswersOfTheOriginals holds the reference evaluator against what scikit-learn itself answered, to the bit, for every
// tree and forest of every release, in every format, and for every method that was recorded.
func TestAnswersOfTheOriginals(t *testing.T) {
	kept := vectors.Load(t, func(v *vectors.Vector) bool { return vectors.TreesAndForests(v) && !unreadable(v) })
	files, answers := 0, 0
	for _, v := range kept {
		found := decode(t, v)
		recorded := v.Answers(t)
		if len(found) != len(recorded) {
			t.Errorf("%s: %d estimators found, %d answered", v.Name(), len(found), len(recorded))
			continue
		}
		for i, f := range found {
			m, err := sklearn.Read(f.Object, f.Path)
			if err != nil {
				t.Errorf("%s: %v", v.Name(), err)
				continue
			}
			answers += answersAsRecorded(t, v, m, recorded[i])
		}
		files++
	}
	t.Logf("%d files, %d answers equal to the bit", files, answers)
}
