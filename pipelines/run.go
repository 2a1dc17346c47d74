package pipelines

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/verify"
)

// Watcher is told of a run as it goes, from one goroutine at a time. Its fields may be nil.
type Watcher struct {
	Began func(Item)
	Ended func(Item, Record)
}

// Outcome is what became of a run.
type Outcome struct {
	Records     []Record // one for each Item that was done, now or by an earlier run, in the order of the plan
	Left        int      // items that were not come to
	Interrupted bool
	Manifest    string // path or URL; empty where there is none, as of a shard without models
}

// Count counts the records of a status.
func (o *Outcome) Count(s Status) int {
	n := 0
	for i := range o.Records {
		if o.Records[i].Status == s {
			n++
		}
	}
	return n
}

// runner is a run at work.
type runner struct {
	*Plan
	journal  *journal
	digest   string
	taken    sync.Map // outputs of this run: key to source
	runtimes []verify.Runtime
	asking   sync.Mutex // runtimes answer one at a time
	adding   sync.Mutex // to DVC
	staging  string     // folder of artifacts that go to a bucket
	listed   sync.Once  // of sizes
	sizes    map[string]int64
}

// Run does what is planned. What goes wrong with a model is in its record; the error is that of the run as a whole: the manifest can't be
// written, or a runtime can't be opened. When ctx ends, models in work are left, nothing of them being written, and the rest is recorded.
func (p *Plan) Run(ctx context.Context, w Watcher) (*Outcome, error) {
	r := &runner{Plan: p, digest: p.config.digest()}
	defer r.release()
	var err error
	if r.journal, err = openJournal(ctx, p.to, p.shard); err != nil {
		return nil, err
	}
	out, err := r.all(ctx, w)
	// The manifest is finished whatever happened, with a context of its own.
	ctx = context.WithoutCancel(ctx)
	err = errors.Join(err, r.journal.close(ctx))
	if _, none := p.to.Stat(ctx, r.journal.name("")); none == nil && out != nil {
		out.Manifest = p.to.Name() + "/" + r.journal.name("")
		if f, local := p.to.(*store.Folder); local {
			out.Manifest = f.Path(r.journal.name(""))
		}
	}
	return out, err
}

func (r *runner) release() {
	for _, rt := range r.runtimes {
		_ = rt.Close()
	}
	if r.staging != "" {
		_ = os.RemoveAll(r.staging)
	}
}

// open opens what all models share.
func (r *runner) open() error {
	for _, spec := range r.config.Verify.Runtimes {
		rt, err := verify.OpenRuntime(spec)
		if err != nil {
			return &ConfigError{Key: "verify.runtimes", What: err.Error()}
		}
		r.runtimes = append(r.runtimes, rt)
	}
	f, ok := r.to.(*store.Folder)
	if ok {
		f.Unsynced = true // until the end
	} else {
		var err error
		r.staging, err = os.MkdirTemp("", "treeport-*")
		return err
	}
	return r.sweep(f)
}

// temporary is the name of a file that store.Create had not finished.
var temporary = regexp.MustCompile(`^\.(.+)\.[0-9a-f]{16}\.tmp$`)

// sweep removes what a killed run left half-written of this run's outputs. No other run works on them: the journal holds the lock.
func (r *runner) sweep(f *store.Folder) error {
	names := map[string]map[string]bool{} // of each folder
	add := func(key string) {
		dir := filepath.Dir(f.Path(key))
		if names[dir] == nil {
			names[dir] = map[string]bool{}
		}
		names[dir][filepath.Base(f.Path(key))] = true
	}
	add(r.journal.name(""))
	for i := range r.Items {
		for _, key := range r.Items[i].Outputs {
			add(key)
			add(certificateKey(key))
		}
	}
	for dir, known := range names {
		entries, err := os.ReadDir(dir)
		if store.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			if m := temporary.FindStringSubmatch(e.Name()); m != nil && known[m[1]] {
				if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// all does all items, large ones first so that none is left for the end.
func (r *runner) all(ctx context.Context, w Watcher) (*Outcome, error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	jobs := r.config.Run.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
		if r.waits() {
			jobs *= whileWaiting
		}
	}
	budget := r.Memory()
	memory := semaphore.NewWeighted(budget)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	records := make([]*Record, len(r.Items))
	var telling sync.Mutex
	work := make(chan int)
	var group sync.WaitGroup
	one := func(i int) {
		item := &r.Items[i]
		need := min(item.Memory, budget) // one that is larger than the budget is alone at work
		if memory.Acquire(ctx, need) != nil {
			return
		}
		defer memory.Release(need)
		telling.Lock()
		if w.Began != nil {
			w.Began(*item)
		}
		telling.Unlock()
		record, err := r.item(ctx, item)
		if record.Status == Failed && ctx.Err() != nil {
			return // it failed because it was stopped
		}
		if err == nil && !record.Kept {
			err = r.journal.add(context.WithoutCancel(ctx), record)
		}
		if err != nil {
			stop(err)
			return
		}
		records[i] = &record
		telling.Lock()
		if w.Ended != nil {
			w.Ended(*item, record)
		}
		telling.Unlock()
		if r.config.Run.FailFast && record.Status != Equal {
			stop(errFailFast)
		}
	}
	for range jobs {
		group.Go(func() {
			for i := range work {
				one(i)
			}
		})
	}
	for _, i := range r.order() {
		select {
		case work <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(work)
	group.Wait()
	out := &Outcome{}
	for _, rec := range records {
		if rec != nil {
			out.Records = append(out.Records, *rec)
		} else {
			out.Left++
		}
	}
	cause := context.Cause(ctx)
	switch {
	case cause == nil || errors.Is(cause, errFailFast):
		return out, nil
	case errors.Is(cause, context.Canceled):
		out.Interrupted = true
		return out, nil
	}
	return out, cause
}

// Memory is how many bytes all models in work may take together, by estimate.
func (p *Plan) Memory() int64 {
	if p.config.Run.Memory > 0 {
		return int64(p.config.Run.Memory)
	}
	return machineMemory() / 2
}

// whileWaiting is how many models are at work for each core where most of the time goes by waiting for a bucket.
const whileWaiting = 4

// waits tells whether any of the stores is a bucket.
func (r *runner) waits() bool {
	_, local := r.to.(*store.Folder)
	return !local || slices.ContainsFunc(r.Items, func(i Item) bool { _, local := i.found.bucket.(*store.Folder); return !local })
}

// errFailFast stops a run at the first model that failed.
var errFailFast = errors.New("a model failed")

// order is the order of work: from the largest on, so that no large one is left for the end, alone.
func (r *runner) order() []int {
	order := make([]int, len(r.Items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch sa, sb := r.Items[a].Memory, r.Items[b].Memory; {
		case sa > sb:
			return -1
		case sa < sb:
			return 1
		}
		return 0
	})
	return order
}

// machineMemory is the memory of the machine, or of the container, in bytes.
func machineMemory() int64 {
	const unknown = 4 << 30
	total := int64(unknown)
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		if m := memTotal.FindSubmatch(text); m != nil {
			total = number(string(m[1])) << 10
		}
	}
	for _, limit := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if text, err := os.ReadFile(limit); err == nil {
			if n := number(strings.TrimSpace(string(bytes.TrimSpace(text)))); n > 0 {
				total = min(total, n)
			}
		}
	}
	return total
}

var memTotal = regexp.MustCompile(`MemTotal:\s+(\d+) kB`)
