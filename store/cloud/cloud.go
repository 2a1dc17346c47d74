// Package cloud opens buckets of S3, Google Cloud Storage and Azure by their URLs: s3://bucket/prefix, gs://bucket/prefix,
// azblob://container/prefix. The tag nocloud builds it without the three SDKs; it then refuses every URL.
package cloud

import (
	"slices"
	"strings"
)

// schemes are the URLs' beginnings. mem is a bucket of this process alone, for tests.
var schemes = []string{"s3", "gs", "azblob", "mem"}

// IsURL says whether a name is the URL of a bucket, or of something in one, and no path.
func IsURL(name string) bool {
	scheme, _, ok := strings.Cut(name, "://")
	return ok && slices.Contains(schemes, scheme)
}
