package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// publish makes a module proxy that has the tree as treeport v0.0.1, and is the environment of a Go without anything installed that asks
// it. Other modules come from what was downloaded for this test's own module, and else from where Go asks in any case.
func publish(t *testing.T) []string {
	t.Helper()
	const path, version = "github.com/seed-2867d59c/treeport", "v0.0.1"
	proxy := filepath.Join(t.TempDir(), "proxy")
	dir := filepath.Join(proxy, path, "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	gomod, err := os.ReadFile(filepath.Join(root(), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"list": version + "\n", version + ".info": fmt.Sprintf(`{"Version": %q, "Time": "2020-01-01T00:00:00Z"}`, version), version + ".mod": string(gomod),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(dir, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := zip.CreateFromDir(f, module.Version{Path: path, Version: version}, root()); err != nil {
		t.Fatal(err) // such as a name that a module's file can't have
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(output(t, 0, "", nil, "go", "env", "GOMODCACHE", "GOPROXY", "GOCACHE"))
	gopath := t.TempDir()
	return []string{"GOPATH=" + gopath, "GOMODCACHE=" + filepath.Join(gopath, "pkg", "mod"), "GOCACHE=" + got[2], "GOFLAGS=-modcacherw -trimpath", "GOSUMDB=off",
		"GOPROXY=file://" + proxy + ",file://" + filepath.Join(got[0], "cache", "download") + "," + got[1]}
}

// TestPublished: what others get of a release by its module's path.
func TestPublished(t *testing.T) {
	env := publish(t)
	t.Run("go install", func(t *testing.T) {
		for _, flags := range [][]string{nil, {"-tags=disable_grpc_modules"}, {"-tags=disable_grpc_modules,noonnxruntime"}} {
			bin := t.TempDir()
			output(t, 0, bin, append(env, "CGO_ENABLED=0", "GOBIN="+bin), "go", append(append([]string{"install"}, flags...),
				"github.com/seed-2867d59c/treeport/cmd/treeport@latest")...)
			if said := output(t, 0, bin, nil, filepath.Join(bin, "treeport"), "--version"); said != "treeport version v0.0.1\n" {
				t.Errorf("--version with %q: %q", flags, said)
			}
		}
	})
	t.Run("action", func(t *testing.T) { testAction(t, env) })
	t.Run("GitLab", func(t *testing.T) { testGitLab(t, env) })
}
