package scan_test

import (
	"bytes"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/standard"
	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/scan"
)

// TestSARIF holds what is written against the standard's own schema.
func TestSARIF(t *testing.T) {
	reports := []*scan.Report{}
	for _, f := range vectors.Hostile(t) {
		r, err := scan.Open(f.Path, pickle.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, r)
	}
	names := map[string]string{
		"-": "-", "models/a b.pkl": "models/a%20b.pkl", "a:b#c?d%20.pkl": "./a:b%23c%3Fd%2520.pkl", "a\u009b\x1b\xff.pkl": "a%C2%9B%1B%FF.pkl", "/m/ä.pkl": "file:///m/%C3%A4.pkl",
	}
	inZip := scanned(zipped(t, "x.npy", npy("'<f8'", "12345678"), "y.npy", npy("'|O'", runs)))
	reports = append(reports, inZip)
	want := map[string]bool{}
	for name, uri := range names {
		r := scanned("cos\nsystem\n(S'\\x1b\\x9b'\ntR.")
		r.File = filepath.FromSlash(name)
		reports = append(reports, r)
		want[uri] = true
	}
	inMember := 0
	for _, all := range [][]*scan.Report{reports, {}} {
		var b bytes.Buffer
		if err := scan.WriteSARIF(&b, all, "1"); err != nil {
			t.Fatal(err)
		}
		run := standard.SARIF(t, b.Bytes())
		findings := 0
		for _, r := range all {
			findings += len(r.Findings)
		}
		if len(run.Results) != findings {
			t.Errorf("%d results, want %d", len(run.Results), findings)
		}
		for _, result := range run.Results {
			if at := result.Locations[0].LogicalLocations; len(at) > 0 && *at[0].FullyQualifiedName == "y.npy" {
				inMember++
			}
			uri := *result.Locations[0].PhysicalLocation.ArtifactLocation.URI
			if _, err := url.Parse(uri); err != nil {
				t.Error(err)
			}
			delete(want, uri)
		}
	}
	if inMember == 0 || inMember != len(inZip.Findings) {
		t.Errorf("%d results in a member, want %d", inMember, len(inZip.Findings))
	}
	if len(want) > 0 {
		t.Errorf("no result at %v", want)
	}
}
