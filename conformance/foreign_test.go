package conformance

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/onnx"
	"github.com/seed-2867d59c/treeport/verify"
)

var foreignResults = &results{
	title: "Files of skl2onnx",
	about: "What onnx.Read makes of skl2onnx's files, held against onnxruntime on the same files: refused with the operator that is not " +
		"known, or read and answered alike: probabilities within n+1 steps of float32 for n trees, numbers within (n+1) x 2^-24 x (sum of each " +
		"tree's largest |leaf|), labels that differ only where the runtime's own probabilities of the two are that close.",
	columns: []string{"model", "onnx.Read", "labels that differ", "largest distance (float32 ulp)"},
}

// TestForeign: what `treeport verify` says of files of another writer can be trusted, since a file that is read at all is
// evaluated as onnxruntime does.
func TestForeign(t *testing.T) {
	t.Parallel()
	path, err := Python("skl2onnx")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if out, err := exec.Command(path, filepath.Join("scripts", "foreign_skl2onnx.py"), dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.onnx"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	read := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".onnx")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := onnx.Read(bytes.Clone(data))
		if err != nil {
			if !refused(err) {
				t.Errorf("%s: no refusal by name: %v", name, err)
			}
			foreignResults.set(name, "onnx.Read", "refused: "+err.Error())
			t.Logf("%s: %v", name, err)
			continue
		}
		read++
		foreignResults.set(name, "onnx.Read", "read")
		answers, err := readAnswers(strings.TrimSuffix(file, ".onnx"))
		if err != nil {
			t.Fatal(err)
		}
		labels, farthest, err := compareForeign(m, answers)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		foreignResults.set(name, "labels that differ", fmt.Sprint(labels))
		foreignResults.set(name, "largest distance (float32 ulp)", fmt.Sprint(farthest))
	}
	t.Logf("%d of %d files read\n%s", read, len(files), foreignResults.text())
}

// compareForeign evaluates a model on X and holds the answers against the runtime's.
func compareForeign(m *model.Model, answers map[string]*model.Tensor) (labels int, farthest uint64, err error) {
	x := answers["X"]
	x.Kind = m.Inputs[0].Kind
	got, err := m.Run([]*model.Tensor{x})
	if err != nil {
		return 0, 0, err
	}
	f := forestOf(m)
	steps := uint64(len(f.Trees) + 1)
	for i, out := range m.Outputs {
		want := answers[out.Name]
		if want == nil {
			return labels, farthest, fmt.Errorf("onnxruntime has no output %s", out.Name)
		}
		d := verify.Compare(want, got[i])
		if d.Err != "" || d.NaN+d.Infinite > 0 {
			return labels, farthest, fmt.Errorf("%s: %s", out.Name, describe(&d))
		}
		switch {
		case !want.Kind.IsFloat():
			labels += d.Labels
			if wrong := notTies(m, want, got[i], answers["probabilities"], 2*steps); wrong != "" {
				return labels, farthest, fmt.Errorf("%s: %s", out.Name, wrong)
			}
		case out.Method == model.PredictProba:
			farthest = max(farthest, d.MaxULP32)
			// Of two classes the first one's probability is 1 less the second one's, with the same error.
			if d.MaxULP32 > steps && !(want.RowLen() == 2 && d.MaxAbs <= float64(steps)*0x1p-24) {
				return labels, farthest, fmt.Errorf("%s: %s", out.Name, describe(&d))
			}
		default:
			farthest = max(farthest, d.MaxULP32)
			// The runtime adds in an order of its own: positive and negative values may cancel, so the bound is absolute.
			if bound := float64(steps) * 0x1p-24 * slices.Max(largestSums(f)); d.MaxAbs > bound {
				return labels, farthest, fmt.Errorf("%s: off by more than %g: %s", out.Name, bound, describe(&d))
			}
		}
	}
	return labels, farthest, nil
}

// notTies names the first row whose labels differ though one is clearly the more probable.
func notTies(m *model.Model, want, got, probabilities *model.Tensor, steps uint64) string {
	classes := labelsOf(m)
	for i := range want.Rows() {
		w, g := want.Item(i), got.Item(i)
		if w == g {
			continue
		}
		row := probabilities.Float[i*len(classes) : (i+1)*len(classes)]
		p, q := row[slices.Index(classes, w)], row[slices.Index(classes, g)]
		if verify.ULP32(float32(p), float32(q)) > steps {
			return fmt.Sprintf("row %d is %s, want %s, of probabilities %v", i, g, w, row)
		}
	}
	return ""
}
