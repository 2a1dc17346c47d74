package convert_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/sklearn"
)

// TestNames: a model names no file but beside the others, none twice on any file system, and many take no long time.
func TestNames(t *testing.T) {
	var found []sklearn.Found
	for _, path := range []string{
		"model['../../x']", "model['/etc/passwd']", "model['c:\\\\con']", "model['\\x00']", "model.a\x00\u202e", "model['A']", "model['a']", "model['a-2']",
		"model['" + strings.Repeat("long", 100) + "']", "model['" + strings.Repeat("LONG", 100) + "']", "model", "model['é']", "model['.']", "model['nul.onnx']",
	} {
		found = append(found, sklearn.Found{Path: path})
	}
	for i := range 50_000 {
		found = append(found, sklearn.Found{Path: "model" + strings.Repeat("a", 200) + strconv.Itoa(i)})
	}
	seen := map[string]bool{}
	names := convert.Names("dir/out.onnx", found)
	for i, name := range names {
		base := filepath.Base(name)
		if filepath.Dir(name) != "dir" || !strings.HasPrefix(base, "out-") || !strings.HasSuffix(base, ".onnx") || len(base) > 120 ||
			strings.Trim(base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") != "" {
			t.Errorf("%q for %q", name, found[i].Path)
		}
		if seen[strings.ToLower(base)] {
			t.Errorf("%q twice", name)
		}
		seen[strings.ToLower(base)] = true
	}
	if names[0] != "dir/out-x.onnx" || names[5] != "dir/out-A-2.onnx" || names[6] != "dir/out-a-3.onnx" || names[7] != "dir/out-a-2-2.onnx" {
		t.Errorf("%q", names[:8])
	}
}
