package main

import (
	"github.com/spf13/cobra"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

type runtimeSettings struct{}

func runtimeFlags(cmd *cobra.Command) *runtimeSettings { return &runtimeSettings{} }

func (s *runtimeSettings) run(r *verify.Report, m, artifact *model.Model, sets [][]*model.Tensor, p *progress, args []string) error {
	return nil
}
