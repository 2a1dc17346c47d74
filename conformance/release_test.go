package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRelease lets the real goreleaser build a snapshot of the tree's commit for this machine, wheels included. It is a clone that it
// builds, for goreleaser makes its dist/ anew.
func TestRelease(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	output(t, 0, root(), nil, "git", "clone", "--quiet", "--shared", "--no-checkout", root(), dir)
	output(t, 0, dir, nil, "git", "sparse-checkout", "set", "--no-cone", "/*", "!/testdata/")
	output(t, 0, dir, nil, "git", "checkout", "--quiet", strings.TrimSpace(output(t, 0, root(), nil, "git", "rev-parse", "HEAD")))
	env := []string{"PATH=" + filepath.Dir(checker(t, "python")) + ":" + os.Getenv("PATH")}
	goreleaser := func(args ...string) {
		t.Helper()
		output(t, 0, dir, env, "go", append([]string{"run", "github.com/goreleaser/goreleaser/v2@v2.15.1"}, args...)...)
	}
	goreleaser("check")
	goreleaser("build", "--snapshot", "--single-target")
	for _, c := range []struct{ binary, wheel string }{
		{"treeport_*", "manylinux_2_17_" + machine(t)},
		{"static_*", "musllinux_1_1_" + machine(t)},
	} {
		binaries, err := filepath.Glob(filepath.Join(dir, "dist", c.binary, "treeport"))
		if err != nil || len(binaries) != 1 {
			t.Fatalf("%s: %q, %v", c.binary, binaries, err)
		}
		if said := output(t, 0, dir, nil, binaries[0], "--version"); !strings.HasPrefix(said, "treeport version 0.") || !strings.HasSuffix(said, "-dev\n") {
			t.Errorf("%s: --version: %q", c.binary, said)
		}
		if wheels, err := filepath.Glob(filepath.Join(dir, "dist", "wheels", "treeport-0.*.dev0-py3-none-"+c.wheel+".whl")); err != nil || len(wheels) != 1 {
			t.Errorf("%s: wheels %q, %v", c.binary, wheels, err)
		}
	}
}
