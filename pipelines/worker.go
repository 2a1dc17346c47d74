package pipelines

import (
	"context"
	"fmt"
	"sync"

	"github.com/seed-2867d59c/treeport/store"
)

// Task is an Item as another process can be told of it.
type Task struct {
	Source  string         `json:"source"`
	Place   string         `json:"place"` // folder or URL that the object is in
	Object  store.Object   `json:"object"`
	Beside  []store.Object `json:"beside,omitempty"`
	Locks   []store.Object `json:"locks,omitempty"`
	Memory  int64          `json:"memory"`
	Outputs []string       `json:"outputs"`
}

// Tasks are the plan's items for Workers.
func (p *Plan) Tasks() []Task {
	tasks := make([]Task, len(p.Items))
	for k, i := range p.Items {
		tasks[k] = Task{i.Source, i.found.place, i.found.object, i.found.beside, i.found.locks, i.Memory, i.Outputs}
	}
	return tasks
}

// Worker does tasks of a plan that another process made, for engines that hand out work themselves. It keeps no manifest: whoever gives the
// tasks collects the records, and writes it by WriteManifest. A task that is done twice, or by two workers at once, gives the same files.
type Worker struct {
	runner *runner
	opened sync.Mutex
}

// NewWorker opens what all tasks of a configuration share.
func NewWorker(ctx context.Context, c *Config) (*Worker, error) {
	p := &Plan{config: c, stores: newStores(c.Run.Retry)}
	to, err := p.stores.any(ctx, c.Publish.To)
	if err != nil {
		return nil, err
	}
	p.to = to
	r := &runner{Plan: p, digest: c.digest()}
	// What earlier runs wrote may be written over by its successor.
	if r.journal, err = readJournal(ctx, to); err == nil {
		err = r.open()
	}
	if err != nil {
		r.release()
		p.Close()
		return nil, err
	}
	return &Worker{runner: r}, nil
}

// Do does a task. What goes wrong with the model is in the record.
func (w *Worker) Do(ctx context.Context, t Task) (Record, error) {
	w.opened.Lock()
	bucket, err := w.runner.stores.any(ctx, t.Place)
	w.opened.Unlock()
	if err != nil {
		return Record{}, err
	}
	item := &Item{Source: t.Source, Size: t.Object.Size, Memory: t.Memory, Outputs: t.Outputs, name: parseName(t.Object.Key),
		found: found{bucket: bucket, place: t.Place, object: t.Object, beside: t.Beside, locks: t.Locks}}
	return w.runner.item(ctx, item)
}

// WriteManifest writes the records of part i (from 0) of n as the manifest of that shard, whatever stood there.
func (w *Worker) WriteManifest(ctx context.Context, i, n int, records []Record) error {
	if i < 0 || i >= n {
		return fmt.Errorf("part %d of %d", i, n)
	}
	if f, ok := w.runner.to.(*store.Folder); ok {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	j := &journal{to: w.runner.to, shard: shard{i, n}}
	last := map[string]Record{}
	for _, r := range records {
		last[r.id()] = r
	}
	return j.write(ctx, last)
}

// Close gives up what the worker holds.
func (w *Worker) Close() {
	w.runner.release()
	w.runner.Plan.Close()
}
