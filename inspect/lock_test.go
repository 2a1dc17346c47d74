package inspect_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/inspect"
)

// lockOf copies a model into a folder with the given files, and makes its lock.
func lockOf(t *testing.T, model string, beside map[string]string) *inspect.Lock {
	t.Helper()
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.Join("../testdata", model))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "model.pkl")
	beside["model.pkl"] = string(data)
	for name, text := range beside {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := inspect.NewLock(describe(t, path, inspect.Options{NoTrial: true}))
	l.Compare()
	return l
}

// What the releases themselves say of their versions (testdata/environments.json) lies within what is inferred.
func TestRequirements(t *testing.T) {
	for _, c := range []struct{ env, want string }{
		{"py27-sk0.17.1", "2.7 scikit-learn==0.17.* numpy>=1.6.1,<1.24 scipy>=0.9,<1.3"},
		{"py36-sk0.18.2", "3.4 3.5 3.6 scikit-learn==0.18.2 numpy>=1.6.1,<1.24 scipy>=0.9,<1.3"},
		{"py27-sk0.20.4", "2.7 scikit-learn==0.20.4 numpy>=1.8.2,<1.24 scipy>=0.13.3"},
		{"py36-sk0.22.2", "3.5 3.6 3.7 3.8 scikit-learn==0.22.2.post1 numpy>=1.11.0,<1.24 scipy>=0.17.0 joblib>=0.11"},
		{"py39-sk1.2.2", "3.8 3.9 3.10 3.11 scikit-learn==1.2.2 numpy>=1.17.3,<2 scipy>=1.3.2 joblib>=1.1.1"},
		{"py310-sk1.4.2", "3.9 3.10 3.11 3.12 scikit-learn==1.4.2 numpy>=1.19.5,<2 scipy>=1.6.0 joblib>=1.2.0"},
		{"py313-sk1.9.1", "3.11 3.12 3.13 3.14 3.15 scikit-learn==1.9.1 numpy>=2 scipy>=1.10.0 joblib>=1.4.0"},
	} {
		l := lockOf(t, c.env+"/rf_clf/default.pkl", map[string]string{})
		got := strings.Join(l.Python, " ")
		for _, r := range l.Requirements {
			got += " " + r.Package + r.Range
			if exact := r.Package == "scikit-learn" && c.env != "py27-sk0.17.1"; r.Exact != exact {
				t.Errorf("%s: %s exact: %v", c.env, r.Package, r.Exact)
			}
		}
		if got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.env, got, c.want)
		}
	}
}

// Locks that the tools wrote (uv, pipenv) and that are laid out as their documentation says (poetry, pdm, conda).
func TestLocksOfTools(t *testing.T) {
	want := map[string]string{
		"Pipfile.lock":     "33 agrees, 26 agrees, 19 agrees, 8 agrees",
		"environment.yml":  "6 agrees, 7 agrees, 10 agrees, 5 agrees",
		"pdm.lock":         "22 agrees, 14 does not agree, 0 says nothing, 11 agrees",
		"poetry.lock":      "23 agrees, 13 agrees, 4 agrees, 37 agrees",
		"pylock.toml":      "31 agrees, 16 agrees, 21 agrees, 26 agrees, 12 agrees, 5 agrees",
		"requirements.txt": "22 agrees, 7 agrees, 12 agrees, 17 agrees, 5 agrees, 0 says nothing",
		"uv.lock":          "64 agrees, 40 agrees, 48 agrees, 56 agrees, 32 agrees, 3 agrees",
	}
	beside := map[string]string{}
	for name := range want {
		text, err := os.ReadFile(filepath.Join("testdata/locks", name))
		if err != nil {
			t.Fatal(err)
		}
		beside[name] = string(text)
	}
	l := lockOf(t, "py311-sk1.6.1/rf_clf/default.pkl", beside)
	if len(l.Beside) != len(want) {
		t.Errorf("%d files, want %d", len(l.Beside), len(want))
	}
	for _, b := range l.Beside {
		if got := verdicts(b); got != want[filepath.Base(b.File)] {
			t.Errorf("%s:\ngot  %s %s\nwant %s", filepath.Base(b.File), got, b.Error, want[filepath.Base(b.File)])
		}
	}
	if err := l.Err(); err != nil {
		t.Error(err)
	}
	// The same locks beside a model of another release.
	l = lockOf(t, "py311-sk1.7.2/rf_clf/default.pkl", beside)
	var mismatch *fault.Mismatch
	if err := l.Err(); !errors.As(err, &mismatch) {
		t.Errorf("error %v", err)
	}
}

