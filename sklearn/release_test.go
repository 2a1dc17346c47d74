package sklearn_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// TestReleaseByLayout takes the release out of real files, and puts one in that does not exist yet: their layout must tell
// enough for the originals' answers, and the model must say what it was taken for.
func TestReleaseByLayout(t *testing.T) {
	plain := vectors.Load(t, func(v *vectors.Vector) bool { return vectors.TreesAndForests(v) && v.Format == "pickle" })
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
			m, err := sklearn.Read(sklearn.Find(doc.Root, "model")[0].Object, "model")
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
