package pipelines

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
)

// inNamespace runs the test in a process that is root of a user namespace of its own, as mounting takes.
func inNamespace(t *testing.T) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
}

// TestDiskFull runs on a file system that has room for some of the artifacts only. Nothing is half-written, and with more room the run
// goes on.
func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		inNamespace(t)
		return
	}
	source, to := copies(t, 30), t.TempDir()
	mount := func(size string, flags ...string) {
		t.Helper()
		args := []string{"-t", "tmpfs", "-o", "size=" + size + strings.Join(flags, ""), "tmpfs", to}
		if out, err := exec.Command("mount", args...).CombinedOutput(); err != nil {
			t.Fatal(err, string(out))
		}
	}
	mount("200k")
	defer func() { _ = exec.Command("umount", to).Run() }()
	c := &Config{Source: Source{Paths: []string{source}}, Publish: Publish{To: to}}
	out, err := runConfig(t.Context(), c)
	if out == nil || out.Count(Equal) == 30 {
		t.Fatal(out, err)
	}
	if err == nil && out.Count(Failed) == 0 || err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Error(out, err)
	}
	for _, r := range out.Records {
		for _, p := range r.Problems {
			if p.Kind != convert.KindIO || !strings.Contains(p.What, "no space left") {
				t.Error(p)
			}
		}
	}
	whole := t.TempDir()
	wantRun := &Config{Source: c.Source, Publish: Publish{To: whole}}
	if _, err := runConfig(t.Context(), wantRun); err != nil {
		t.Fatal(err)
	}
	want, _ := files(t, whole)
	got, hidden := files(t, to)
	for name, content := range got {
		if !strings.HasPrefix(name, manifestName) && content != want[name] {
			t.Errorf("%s is half-written: %d bytes of %d", name, len(content), len(want[name]))
		}
	}
	if len(hidden) > 0 {
		t.Error("left behind:", hidden)
	}
	mount("50m", ",remount")
	if out, err := runConfig(t.Context(), c); err != nil || out.Count(Equal) != 30 {
		t.Fatal(out, err)
	}
	got, _ = files(t, to)
	compareFolders(t, want, got)
}
