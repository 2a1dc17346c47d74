//go:build unix

package main

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/seed-2867d59c/treeport/internal/vectors"
)

// TestHostile runs the command on each hostile file: it ends by itself and knows why, within 2 s of CPU time and 256 MB of resident
// memory. (What it answers is held against what is wanted in convert.)
func TestHostile(t *testing.T) {
	const (
		mostTime   = 2 * time.Second
		mostMemory = 256 << 20
		hangs      = 2 * time.Minute // of the clock
	)
	folder := t.TempDir()
	treeport := filepath.Join(folder, "treeport")
	if out, err := exec.Command("go", "build", "-o", treeport, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, f := range vectors.Hostile(t) {
		for _, args := range [][]string{
			{"inspect", f.Path},
			{"convert", f.Path, "-o", filepath.Join(folder, "m.onnx"), "-o", filepath.Join(folder, "m.pmml")},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), hangs)
			cmd := exec.CommandContext(ctx, treeport, args...)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			err := cmd.Run()
			cancel()
			switch code := cmd.ProcessState.ExitCode(); code { // Go's own is 2 where it panics
			case exitDone, exitUnsupported, exitBroken, exitTooBig, exitIO:
			default:
				t.Errorf("%s %s (%s): exit code %d, %v\n%s", args[0], f.Path, f.What, code, err, stderr.Bytes())
			}
			if took := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(); took > mostTime {
				t.Errorf("%s %s (%s): takes %v of CPU time", args[0], f.Path, f.What, took)
			}
			if peak := resident(cmd.ProcessState.SysUsage().(*syscall.Rusage)); peak > mostMemory {
				t.Errorf("%s %s (%s): takes %d MB", args[0], f.Path, f.What, peak>>20)
			}
		}
	}
}

// resident is the most memory that a process had, in bytes. Linux counts what the one had that started it, too: this is a test of a
// package whose tests need little.
func resident(u *syscall.Rusage) int64 {
	if peak := int64(u.Maxrss); runtime.GOOS == "darwin" {
		return peak
	} else {
		return peak << 10
	}
}
