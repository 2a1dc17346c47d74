// Package treeport_test holds what is true of the whole house.
package treeport_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/seed-2867d59c/treeport"

// rooms says what each package may import of ours. Two ground floors: pickle knows only bytes, forest only meaning; sklearn
// alone stands on both. Formats never meet each other, nor the pickle; only convert knows them all.
var rooms = map[string]string{
	"fault":             "",
	"store":             "",
	"store/cloud":       "store",
	"store/dvc":         "fault store store/cloud",
	"pickle":            "fault",
	"forest":            "fault",
	"model":             "fault forest",
	"skops":             "fault pickle",
	"xgboost":           "fault forest model internal/parallel",
	"catboost":          "fault forest model",
	"lightgbm":          "fault forest model",
	"sklearn":           "fault forest model pickle lightgbm xgboost catboost internal/parallel",
	"onnx":              "fault forest model internal/parallel",
	"pmml":              "fault forest model internal/parallel",
	"table":             "fault model internal/parallel",
	"verify":            "fault forest model table store",
	"convert":           "fault forest model pickle skops sklearn onnx pmml store verify",
	"inspect":           "fault forest model pickle skops sklearn store convert",
	"scan":              "fault pickle skops sklearn store internal/sarif",
	"scan/learn":        "scan",
	"pipelines":         "fault model table store store/cloud store/dvc verify convert inspect scan internal/sarif",
	"pipelines/schema":  "pipelines",
	"cmd/treeport":      "fault model table verify convert inspect scan store pipelines",
	"internal/vectors":  "model pickle skops sklearn store table",
	"internal/steps":    "forest model",
	"internal/mutate":   "",
	"internal/parallel": "",
	"internal/sarif":    "fault",
	"internal/standard": "",
	"internal/buckets":  "store",
	"bench/api":         "convert model table",
	"bench/floor":       "",
	"bench/synthetic":   "",
}

// TestRooms fails where a package imports what its room may not, and where a package has no room.
func TestRooms(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if room == "" {
			continue // this test
		}
		seen[room] = true
		allowed, ok := rooms[room]
		if !ok {
			t.Errorf("package %s has no room in the plan", room)
			continue
		}
		for _, path := range p.Imports {
			other, ours := strings.CutPrefix(path, module+"/")
			if ours && !slices.Contains(strings.Fields(allowed), other) {
				t.Errorf("%s imports %s, which its room does not allow", room, other)
			}
		}
	}
	for room := range rooms {
		if !seen[room] {
			t.Errorf("the plan has a room %s, the house has none", room)
		}
	}
}

// TestNoClouds holds the tag nocloud to what it is for: none of the clouds' SDKs is built in.
func TestNoClouds(t *testing.T) {
	deps := func(tags string) string {
		out, err := exec.Command("go", "list", "-deps", "-tags", tags, "./...").Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	with, without := deps(""), deps("nocloud")
	for _, sdk := range []string{"gocloud.dev/", "github.com/aws/", "cloud.google.com/", "github.com/Azure/"} {
		if !strings.Contains(with, "\n"+sdk) || strings.Contains(without, "\n"+sdk) {
			t.Errorf("%s: not in a build with clouds, or in one without", sdk)
		}
	}
}
