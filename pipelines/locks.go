package pipelines

import (
	"context"
	"os"
	"path"
	"path/filepath"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/inspect"
	"github.com/seed-2867d59c/treeport/store"
)

// locks holds the lock files beside a model against the versions that the model itself tells of.
func (r *runner) locks(ctx context.Context, rec *Record, item *Item, source *convert.Source) error {
	policy := r.config.Check.Locks
	if policy == "" {
		policy = Warn
	}
	if policy == Off || len(item.found.locks) == 0 {
		return nil
	}
	folder, err := os.MkdirTemp("", "treeport-*") // the files may be in a bucket
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for _, o := range item.found.locks {
		digest, err := fetchLock(ctx, item.found.bucket, o.Key, folder)
		if err != nil {
			return err
		}
		rec.Locks = append(rec.Locks, Lock{File: path.Base(o.Key), SHA256: digest, Agrees: true})
	}
	lock := inspect.NewLock(inspect.Describe(source, inspect.Options{NoTrial: true}))
	lock.CompareIn(folder)
	for _, b := range lock.Beside {
		name := filepath.Base(b.File)
		disagrees := func(rule, what string) {
			rec.Findings = append(rec.Findings, Finding{Check: "locks", Rule: rule, What: name + what, Policy: policy})
			for i := range rec.Locks {
				rec.Locks[i].Agrees = rec.Locks[i].Agrees && rec.Locks[i].File != name
			}
		}
		if b.Error != "" {
			disagrees("unreadable-lock", ": "+b.Error)
		}
		for _, v := range b.Disagreements() {
			disagrees("lock-disagrees", " says "+v.Package+v.Says+"; "+v.Why)
		}
	}
	return nil
}

// fetchLock copies a lock file into a folder, and answers its SHA-256.
func fetchLock(ctx context.Context, b store.Bucket, key, folder string) (string, error) {
	f, err := b.Open(ctx, key)
	if err != nil {
		return "", &store.Error{Op: "reading", Name: b.Name() + "/" + key, Err: err}
	}
	defer f.Close()
	return digestOf(f.Data), os.WriteFile(filepath.Join(folder, path.Base(key)), f.Data, 0o600)
}
