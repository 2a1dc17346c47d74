package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed-2867d59c/treeport/pipelines"
)

func configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "write, check and describe configurations of treeport run",
		Args:  args(0, "a command: init, check or schema"),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "init [FILE]",
		Short: "write a commented configuration (treeport.yaml; - for standard output)",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, given []string) error {
			name := pipelines.DefaultFiles[0]
			if len(given) == 1 {
				name = given[0]
			}
			if name == "-" {
				_, err := cmd.OutOrStdout().Write(pipelines.Example)
				return err
			}
			f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // never over one that somebody wrote
			if err != nil {
				return err
			}
			_, err = f.Write(pipelines.Example)
			return errors.Join(err, f.Close())
		},
	}, &cobra.Command{
		Use:   "check [FILE]...",
		Short: "tell whether configurations are right, without doing anything",
		RunE: func(cmd *cobra.Command, given []string) error {
			if len(given) == 0 {
				name := pipelines.Find()
				if name == "" {
					return usagef("there is no treeport.yaml here, and no other file was named")
				}
				given = []string{name}
			}
			for _, name := range given {
				if _, err := pipelines.Load(name, nil); err != nil {
					return configured(err)
				}
				if quiet, _ := cmd.Flags().GetBool("quiet"); !quiet {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: right\n", name)
				}
			}
			return nil
		},
	}, &cobra.Command{
		Use:   "schema",
		Short: "print the JSON Schema of configurations",
		Args:  args(0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(pipelines.Schema)
			return err
		},
	})
	return cmd
}
