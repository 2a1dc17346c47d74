package pipelines

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"path/filepath"
	"time"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/store"
)

// Summary is what there is to report of a run.
type Summary struct {
	Treeport    string         `json:"treeport"`
	Began       time.Time      `json:"began"`
	Seconds     float64        `json:"seconds"`
	Counts      map[Status]int `json:"counts"`
	Kept        int            `json:"kept"` // that were done by earlier runs
	Left        int            `json:"left"` // that were not come to
	Interrupted bool           `json:"interrupted"`
	Manifest    string         `json:"manifest,omitempty"` // as Outcome has it
	Records     []Record       `json:"models"`
}

// NewSummary sums up the outcome of a run that began then and ends now.
func NewSummary(out *Outcome, began time.Time) *Summary {
	s := &Summary{Treeport: convert.Version(), Began: began.UTC().Truncate(time.Second), Seconds: time.Since(began).Seconds(), Counts: map[Status]int{},
		Left: out.Left, Interrupted: out.Interrupted, Manifest: out.Manifest, Records: out.Records}
	if s.Records == nil {
		s.Records = []Record{}
	}
	for i := range out.Records {
		s.Counts[out.Records[i].Status]++
		if out.Records[i].Kept {
			s.Kept++
		}
	}
	return s
}

// reports is the visible list.
func (c Report) reports() []struct {
	name  string
	write func(s *Summary, w io.Writer) error
} {
	return []struct {
		name  string
		write func(s *Summary, w io.Writer) error
	}{
		{c.JSON, (*Summary).JSON},
		{c.JUnit, (*Summary).JUnit},
		{c.SARIF, (*Summary).SARIF},
		{c.Markdown, (*Summary).Markdown},
		{c.HTML, (*Summary).HTML},
	}
}

// Write writes the reports that a configuration names, each whole or not at all, and adds to the summary and the outputs of a step of
// GitHub Actions.
func (s *Summary) Write(c Report) error {
	for _, r := range c.reports() {
		if r.name == "" {
			continue
		}
		var text bytes.Buffer
		if err := r.write(s, &text); err != nil {
			return err
		}
		if err := writeFile(r.name, text.Bytes()); err != nil {
			return err
		}
	}
	return s.addToStep()
}

// writeFile writes a file and the folders above it.
func writeFile(name string, text []byte) error {
	return store.NewFolder(filepath.Dir(name)).Put(context.Background(), filepath.Base(name), bytes.NewReader(text), true)
}

// JSON writes the summary as one JSON object.
func (s *Summary) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(s)
}
