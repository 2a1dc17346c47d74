// Package standard holds what is written against the standards that it follows. Only tests use it.
package standard

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

// SARIF is the one run of a log, which is as the standard's own schema wants it (the library brings it) and has nothing that it does not know.
func SARIF(t *testing.T, text []byte) *sarif.Run {
	t.Helper()
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&sarif.Report{}); err != nil {
		t.Error(err)
	}
	log, err := sarif.FromBytes(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(log.Runs) != 1 {
		t.Fatalf("%d runs", len(log.Runs))
	}
	run := log.Runs[0] // the standard's defaults, for what the library fills with nothing
	run.Language, run.Tool.Driver.Language, run.NewlineSequences = "en-US", "en-US", []string{"\n"}
	if err := log.Validate(); err != nil {
		t.Error(err)
	}
	return run
}
