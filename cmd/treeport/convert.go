package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pipelines"
	"github.com/seed-2867d59c/treeport/verify"
)

func convertCommand() *cobra.Command {
	var outputs []string
	var selection string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "convert MODEL -o FILE [-o FILE]... | convert PATH... --to FORMAT,... -o PLACE",
		Short: "convert a saved model to ONNX and PMML, and prove the result equal",
		Long: `convert reads a model of scikit-learn, XGBoost, LightGBM or CatBoost and writes it in the formats of the output files'
extensions (.onnx, .pmml). Every file is read back and proven equal before it appears under its name: in structure, and
in its answers to probe rows around the model's own thresholds and categories. Answers are equal to the bit, but for what
goes through exp, log, powers or matrix products, where libraries themselves differ in the last places: these are equal
within that. ` + modelFiles + `,
or - for standard input.

With --to, convert takes many models: files, folders, globs and URLs of buckets (s3://, gs://, azblob://), and writes each to the
place that -o names, a folder or the URL of a bucket, with a certificate and a manifest beside. Run again, it goes on where it was.
One model that can't be converted does not stop the others. treeport run does the same by a configuration, which can say more.`,
		Example: `  treeport convert models/ --to onnx,pmml --out converted/
  treeport convert forest.joblib -o forest.onnx -o forest.pmml
  treeport convert forest.pkl -o forest.onnx --for onnxruntime=1.15
  treeport convert booster.ubj -o booster.onnx
  treeport convert models.pkl -o out.onnx --select "model['churn']"
  treeport convert models.pkl -o out.onnx --select all
  treeport convert pipeline.pkl -o forest.onnx --select "model.steps[1]"
  treeport convert forest.joblib -o forest.onnx --inputs columns --methods predict_proba,apply`,
		Args: func(cmd *cobra.Command, given []string) error {
			if cmd.Flags().Changed("to") && len(given) > 0 {
				return nil
			}
			return args(1, "one model (or many, with --to)")(cmd, given)
		},
	}
	f := cmd.Flags()
	f.StringArrayVarP(&outputs, "out", "o", nil, "file to write; its extension says the format (.onnx, .pmml); may stand several times. With --to, the place to write to")
	f.StringVar(&selection, "select", "", selectUsage+"; or all")
	f.BoolVar(&asJSON, "json", false, "print what was done as JSON")
	o := formatFlags(cmd)
	f.BoolVar(&o.Digest, "sha256", false, "write the model file's SHA-256 into the artifacts, which takes one more pass over the whole file")
	lim := limitFlags(cmd)
	runFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("to") {
			if len(outputs) != 1 {
				return usagef("with --to, one folder or bucket is named by -o")
			}
			return convertMany(cmd, args, outputs[0], selection, o, lim, asJSON)
		}
		var stray error
		cmd.Flags().Visit(func(flag *pflag.Flag) {
			if _, ok := usualSettings[flag.Name]; ok && flag.Name != "out" {
				stray = usagef("--%s is for many models: it goes with --to", flag.Name)
			}
		})
		if stray != nil {
			return stray
		}
		if info, err := os.Stat(args[0]); err == nil && info.IsDir() {
			return usagef("%s is a folder: name formats by --to, such as --to onnx,pmml, and a folder by -o", args[0])
		}
		if len(outputs) == 0 {
			return usagef("nothing to write: name a file by -o, such as -o model.onnx")
		}
		for _, name := range outputs {
			if _, err := convert.ByName(name); err != nil {
				return usageError{err}
			}
		}
		if err := o.Check(); err != nil {
			return err
		}
		p := newProgress(cmd)
		defer p.done()
		o.Progress = p.at
		p.at("reading " + args[0])
		source, err := convert.OpenThin(args[0], *lim)
		if err != nil {
			return err
		}
		defer source.Close()
		found, err := source.Choose(selection)
		if err != nil {
			return err
		}
		if o.Digest {
			source.Hash()
		}
		names := make([][]string, len(found)) // of each model
		for _, out := range outputs {
			for i, name := range convert.Names(out, found) {
				names[i] = append(names[i], name)
			}
		}
		all := []convert.Artifact{}
		var failed []error // with --select all the other models are still converted
		for i, f := range found {
			p.at("reading " + f.Path)
			sel, err := source.Read(f)
			if err == nil {
				warn(cmd, sel.Model)
				var written []convert.Artifact
				written, err = convert.Write(source, sel, names[i], *o)
				all = append(all, written...)
			}
			if err != nil {
				failed = append(failed, err)
			}
		}
		p.done()
		report(cmd, all, failed, asJSON)
		for _, err := range failed {
			complain(cmd, err)
		}
		if len(failed) > 0 {
			return fmt.Errorf("%w: %w", errReported, failed[0])
		}
		return nil
	}
	return cmd
}

