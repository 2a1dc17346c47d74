package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

func convertCommand() *cobra.Command {
	var outputs []string
	var selection string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "convert MODEL -o FILE [-o FILE]...",
		Short: "convert a saved model to ONNX and PMML, and prove the result equal",
		Long: `convert reads a model of scikit-learn, XGBoost, LightGBM or CatBoost and writes it in the formats of the output files'
extensions (.onnx, .pmml). Every file is read back and proven equal before it appears under its name: in structure, and
in its answers to probe rows around the model's own thresholds and categories. Answers are equal to the bit, but for what
goes through exp, log, powers or matrix products, where libraries themselves differ in the last places: these are equal
within that. ` + modelFiles + `,
or - for standard input.`,
		Example: `  treeport convert forest.joblib -o forest.onnx -o forest.pmml
  treeport convert forest.pkl -o forest.onnx --for onnxruntime=1.15
  treeport convert booster.ubj -o booster.onnx
  treeport convert models.pkl -o out.onnx --select "model['churn']"
  treeport convert models.pkl -o out.onnx --select all
  treeport convert pipeline.pkl -o forest.onnx --select "model.steps[1]"
  treeport convert forest.joblib -o forest.onnx --inputs columns --methods predict_proba,apply`,
		Args: args(1, "one model"),
	}
	f := cmd.Flags()
	f.StringArrayVarP(&outputs, "out", "o", nil, "file to write; its extension says the format (.onnx, .pmml); may stand several times")
	f.StringVar(&selection, "select", "", selectUsage+"; or all")
	f.BoolVar(&asJSON, "json", false, "print what was done as JSON")
	o := formatFlags(cmd)
	f.BoolVar(&o.Digest, "sha256", false, "write the model file's SHA-256 into the artifacts, which takes one more pass over the whole file")
	lim := limitFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
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
	Kind string `json:"kind"` // usage, not equal, not supported, broken, too big, input or output, internal
	What string `json:"what"`
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
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		fmt.Fprintln(os.Stderr, "treeport:", err)
	}
}
