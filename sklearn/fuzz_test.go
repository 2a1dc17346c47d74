package sklearn_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// FuzzSklearn reads what a decoded file holds, whatever that is, and asks what could be read.
func FuzzSklearn(f *testing.F) {
	vectors.Seed(f, 5, 1<<20)
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

// FuzzThin reads trees that were thinned out as they were decoded: unless it is said that something was missed, models are the same as
// those of the whole file.
func FuzzThin(f *testing.F) {
	vectors.Seed(f, 4, 1<<20)
	f.Fuzz(func(t *testing.T, data []byte) {
		lim := pickle.Limits{MaxMemory: 1 << 26}
		whole, err := pickle.Decode(pickle.Source{Data: data}, lim)
		if err != nil {
			return
		}
		var packed bytes.Buffer
		z, _ := zlib.NewWriterLevel(&packed, zlib.NoCompression)
		_, _ = z.Write(data)
		_ = z.Close()
		var thinner sklearn.Thinner
		thin, err := pickle.Decode(pickle.Source{Data: packed.Bytes(), Built: thinner.Built}, lim)
		if err != nil {
			return // more memory is counted where nothing is aliased
		}
		all, some := sklearn.Find(whole.Root, "model"), sklearn.Find(thin.Root, "model")
		for i, found := range all {
			if i >= len(some) {
				t.Fatalf("%d models, %d of them thinned out", len(all), len(some))
			}
			thinner.Missed.Store(false)
			a, err1 := sklearn.Read(found.Object, found.Path)
			b, err2 := sklearn.ReadWith(some[i].Object, some[i].Path, sklearn.Options{Thinner: &thinner})
			if thinner.Missed.Load() {
				continue
			}
			if (err1 == nil) != (err2 == nil) {
				t.Fatalf("%s: %v, thinned out: %v", found.Path, err1, err2)
			}
			if err1 == nil {
				if err := model.Equal(a, b); err != nil {
					t.Errorf("%s: %v", found.Path, err)
				}
			}
		}
	})
}
