package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pipelines"
)

// finishing is set while a run is at work, which finishes by itself when it is interrupted.
var finishing atomic.Bool

// settings are flags that set keys of a configuration.
type settings map[string]string // key by flag

// usual are those of every run over many models.
var usualSettings = settings{
	"to": "emit", "out": "publish.to", "name": "publish.name", "overwrite": "publish.overwrite", "dvc": "publish.dvc",
	"memory": "run.memory", "fail-fast": "run.fail_fast", "shard": "run.shard", "again": "run.again",
	"include": "source.include", "exclude": "source.exclude", "versions": "select.versions", "since": "select.since",
	"scan": "check.scan", "locks": "check.locks", "runtime": "verify.runtimes",
	"report-json": "report.json", "report-junit": "report.junit", "report-sarif": "report.sarif", "report-markdown": "report.markdown", "report-html": "report.html",
}

// runFlags adds the flags of a run over many models, but for --out.
func runFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSlice("to", nil, "formats to write for each of many models: onnx, pmml")
	f.String("name", "", `names of artifacts (default "{dir}/{stem}.{ext}"), of {dir} {name} {stem} {ext} {profile} {format} {family} {version} {timestamp} {sklearn} {sha256}`)
	f.Bool("overwrite", false, "write over files that no earlier run wrote")
	f.Bool("dvc", false, "add artifacts to DVC, as dvc add does")
	f.String("memory", "", "memory that models in work may take together, such as 4GiB (default half of the machine's)")
	f.Bool("fail-fast", false, "stop at the first model that fails")
	f.Bool("dry-run", false, "tell what would be done and what it would cost, and do nothing")
	f.String("shard", "", "the part of the models to do, i/n, or auto/n with i from JOB_COMPLETION_INDEX or the variables of a CI")
	f.Bool("again", false, "do again what is done already")
	f.StringSlice("include", nil, "globs of the names that are taken in folders")
	f.StringSlice("exclude", nil, "globs of names that are left out")
	f.String("versions", "", "which versions of a model, by their names: all, latest, or since (see --since)")
	f.String("since", "", "the first day of --versions since, such as 2024-01-31")
	f.String("scan", "", "what loading files with Python would run: off, warn, or error")
	f.String("locks", "", "whether lock files beside models agree with them: off, warn, or error")
	f.StringSlice("runtime", nil, "runtimes that answer probes, too, as in verify: onnxruntime, onnxruntime:PATH, jpmml, cmd:COMMAND")
	f.String("report-json", "", "write a report as JSON")
	f.String("report-junit", "", "write a report as JUnit XML")
	f.String("report-sarif", "", "write a report as SARIF 2.1.0")
	f.String("report-markdown", "", "write a summary as Markdown")
	f.String("report-html", "", "write a page with tables and pictures")
}

// given are the settings whose flags were given, by key.
func (s settings) given(f *pflag.FlagSet) map[string]any {
	set := map[string]any{}
	f.Visit(func(flag *pflag.Flag) {
		key, ok := s[flag.Name]
		if !ok {
			return
		}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			set[key] = list.GetSlice()
			return
		}
		set[key] = flag.Value.String()
	})
	if formats, ok := set["emit"].([]string); ok {
		var emit []map[string]any
		for _, format := range formats {
			emit = append(emit, map[string]any{"format": format})
		}
		set["emit"] = emit
	}
	if jobs, err := f.GetInt("jobs"); err == nil && jobs > 0 {
		set["run.jobs"] = jobs
	}
	return set
}

func runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run [CONFIG] [--out PLACE]",
		Short: "convert many models as a configuration says",
		Long: `run converts the models of folders and buckets as a configuration says (YAML, TOML or JSON; treeport.yaml if none is named), in
stages: source, select, read, check, emit, verify, publish, report. Every key can be set by the environment, too
(TREEPORT_PUBLISH_TO is publish.to), and flags win over both. treeport config init writes a commented configuration.

Beside the artifacts a manifest (` + "treeport.manifest.jsonl" + `) tells what became of every model. A run that was interrupted or killed
goes on from it: what is done, of the same content, options and treeport, is not done again.

The exit code is 0 if all artifacts are equal; else that of the worst model: 3 not equal, 5 broken, 6 over a limit, 4 not
supported, 8 findings, 7 input or output; 9 if no model was found.`,
		Example: `  treeport run
  treeport run nightly.yaml --shard 2/16 --report-junit junit.xml
  treeport convert models/ --to onnx,pmml --out converted/`,
		Args: cobra.MaximumNArgs(1),
	}
	runFlags(cmd)
	cmd.Flags().StringP("out", "o", "", "folder, or URL of a bucket, to write to")
	asJSON := cmd.Flags().Bool("json", false, "print the report as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		file := ""
		if len(args) == 1 {
			file = args[0]
		} else {
			if file = pipelines.Find(); file == "" {
				return usagef("no configuration: there is no treeport.yaml here, and none was named (treeport config init writes one)")
			}
		}
		c, err := pipelines.Load(file, usualSettings.given(cmd.Flags()))
		if err != nil {
			return configured(err)
		}
		return runAll(cmd, c, *asJSON)
	}
	return cmd
}

// configured is an error of a configuration as one of usage.
func configured(err error) error {
	var wrong *pipelines.ConfigError
	var clash *pipelines.ClashError
	if errors.As(err, &wrong) || errors.As(err, &clash) {
		return usageError{err}
	}
	return err
}

// runAll plans, runs and reports.
func runAll(cmd *cobra.Command, c *pipelines.Config, asJSON bool) error {
	ctx := cmd.Context()
	finishing.Store(true)
	defer finishing.Store(false)
	plan, err := pipelines.Make(ctx, c)
	if err != nil {
		return configured(err)
	}
	defer plan.Close()
	collectMany(plan)
	quiet, _ := cmd.Flags().GetBool("quiet")
	if dry, _ := cmd.Flags().GetBool("dry-run"); dry {
		return printPlan(cmd, plan, asJSON)
	}
	b := newBatchProgress(cmd, len(plan.Items))
	began := time.Now()
	out, err := plan.Run(ctx, pipelines.Watcher{Began: b.began, Ended: b.ended})
	b.done()
	if out != nil {
		report := pipelines.NewSummary(out, began)
		if err := report.Write(c.Report); err != nil { // reports first, whatever the exit will be
			return err
		}
		switch {
		case asJSON:
			printJSON(cmd.OutOrStdout(), report)
		case !quiet:
			printOutcome(cmd, out, time.Since(began))
		}
	}
	switch {
	case err != nil:
		return configured(err)
	case out.Interrupted:
		return fmt.Errorf("%w: %w", errReported, errInterrupted)
	}
	return worst(out)
}

var errInterrupted = errors.New("interrupted")

// badStatuses are the outcomes but for equal, the worst first, as errors of the kinds that exit codes are of.
var badStatuses = []struct {
	status pipelines.Status
	kind   error
}{
	{pipelines.NotEqual, &fault.Mismatch{}}, {pipelines.Broken, &fault.Broken{}}, {pipelines.TooBig, &fault.TooBig{}},
	{pipelines.Unsupported, &fault.Unsupported{}}, {pipelines.Refused, errFindings},
}

// worst is the outcome as an error.
func worst(out *pipelines.Outcome) error {
	for _, r := range out.Records {
		for _, p := range r.Problems {
			if p.Kind == convert.KindInternal {
				return fmt.Errorf("%w: %w", errReported, errors.New(p.What))
			}
		}
	}
	for _, bad := range badStatuses {
		if out.Count(bad.status) > 0 {
			return fmt.Errorf("%w: %w", errReported, bad.kind)
		}
	}
	if out.Count(pipelines.Failed) > 0 {
		return fmt.Errorf("%w: %w", errReported, &os.PathError{Op: "run", Err: errors.New("a store failed")})
	}
	return nil
}