func verdicts(b inspect.Beside) string {
	var all []string
	for _, v := range b.Verdicts {
		all = append(all, fmt.Sprint(v.Line, " ", v.Outcome))
	}
	return strings.Join(all, ", ")
}

// Lines of requirements as people write them, against a model of scikit-learn 1.6.1.
func TestSpecs(t *testing.T) {
	const agrees, disagrees, unclear = inspect.Agrees, inspect.Disagrees, inspect.Unclear
	for _, c := range []struct{ file, text, want string }{
		{"requirements.txt", "scikit-learn==1.6.1", agrees},
		{"requirements.txt", "Scikit_Learn [plots] ~= 1.6.0 ; python_version > '3' # why", agrees},
		{"requirements.txt", "scikit-learn==1.6.*", agrees},
		{"requirements.txt", "scikit-learn", agrees},
		{"requirements.txt", "scikit-learn (>=1.0, <1.6)", disagrees},
		{"requirements.txt", "scikit-learn==1.6", disagrees},
		{"requirements.txt", "scikit-learn \\\n  ==1.6.0 --hash=sha256:00", disagrees},
		{"requirements.txt", "-r base.txt\n--no-binary :all:\n# scikit-learn==1.0\nnumpy", agrees},
		{"requirements.txt", "scikit-learn @ file:///tmp/x.whl", unclear},
		{"requirements-dev.txt", "scikit-learn!=1.6.1", disagrees},
		{"constraints.txt", "scikit-learn===1.6.1", agrees},
		{"environment.yaml", "dependencies: [scikit-learn]", agrees},
		{"environment.yml", "dependencies: ['scikit-learn=1.6']", agrees},
		{"environment.yml", "dependencies: ['scikit-learn==1.6']", disagrees},
		{"environment.yml", "dependencies: ['scikit-learn 1.6.1 py311_0']", agrees},
		{"environment.yml", "dependencies: ['scikit-learn=1.5|1.6.1']", agrees},
		{"conda.yaml", "dependencies:\n- pip:\n  - scikit-learn==1.6.0\n", disagrees},
		{"conda.yaml", "dependencies: ['scikit-learn=1.6.*']", agrees},
	} {
		l := lockOf(t, "py311-sk1.6.1/rf_clf/default.pkl", map[string]string{c.file: c.text, "base.txt": "scikit-learn==1.6.1\n-r base.txt\n"})
		if len(l.Beside) != 1 || l.Beside[0].Verdicts[0].Package != "scikit-learn" || l.Beside[0].Verdicts[0].Outcome != c.want {
			t.Errorf("%s %q: %+v, want %s", c.file, c.text, l.Beside, c.want)
		}
	}
}

// Broken locks are told, and nothing else happens.
func TestBrokenLocks(t *testing.T) {
	l := lockOf(t, "py311-sk1.6.1/rf_clf/default.pkl", map[string]string{
		"uv.lock": "[[package", "environment.yml": ":\x00", "Pipfile.lock": "[]", "poetry.lock": strings.Repeat("a=[", 100000)})
	if len(l.Beside) != 4 {
		t.Errorf("%d files", len(l.Beside))
	}
	for _, b := range l.Beside {
		if b.Error == "" {
			t.Errorf("%s: no error", b.File)
		}
	}
	if err := l.Err(); err != nil {
		t.Error(err)
	}
}

// A file's words never become lines of requirements.
func TestForeignPackages(t *testing.T) {
	info := fromBytes(t, "\x80\x02cevil_package.sub\nThing\n)R0cpandas.core\nX\n)R.")
	text := info.Lock.Text()
	if !strings.Contains(text, "\npandas ") || strings.Contains(text, "\nevil") || !strings.Contains(text, "evil_package.sub") {
		t.Error(text)
	}
}
