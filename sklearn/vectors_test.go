package sklearn_test

import (
	"math"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
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
	doc, err := pickle.Decode(source(file), pickle.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	found := sklearn.Find(doc.Root, "model")
	for _, more := range doc.More {
		found = append(found, sklearn.Find(more, "more")...)
	}
	return found
}

func source(f *store.File) pickle.Source {
	return pickle.Source{Name: f.Name, Data: f.Data, Sibling: func(name string) (pickle.Source, error) {
		s, err := f.Sibling(name)
		if err != nil {
			return pickle.Source{}, err
		}
		return source(s), nil
	}}
}

// unreadable tells vectors that no reader of this package is for: skops archives, and the one file that its own writer
// can't load.
func unreadable(v *vectors.Vector) bool {
	return v.Format == "skops" || strings.Contains(strings.Join(v.Notes, " "), "cannot load it")
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
			in, err := v.Rows(t).Inputs(m)
			if err != nil {
				t.Fatalf("%s: %v", v.Name(), err)
			}
			got, err := m.Run(in)
			if err != nil {
				t.Errorf("%s: %v", v.Name(), err)
				continue
			}
			for j, out := range m.Outputs {
				want := recorded[i].Of(t, out.Method, out.Target)
				if want == nil {
					continue // an old release that raises an error for several targets of text
				}
				answers++
				compare(t, v.Name()+" "+out.Name, want, got[j], out.Target)
			}
		}
		files++
	}
	t.Logf("%d files, %d answers equal to the bit", files, answers)
}

// compare fails where an answer is not the recorded one to the bit. Labels of several targets are recorded as the columns
// of one matrix (in floats until 0.20).
func compare(t *testing.T, name string, want, got *model.Tensor, target int) {
	t.Helper()
	if len(got.Shape) == 1 && len(want.Shape) == 2 {
		pick := &model.Pick{Index: target}
		if want.Shape[1] == 1 {
			pick.Index = 0
		}
		column, err := pick.Eval([]*model.Tensor{want})
		if err != nil {
			t.Fatal(err)
		}
		want = column
	}
	if want.Len() != got.Len() || want.Rows() != got.Rows() {
		t.Errorf("%s: shape %v, want %v", name, got.Shape, want.Shape)
		return
	}
	for i := range want.Len() {
		if want.Kind == model.Float64 && got.Kind == model.Float64 {
			if math.Float64bits(want.Float[i]) != math.Float64bits(got.Float[i]) {
				t.Errorf("%s: item %d is %v, want %v", name, i, got.Float[i], want.Float[i])
				return
			}
			continue
		}
		if item(want, i) != item(got, i) {
			t.Errorf("%s: item %d is %v, want %v", name, i, got.Item(i), want.Item(i))
			return
		}
	}
}

// item is an item as text, numbers alike whatever their type.
func item(x *model.Tensor, i int) string {
	if x.Kind == model.Bool || x.Kind == model.Int64 {
		return (&model.Tensor{Kind: model.Float64, Float: []float64{float64(x.Int[i])}}).Item(0)
	}
	return x.Item(i)
}
