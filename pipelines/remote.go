package pipelines

import (
	"context"
	"errors"

	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/store/cloud"
	"github.com/seed-2867d59c/treeport/store/dvc"
)

// isURL tells whether a name is that of a bucket.
func (s *stores) isURL(name string) bool { return cloud.IsURL(name) }

// open opens a bucket by its URL. Its calls are tried again where they fail.
func (s *stores) open(ctx context.Context, url string) (store.Bucket, error) {
	if b, ok := s.opened[url]; ok {
		return b, nil
	}
	b, err := cloud.Open(ctx, url)
	if err != nil {
		return nil, &ConfigError{What: err.Error()} // a region or credentials that are missing, or a build without clouds
	}
	b = store.Retrying(b, store.Retry{Total: s.retry})
	s.opened[url] = b
	return b, nil
}

// openDVC opens what a .dvc file or a dvc.lock lists.
func (s *stores) openDVC(ctx context.Context, name string) (store.Bucket, error) {
	if b, ok := s.opened[name]; ok {
		return b, nil
	}
	b, err := dvc.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	s.opened[name] = b
	return b, nil
}

// isDVC tells whether a file lists outputs of DVC.
func isDVC(name string) bool { return dvc.IsFile(name) }

// addToDVC adds a published file as dvc add does, and pushes it if there is a default remote.
func (r *runner) addToDVC(ctx context.Context, name string) error {
	r.adding.Lock() // each changes the .gitignore of the folder
	defer r.adding.Unlock()
	if err := dvc.Add(ctx, name); err != nil {
		return err
	}
	if err := dvc.Push(ctx, name); err != nil && !errors.Is(err, dvc.ErrNoRemote) {
		return err
	}
	return nil
}
