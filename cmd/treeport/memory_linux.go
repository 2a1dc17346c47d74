package main

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// growInHugePages lets the next bytes of the heap be huge pages, where the system gives them to who asks. A heap that grows by pages of 4 kB
// takes a fault for each: a sixth of the time of a small conversion.
func growInHugePages(bytes int64) {
	block := make([]byte, bytes) // untouched, so that it is an address and no memory yet
	_ = unix.Madvise(block, unix.MADV_HUGEPAGE)
	runtime.GC() // gives the address back to the heap, which takes the lowest one it has
}

// releaseProgram gives back the pages of the program, most of which are there because packages did something with them as they started: the
// clouds' have 15 MB that nothing but a bucket needs again. Those that are needed come back from the system's cache.
func releaseProgram() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/smaps") // proc_pid_smaps(5)
	if err != nil {
		return
	}
	defer maps.Close()
	var from, size uintptr // of the mapping that the lines are about; size is 0 of one that is none of ours
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		line := lines.Text()
		if address, rest, _ := strings.Cut(line, " "); strings.Contains(address, "-") {
			low, high, _ := strings.Cut(address, "-")
			first, err1 := strconv.ParseUint(low, 16, 64)
			end, err2 := strconv.ParseUint(high, 16, 64)
			if size = 0; err1 == nil && err2 == nil && strings.HasPrefix(rest, "r-") && strings.HasSuffix(rest, " "+program) {
				from, size = uintptr(first), uintptr(end-first)
			}
			continue
		}
		// What was changed of a mapping, by a loader or a debugger, is in no file: it would be lost.
		if what, amount, _ := strings.Cut(line, ":"); what == "Anonymous" && size > 0 && strings.TrimSpace(amount) == "0 kB" {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, size, unix.MADV_DONTNEED)
		}
	}
}
