package pipelines

import (
	"context"
	"time"

	"github.com/seed-2867d59c/treeport/store"
)

// stores opens buckets, each once.
type stores struct {
	retry  time.Duration
	opened map[string]store.Bucket
	flat   map[*store.Folder]*listing // what stands in folders whose files are named one by one
}

func newStores(retry time.Duration) *stores {
	return &stores{retry: retry, opened: map[string]store.Bucket{}, flat: map[*store.Folder]*listing{}}
}

// any opens a folder, the URL of a bucket, or what a file of DVC lists.
func (s *stores) any(ctx context.Context, name string) (store.Bucket, error) {
	switch {
	case s.isURL(name):
		return s.open(ctx, name)
	case isDVC(name):
		return s.openDVC(ctx, name)
	}
	return s.folder(name), nil
}

func (s *stores) folder(dir string) store.Bucket {
	if dir == "" {
		dir = "."
	}
	b, ok := s.opened[dir]
	if !ok {
		b = store.NewFolder(dir)
		s.opened[dir] = b
	}
	return b
}

func (s *stores) close() {
	for _, b := range s.opened {
		_ = b.Close()
	}
}
