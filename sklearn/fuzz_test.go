package sklearn_test

import (
	"os"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// FuzzSklearn reads what a decoded file holds, whatever that is, and asks what could be read.
func FuzzSklearn(f *testing.F) {
	for i, v := range vectors.Load(f, vectors.Pickled(vectors.TreesAndForests)) {
		if i%41 != 0 {
			continue
		}
		data, err := os.ReadFile(v.File())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := pickle.Decode(pickle.Source{Data: data}, pickle.Limits{MaxMemory: 1 << 26})
		if err != nil {
			return
		}
		for _, found := range sklearn.Find(doc.Root, "model") {
			_, _ = sklearn.Summarise(found.Object, found.Path)
			m, err := sklearn.Read(found.Object, found.Path)
			if err != nil || m.Inputs[0].Width > 1000 {
				continue
			}
			x := model.NewTensor(model.Type{Kind: model.Float64, Row: []int{m.Inputs[0].Width}}, 2)
			if _, err := m.Run([]*model.Tensor{x}); err != nil {
				t.Errorf("a model that was read can't be asked: %v", err)
			}
		}
	})
}
