package main

import (
	"bufio"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/table"
	"github.com/seed-2867d59c/treeport/verify"
)

func predictCommand() *cobra.Command {
	var methods []string
	var selection, out, format string
	cmd := &cobra.Command{
		Use:   "predict MODEL DATA",
		Short: "score a table without Python",
		Long: `predict answers the rows of a table (npy, csv or parquet) as the model does, to the bit, on all cores. The answers are
those of treeport's own evaluator: a column for each label or value, and as many for a matrix as it has columns
(probabilities_0, probabilities_1, ...).
` + modelFiles + `,
or an ONNX or PMML file.

` + tableFiles + ``,
		Example: `  treeport predict forest.joblib rows.csv
  treeport predict forest.onnx rows.parquet --methods predict_proba -o answers.npy`,
		Args: args(2, "a model and a table"),
	}
	f := cmd.Flags()
	f.StringSliceVar(&methods, "methods", nil, methodsUsage)
	f.StringVar(&selection, "select", "", selectUsage)
	f.StringVarP(&out, "out", "o", "", "file to write (default: standard output)")
	f.StringVar(&format, "format", "", "csv, npy or parquet (default: by the file's extension, else csv)")
	lim := limitFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		write, err := tableWriter(out, format)
		if err != nil {
			return err
		}
		p := newProgress(cmd)
		defer p.done()
		p.at("reading " + args[0])
		m, err := convert.Load(args[0], selection, *lim)
		if err != nil {
			return err
		}
		if m, err = m.Select(methods); err != nil {
			return err
		}
		p.at("reading " + args[1])
		x, data, err := openTable(args[1])
		if err != nil {
			return err
		}
		defer data.Close()
		rows, err := x.Inputs(m)
		if err != nil {
			return err
		}
		p.at("predicting")
		answers, _, refused, err := verify.Evaluate(m, rows)
		if err != nil {
			return err
		}
		if refused != nil {
			return fault.InFile(refused, args[1])
		}
		var columns []table.Column
		for i, o := range m.Outputs {
			columns = append(columns, table.FromTensor(o.Name, answers[i])...)
		}
		p.done()
		return writeOut(cmd, out, func(w io.Writer) error { return write(w, table.New(columns...)) })
	}
	return cmd
}

// openTable opens a file of rows.
func openTable(name string) (*table.Table, *store.File, error) {
	file, err := store.Open(name)
	if err != nil {
		return nil, nil, err
	}
	t, err := table.Open(name, file.Data)
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return t, file, nil
}

// tableWriter chooses how answers are written: as asked, else by the extension of the file.
func tableWriter(out, format string) (func(io.Writer, *table.Table) error, error) {
	if format == "" {
		format = "csv"
		for _, known := range []string{"npy", "parquet"} {
			if len(out) > len(known) && out[len(out)-len(known)-1:] == "."+known {
				format = known
			}
		}
	}
	switch format {
	case "csv":
		return table.WriteCSV, nil
	case "npy":
		return table.WriteNPY, nil
	case "parquet":
		return table.WriteParquet, nil
	}
	return nil, usagef("--format %q; there are csv, npy and parquet", format)
}

// writeOut writes to a file that appears when it is whole, or to standard output.
func writeOut(cmd *cobra.Command, name string, write func(io.Writer) error) error {
	if name == "" || name == "-" {
		w := bufio.NewWriter(cmd.OutOrStdout())
		if err := write(w); err != nil {
			return err
		}
		return w.Flush()
	}
	file, err := store.Create(name)
	if err != nil {
		return err
	}
	defer file.Abort()
	w := bufio.NewWriter(file)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Commit()
}
