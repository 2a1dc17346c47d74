package main

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// kilobytes adds up what the first group of a pattern finds in one of the process's own files.
func kilobytes(t *testing.T, file, pattern string) (sum int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(pattern).FindAllSubmatch(text, -1) {
		n, err := strconv.Atoi(string(found[1]))
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}

// TestReleaseProgram: fewer pages of files are resident. (Of a program that was just linked, most come back in large pieces at once.)
func TestReleaseProgram(t *testing.T) {
	const resident = `RssFile:\s+(\d+) kB`
	before := kilobytes(t, "/proc/self/status", resident)
	releaseProgram()
	if after := kilobytes(t, "/proc/self/status", resident); after >= before {
		t.Errorf("%d kB of files are resident, and were %d", after, before)
	}
}

// TestGrowInHugePages: the system knows which part of the heap may lie in huge pages.
func TestGrowInHugePages(t *testing.T) {
	growInHugePages(64 << 20)
	// A mapping's size is the first of its lines, its flags are the last.
	const advised = `(?m)^Size:\s+(\d+) kB\n(?:[A-Z][A-Za-z_]+:.*\n)*?VmFlags:.* hg`
	if kB := kilobytes(t, "/proc/self/smaps", advised); kB < 64<<10 {
		t.Errorf("%d kB may lie in huge pages", kB)
	}
}
