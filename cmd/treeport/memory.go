package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/pipelines"
)

// How much garbage may stand beside what is in use, in percent. GOGC, where it is set, says it instead.
const (
	// usualGC is less than Go's own 100, since what a hostile file may take depends on when the last collection was: two million memo entries
	// took 174 to 258 MB.
	usualGC = 60
	// largeGC is for large files: models are few and long lists of numbers, which cost the collector nothing, while memory is what large
	// ones are short of.
	largeGC = 20
	// manyGC is for many small models, up to manyMemory bytes in all or what the largest model needs: garbage is little of each of them,
	// and collecting it would take a third of the time.
	manyGC     = 800
	manyMemory = 256 << 20
)

// Nothing is collected before so much is in use, in bytes or in percent of a large file: most models are converted in less, and collecting as
// usual would take a tenth of the time.
const (
	leastHeap        = 32 << 20
	leastHeapPercent = 45
)

// pace is how garbage is collected at present.
var pace struct {
	percent atomic.Int64
	least   atomic.Int64 // bytes
}

// collect sets how garbage is collected, for a command that reads these files and makes models of them, or only looks at them.
func collect(files []string, models bool) {
	const (
		some  = 1 << 20 // bytes, of which the heap grows enough for huge pages to be worth a collection now
		large = 8 << 20
	)
	if os.Getenv("GOGC") != "" {
		return
	}
	percent, least, largest := int64(usualGC), int64(leastHeap), int64(0)
	for _, name := range files {
		if info, err := os.Stat(name); err == nil {
			largest = max(largest, info.Size())
		}
	}
	if largest >= large {
		percent, least = largeGC, max(least, largest/100*leastHeapPercent)
	}
	if largest >= some && models {
		growInHugePages(least)
	}
	pace.percent.Store(percent)
	pace.least.Store(least)
	keepPace(0)
}

// keepPace lets the heap grow by the percentage of what is in use, or to the least size, whatever is more; and looks again after each collection.
func keepPace(inUse int64) {
	const minimum = 4 << 20 // what the runtime takes for in use if less is
	inUse = max(inUse, minimum)
	debug.SetGCPercent(int(max(pace.percent.Load(), 100*(pace.least.Load()-inUse)/inUse)))
	runtime.AddCleanup(new(*int), func(int) { // runs with the next collection
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		keepPace(int64(sample[0].Value.Uint64()))
	}, 0)
}

// collectMany is collect for a run.
func collectMany(plan *pipelines.Plan) {
	if os.Getenv("GOGC") != "" {
		return
	}
	pace.percent.Store(manyGC)
	pace.least.Store(0)
	debug.SetGCPercent(manyGC)
	largest := int64(0)
	for _, item := range plan.Items {
		largest = max(largest, item.Memory)
	}
	debug.SetMemoryLimit(min(plan.Memory(), max(manyMemory, 2*largest))) // near it, garbage is collected as it comes
}
