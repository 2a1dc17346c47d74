package pipelines

import (
	"context"
	"errors"

	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/store/cloud"
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
		return nil, err
	}
	b = store.Retrying(b, store.Retry{Total: s.retry})
	s.opened[url] = b
	return b, nil
}

func (s *stores) openDVC(context.Context, string) (store.Bucket, error) {
	return nil, errors.ErrUnsupported
}
