package main

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// number is what the first group of a pattern finds in one of the process's own files.
func number(t *testing.T, file, pattern string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(pattern).FindSubmatch(text)
	if found == nil {
		t.Fatalf("no %s in %s:\n%s", pattern, file, text)
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestReleaseProgram: fewer pages of files are resident. (Of a program that was just linked, most come back in large pieces at once.)
func TestReleaseProgram(t *testing.T) {
	const resident = `RssFile:\s+(\d+) kB`
	before := number(t, "/proc/self/status", resident)
	releaseProgram()
	if after := number(t, "/proc/self/status", resident); after >= before {
		t.Errorf("%d kB of files are resident, and were %d", after, before)
	}
}

// TestGrowInHugePages: the system knows which part of the heap may lie in huge pages.
func TestGrowInHugePages(t *testing.T) {
	growInHugePages(64 << 20)
	// A mapping's size is the first of its lines, its flags are the last.
	if kB := number(t, "/proc/self/smaps", `Size:\s+(\d{5,}) kB\n(?:[A-Za-z_]+:.*\n)*VmFlags:.* hg`); kB < 64<<10 {
		t.Errorf("huge pages in %d kB", kB)
	}
}
