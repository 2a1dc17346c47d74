package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pipelines"
)

// batchProgress tells how far a run over many models is: on a terminal as a bar with rate and time left, with --verbose as a log of every
// model, and else, where nobody watches a terminal, as a line from time to time.
type batchProgress struct {
	out   io.Writer
	log   *slog.Logger
	bars  *mpb.Progress
	bar   *mpb.Bar
	total int
	count int
	bad   int
	start time.Time
	said  time.Time
	plain bool
}

// sayEvery is how often a line is written where there is no terminal.
const sayEvery = 10 * time.Second

func newBatchProgress(cmd *cobra.Command, total int) *batchProgress {
	b := &batchProgress{out: cmd.ErrOrStderr(), total: total, start: time.Now(), said: time.Now()}
	quiet, _ := cmd.Flags().GetBool("quiet")
	verbose, _ := cmd.Flags().GetBool("verbose")
	stderr, isFile := cmd.ErrOrStderr().(*os.File)
	switch {
	case quiet:
	case verbose:
		b.log = slog.New(slog.NewTextHandler(b.out, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	case isFile && term.IsTerminal(int(stderr.Fd())):
		b.bars = mpb.New(mpb.WithOutput(b.out), mpb.WithWidth(40))
		b.bar = b.bars.AddBar(int64(total), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.CountersNoUnit("%d / %d models ")),
			mpb.AppendDecorators(decor.AverageSpeed(0, "%.0f/s "), decor.AverageETA(decor.ET_STYLE_GO),
				decor.Any(func(decor.Statistics) string {
					if b.bad == 0 {
						return ""
					}
					return fmt.Sprintf("  %d not equal or not converted", b.bad)
				})))
	default:
		b.plain = true
	}
	return b
}

func (b *batchProgress) began(pipelines.Item) {}

func (b *batchProgress) ended(item pipelines.Item, r pipelines.Record) {
	b.count++
	if r.Status != pipelines.Equal {
		b.bad++
	}
	switch {
	case b.log != nil:
		b.log.Info(string(r.Status), "model", fault.Printable(item.Source, 200), "done_before", r.Kept)
	case b.bar != nil:
		b.bar.Increment()
	case b.plain && time.Since(b.said) >= sayEvery:
		b.said = time.Now()
		took := time.Since(b.start)
		left := time.Duration(float64(took) / float64(b.count) * float64(b.total-b.count)).Round(time.Second)
		fmt.Fprintf(b.out, "treeport: %d of %d models, %.0f a second, about %s left\n", b.count, b.total, float64(b.count)/took.Seconds(), left)
	}
}

func (b *batchProgress) done() {
	if b.bar != nil {
		b.bar.Abort(true)
		b.bars.Wait()
	}
}
