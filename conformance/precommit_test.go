package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPreCommit lets pre-commit install the tree's hooks, and run them in a repository of models.
func TestPreCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	someModels(t, filepath.Join(dir, "models"))
	output(t, 0, dir, nil, "git", "init", "--quiet")
	env := []string{"PRE_COMMIT_HOME=" + filepath.Join(t.TempDir(), "cache"), "PRE_COMMIT_COLOR=never", "CGO_ENABLED=0", "GOFLAGS=-trimpath",
		"GOMODCACHE=" + strings.TrimSpace(output(t, 0, "", nil, "go", "env", "GOMODCACHE"))}
	hooks := func(code int, hook string) string {
		t.Helper()
		output(t, 0, dir, nil, "git", "add", ".")
		return output(t, code, dir, env, checker(t, "pre-commit"), "try-repo", root(), hook, "--all-files", "--verbose")
	}
	put := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put("treeport.yaml", []byte("source: {paths: [models]}\nemit: [{format: onnx}]\npublish: {to: out}\n"))
	put("notes.md", []byte("no pickle"))
	if said := hooks(0, "treeport-scan"); !strings.Contains(said, "treeport scan...") || !strings.Contains(said, "Passed") {
		t.Errorf("honest models: %s", said)
	}
	if said := hooks(0, "treeport-config"); !strings.Contains(said, "treeport.yaml: right") {
		t.Errorf("a configuration: %s", said)
	}
	hostile, err := os.ReadFile(filepath.Join(testdata(), "hostile", "run_p4.pkl"))
	if err != nil {
		t.Fatal(err)
	}
	put("hostile.JOBLIB", hostile)
	if said := hooks(1, "treeport-scan"); !strings.Contains(said, "calls posix.system") || !strings.Contains(said, "exit code: 8") {
		t.Errorf("a hostile file: %s", said)
	}
	put("treeport.yaml", []byte("emit: [{format: onyx}]\n"))
	if said := hooks(1, "treeport-config"); !strings.Contains(said, "exit code: 2") {
		t.Errorf("a wrong configuration: %s", said)
	}
}
