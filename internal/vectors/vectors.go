// Package vectors reads folders of real model files with the originals' answers: testdata/, and any other folder that is
// laid out alike (TREEPORT_CORPUS). Only tests use it.
package vectors

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/table"
)

// Vector is one saved file and what the original answered.
type Vector struct {
	Env    string `json:"env"`
	Case   string `json:"case"`
	Class  string `json:"class"`
	Format string `json:"format"`
	Path   string `json:"path"`
	X      string `json:"X"`
	// Expected holds a file per method, or a list of files, one per target; of a file with several models, a list of those.
	Expected json.RawMessage `json:"expected"`
	Notes    []string        `json:"notes"`

	dir string
}

// File is the path of the vector's file.
func (v *Vector) File() string { return filepath.Join(v.dir, v.Path) }

// Name tells vectors apart.
func (v *Vector) Name() string { return v.Path }

// Folders are testdata/ and, where it is set, the folder TREEPORT_CORPUS.
func Folders() []string {
	_, here, _, _ := runtime.Caller(0)
	all := []string{filepath.Join(filepath.Dir(here), "..", "..", "testdata")}
	if more := os.Getenv("TREEPORT_CORPUS"); more != "" {
		all = append(all, more)
	}
	return all
}

// Load lists the vectors of all Folders that keep says yes to.
func Load(t testing.TB, keep func(*Vector) bool) []*Vector {
	t.Helper()
	var all []*Vector
	for _, dir := range Folders() {
		text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		var manifest struct{ Files []*Vector }
		if err := json.Unmarshal(text, &manifest); err != nil {
			t.Fatal(err)
		}
		for _, v := range manifest.Files {
			v.dir = dir
			if keep(v) {
				all = append(all, v)
			}
		}
	}
	if len(all) == 0 {
		t.Fatal("no vectors")
	}
	return all
}

// Classes is a filter: vectors of these classes, whatever their module, with recorded answers of one model.
func Classes(names ...string) func(*Vector) bool {
	return func(v *Vector) bool {
		class := v.Class[strings.LastIndexByte(v.Class, '.')+1:]
		for _, name := range names {
			if class == name {
				return true
			}
		}
		return false
	}
}

// TreesAndForests filters the estimators of sklearn.tree and the forests of sklearn.ensemble.
var TreesAndForests = Classes("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor",
	"RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor")

func (v *Vector) table(t testing.TB, path string) *table.Table {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(v.dir, path))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, ".json") {
		return frame(t, data)
	}
	tab, err := table.Open(path, data)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func (v *Vector) tensor(t testing.TB, path string) *model.Tensor {
	t.Helper()
	x, err := v.table(t, path).Tensor()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Rows are the test rows.
func (v *Vector) Rows(t testing.TB) *table.Table {
	t.Helper()
	return v.table(t, v.X)
}

// Answers are what the original's methods answered, of the only model or of the one that stands at a place in the list.
type Answers struct {
	v     *Vector
	files map[string]json.RawMessage
}

// Answers lists what was recorded, one entry for each model of the file.
func (v *Vector) Answers(t testing.TB) []Answers {
	t.Helper()
	var one map[string]json.RawMessage
	if json.Unmarshal(v.Expected, &one) == nil {
		return []Answers{{v, one}}
	}
	var many []map[string]json.RawMessage
	if err := json.Unmarshal(v.Expected, &many); err != nil {
		t.Fatal(err)
	}
	all := make([]Answers, len(many))
	for i, files := range many {
		all[i] = Answers{v, files}
	}
	return all
}

// Of is what a method answered for a target; nil if that was not recorded.
func (a Answers) Of(t testing.TB, method string, target int) *model.Tensor {
	t.Helper()
	raw, ok := a.files[method]
	for own, ours := range ownNames {
		if !ok && ours == method {
			raw, ok = a.files[own]
		}
	}
	if !ok {
		return nil
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return a.v.tensor(t, one)
	}
	var many []string
	if err := json.Unmarshal(raw, &many); err != nil {
		t.Fatal(err)
	}
	return a.v.tensor(t, many[target])
}

// Column is what a method answered for a target, where the answers of all targets were recorded as the columns of one
// matrix (labels, in floats until 0.20); else it is Of.
func (a Answers) Column(t testing.TB, method string, target int) *model.Tensor {
	t.Helper()
	want := a.Of(t, method, target)
	var one string
	if json.Unmarshal(a.files[method], &one) != nil || method != model.Predict || len(want.Shape) != 2 {
		return want
	}
	return column(t, want, target)
}

// ownNames are the names under which the answers of other libraries' methods are recorded, and ours.
var ownNames = map[string]string{"margin": model.RawScore, "raw": model.RawScore, "leaf": model.Apply}

// Methods lists the methods whose answers were recorded, by scikit-learn's names. Other libraries' own names are those of
// the methods that answer the same.
func (a Answers) Methods() []string {
	var all []string
	for name := range a.files {
		if ours, ok := ownNames[name]; ok {
			name = ours
		}
		if name != "classes" {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// EachCase narrows a filter to the newest environment of each case in testdata: one of each kind, for tests that need no more.
func EachCase(t testing.TB, keep func(*Vector) bool) []*Vector {
	t.Helper()
	var all []*Vector
	at := map[string]int{}
	for _, v := range Load(t, Pickled(keep)) {
		i, ok := at[v.Case]
		switch {
		case strings.HasSuffix(v.Case, ".pkl") || v.dir != Folders()[0]:
		case !ok:
			at[v.Case] = len(all)
			all = append(all, v)
		default:
			all[i] = v
		}
	}
	return all
}
