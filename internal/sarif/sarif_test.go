package sarif_test

import (
	"bytes"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/sarif"
	"github.com/seed-2867d59c/treeport/internal/standard"
)

// TestWrite holds what is written against the standard's own schema, and what its library reads against what was meant.
func TestWrite(t *testing.T) {
	rules := []sarif.Rule{{ID: "broken", What: "It is broken"}, {ID: "unknown-call", What: "It calls"}}
	results := []sarif.Result{
		{Rule: "unknown-call", Level: "error", Text: "\x1b</script>\u202e", File: "a b.pkl", Member: "data.pkl", Count: 3, Offset: 7},
		{Rule: "broken", Level: "warning", Text: "no place", Offset: -1},
		{Rule: "broken", Level: "note", Text: "in a bucket", File: "s3://b/a?#%.pkl", Offset: -1},
	}
	var b bytes.Buffer
	if err := sarif.Write(&b, "1.2", rules, results); err != nil {
		t.Fatal(err)
	}
	run := standard.SARIF(t, b.Bytes())
	if *run.Tool.Driver.Version != "1.2" || len(run.Tool.Driver.Rules) != 2 || len(run.Results) != 3 {
		t.Fatalf("%s", b.Bytes())
	}
	first, last := run.Results[0], run.Results[2]
	if *first.RuleID != "unknown-call" || first.RuleIndex != 1 || *first.Message.Text != results[0].Text || *first.OccurrenceCount != 3 ||
		first.Locations[0].PhysicalLocation.Region.ByteOffset != 7 || *first.Locations[0].LogicalLocations[0].FullyQualifiedName != "data.pkl" {
		t.Errorf("%+v", first)
	}
	if got := *last.Locations[0].PhysicalLocation.ArtifactLocation.URI; got != "s3://b/a%3F%23%25.pkl" || *last.OccurrenceCount != 1 {
		t.Errorf("%+v at %s", last, got)
	}
}

func TestURI(t *testing.T) {
	for name, want := range map[string]string{
		"-": "-", "models/a b.pkl": "models/a%20b.pkl", "a:b#c?d%20.pkl": "./a:b%23c%3Fd%2520.pkl", "a\u009b\x1b\xff.pkl": "a%C2%9B%1B%FF.pkl",
		"/m/ä.pkl": "file:///m/%C3%A4.pkl", "gs://bucket/ä b.pkl": "gs://bucket/%C3%A4%20b.pkl", "a b://c": "./a%20b://c",
	} {
		if got := sarif.URI(name); got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
}
