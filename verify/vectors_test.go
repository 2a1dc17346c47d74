package verify_test

import (
	"testing"

	real "github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

// vectors lists one saved file of each tree and forest in testdata.
func vectors(t testing.TB) []*real.Vector {
	t.Helper()
	t.Setenv("TREEPORT_CORPUS", "")
	return real.Load(t, real.Pickled(real.TreesAndForests))
}

// rows are the vector's test rows, as the model takes them.
func rows(t testing.TB, v *real.Vector, m *model.Model) []*model.Tensor {
	t.Helper()
	x, err := v.Rows(t).Inputs(m)
	if err != nil {
		t.Fatalf("%s: %v", v.Name(), err)
	}
	return x
}

// expected are the recorded answers that the model has outputs for.
func expected(t testing.TB, v *real.Vector, m *model.Model) []verify.Expected {
	t.Helper()
	types, err := m.Types()
	if err != nil {
		t.Fatal(err)
	}
	recorded := v.Answers(t)[0]
	var all []verify.Expected
	for _, out := range m.Outputs {
		want := recorded.Of(t, out.Method, out.Target)
		if want == nil {
			continue
		}
		if len(types[out.Value].Row) == 0 {
			want = recorded.Column(t, out.Method, out.Target)
		}
		all = append(all, verify.Expected{Method: out.Method, Target: out.Target, Values: want})
	}
	return all
}
