package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPreCommit lets pre-commit install the hooks of the tree's commit, and run them in a repository of models.
func TestPreCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	someModels(t, filepath.Join(dir, "models"))
	put("notes.md", []byte("no pickle"))
	put("treeport.yaml", []byte("source: {paths: [models]}\nemit: [{format: onnx}]\npublish: {to: out}\n"))
	commit := strings.TrimSpace(output(t, 0, root(), nil, "git", "rev-parse", "HEAD"))
	put(".pre-commit-config.yaml", fmt.Appendf(nil, "repos: [{repo: %q, rev: %s, hooks: [{id: treeport-scan}, {id: treeport-config}]}]\n", root(), commit))
	output(t, 0, dir, nil, "git", "init", "--quiet")
	env := []string{"PRE_COMMIT_HOME=" + filepath.Join(t.TempDir(), "cache"), "PRE_COMMIT_COLOR=never", "CGO_ENABLED=0", "GOFLAGS=-trimpath",
		"GOMODCACHE=" + strings.TrimSpace(output(t, 0, "", nil, "go", "env", "GOMODCACHE"))}
	hooks := func(code int, says ...string) {
		t.Helper()
		output(t, 0, dir, nil, "git", "add", ".")
		said := output(t, code, dir, env, checker(t, "pre-commit"), "run", "--all-files", "--verbose")
		for _, what := range says {
			if !strings.Contains(said, what) {
				t.Errorf("not said: %q\n%s", what, said)
			}
		}
	}
	hooks(0, "treeport scan...", "treeport.yaml: right")

	hostile, err := os.ReadFile(filepath.Join(testdata(), "hostile", "run_p4.pkl"))
	if err != nil {
		t.Fatal(err)
	}
	put("hostile.JOBLIB", hostile)
	put("treeport.yaml", []byte("emit: [{format: onyx}]\n"))
	hooks(1, "hostile.JOBLIB: dangerous", "calls posix.system", "exit code: 8", "exit code: 2")
}
