package scan

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
)

// The parts of SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format) that findings need; the names are the standard's.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     Level           `json:"level"`
		Count     int             `json:"occurrenceCount"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical  `json:"physicalLocation"`
		LogicalLocations []sarifLogical `json:"logicalLocations,omitempty"`
	}
	// sarifLogical is a member of an archive.
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	// sarifRegion counts bytes in what the file inflates to: of compressed files and archives no place in the file itself has the opcode.
	sarifRegion struct {
		ByteOffset int64 `json:"byteOffset"`
		ByteLength int64 `json:"byteLength"`
	}
)

// WriteSARIF writes findings as one run of SARIF 2.1.0; version is treeport's.
func WriteSARIF(w io.Writer, reports []*Report, version string) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "treeport", Version: version}}, ColumnKind: "utf16CodeUnits", Results: []sarifResult{}}
	index := map[string]int{}
	for i, r := range Rules {
		index[r.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{r.ID, sarifText{r.What}})
	}
	for _, r := range reports {
		uri := uriOf(r.File)
		for _, f := range r.Findings {
			place := sarifLocation{PhysicalLocation: sarifPhysical{ArtifactLocation: sarifArtifact{uri}}}
			if f.Offset >= 0 {
				place.PhysicalLocation.Region = &sarifRegion{f.Offset, 1}
			}
			text := f.What
			if f.Member != "" {
				place.LogicalLocations = []sarifLogical{{f.Member, "resource"}}
				text += ", in " + f.Member
			}
			if f.Code != "" {
				text += ": " + f.Code
			}
			run.Results = append(run.Results, sarifResult{f.Rule, index[f.Rule], f.Level, f.Count, sarifText{text}, []sarifLocation{place}})
		}
	}
	text, err := fault.JSON(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// uriOf is the name of a file as a URI, which is relative where the name is.
func uriOf(name string) string {
	path := filepath.ToSlash(name)
	if !filepath.IsAbs(name) {
		return (&url.URL{Path: path}).String()
	}
	return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(path, "/")}).String()
}
