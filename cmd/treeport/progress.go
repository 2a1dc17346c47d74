package main

import (
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/seed-2867d59c/treeport/fault"
)

// progressDelay is how long work goes on before progress is shown.
const progressDelay = time.Second

// progress tells which stage the work is in: on a terminal, from the first second on, as a line that is gone at the end;
// with --verbose as a log of each stage and how long it took.
type progress struct {
	mu    sync.Mutex
	stage string
	began time.Time
	log   *slog.Logger
	bars  *mpb.Progress
	bar   *mpb.Bar
}

func newProgress(cmd *cobra.Command) *progress {
	p := &progress{began: time.Now()}
	quiet, _ := cmd.Flags().GetBool("quiet")
	verbose, _ := cmd.Flags().GetBool("verbose")
	stderr, isFile := cmd.ErrOrStderr().(*os.File)
	switch {
	case verbose:
		p.log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	case !quiet && isFile && term.IsTerminal(int(stderr.Fd())):
		p.show(stderr)
	}
	return p
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func (p *progress) show(w io.Writer) {
	delay := make(chan any)
	time.AfterFunc(progressDelay, func() { close(delay) })
	p.bars = mpb.New(mpb.WithOutput(w), mpb.WithRenderDelay(delay), mpb.WithWidth(12))
	p.bar = p.bars.AddSpinner(0, mpb.BarRemoveOnComplete(), mpb.AppendDecorators(
		decor.Any(func(decor.Statistics) string { p.mu.Lock(); defer p.mu.Unlock(); return " " + p.stage + " " }),
		decor.Elapsed(decor.ET_STYLE_GO)))
}

// at begins a stage.
func (p *progress) at(stage string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
	p.stage, p.began = fault.Printable(stage, longestMessage), time.Now() // paths in models are their own choice
}

func (p *progress) end() {
	if p.log != nil && p.stage != "" {
		p.log.Info(p.stage, "took", time.Since(p.began).Round(time.Microsecond))
	}
	p.stage = ""
}

// done ends the last stage and takes the line away.
func (p *progress) done() {
	p.mu.Lock()
	p.end()
	p.mu.Unlock()
	if p.bar != nil {
		p.bar.Abort(true)
		p.bars.Wait()
	}
}
