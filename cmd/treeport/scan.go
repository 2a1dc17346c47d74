package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pipelines"
	"github.com/seed-2867d59c/treeport/scan"
	"github.com/seed-2867d59c/treeport/store"
)

// errFindings is that scan found something; what, it printed.
var errFindings = errors.New("findings")

// scanned is what scan --json prints.
type scanned struct {
	Files   []*scan.Report `json:"files"`
	Skipped int            `json:"skipped"` // files of folders that are no pickles by their names and first bytes
}

func scanCommand() *cobra.Command {
	var format string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "scan PATH...",
		Short: "tell what loading files with Python would run",
		Long: `scan tells what loading a pickle, joblib or skops file with Python would do, and loads nothing: every name that it looks up
and every call that it makes, on any depth of compression, up to where the file breaks if it does; of a zip archive (.npz, torch's) in
each member that is a pickle or an array of objects by its name or first bytes. All of it is held against
a list of what honest files of scikit-learn, XGBoost, LightGBM, CatBoost, numpy and scipy hold; what is not on it is a finding.
Code of your own in a model is a finding, too: scan can't know what it does.

PATH is a file, a folder, the URL of a bucket (s3://, gs://, azblob://; also a glob in one), or - for standard input. In folders, files
are taken that may be pickles by their names or first bytes, in buckets by their names.

A file is clean, suspicious (warnings), dangerous (errors: something unknown is called) or unreadable (no pickle, or not to
its end). Where one is not clean, the exit code is 8.`,
		Example: `  treeport scan model.joblib
  treeport scan models/ --format sarif > scan.sarif`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("scan takes files or folders (see treeport scan --help)")
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json or sarif (SARIF 2.1.0)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "the same as --format json")
	lim := limitFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if asJSON {
			format = "json"
		}
		if format != "text" && format != "json" && format != "sarif" {
			return usagef("--format %s; it must be text, json or sarif", format)
		}
		all := scanned{Files: []*scan.Report{}}
		clean := true
		var failed error
		for _, path := range args {
			if pipelines.IsURL(path) {
				skipped, err := pipelines.InBucket(cmd.Context(), path, scan.Likely, func(f *store.File) {
					report := scan.OpenedFile(f, lim.Limits)
					clean = clean && report.Verdict == scan.Clean
					all.Files = append(all.Files, report)
				})
				if err != nil {
					return configured(err)
				}
				all.Skipped += skipped
				continue
			}
			files, skipped := []string{path}, 0
			if path != "-" {
				var err error
				if files, skipped, err = scan.Files(path); err != nil {
					return err
				}
			}
			all.Skipped += skipped
			for _, name := range files {
				report, err := scan.Open(name, lim.Limits)
				if err != nil {
					complain(cmd, err)
					failed = err
					continue
				}
				clean = clean && report.Verdict == scan.Clean
				all.Files = append(all.Files, report)
			}
		}
		out := cmd.OutOrStdout()
		switch format {
		case "json":
			printJSON(out, all)
		case "sarif":
			if err := scan.WriteSARIF(out, all.Files, convert.Version()); err != nil {
				return err
			}
		default:
			quiet, _ := cmd.Flags().GetBool("quiet")
			printScan(out, all, quiet)
		}
		switch {
		case failed != nil:
			return fmt.Errorf("%w: %w", errReported, failed)
		case !clean:
			return fmt.Errorf("%w: %w", errReported, errFindings)
		}
		return nil
	}
	return cmd
}

func printScan(out io.Writer, all scanned, quiet bool) {
	for _, r := range all.Files {
		if !quiet || r.Verdict != scan.Clean {
			fmt.Fprintf(out, "%s: %s, %d names\n", fault.Printable(r.File, 200), r.Verdict, r.Names)
		}
		for _, f := range r.Findings {
			if quiet && f.Level == scan.Note {
				continue
			}
			fmt.Fprintf(out, "  %-7s %s", f.Level, f.What)
			if f.Member != "" {
				fmt.Fprintf(out, ", in %s", f.Member)
			}
			if f.Offset >= 0 {
				fmt.Fprintf(out, ", byte %d", f.Offset)
			}
			if f.Count > 1 {
				fmt.Fprintf(out, ", %d times", f.Count)
			}
			fmt.Fprintln(out)
			if f.Code != "" {
				fmt.Fprintf(out, "          %s\n", f.Code)
			}
		}
	}
	if all.Skipped > 0 && !quiet {
		fmt.Fprintf(out, "%d other files, which are no pickles by name and first bytes\n", all.Skipped)
	}
}
