//go:build nocloud

package cloud

import (
	"context"
	"errors"
	"strings"

	"github.com/seed-2867d59c/treeport/store"
)

// Open refuses every URL.
func Open(_ context.Context, url string) (store.Bucket, error) {
	name, _, _ := strings.Cut(url, "?")
	return nil, errors.New(name + ": this treeport was built without clouds (tag nocloud)")
}
