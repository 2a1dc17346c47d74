package scan

import (
	"io"

	"github.com/seed-2867d59c/treeport/internal/sarif"
)

// WriteSARIF writes findings as one run of SARIF 2.1.0; version is treeport's.
func WriteSARIF(w io.Writer, reports []*Report, version string) error {
	var results []sarif.Result
	for _, r := range reports {
		for _, f := range r.Findings {
			text := f.What
			if f.Member != "" {
				text += ", in " + f.Member
			}
			if f.Code != "" {
				text += ": " + f.Code
			}
			results = append(results, sarif.Result{Rule: f.Rule, Level: string(f.Level), Text: text, File: r.File, Count: f.Count, Member: f.Member, Offset: f.Offset})
		}
	}
	return sarif.Write(w, version, Rules, results)
}