// convertMany is run without a configuration.
func convertMany(cmd *cobra.Command, paths []string, out, selection string, o *convert.Options, lim *convert.Limits, asJSON bool) error {
	set := usualSettings.given(cmd.Flags())
	set["source.paths"], set["publish.to"] = paths, out
	if selection != "" {
		set["select.model"] = selection
	}
	c, err := pipelines.Load("", set)
	if err != nil {
		return configured(err)
	}
	c.Verify.Probes = o.Probes
	c.Read = pipelines.ReadOf(*lim)
	for i := range c.Emit {
		e := pipelines.EmitOf(*o)
		e.Format = c.Emit[i].Format
		c.Emit[i] = e
	}
	if err := c.Validate(); err != nil {
		return configured(err)
	}
	return runAll(cmd, c, asJSON)
}

// warn says on stderr what a user must know of a model that is converted all the same.
func warn(cmd *cobra.Command, m *model.Model) {
	if taken := m.Origin.Get(model.KeyTakenFor); taken != "" {
		release := m.Origin.Get(model.KeyRelease)
		if release == "" {
			release = "none"
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "treeport: the file names %s as its scikit-learn release, which is not known; taken for %s\n", fault.Printable(release, 40), taken)
	}
}

// result is what --json prints.
type result struct {
	Artifacts []convert.Artifact `json:"artifacts"`
	Errors    []problem          `json:"errors"`
}

type problem struct {
	Kind convert.Kind `json:"kind"`
	What string       `json:"what"`
}

func report(cmd *cobra.Command, all []convert.Artifact, failed []error, asJSON bool) {
	if asJSON {
		done := result{Artifacts: all, Errors: []problem{}}
		for _, err := range failed {
			_, kind := classify(err)
			done.Errors = append(done.Errors, problem{Kind: kind, What: fault.Printable(err.Error(), longestMessage)})
		}
		printJSON(cmd.OutOrStdout(), done)
		return
	}
	if quiet, _ := cmd.Flags().GetBool("quiet"); quiet {
		return
	}
	for _, a := range all {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %s, %s; %s\n", fault.Printable(a.Name, 200), a.Format, fault.Printable(a.What, 200), bytesText(a.Bytes), proof(a.Report))
	}
}

// proof is a report of an artifact that was found equal, in a few words.
func proof(r *verify.Report) string {
	var parts []string
	for _, c := range r.Checks {
		text := string(c.Kind) + " equal"
		if c.Rows > 0 {
			text = fmt.Sprintf("%s equal on %d rows", c.Kind, c.Rows)
		}
		for _, d := range c.Diffs {
			switch {
			case d.SameValues == d.Values:
			case d.Label:
				text += fmt.Sprintf(", %s but for %d ties", d.Method, d.Ties)
			case d.Within > 0: // behind an exp or a product, where steps of the last place say little
				text += fmt.Sprintf(", %s within the tolerance", d.Method)
			case d.Float32:
				text += fmt.Sprintf(", %s within %d ulp of float32", d.Method, d.MaxULP32)
			default:
				text += fmt.Sprintf(", %s within %d ulp", d.Method, d.MaxULP)
			}
			if d.Open > 0 {
				text += fmt.Sprintf(", %s open in %d rows on a threshold behind an exp or a product", d.Method, d.Open)
			}
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

func printJSON(w io.Writer, v any) {
	text, err := fault.JSON(v)
	if err == nil {
		_, err = w.Write(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "treeport:", err)
	}
}
