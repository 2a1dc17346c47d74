package inspect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/inspect"
	"github.com/seed-2867d59c/treeport/internal/vectors"
)

func describe(t *testing.T, path string, o inspect.Options) *inspect.Info {
	t.Helper()
	s, err := convert.Open(path, convert.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer s.Close()
	return inspect.Describe(s, o)
}

// expectation is an entry of testdata/expected.json: what scikit-learn says of a vector (testdata/expect.py).
type expectation struct {
	Env, Case, Class, Release string
	Trees, Nodes, Depth       int
	Features                  int
	Names                     []string
	Classes                   [][]any
	Parameters                map[string]string
}

func expectations(t *testing.T) []expectation {
	t.Helper()
	text, err := os.ReadFile("testdata/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []expectation
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Every release's own words on its models, against what is told of the files it wrote.
func TestDescribeAsTheReleasesDo(t *testing.T) {
	for _, e := range expectations(t) {
		t.Run(e.Env+"/"+e.Case, func(t *testing.T) {
			info := describe(t, filepath.Join("../testdata", e.Env, e.Case, "default.pkl"), inspect.Options{})
			if len(info.Models) != 1 {
				t.Fatalf("%d models", len(info.Models))
			}
			m := info.Models[0]
			if m.Refused != "" {
				t.Fatal(m.Refused)
			}
			got := expectation{e.Env, e.Case, m.Class, m.Release, m.Trees, m.Nodes, *m.Depth, m.Features, m.Names, jsonLabels(t, m.Classes), nil}
			want := e
			want.Parameters = nil
			if len(want.Names) == 0 {
				want.Names = nil
			}
			if e.Release == "0.17.1" {
				want.Release = "" // no file of it names a release
				if m.TakenFor != "0.17" {
					t.Errorf("taken for %q", m.TakenFor)
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			said := map[string]string{}
			for _, p := range m.Parameters {
				said[p.Name] = p.Value
			}
			for name, value := range e.Parameters {
				if said[name] != value {
					t.Errorf("parameter %s: %s, want %s", name, said[name], value)
				}
			}
			for _, c := range m.Convert {
				if c.Outcome != inspect.Converts {
					t.Errorf("%s: %s %s", c.Format, c.Outcome, c.Reason)
				}
			}
		})
	}
}

// jsonLabels are labels as JSON has them, where all numbers are one type.
func jsonLabels(t *testing.T, classes [][]any) [][]any {
	t.Helper()
	text, err := json.Marshal(classes)
	if err != nil {
		t.Fatal(err)
	}
	var back [][]any
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

// What a trial says agrees with what a conversion does.
func TestTrialSaysWhatConvertDoes(t *testing.T) {
	const slack = 400 // bytes of what an artifact keeps of the options
	dir := t.TempDir()
	for _, name := range []string{"py311-sk1.7.2/rf_clf_df/default.pkl", "py27-sk0.20.4/dt_reg_multioutput/default.pkl"} {
		s, err := convert.Open(filepath.Join("../testdata", name), convert.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		sel, err := s.Only("")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range inspect.Describe(s, inspect.Options{}).Models[0].Convert {
			out := filepath.Join(dir, "m."+map[string]string{"ONNX": "onnx", "PMML": "pmml"}[c.Format])
			artifacts, err := convert.Write(s, sel, []string{out}, convert.Options{Probes: -1})
			if (err == nil) != (c.Outcome == inspect.Converts) {
				t.Errorf("%s to %s: %s, but %v", name, c.Format, c.Outcome, err)
			} else if err == nil && (artifacts[0].Bytes < c.Bytes || artifacts[0].Bytes > c.Bytes+slack) {
				t.Errorf("%s to %s: %d bytes, but %d", name, c.Format, c.Bytes, artifacts[0].Bytes)
			}
		}
		s.Close()
	}
}

// Every real file is described, as text and as JSON, whether it converts or not.
func TestEveryVector(t *testing.T) {
	// joblib 0.8 with cache_size=0 writes files that it refuses itself: "Incorrect data length while decompressing".
	all := vectors.Load(t, func(v *vectors.Vector) bool { return !strings.Contains(v.Path, "standalone-joblib-compress3-cache0") })
	for _, v := range all {
		info := describe(t, v.File(), inspect.Options{NoTrial: true})
		info.Lock = inspect.NewLock(info)
		checkText(t, v.Name(), info)
		if len(info.Models) == 0 && strings.HasPrefix(v.Class, "sklearn.") {
			t.Errorf("%s: no estimator found", v.Name())
		}
		if len(info.Globals) == 0 && info.Library == "" {
			t.Errorf("%s: no names", v.Name())
		}
	}
}

// A skops file is said to be one, and its lock has skops.
func TestSkops(t *testing.T) {
	info := describe(t, "../skops/testdata/rf_reg-0.13.0.skops", inspect.Options{NoTrial: true})
	info.Lock = inspect.NewLock(info)
	checkText(t, "skops", info)
	for _, want := range []string{"skops (a zip archive with schema.json)", "skops ==0.13.0", "protocol      2", "RandomForestRegressor"} {
		if !strings.Contains(info.Text(), want) {
			t.Errorf("no %q in\n%s", want, info.Text())
		}
	}
	if lock := info.Lock.Text(); !strings.Contains(lock, "skops>=0.13.0") || !strings.Contains(lock, "scikit-learn==1.7.2") {
		t.Error(lock)
	}
}

// checkText looks for what must never reach a terminal, and for JSON that is none.
func checkText(t *testing.T, name string, info *inspect.Info) {
	t.Helper()
	text, err := json.Marshal(info)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for what, out := range map[string]string{"JSON": string(text), "text": info.Text(), "lock": info.Lock.Text()} {
		if at := unprintable(out); at >= 0 {
			t.Errorf("%s: %s has %q at %d", name, what, out[at:min(len(out), at+10)], at)
		}
		if what != "JSON" && len(out) > 1<<20 {
			t.Errorf("%s: %d bytes of %s", name, len(out), what)
		}
	}
}

// Hostile files are refused or described; nothing crashes, and nothing of them reaches the terminal.
func TestHostile(t *testing.T) {
	described := 0
	visit := func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		s, err := convert.Open(path, convert.Limits{})
		if err != nil {
			return nil
		}
		defer s.Close()
		described++
		i := inspect.Describe(s, inspect.Options{Depth: 100})
		i.Lock = inspect.NewLock(i)
		checkText(t, path, i)
		return nil
	}
	for _, folder := range vectors.Folders() {
		if err := filepath.Walk(filepath.Join(folder, "hostile"), visit); err != nil {
			t.Fatal(err)
		}
	}
	if described == 0 {
		t.Error("none was described")
	}
	t.Logf("%d described", described)
}

// The JSON names are part of the interface.
func TestJSONNames(t *testing.T) {
	info := describe(t, "../testdata/iris_forest.joblib", inspect.Options{Digest: true, Depth: 1})
	info.Lock = inspect.NewLock(info)
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetIndent("", " ")
	if err := e.Encode(info); err != nil {
		t.Fatal(err)
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(got.Bytes(), &top); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"file", "bytes", "sha256", "container", "unpacked_bytes", "trailing_bytes", "pickles", "protocol", "joblib",
		"scikit_learn", "written_by", "models", "object", "globals", "lock"} {
		if _, ok := top[key]; !ok {
			t.Errorf("no %q", key)
		}
	}
	if fmt.Sprintf("%v %s %d", info.Container, info.Joblib.Layout, info.Protocol) != "[joblib] 0.10+ 5" {
		t.Errorf("container %v, layout %s, protocol %d", info.Container, info.Joblib.Layout, info.Protocol)
	}
}

// Boosters in their libraries' own formats, against what the libraries say of them: trees_to_dataframe, tree_count_.
func TestOwnFormats(t *testing.T) {
	for _, c := range []struct {
		file, container, lock string
		booster               inspect.Booster
		trees, nodes, classes int
	}{
		{"xgb_clf_multi/model.ubj", "xgboost's own format", "xgboost>=3.0.5 ", inspect.Booster{Library: "xgboost", Release: "3.0.5"}, 12, 120, 0},
		{"xgb_clf_multi/default.pkl", "plain pickle", "xgboost==3.0.5 ", inspect.Booster{Library: "xgboost", Release: "3.0.5"}, 12, 120, 1},
		{"lgbm_reg/model.txt", "lightgbm's own format", "lightgbm>=4 ", inspect.Booster{Library: "lightgbm", Format: "v4"}, 4, 44, 0},
		{"catboost_clf_multi_text/model.cbm", "catboost's own format", "catboost>=1.2.8 ", inspect.Booster{Library: "catboost", Release: "1.2.8"}, 4, 60, 1},
	} {
		for _, o := range []inspect.Options{{}, {NoTrial: true}} {
			info := describe(t, "../testdata/py311-sk1.7.2/"+c.file, o)
			info.Lock = inspect.NewLock(info)
			checkText(t, c.file, info)
			m := info.Models[0]
			if len(m.Boosters) != 1 || m.Boosters[0] != c.booster || m.Trees != c.trees || m.Features != 4 {
				t.Errorf("%s: %+v", c.file, m)
			}
			if !o.NoTrial && (m.Nodes != c.nodes || len(m.Classes) != c.classes) {
				t.Errorf("%s: %d nodes, classes %v", c.file, m.Nodes, m.Classes)
			}
			if !strings.Contains(info.Text(), c.container) || !strings.Contains(info.Lock.Text(), c.lock) {
				t.Errorf("%s\n%s\n%s", c.file, info.Text(), info.Lock.Text())
			}
		}
	}
}

// What a pipeline is made of, and which of its columns are text: what its steps say themselves.
func TestPipeline(t *testing.T) {
	m := describe(t, "../testdata/py311-sk1.7.2/columns_by_name/default.pkl", inspect.Options{}).Models[0]
	if m.Steps != 2 || m.Inputs != "columns" || fmt.Sprint(m.Text) != "[{color 4} {size 4}]" || fmt.Sprint(m.Classes) != "[[setosa versicolor virginica]]" ||
		fmt.Sprint(m.Parts) != "[ColumnTransformer OneHotEncoder StandardScaler RandomForestClassifier DecisionTreeClassifier]" {
		t.Errorf("%+v", m)
	}
}
