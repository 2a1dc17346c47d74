package conformance

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// root is the folder of the whole tree.
func root() string { return filepath.Join(testdata(), "..") }

// readYAML reads a file of the tree.
func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(), name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// checker is a program of the environment that checks and makes packages.
func checker(t *testing.T, name string) string {
	t.Helper()
	python, err := Python("packaging")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(filepath.Dir(python), name)
}

// output runs a command in a folder, and is what it prints. It fails the test where the exit code is another one.
func output(t *testing.T, code int, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.Output()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("%s %q: exit code %d, not %d (%v)\n%s%s", name, args, got, code, err, out, said.String())
	}
	return string(out)
}

// bash runs a script as a CI does, and answers as output does.
func bash(t *testing.T, code int, dir string, env []string, script string) string {
	t.Helper()
	return output(t, code, dir, env, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
}

// someModels puts small models into a new folder, under names that a shell or a glob could trip over, and answers the stems.
func someModels(t *testing.T, dir string) []string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	var stems []string
	for stem, name := range map[string]string{
		"$(touch hacked)": "dummy_clf", "it's; touch hacked": "et_clf", "--help": "hgb_reg", "d": "bag_clf", "e": "bag_reg_features", "f": "dt_reg_multioutput",
		"g": "hgb_clf_tie", "h": "rf_clf_bool",
	} {
		data, err := os.ReadFile(filepath.Join(testdata(), "py313-sk1.9.1", name, "default.pkl"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, stem+".pkl"), data, 0o666); err != nil {
			t.Fatal(err)
		}
		stems = append(stems, stem)
	}
	slices.Sort(stems)
	return stems
}

// converted fails the test unless these are the stems of the artifacts of each extension in a folder.
func converted(t *testing.T, dir string, stems []string, extensions ...string) {
	t.Helper()
	for _, extension := range extensions {
		found := map[string]bool{}
		files, err := filepath.Glob(filepath.Join(dir, "*"+extension))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			found[strings.TrimSuffix(filepath.Base(file), extension)] = true
		}
		if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, stems) {
			t.Errorf("%s files of %q, not of %q", extension, got, stems)
		}
	}
}
