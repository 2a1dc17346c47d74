package convert_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

// TestEveryVector converts every tree and forest to both formats, proofs on, and holds what the artifacts say against what
// scikit-learn answered: ONNX to the bit, PMML labels and values to the bit and probabilities within 4 ulp. (What runtimes
// make of the artifacts is conformance's.)
func TestEveryVector(t *testing.T) {
	dir := t.TempDir()
	near := 0
	for _, v := range vectors.Load(t, vectors.Pickled(vectors.TreesAndForests)) {
		s, err := convert.Open(v.File(), convert.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := s.Only("")
		if err != nil {
			t.Fatal(err)
		}
		names := []string{filepath.Join(dir, "m.onnx"), filepath.Join(dir, "m.pmml")}
		if _, err := convert.Write(s, m, names, convert.Options{Probes: 100}); err != nil {
			t.Errorf("%s: %v", v.Name(), err)
			continue
		}
		s.Close()
		for _, name := range names {
			a, err := convert.LoadArtifact(name)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := v.Rows(t).Inputs(a.Model)
			if err != nil {
				t.Fatalf("%s: %v", v.Name(), err)
			}
			got, err := a.Model.Run(rows)
			if err != nil {
				t.Errorf("%s %s: %v", v.Name(), a.Format.Name, err)
				continue
			}
			for i, out := range a.Model.Outputs {
				want := v.Answers(t)[0].Of(t, out.Method, out.Target)
				if want == nil {
					continue
				}
				if a.Format.Name == "PMML" && out.Method == model.PredictProba {
					if d := verify.Compare(want, got[i]); !d.Equal(verify.Tolerance{MaxULP: 4}) {
						t.Errorf("%s: probabilities are %d ulp off", v.Name(), d.MaxULP)
					} else if !d.Same() {
						near++
					}
					continue
				}
				vectors.Compare(t, v.Name()+" "+out.Name, want, got[i], out.Target)
			}
		}
	}
	t.Logf("%d models with probabilities in PMML that are near, not identical", near)
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
