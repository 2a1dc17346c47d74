package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/verify"
)

// runtimeSettings choose who else answers the rows: runtimes with the artifact, and the model itself with the library that wrote it.
type runtimeSettings struct {
	specs   []string
	threads int
	python  string
}

func runtimeFlags(cmd *cobra.Command) *runtimeSettings {
	s := &runtimeSettings{}
	f := cmd.Flags()
	f.StringArrayVar(&s.specs, "runtime", nil, `a runtime that answers too: onnxruntime, onnxruntime:PATH of its library or of a Python with it, jpmml
(the command in TREEPORT_JPMML), or cmd:COMMAND that speaks the protocol of testdata/runtimes`)
	f.IntVar(&s.threads, "threads", 1, "threads of a runtime")
	f.StringVar(&s.python, "python", "", "a Python that loads MODEL with the library that wrote it and answers: RUNS WHATEVER CODE IS IN THE FILE")
	return s
}

// run adds the runtimes' and the original's checks on every set of rows.
func (s *runtimeSettings) run(cmd *cobra.Command, r *verify.Report, m *model.Model, path string, a convert.LoadedArtifact, sets []rowSet, p *progress) error {
	if len(s.specs) == 0 && s.python == "" {
		return nil
	}
	if len(sets) == 0 {
		return usagef("--runtime and --python need rows: probes (see --probes) or --data")
	}
	for _, spec := range s.specs {
		p.at("asking " + spec)
		rt, err := verify.OpenRuntime(spec)
		if err != nil {
			return usageError{err}
		}
		defer rt.Close()
		file, err := store.Open(a.Name)
		if err != nil {
			return err
		}
		defer file.Close()
		artifact := verify.Artifact{Name: a.Name, Data: file.Data, Model: a.Model, Fields: a.Fields}
		for _, set := range sets {
			c, err := verify.Run(rt, artifact, m, set.rows, s.threads)
			if err != nil {
				return err
			}
			c.Against += ", " + set.name
			r.Checks = append(r.Checks, c)
		}
	}
	if s.python == "" {
		return nil
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "treeport: --python loads %s in %s, WHICH RUNS WHATEVER CODE IS IN THE FILE\n", r.Source, s.python)
	p.at("asking the original in " + s.python)
	for _, set := range sets {
		c, err := verify.Original(s.python, r.Source, path, m, set.rows)
		if err != nil {
			return err
		}
		c.Against += ", " + set.name
		r.Checks = append(r.Checks, c)
	}
	return nil
}

// rowSet is a set of rows to ask about; name says where they are from.
type rowSet struct {
	name string
	rows []*model.Tensor
}
