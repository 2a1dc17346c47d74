package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/pipelines"
)

// How much garbage may stand beside what is in use, in percent. GOGC, where it is set, says it instead.
const (
	usualGC = 100
	// largeGC is for large files: models are few and long lists of numbers, which cost the collector nothing, while memory is what large
	// ones are short of.
	largeGC = 20
	// firstGC lets the heap grow to 32 MB before anything is collected: most models are converted in less, and collecting as usual would
	// take a tenth of the time.
	firstGC = 800
	// manyGC is for many small models, up to manyMemory bytes in all or what the largest model needs: garbage is little of each of them,
	// and collecting it would take a third of the time.
	manyGC     = 800
	manyMemory = 256 << 20
)

// laterGC is what counts from the first collection on.
var laterGC atomic.Int64

// collect sets how garbage is collected, for a command that reads these files.
func collect(files []string) {
	const large = 8 << 20 // bytes
	if os.Getenv("GOGC") != "" {
		return
	}
	first, later := int64(firstGC), int64(usualGC)
	for _, name := range files {
		if info, err := os.Stat(name); err == nil && info.Size() >= large {
			first, later = max(first, 30*info.Size()/(4<<20)), largeGC
		}
	}
	laterGC.Store(later)
	debug.SetGCPercent(int(first))
	runtime.AddCleanup(new(*int), func(int) { debug.SetGCPercent(int(laterGC.Load())) }, 0) // runs with the first collection
}

// collectMany is collect for a run.
func collectMany(plan *pipelines.Plan) {
	if os.Getenv("GOGC") != "" {
		return
	}
	laterGC.Store(manyGC)
	debug.SetGCPercent(manyGC)
	largest := int64(0)
	for _, item := range plan.Items {
		largest = max(largest, item.Memory)
	}
	debug.SetMemoryLimit(min(plan.Memory(), max(manyMemory, 2*largest))) // near it, garbage is collected as it comes
}
