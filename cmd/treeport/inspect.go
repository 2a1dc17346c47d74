package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/inspect"
)

func inspectCommand() *cobra.Command {
	var o inspect.Options
	var asJSON, lock bool
	cmd := &cobra.Command{
		Use:   "inspect MODEL",
		Short: "tell what is in a model file, and what a conversion would do",
		Long: `inspect tells what a model file holds, and executes nothing of it: container and protocol, what wrote it, the estimators
with their parameters, parts, columns and sizes, what a conversion would do, the object as a tree, and every name in the
file. ` + modelFiles + `,
or - for standard input. It costs the same for trees of any size: the conversion of small models is tried, that
of large ones only with --verbose.

--lock prints a requirements.txt that would load the file with Python instead: exact for scikit-learn, XGBoost and CatBoost,
where the file names the release, and what can be inferred for the rest. Files of requirements beside the model (requirements*.txt,
constraints*.txt, environment.yml, conda.yaml, poetry.lock, uv.lock, pdm.lock, pylock.toml, Pipfile.lock) are held against
it; where one of them has another scikit-learn, the exit code is 3.`,
		Example: `  treeport inspect forest.joblib
  treeport inspect booster.txt
  treeport inspect forest.joblib --json --sha256
  treeport inspect forest.joblib --depth 4
  treeport inspect forest.joblib --lock > requirements.txt`,
		Args: args(1, "one model"),
	}
	f := cmd.Flags()
	f.BoolVar(&asJSON, "json", false, "print it as JSON")
	f.BoolVar(&lock, "lock", false, "print a requirements.txt that would load the file, and whether those beside it agree")
	f.IntVar(&o.Depth, "depth", inspect.DefaultDepth, "levels of the object's tree to show")
	f.BoolVar(&o.Digest, "sha256", false, "compute the file's SHA-256, as --verbose does")
	lim := limitFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case o.Depth < 0:
			return usagef("--depth %d; it must be 0 or more", o.Depth)
		case o.Depth == 0:
			o.Depth = -1 // the zero Options are the default
		}
		if verbose, _ := cmd.Flags().GetBool("verbose"); verbose {
			o.Digest, o.Full = true, true
		}
		source, err := convert.Open(args[0], *lim)
		if err != nil {
			return err
		}
		defer source.Close()
		if lock && !asJSON {
			o.Depth, o.NoTrial = -1, true // of which nothing is printed
		}
		info := inspect.Describe(source, o)
		if lock {
			info.Lock = inspect.NewLock(info)
			info.Lock.Compare()
		}
		out := cmd.OutOrStdout()
		switch {
		case asJSON:
			printJSON(out, info)
		case lock:
			fmt.Fprint(out, info.Lock.Text())
		default:
			fmt.Fprint(out, info.Text())
		}
		if lock {
			return info.Lock.Err()
		}
		return nil
	}
	return cmd
}
