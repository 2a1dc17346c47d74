package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

type verifyFlags struct {
	selection string
	data      string
	expected  []string
	probes    int
	maxULP    uint64
	asJSON    bool
}

func verifyCommand() *cobra.Command {
	v := &verifyFlags{}
	cmd := &cobra.Command{
		Use:   "verify MODEL ARTIFACT",
		Short: "hold an ONNX or PMML file against the model that it came from",
		Long: `verify says which of four proofs hold: structure (the artifact is, node by node, what a conversion gives), probes (both
answer the same on rows around the model's thresholds), runtime (a runtime of its own answers the same), originals
(answers that scikit-learn gave). The artifact may be of another writer, as far as it can be read; then structure is not
checked. The exit code is 3 where anything differs.`,
		Example: `  treeport verify forest.joblib forest.onnx
  treeport verify forest.joblib forest.onnx --data X.csv --expected y.csv
  treeport verify forest.joblib forest.onnx --data X.npy --expected predict_proba=proba.npy --runtime onnxruntime`,
		Args: args(2, "a model and an artifact"),
	}
	f := cmd.Flags()
	f.StringVar(&v.selection, "select", "", "path of the model in the file")
	f.StringVar(&v.data, "data", "", "rows to ask about, besides the probes: npy, csv or parquet")
	f.StringArrayVar(&v.expected, "expected", nil, "answers that the original gave to --data: FILE (of predict), or METHOD=FILE, or METHOD_k=FILE for target k")
	f.IntVar(&v.probes, "probes", 0, fmt.Sprintf("probe rows; negative: none (default about %d)", convert.DefaultProbes))
	f.Uint64Var(&v.maxULP, "max-ulp", 0, "how far values may be off, in ulp (default: 0, or the bound of float32 sums where the artifact adds in float32)")
	f.BoolVar(&v.asJSON, "json", false, "print the report as JSON")
	runtimes := runtimeFlags(cmd)
	lim := limitFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		p := newProgress(cmd)
		defer p.done()
		p.at("reading " + args[0])
		source, err := convert.Open(args[0], *lim)
		if err != nil {
			return err
		}
		defer source.Close()
		selected, err := source.Only(v.selection)
		if err != nil {
			return err
		}
		m := selected.Model
		warn(cmd, m)
		p.at("reading " + args[1])
		artifact, format, err := convert.LoadArtifact(args[1])
		if err != nil {
			return err
		}
		r := &verify.Report{Source: args[0], Artifact: args[1]}
		p.at("comparing structure")
		if check, ok := convert.Structure(m, format, artifact); ok {
			r.Checks = append(r.Checks, check)
		}
		if err := v.compare(r, m, artifact, runtimes, p, args); err != nil {
			return err
		}
		p.done()
		return v.print(cmd, r, artifact)
	}
	return cmd
}

// compare adds the checks that ask about rows.
func (v *verifyFlags) compare(r *verify.Report, m, artifact *model.Model, runtimes *runtimeSettings, p *progress, args []string) error {
	add := func(c verify.Check, err error) error {
		r.Checks = append(r.Checks, c)
		return err
	}
	var sets [][]*model.Tensor
	if v.probes >= 0 {
		p.at("probing")
		rows := v.probes
		if rows == 0 {
			rows = convert.DefaultProbes
		}
		probes, err := verify.Probes(m, rows)
		if err != nil {
			return err
		}
		if err := add(verify.Models(m, artifact, probes)); err != nil {
			return err
		}
		sets = append(sets, probes)
	}
	if v.data != "" {
		p.at("reading " + v.data)
		x, file, err := openTable(v.data)
		if err != nil {
			return err
		}
		defer file.Close()
		rows, err := x.Inputs(m)
		if err != nil {
			return err
		}
		sets = append(sets, rows)
		expected, err := v.expectations(m)
		if err != nil {
			return err
		}
		p.at("comparing with the originals")
		if len(expected) > 0 {
			for _, side := range []struct {
				name string
				m    *model.Model
			}{{"the model as treeport reads it", m}, {"the artifact", artifact}} {
				fed, _, err := verify.Feed(m, rows, side.m)
				if err != nil {
					return err
				}
				c, err := verify.Answers(side.m, fed, expected)
				c.Against = side.name
				if err := add(c, err); err != nil {
					return err
				}
			}
		} else {
			c, err := verify.Models(m, artifact, rows)
			c.Against = "rows of " + v.data
			if err := add(c, err); err != nil {
				return err
			}
		}
	} else if len(v.expected) > 0 {
		return usagef("--expected needs the rows that were asked about: --data")
	}
	return runtimes.run(r, m, artifact, sets, p, args)
}

// expectations reads the files of recorded answers.
func (v *verifyFlags) expectations(m *model.Model) ([]verify.Expected, error) {
	var all []verify.Expected
	for _, arg := range v.expected {
		method, name, found := strings.Cut(arg, "=")
		if !found {
			method, name = model.Predict, arg
		}
		target := 0
		base, k, _ := cutLast(method, "_")
		if n, err := strconv.Atoi(k); err == nil && base != "" {
			method, target = base, n
		}
		t, file, err := openTable(name)
		if err != nil {
			return nil, err
		}
		values, err := t.Tensor()
		file.Close()
		if err != nil {
			return nil, fault.InFile(err, name)
		}
		all = append(all, split(m, verify.Expected{Method: method, Target: target, Values: values})...)
	}
	return all, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// split turns the one matrix that scikit-learn's predict answers for several targets into an expectation for each.
func split(m *model.Model, e verify.Expected) []verify.Expected {
	targets := 0
	for _, out := range m.Outputs {
		if out.Method == e.Method {
			targets = max(targets, out.Target+1)
		}
	}
	if targets < 2 || e.Method != model.Predict || len(e.Values.Shape) != 2 || e.Values.Shape[1] != targets {
		return []verify.Expected{e}
	}
	all := make([]verify.Expected, targets)
	for k := range all {
		column, err := (&model.Pick{Index: k}).Eval([]*model.Tensor{e.Values})
		if err != nil {
			return []verify.Expected{e}
		}
		all[k] = verify.Expected{Method: e.Method, Target: k, Values: column}
	}
	return all
}

func (v *verifyFlags) print(cmd *cobra.Command, r *verify.Report, artifact *model.Model) error {
	tolerance := convert.Tolerance(artifact)
	tolerance.MaxULP = max(tolerance.MaxULP, v.maxULP)
	if v.asJSON {
		if err := r.JSON(cmd.OutOrStdout()); err != nil {
			return err
		}
	} else if quiet, _ := cmd.Flags().GetBool("quiet"); !quiet {
		fmt.Fprint(cmd.OutOrStdout(), r.Text(tolerance))
	}
	if !r.Equal(tolerance) {
		return fmt.Errorf("%w: %w", errReported, fault.Mismatchf(fault.Where{File: r.Artifact}, "see the report"))
	}
	return nil
}
