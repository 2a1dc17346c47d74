package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pipelines"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/verify"
)

type verifyFlags struct {
	selection string
	data      string
	expected  []string
	probes    int
	maxULP    uint64
	asJSON    bool
	// certificate is a file that says what was proven of the artifact.
	certificate string
}

func verifyCommand() *cobra.Command {
	v := &verifyFlags{}
	cmd := &cobra.Command{
		Use:   "verify MODEL ARTIFACT",
		Short: "hold an ONNX or PMML file against the model that it came from",
		Long: `verify says which of four proofs hold: structure (the artifact is, node by node, what a conversion gives), probes (both
answer the same on rows around the model's thresholds and categories), runtime (a runtime of its own answers the same),
originals (answers that the original gave, recorded or asked for). The artifact may be of another writer, as far as it can
be read; then structure is not checked. The exit code is 3 where anything differs.
` + modelFiles + `.

` + tableFiles + `
What goes through exp, log, powers or matrix products is equal within the tolerance: as near as two correct libraries are.`,
		Example: `  treeport verify forest.joblib forest.onnx
  treeport verify forest.joblib forest.onnx --data X.csv --expected y.csv
  treeport verify forest.joblib forest.onnx --data X.npy --expected predict_proba=proba.npy --runtime onnxruntime
  treeport verify forest.joblib out/forest.onnx --certificate out/forest.onnx.certificate.json
  treeport verify pipeline.pkl pipeline.pmml --data X.csv --python ~/env/bin/python`,
		Args: args(2, "a model and an artifact"),
	}
	f := cmd.Flags()
	f.StringVar(&v.selection, "select", "", selectUsage)
	f.StringVar(&v.data, "data", "", "rows to ask about, besides the probes: npy, csv or parquet")
	f.StringArrayVar(&v.expected, "expected", nil, "answers that the original gave to --data: FILE (of predict), or METHOD=FILE, or METHOD_k=FILE for target k")
	f.IntVar(&v.probes, "probes", 0, fmt.Sprintf("probe rows; negative: none (default about %d)", convert.DefaultProbes))
	f.Uint64Var(&v.maxULP, "max-ulp", 0, "how far values may be off, in ulp (default: 0, or what the arithmetic of the model and the artifact leaves open)")
	f.StringVar(&v.certificate, "certificate", "", "certificate that must be of this model and this artifact, by their SHA-256; what it says is proven again")
	f.BoolVar(&v.asJSON, "json", false, "print the report as JSON")
	runtimes := runtimeFlags(cmd)
	lim := limitFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		p := newProgress(cmd)
		defer p.done()
		p.at("reading " + args[0])
		source, err := convert.OpenThin(args[0], *lim)
		if err != nil {
			return err
		}
		defer source.Close()
		if v.certificate != "" {
			p.at("reading " + v.certificate)
			if err := v.certified(cmd, source, args[1]); err != nil {
				return err
			}
		}
		selected, err := source.Only(v.selection)
		if err != nil {
			return err
		}
		m := selected.Model
		warn(cmd, m)
		p.at("reading " + args[1])
		artifact, err := convert.LoadArtifact(args[1], *lim)
		if err != nil {
			return err
		}
		r := &verify.Report{Source: args[0], Artifact: args[1], Certificate: v.certificate}
		p.at("comparing structure")
		if check, ok := convert.Structure(m, artifact); ok {
			r.Checks = append(r.Checks, check)
		}
		sets, err := v.compare(r, m, artifact.Model, p)
		if err != nil {
			return err
		}
		if err := runtimes.run(cmd, r, m, selected.Path, artifact, sets, p); err != nil {
			return err
		}
		p.done()
		return v.print(cmd, r, m, artifact)
	}
	return cmd
}

// certified holds a certificate against both files, and takes the model's path from it where none is given.
func (v *verifyFlags) certified(cmd *cobra.Command, source *convert.Source, artifact string) error {
	digest := func(name string) ([]byte, string, error) {
		file, err := store.Open(name)
		if err != nil {
			return nil, "", err
		}
		defer file.Close()
		sum := sha256.Sum256(file.Data)
		return bytes.Clone(file.Data), hex.EncodeToString(sum[:]), nil
	}
	text, _, err := digest(v.certificate)
	if err != nil {
		return err
	}
	c, err := pipelines.ReadCertificate(text)
	if err != nil {
		return fault.InFile(err, v.certificate)
	}
	_, sum, err := digest(artifact)
	if err != nil {
		return err
	}
	if err := c.Covers(source.SHA256(), sum); err != nil {
		return fault.InFile(err, v.certificate)
	}
	if !cmd.Flags().Changed("select") {
		v.selection = c.Predicate.Model.Path
	}
	return nil
}

// compare adds the checks that ask about rows, and answers the sets of rows that it asked about.
func (v *verifyFlags) compare(r *verify.Report, m, artifact *model.Model, p *progress) (sets []rowSet, err error) {
	add := func(against string, c verify.Check, err error) error {
		if against != "" {
			c.Against = against
		}
		r.Checks = append(r.Checks, c)
		return err
	}
	if v.probes >= 0 {
		p.at("probing")
		rows := v.probes
		if rows == 0 {
			rows = convert.DefaultProbes
		}
		probes, err := verify.Probes(m, rows)
		if err != nil {
			return nil, err
		}
		sets = append(sets, rowSet{"probes", probes})
		c, err := verify.Models(m, artifact, probes)
		if err := add("", c, err); err != nil {
			return nil, err
		}
	}
	if v.data == "" {
		if len(v.expected) > 0 {
			return nil, usagef("--expected needs the rows that were asked about: --data")
		}
		return sets, nil
	}
	p.at("reading " + v.data)
	x, file, err := openTable(v.data)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := x.Inputs(m)
	if err != nil {
		return nil, fault.InFile(err, v.data)
	}
	sets = append(sets, rowSet{v.data, rows})
	c, err := verify.Models(m, artifact, rows)
	if err := add("rows of "+v.data, c, err); err != nil {
		return nil, err
	}
	expected, err := v.expectations(m)
	if err != nil || len(expected) == 0 {
		return sets, err
	}
	p.at("comparing with the originals")
	for _, side := range []struct {
		name string
		m    *model.Model
	}{{"the model as treeport reads it", m}, {"the artifact", artifact}} {
		c, err := verify.ArtifactAnswers(m, side.m, rows, expected)
		if err := add(side.name, c, err); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// expectations reads the files of recorded answers.
func (v *verifyFlags) expectations(m *model.Model) ([]verify.Expected, error) {
	var all []verify.Expected
	for _, arg := range v.expected {
		method, name, found := strings.Cut(arg, "=")
		if !found {
			method, name = model.Predict, arg
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
		at := strings.LastIndexByte(method, '_')
		if target, err := strconv.Atoi(method[at+1:]); err == nil && at > 0 {
			all = append(all, verify.Expected{Method: method[:at], Target: target, Values: values})
			continue
		}
		all = append(all, verify.Expect(m, method, values)...)
	}
	return all, nil
}

func (v *verifyFlags) print(cmd *cobra.Command, r *verify.Report, m *model.Model, artifact convert.LoadedArtifact) error {
	tolerance := artifact.Format.Tolerance(artifact.Model)
	tolerance.MaxULP = max(tolerance.MaxULP, v.maxULP, verify.Arithmetic(m).MaxULP)
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
