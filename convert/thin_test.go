package convert

import (
	"testing"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
)

// TestOpenThin holds models of compressed files, of which not everything is kept, against those of the same files decoded whole.
// Among the cases are some that ask for more than is kept, so that the file is decoded again.
func TestOpenThin(t *testing.T) {
	thinned, again := 0, 0
	for _, v := range vectors.Load(t, func(v *vectors.Vector) bool { return v.Format == "joblib-compress3" && v.Env == "py312-sk1.8.0" }) {
		whole, err := Open(v.File(), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		thin, err := OpenThin(v.File(), Limits{})
		if err != nil {
			t.Fatalf("%s: %v", v.Name(), err)
		}
		if thin.thinned() {
			thinned++
		}
		for range 2 { // the second time what was read is gone
			a, err1 := whole.Only("")
			had := thin.thinned()
			b, err2 := thin.Only("")
			if had && !thin.thinned() {
				again++
			}
			if err1 != nil || err2 != nil {
				t.Fatalf("%s: %v, %v", v.Name(), err1, err2)
			}
			a.Model.Origin, b.Model.Origin = nil, nil
			if err := model.Equal(a.Model, b.Model); err != nil {
				t.Errorf("%s: %v", v.Name(), err)
			}
		}
		whole.Close()
		thin.Close()
	}
	if thinned < 100 || again < 100 {
		t.Errorf("%d files were thinned out, %d decoded again; too few to say anything", thinned, again)
	}
}
