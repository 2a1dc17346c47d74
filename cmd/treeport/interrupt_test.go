//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterrupt sends Ctrl-C to a run at work: it finishes what it is at, tells what is left, and exits with 130; run again it goes on.
func TestInterrupt(t *testing.T) {
	folder := t.TempDir()
	treeport := filepath.Join(folder, "treeport")
	if out, err := exec.Command("go", "build", "-o", treeport, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile("../../testdata/py311-sk1.7.2/gb_clf_multi/default.pkl")
	if err != nil {
		t.Fatal(err)
	}
	const models = 400
	for i := range models {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("m%03d.pkl", i)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(folder, "out")
	args := []string{"convert", folder, "--to", "onnx", "-o", out, "--report-json", filepath.Join(folder, "report.json")}
	cmd := exec.Command(treeport, args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if done, _ := filepath.Glob(filepath.Join(out, "*.certificate.json")); len(done) > 3 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted || !strings.Contains(said.String(), "not come to") {
		t.Fatal(cmd.ProcessState, said.String())
	}
	if _, err := os.Stat(filepath.Join(folder, "report.json")); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(out, ".*.tmp")); len(left) > 0 {
		t.Error("left behind:", left)
	}
	again, err := exec.Command(treeport, args...).Output()
	if err != nil || !strings.Contains(string(again), fmt.Sprintf("%d models: %d equal", models, models)) || !strings.Contains(string(again), "were done already") {
		t.Error(string(again), err)
	}
}
