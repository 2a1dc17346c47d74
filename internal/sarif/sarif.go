// Package sarif writes results as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format). Its names are the standard's.
package sarif

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
)

// Rule is a kind of results. It is an alias, so that lists of rules need not name this package.
type Rule = struct{ ID, What string }

// Result is something that was found in a file.
type Result struct {
	Rule  string // ID of one of the rules
	Level string // note, warning or error
	Text  string
	File  string // a name, or the URL of an object in a bucket
	Count int    // how often it occurs; 0: once
	// Member is the name of a member of the file, which is an archive; empty: the file itself.
	Member string
	// Offset counts bytes in what the file inflates to, since of compressed files and archives no place in the file itself has it;
	// negative: the whole file.
	Offset int64
}

type (
	log struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []run  `json:"runs"`
	}
	run struct {
		Tool       tool     `json:"tool"`
		ColumnKind string   `json:"columnKind"`
		Results    []result `json:"results"`
	}
	tool struct {
		Driver driver `json:"driver"`
	}
	driver struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Rules   []rule `json:"rules"`
	}
	rule struct {
		ID               string `json:"id"`
		ShortDescription text   `json:"shortDescription"`
	}
	text struct {
		Text string `json:"text"`
	}
	result struct {
		RuleID    string     `json:"ruleId"`
		RuleIndex int        `json:"ruleIndex"`
		Level     string     `json:"level"`
		Count     int        `json:"occurrenceCount"`
		Message   text       `json:"message"`
		Locations []location `json:"locations,omitempty"`
	}
	location struct {
		PhysicalLocation physical  `json:"physicalLocation"`
		LogicalLocations []logical `json:"logicalLocations,omitempty"`
	}
	logical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	physical struct {
		ArtifactLocation artifact `json:"artifactLocation"`
		Region           *region  `json:"region,omitempty"`
	}
	artifact struct {
		URI string `json:"uri"`
	}
	region struct {
		ByteOffset int64 `json:"byteOffset"`
		ByteLength int64 `json:"byteLength"`
	}
)

// Write writes results as those of one run of treeport; version is treeport's. Every result's rule must be among the rules.
func Write(w io.Writer, version string, rules []Rule, results []Result) error {
	all := run{Tool: tool{driver{Name: "treeport", Version: version, Rules: []rule{}}}, ColumnKind: "utf16CodeUnits", Results: []result{}}
	index := map[string]int{}
	for i, r := range rules {
		index[r.ID] = i
		all.Tool.Driver.Rules = append(all.Tool.Driver.Rules, rule{r.ID, text{r.What}})
	}
	for _, r := range results {
		out := result{RuleID: r.Rule, RuleIndex: index[r.Rule], Level: r.Level, Count: max(r.Count, 1), Message: text{r.Text}}
		if r.File != "" {
			place := physical{ArtifactLocation: artifact{URI(r.File)}}
			if r.Offset >= 0 {
				place.Region = &region{r.Offset, 1}
			}
			out.Locations = []location{{PhysicalLocation: place}}
			if r.Member != "" {
				out.Locations[0].LogicalLocations = []logical{{r.Member, "resource"}}
			}
		}
		all.Results = append(all.Results, out)
	}
	encoded, err := fault.JSON(log{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []run{all}})
	if err != nil {
		return err
	}
	_, err = w.Write(encoded)
	return err
}

// URI is the name of a file as a URI, which is relative where the name is. URLs of buckets stay what they are.
func URI(name string) string {
	if scheme, rest, ok := strings.Cut(name, "://"); ok && isScheme(scheme) {
		host, path, _ := strings.Cut(rest, "/")
		return (&url.URL{Scheme: scheme, Host: host, Path: "/" + path}).String()
	}
	path := filepath.ToSlash(name)
	if !filepath.IsAbs(name) {
		return (&url.URL{Path: path}).String()
	}
	return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(path, "/")}).String()
}

// isScheme tells whether s is lower-case letters and digits, as the schemes of buckets are.
func isScheme(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