// printOutcome prints a line for each model that needs a look, and one for all.
func printOutcome(cmd *cobra.Command, out *pipelines.Outcome, took time.Duration) {
	w := cmd.OutOrStdout()
	counts := map[pipelines.Status]int{}
	kept, artifacts := 0, 0
	for i := range out.Records {
		r := &out.Records[i]
		counts[r.Status]++
		artifacts += len(r.Artifact)
		if r.Kept {
			kept++
		}
		for _, p := range r.Problems {
			what := strings.TrimSuffix(p.What, " ("+r.Source+")") // the line begins with it
			fmt.Fprintf(w, "%s: %s\n", fault.Printable(r.Source, 200), fault.Printable(what, longestMessage))
		}
		for _, f := range r.Findings {
			fmt.Fprintf(w, "%s: %s: %s\n", fault.Printable(r.Source, 200), f.Check, fault.Printable(f.What, longestMessage))
		}
	}
	parts := []string{fmt.Sprintf("%d equal", counts[pipelines.Equal])}
	for _, bad := range append(badStatuses[:len(badStatuses):len(badStatuses)], struct {
		status pipelines.Status
		kind   error
	}{pipelines.Failed, nil}) {
		if n := counts[bad.status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, bad.status))
		}
	}
	if out.Left > 0 {
		parts = append(parts, fmt.Sprintf("%d not come to", out.Left))
	}
	fmt.Fprintf(w, "%d models: %s; %d artifacts", len(out.Records)+out.Left, strings.Join(parts, ", "), artifacts)
	if kept > 0 {
		fmt.Fprintf(w, "; %d were done already", kept)
	}
	fmt.Fprintf(w, "; %s\n", took.Round(time.Millisecond))
}

// planned is what --dry-run --json prints.
type planned struct {
	Models        []plannedItem `json:"models"`
	OtherVersions int           `json:"other_versions"`
	OtherShards   int           `json:"other_shards"`
	Bytes         int64         `json:"bytes"`
	Seconds       float64       `json:"seconds"`     // that it may take, of one core
	LargestMemory int64         `json:"most_memory"` // of one model, bytes
}

type plannedItem struct {
	Source  string   `json:"source"`
	Bytes   int64    `json:"bytes"`
	Memory  int64    `json:"memory"`
	Done    bool     `json:"done"` // as far as can be told without reading it
	Outputs []string `json:"outputs"`
}

func printPlan(cmd *cobra.Command, plan *pipelines.Plan, asJSON bool) error {
	done, err := plan.Done(cmd.Context())
	if err != nil {
		return err
	}
	p := planned{Models: []plannedItem{}, OtherVersions: plan.OtherVersions, OtherShards: plan.OtherShards}
	todo := 0
	for i, item := range plan.Items {
		p.Models = append(p.Models, plannedItem{item.Source, item.Size, item.Memory, done[i], item.Outputs})
		if !done[i] {
			todo++
			p.Bytes += item.Size
			p.Seconds += item.Seconds
			p.LargestMemory = max(p.LargestMemory, item.Memory)
		}
	}
	w := cmd.OutOrStdout()
	if asJSON {
		printJSON(w, p)
		return nil
	}
	for i, item := range plan.Items {
		what := strings.Join(item.Outputs, ", ")
		if done[i] {
			what += " (done)"
		}
		fmt.Fprintf(w, "%s -> %s\n", fault.Printable(item.Source, 200), fault.Printable(what, 300))
	}
	fmt.Fprintf(w, "%d models to convert of %d, %s to read; about %s of one core; the largest takes about %s of memory\n", todo, len(plan.Items), bytesText(p.Bytes),
		(time.Duration(p.Seconds*1e3) * time.Millisecond).Round(10*time.Millisecond), bytesText(p.LargestMemory))
	if plan.OtherVersions+plan.OtherShards > 0 {
		fmt.Fprintf(w, "left out: %d of other versions, %d of other shards\n", plan.OtherVersions, plan.OtherShards)
	}
	return nil
}
