package conformance

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestWheel builds the wheel of a binary and installs it as people do.
func TestWheel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	binary := filepath.Join(dir, "treeport")
	output(t, 0, root(), []string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-ldflags", "-s -w -X github.com/seed-2867d59c/treeport/convert.version=1.2.3-rc.1",
		"-o", binary, "./cmd/treeport")
	build := func(into string) []byte {
		output(t, 0, root(), []string{"TREEPORT_BINARY=" + binary}, checker(t, "python"), "-m", "build", "--no-isolation", "--wheel", "--outdir", into, "packaging/python")
		wheel, err := os.ReadFile(filepath.Join(into, fmt.Sprintf("treeport-1.2.3rc1-py3-none-manylinux_2_17_%s.whl", machine(t))))
		if err != nil {
			t.Fatal(err)
		}
		return wheel
	}
	if !bytes.Equal(build(dir), build(filepath.Join(dir, "again"))) {
		t.Error("built again, the wheel is another one")
	}
	wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil {
		t.Fatal(err)
	}
	output(t, 0, dir, nil, checker(t, "twine"), append([]string{"check", "--strict"}, wheels...)...)
	output(t, 0, dir, nil, checker(t, "check-wheel-contents"), wheels...)

	venv := filepath.Join(dir, "venv")
	output(t, 0, dir, nil, checker(t, "python"), "-m", "venv", venv)
	python := filepath.Join(venv, "bin", "python")
	output(t, 0, dir, nil, python, append([]string{"-m", "pip", "install", "--no-index"}, wheels...)...)
	target := filepath.Join(dir, "target")
	output(t, 0, dir, nil, python, append([]string{"-m", "pip", "install", "--no-index", "--target", target}, wheels...)...)
	moved := []string{"PYTHONPATH=" + target}
	output(t, 0, dir, nil, python, "-m", "pip", "uninstall", "--yes", "treeport")
	output(t, 1, dir, nil, python, "-m", "treeport", "--version")
	if said := output(t, 0, dir, moved, python, "-m", "treeport", "--version"); said != "treeport version 1.2.3-rc.1\n" {
		t.Errorf("--version, from a folder: %q", said)
	}
	output(t, 0, dir, nil, python, append([]string{"-m", "pip", "install", "--no-index"}, wheels...)...)

	model, err := os.ReadFile(filepath.Join(testdata(), "iris_forest.joblib"))
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{filepath.Join(venv, "bin", "treeport")}, {python, "-m", "treeport"}} {
		run := func(code int, args ...string) string {
			args = slices.Concat(command[1:], args)
			return output(t, code, dir, nil, command[0], args...)
		}
		if said := run(0, "--version"); said != "treeport version 1.2.3-rc.1\n" {
			t.Errorf("--version: %q", said)
		}
		run(2, "--no-such-flag")
		run(7, "inspect", "no such file")

		onnx := filepath.Join(t.TempDir(), "iris.onnx")
		cmd := exec.Command(command[0], append(command[1:], "convert", "-", "-o", onnx)...)
		cmd.Stdin = bytes.NewReader(model)
		said, err := cmd.CombinedOutput()
		if _, missing := os.Stat(onnx); err != nil || missing != nil || !strings.Contains(string(said), "RandomForestClassifier of 20 trees") {
			t.Errorf("convert: %v, %v\n%s", err, missing, said)
		}

		cmd = exec.Command(command[0], append(command[1:], "inspect", "-")...)
		in, err := cmd.StdinPipe() // which stays open, so it waits for the rest
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		half := append([]byte("\x80\x04B\x00\x00\x10\x00"), make([]byte, 1<<19)...) // of a megabyte: more than a pipe holds, so it is reading
		if _, err := in.Write(half); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		ended := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
		cmd.Wait()
		ended.Stop()
		if code := cmd.ProcessState.ExitCode(); code != 130 {
			t.Errorf("after Ctrl-C: exit code %d", code)
		}
	}
}

// machine is this processor, as Python names it.
func machine(t *testing.T) string {
	return strings.TrimSpace(output(t, 0, "", nil, "uname", "-m"))
}
