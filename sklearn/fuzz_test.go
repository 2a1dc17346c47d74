package sklearn_test

import (
	"errors"
	"os"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// FuzzSklearn reads what a decoded file holds, whatever that is, and asks what could be read.
func FuzzSklearn(f *testing.F) {
	for i, v := range vectors.EachCase(f, func(*vectors.Vector) bool { return true }) {
		if i%5 != 0 {
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
			if err != nil || len(m.Inputs) > 1000 {
				continue
			}
			var rows []*model.Tensor
			for _, in := range m.Inputs {
				if in.Width > 1000 {
					return
				}
				rows = append(rows, model.NewTensor(model.Type{Kind: in.Kind, Row: []int{in.Width}}, 2))
			}
			var row *model.RowError // the original would refuse rows of zeros
			want, err := m.Run(rows)
			if err != nil && !errors.As(err, &row) {
				t.Errorf("a model that was read can't be asked: %v", err)
			}
			if err == nil {
				evaluatorAgrees(t, found.Path, m, rows, want)
			}
		}
	})
}
