//go:build nocloud

package cloud

import (
	"strings"
	"testing"
)

func TestRefused(t *testing.T) {
	_, err := Open(t.Context(), "s3://bucket?secret=x")
	if err == nil || !strings.Contains(err.Error(), "s3://bucket: ") || !strings.Contains(err.Error(), "nocloud") || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}
