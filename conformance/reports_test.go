package conformance

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pipelines"
)

// evil is what a file may call things.
const evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}\"'`|\\|\n\n**x** __y__ # ~~z~~ [a](b) <b> \x00\x1b\u009b\u202egnp.\u2066\u05d0\xff $x$ www.example.com http://example.com me@example.com"

// summary is of a real run over folders of testdata, in which every second model is called by evil and long names.
func summary(t *testing.T, folders ...string) *pipelines.Summary {
	t.Helper()
	var paths []string
	for _, f := range folders {
		paths = append(paths, filepath.Join(testdata(), f))
	}
	c := &pipelines.Config{Source: pipelines.Source{Paths: paths, Include: []string{"*.pkl"}, Exclude: []string{"wrapped/*"}}, Emit: []pipelines.Emit{{Format: "onnx"}, {Format: "pmml"}},
		Check: pipelines.Check{Scan: pipelines.Warn}, Publish: pipelines.Publish{To: t.TempDir()}, Report: pipelines.Report{HTML: "yes"}}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	plan, err := pipelines.Make(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	began := time.Now()
	out, err := plan.Run(t.Context(), pipelines.Watcher{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range out.Records {
		r := &out.Records[i]
		if i%2 == 0 {
			continue
		}
		r.Source += evil + strings.Repeat("long", 50)
		for k := range r.Models {
			m := &r.Models[k]
			m.Class, m.Path, m.Release = evil, evil, evil
			for j := range m.Sketch.Features {
				m.Sketch.Features[j].Feature = evil
			}
			for j := range m.Sketch.Tree {
				if n := &m.Sketch.Tree[j]; n.Feature != "" {
					n.Feature, n.Test = evil, evil
				}
			}
		}
		for k := range r.Artifact {
			r.Artifact[k].Name += evil
		}
		for k := range r.Problems {
			r.Problems[k].What = evil
		}
	}
	return pipelines.NewSummary(out, began)
}

// chromium is the browser, which is installed if it is not there.
func chromium(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("chromium"); err == nil {
		return path
	}
	for _, args := range [][]string{{"update"}, {"install", "-y", "--no-install-recommends", "chromium"}} {
		cmd := exec.Command("apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("chromium is not there, and apt-get %s can't install it: %v\n%s", args[0], err, said)
		}
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// events are what a page did besides being shown.
type events struct {
	sync.Mutex
	requests, complaints []string
}

// browse opens a page in a browser of its own.
func browse(t *testing.T, address string) (context.Context, *events) {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir())}
	for _, flag := range []string{"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
		"disable-component-update", "disable-sync", "disable-dev-shm-usage"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	seen := &events{}
	err := chromedp.Listen(ctx, func(e any) {
		seen.Lock()
		defer seen.Unlock()
		switch e := e.(type) {
		case *network.EventRequestWillBeSent:
			seen.requests = append(seen.requests, e.Request.URL)
		case *log.EventEntryAdded:
			seen.complaints = append(seen.complaints, e.Entry.Text)
		case *cdpruntime.EventConsoleAPICalled:
			seen.complaints = append(seen.complaints, fmt.Sprint("console.", e.Type))
		case *cdpruntime.EventExceptionThrown:
			seen.complaints = append(seen.complaints, e.ExceptionDetails.Text)
		case *page.EventJavascriptDialogOpening:
			seen.complaints = append(seen.complaints, "dialog: "+e.Message)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	run(t, ctx, chromedp.Navigate(address))
	return ctx, seen
}

func run(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// value is what an expression is in the page.
func value[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestReportInBrowser opens the page in Chromium: nothing is fetched, run or complained of, whatever models are called; and all can be read
// and opened on a phone, by day and by night.
func TestReportInBrowser(t *testing.T) {
	t.Parallel()
	s := summary(t, "hostile", "py313-sk1.9.1")
	if s.Counts[pipelines.Equal] < 100 || s.Counts[pipelines.Broken] < 5 {
		t.Fatalf("%v", s.Counts)
	}
	var text bytes.Buffer
	if err := s.HTML(&text); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(name, text.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	address := (&url.URL{Scheme: "file", Path: name}).String()
	ctx, seen := browse(t, address)

	if got, want := value[string](t, ctx, `document.querySelector("h1").textContent`), fmt.Sprintf("%d of %d models equal", s.Counts[pipelines.Equal], len(s.Records)); got != want {
		t.Errorf("the page begins with %q, want %q", got, want)
	}
	if n := value[int](t, ctx, `document.querySelectorAll("script, img, iframe, object, link, [onerror], [style], b b").length`); n != 0 {
		t.Errorf("%d elements that no report has", n)
	}
	rows := value[[]string](t, ctx, `[...document.querySelectorAll("table")[0].querySelectorAll("tbody tr")].map(r => r.cells[0].textContent)`)
	if len(rows) != len(s.Records) {
		t.Errorf("%d rows for %d models", len(rows), len(s.Records))
	}
	for _, r := range s.Records {
		if !slices.Contains(rows, fault.Printable(r.Source, 500)) {
			t.Errorf("no row for %q", r.Source)
		}
	}

	// The style is the page's own, by the policy's digest, and follows the reader's choice.
	for scheme, want := range map[string]string{"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"} {
		params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, params); err != nil {
			t.Fatal(err)
		}
		if got := value[string](t, ctx, `getComputedStyle(document.body).backgroundColor`); got != want {
			t.Errorf("%s: the page is %s, want %s", scheme, got, want)
		}
	}

	// A link of the table opens what it leads to, and a click on its head closes it again.
	const first = `document.querySelector("details")`
	run(t, ctx, chromedp.Click(chromedp.CSS("tbody a")))
	if !value[bool](t, ctx, first+".open") {
		t.Error("a link in the table does not open its model")
	}
	run(t, ctx, chromedp.Click(chromedp.CSS("summary")))
	if value[bool](t, ctx, first+".open") {
		t.Error("a click on an open model does not close it")
	}

	// On a phone, with everything open, nothing but what scrolls by itself is wider than the screen.
	const phone = 360
	run(t, ctx, chromedp.EmulateViewport(phone, 740))
	for _, state := range []string{"closed", "open"} {
		if state == "open" {
			value[int](t, ctx, `document.querySelectorAll("details").forEach(d => d.open = true), 1`)
		}
		if width := value[int](t, ctx, `document.documentElement.scrollWidth`); width > phone {
			t.Errorf("%s, the page is %d wide on a screen of %d", state, width, phone)
		}
	}
	if n := value[int](t, ctx, `[...document.querySelectorAll("svg.drawn")].filter(s => s.checkVisibility() && s.getBoundingClientRect().height > 40 && s.querySelector("rect").getBoundingClientRect().width > 100).length`); n != 100 {
		t.Errorf("%d trees are to be seen, want 100", n)
	}
	if small := value[[]string](t, ctx, `[...document.querySelectorAll("svg text")].filter(x => x.getBoundingClientRect().height < 9).map(x => x.textContent)`); len(small) > 0 {
		t.Errorf("too small to be read: %q", small[:min(len(small), 5)])
	}

	seen.Lock()
	defer seen.Unlock()
	for i, request := range seen.requests {
		if i > 0 && !strings.HasPrefix(request, address+"#") || i == 0 && request != address {
			t.Errorf("the page asks for %s", request)
		}
	}
	if len(seen.requests) == 0 || len(seen.complaints) > 0 {
		t.Errorf("%d requests; %q", len(seen.requests), seen.complaints)
	}
}

// TestBrowserSees: the browser does tell of what a report must not do.
func TestBrowserSees(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "bad.html")
	text := `<!doctype html><img src="other.png"><div style="width: 500px">wide</div><script>console.log(1)</script>`
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, seen := browse(t, (&url.URL{Scheme: "file", Path: name}).String())
	run(t, ctx, chromedp.EmulateViewport(360, 740))
	if width := value[int](t, ctx, `document.documentElement.scrollWidth`); width < 500 {
		t.Errorf("a page of 500 is %d wide", width)
	}
	seen.Lock()
	defer seen.Unlock()
	if len(seen.requests) != 2 || !slices.Contains(seen.complaints, "console.log") {
		t.Errorf("%q, %q", seen.requests, seen.complaints)
	}
}

// TestMarkdownCells reads the summary with a parser of GitHub Flavored Markdown: whatever models are called, the table's cells hold that and
// nothing else.
func TestMarkdownCells(t *testing.T) {
	t.Parallel()
	s := summary(t, "hostile")
	var text, page bytes.Buffer
	if err := s.Markdown(&text); err != nil {
		t.Fatal(err)
	}
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert(text.Bytes(), &page); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range regexp.MustCompile(`(?s)<tr>\n<td>(.*?)</td>\n<td>(.*?)</td>\n<td>(.*?)</td>\n</tr>`).FindAllStringSubmatch(page.String(), -1) {
		if cell := strings.Join(row[1:], ""); strings.Contains(cell, "<") {
			t.Errorf("markup in %s", cell)
		}
		got = append(got, html.UnescapeString(row[1]+"\t"+row[3]))
	}
	var want []string
	for _, r := range s.Records {
		for _, p := range r.Problems {
			what := p.What
			if p.Model != "" {
				what = p.Model + ": " + what
			}
			want = append(want, fault.Printable(r.Source, 500)+"\t"+fault.Printable(what, 500))
		}
		for _, f := range r.Findings {
			want = append(want, fault.Printable(r.Source, 500)+"\t"+fault.Printable(f.Rule+": "+f.What, 500))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if len(want) < 20 || !slices.Equal(got, want) {
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Errorf("%q, want %q", got[i], want[i])
				break
			}
		}
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}
