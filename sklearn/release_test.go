package sklearn_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// undecided tells of files that look the same in releases that answer differently: how init's probabilities are clipped
// (1.8), what a negative category is (1.2), whether regressors have a decision_function (0.19).
func undecided(v *vectors.Vector) bool {
	var first, second int
	fmt.Sscanf(v.Env[strings.Index(v.Env, "-sk")+len("-sk"):], "%d.%d", &first, &second)
	release := 100*first + second
	return release >= 104 && release < 108 && strings.Contains(v.Case, "init") ||
		release >= 24 && release < 102 && strings.Contains(v.Case, "cat") ||
		release == 18 && strings.HasPrefix(v.Case, "gb_reg")
}

// TestReleaseByLayout takes the release out of real files, and puts one in that does not exist yet: their layout must tell
// enough for the originals' answers, and the model must say what it was taken for.
func TestReleaseByLayout(t *testing.T) {
	boosting := vectors.Classes("GradientBoostingClassifier", "GradientBoostingRegressor", "HistGradientBoostingClassifier",
		"HistGradientBoostingRegressor")
	plain := vectors.Load(t, func(v *vectors.Vector) bool {
		return (vectors.TreesAndForests(v) || boosting(v) && !undecided(v)) && v.Format == "pickle" && !strings.HasPrefix(v.Case, "wrapped")
	})
	taken := map[string]map[string]bool{}
	for _, v := range plain {
		data, err := os.ReadFile(v.File())
		if err != nil {
			t.Fatal(err)
		}
		version := v.Env[strings.Index(v.Env, "-sk")+len("-sk"):]
		future := strings.Repeat("9", strings.IndexByte(version, '.')) + version[strings.IndexByte(version, '.'):]
		for name, patched := range map[string][]byte{
			"none":   bytes.ReplaceAll(data, []byte("_sklearn_version"), []byte("_sklearn_versioX")),
			"future": bytes.ReplaceAll(data, []byte(version), []byte(future)),
		} {
			if name == "future" && (!strings.HasPrefix(version, "1.9") || bytes.Equal(patched, data)) {
				continue // only the newest release's layout is what the next one starts from
			}
			doc, err := pickle.Decode(pickle.Source{Name: v.Name(), Data: patched}, pickle.Limits{})
			if err != nil {
				t.Fatalf("%s: %v", v.Name(), err)
			}
			obj := sklearn.Find(doc.Root, "model")[0].Object
			m, err := sklearn.Read(obj, "model")
			if err != nil {
				t.Errorf("%s: %v", v.Name(), err)
				continue
			}
			assumed := m.Origin.Get(model.KeyTakenFor)
			if assumed == "" {
				t.Errorf("%s: nothing said of the release it was taken for", v.Name())
			}
			if taken[version] == nil {
				taken[version] = map[string]bool{}
			}
			taken[version][assumed] = true
			answersAsRecorded(t, v, m, v.Answers(t)[0])
		}
	}
	t.Logf("taken for: %v", taken)
}
