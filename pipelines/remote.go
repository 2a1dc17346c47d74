package pipelines

import (
	"context"
	"errors"

	"github.com/seed-2867d59c/treeport/store"
)

// isURL tells whether a name is that of a bucket.
func (s *stores) isURL(string) bool { return false }

// open opens a bucket by its URL.
func (s *stores) open(context.Context, string) (store.Bucket, error) {
	return nil, errors.ErrUnsupported
}

func (s *stores) openDVC(context.Context, string) (store.Bucket, error) {
	return nil, errors.ErrUnsupported
}
