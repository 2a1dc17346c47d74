package convert_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

// TestEveryVector converts a model of each case to both formats, proofs on, and holds what the artifacts say against what the
// original answered: to the bit, but for what goes through exp and its kin, and for probabilities in PMML, which may be 4
// ulp off; labels are equal. What can't be read or said is refused. (What runtimes make of the artifacts is conformance's.)
func TestEveryVector(t *testing.T) {
	var converted, refused atomic.Int64
	t.Run("cases", func(t *testing.T) {
		for _, v := range vectors.EachCase(t, func(*vectors.Vector) bool { return true }) {
			t.Run(v.Case, func(t *testing.T) {
				t.Parallel()
				s, err := convert.Open(v.File(), convert.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				sel, err := s.Only("")
				if isRefusal(err) {
					refused.Add(2)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range []string{"m.onnx", "m.pmml"} {
					name = filepath.Join(t.TempDir(), name)
					switch _, err := convert.Write(s, sel, []string{name}, convert.Options{Probes: 100}); {
					case isRefusal(err):
						refused.Add(1)
					case err != nil:
						t.Error(err)
					default:
						converted.Add(1)
						answersAsRecorded(t, v, sel.Model, name)
					}
				}
			})
		}
	})
	t.Logf("%d artifacts, %d refused", converted.Load(), refused.Load())
	if converted.Load() < 10*refused.Load() {
		t.Error("too much is refused")
	}
}

func isRefusal(err error) bool {
	var u *fault.Unsupported
	return errors.As(err, &u)
}

// answersAsRecorded holds an artifact against the answers that the original gave to a vector's rows.
func answersAsRecorded(t *testing.T, v *vectors.Vector, source *model.Model, name string) {
	t.Helper()
	a, err := convert.LoadArtifact(name, convert.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := v.Rows(t).Inputs(source)
	if err != nil {
		t.Fatal(err)
	}
	types, err := a.Model.Types()
	if err != nil {
		t.Fatal(err)
	}
	recorded := v.Answers(t)[0]
	var expected []verify.Expected
	for _, out := range a.Model.Outputs {
		want := recorded.Of(t, out.Method, out.Target)
		if want != nil && len(types[out.Value].Row) == 0 {
			want = recorded.Column(t, out.Method, out.Target)
		}
		if want != nil {
			expected = append(expected, verify.Expected{Method: out.Method, Target: out.Target, Values: want})
		}
	}
	if len(expected) == 0 {
		t.Fatalf("%s: nothing was recorded of it", a.Format.Name)
	}
	check, err := verify.ArtifactAnswers(source, a.Model, rows, expected)
	if err != nil {
		t.Fatal(err)
	}
	report := &verify.Report{Checks: []verify.Check{check}}
	tolerance := a.Format.Tolerance(a.Model)
	tolerance.MaxULP = max(tolerance.MaxULP, verify.Arithmetic(source).MaxULP)
	if !report.Equal(tolerance) || check.Refused > 0 {
		t.Errorf("%s\n%s", a.Format.Name, report.Text(tolerance))
	}
}

// TestRerun is what builds count on: the same bytes again.
func TestRerun(t *testing.T) {
	dir := t.TempDir()
	var files [2][]byte
	for i := range files {
		s, err := convert.Open("../testdata/iris_forest.joblib", convert.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := s.Only("")
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "iris.onnx")
		if _, err := convert.Write(s, m, []string{name}, convert.Options{}); err != nil {
			t.Fatal(err)
		}
		if files[i], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("two conversions differ")
	}
}
