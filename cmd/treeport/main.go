// Command treeport reads tree models of scikit-learn, XGBoost, LightGBM and CatBoost out of the files that they are saved in,
// without Python and without executing anything of them, and turns them into ONNX and PMML whose predictions equal the
// originals'.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pipelines"
	"github.com/seed-2867d59c/treeport/store"
)

// Exit codes. They are part of the interface.
const (
	exitDone        = 0
	exitInternal    = 1 // a fault of treeport itself
	exitUsage       = 2 // flags or arguments that make no sense
	exitNotEqual    = 3 // an artifact or answers that are not equal to the model's
	exitUnsupported = 4 // a model, or something in it, that can't be converted
	exitBroken      = 5 // a file that does not follow its format
	exitTooBig      = 6 // over a limit
	exitIO          = 7 // a file that can't be read or written
	exitFindings    = 8 // scan, or a check of a run, found something
	exitNothing     = 9 // no model matched
	exitInterrupted = 130
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		cancel()
		if finishing.Load() { // a run ends by itself, unless it is interrupted once more
			<-interrupted
		}
		store.RemoveUnfinished()
		os.Exit(exitInterrupted)
	}()
	os.Exit(run(ctx, os.Args[1:]))
}

// run is main without the process around it.
func run(ctx context.Context, args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !errors.Is(err, errReported) {
		complain(cmd, err)
	}
	return exitCode(err)
}

// complain says on stderr what is wrong, in one line, and lists the models there are where the user must choose one.
func complain(cmd *cobra.Command, err error) {
	fmt.Fprintln(cmd.ErrOrStderr(), "treeport: "+fault.Printable(err.Error(), longestMessage))
	var choice *convert.ChoiceError
	if errors.As(err, &choice) {
		for _, path := range choice.Paths {
			fmt.Fprintln(cmd.ErrOrStderr(), "  "+fault.Printable(path, longestMessage))
		}
	}
}

// longestMessage is the length of a line on stderr.
const longestMessage = 300

// errReported is an outcome other than success that was told in full already.
var errReported = errors.New("reported")

// usageError is an error of the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func exitCode(err error) int {
	if err == nil {
		return exitDone
	}
	code, _ := classify(err)
	return code
}

// exitCodes are those of the kinds of errors.
var exitCodes = map[convert.Kind]int{
	convert.KindUsage: exitUsage, convert.KindNotEqual: exitNotEqual, convert.KindUnsupported: exitUnsupported, convert.KindBroken: exitBroken,
	convert.KindTooBig: exitTooBig, convert.KindIO: exitIO, convert.KindInternal: exitInternal,
}

// classify is the exit code of an error, and its kind as JSON names it.
func classify(err error) (code int, kind convert.Kind) {
	var usage usageError
	switch {
	case errors.Is(err, errFindings):
		return exitFindings, "findings"
	case errors.Is(err, pipelines.ErrNothing):
		return exitNothing, "nothing matched"
	case errors.Is(err, errInterrupted):
		return exitInterrupted, "interrupted"
	case errors.As(err, &usage):
		return exitUsage, convert.KindUsage
	}
	kind = convert.KindOf(err)
	return exitCodes[kind], kind
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "treeport",
		Short: "scikit-learn tree models to ONNX and PMML, without Python, proven equal",
		Long: `treeport reads tree models of scikit-learn (pipelines and what stands around trees included), XGBoost, LightGBM and
CatBoost out of pickle, joblib and skops files and boosters' own, without Python, executes nothing of them, and turns
them into ONNX and PMML whose predictions equal the originals': to the last bit, wherever arithmetic has one answer.

Exit codes: 0 done, 2 usage, 3 not equal, 4 not supported, 5 broken file, 6 over a limit, 7 input or output,
8 findings, 9 no model matched, 1 a fault of treeport itself.`,
		Example: `  treeport convert model.joblib -o model.onnx -o model.pmml
  treeport inspect model.joblib
  treeport verify model.joblib model.onnx --data X.csv --expected y.csv
  treeport predict model.joblib X.csv
  treeport convert models/ --to onnx,pmml --out converted/`,
		Version:       convert.Version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, given []string) error {
			if len(given) == 0 {
				return nil
			}
			hint := "see treeport --help"
			if like := cmd.SuggestionsFor(given[0]); len(like) > 0 {
				hint = "did you mean " + like[0] + "?"
			}
			return usagef("no command %q; %s", given[0], hint)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().BoolP("quiet", "q", false, "say nothing but errors")
	root.PersistentFlags().BoolP("verbose", "v", false, "say what is done, step by step")
	jobs := root.PersistentFlags().IntP("jobs", "j", 0, "processor cores to use (default all)")
	root.PersistentPreRunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case *jobs < 0:
			return usagef("--jobs %d; it must be 1 or more", *jobs)
		case *jobs > 0:
			runtime.GOMAXPROCS(*jobs)
		}
		releaseProgram()
		collect(args, cmd.Name() != "inspect" && cmd.Name() != "scan")
		return nil
	}
	root.AddCommand(convertCommand(), inspectCommand(), verifyCommand(), predictCommand(), scanCommand(), runCommand(), configCommand())
	return root
}

// args checks the number of arguments, as a usage error.
func args(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if len(given) != n {
			return usagef("%s takes %s; %d arguments given (see treeport %s --help)", cmd.Name(), what, len(given), cmd.Name())
		}
		return nil
	}
}
