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
