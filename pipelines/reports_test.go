package pipelines

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/joshdk/go-junit"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/inspect"
	"github.com/seed-2867d59c/treeport/internal/standard"
	"github.com/seed-2867d59c/treeport/verify"
)

// evil is what a file may call things: it must be shown, and do nothing.
const evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'`|\\|\n**x** {{.}} \x00\x1b[31m\u009b\u202egnp.\u2066\u05d0\ufffe\xff ${1} www.example.com http://example.com @me ]]>"

// summaryOf has a model of each status, and everything named as it is told.
func summaryOf(name string) *Summary {
	check := verify.Check{Kind: verify.Probe, Against: name, Rows: 10, Diffs: []verify.Diff{
		{Method: name, Rows: 10, SameRows: 7, Values: 20, SameValues: 16, MaxULP: 3, ULPHistogram: []int{16, 2, 1, 1}},
		{Method: "predict", Label: true, Rows: 10, SameRows: 10, Values: 10, SameValues: 10}}}
	good := Record{Source: "good/" + name, SHA256: "ab", Size: 5, VersionID: name, Status: Equal, Treeport: name,
		Models: []Model{{Path: name, Class: "m." + name, Release: name, Features: 3, Trees: 2, Nodes: 12, Warnings: []string{name}, Sketch: &inspect.Sketch{
			Splits: 5, Depths: []inspect.Bin{{Least: 1, Most: 2, Count: 2}}, Leaves: []inspect.Bin{{Least: 3, Most: 3, Count: 2}},
			Features: []inspect.Share{{Feature: name, Splits: 4}, {Feature: strings.Repeat("W", 400), Splits: 1}},
			Tree: []inspect.SketchNode{{Feature: name, Test: name, Children: [2]int{1, 2}}, {Depth: 1, Values: []float64{0.5, 2}, More: 1},
				{Depth: 1, Feature: "f", Test: "≤ 1", Below: 3}}}}},
		Artifact: []Artifact{{Name: name, Model: name, Format: "ONNX", Profile: name, Bytes: 7, SHA256: "cd", Certificate: name,
			Report: &verify.Report{Checks: []verify.Check{verify.StructureCheck(nil), check}}}},
		Findings: []Finding{{Check: "scan", Rule: "unknown-call", What: name, Policy: Warn}}, Locks: []Lock{{File: name}}}
	s := &Summary{Treeport: name, Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seconds: 1.5, Left: 3, Interrupted: true, Kept: 1, Counts: map[Status]int{}}
	s.Records = append(s.Records, good)
	for _, bad := range statuses {
		p := Problem{Kind: bad.kind, What: name, Model: name, To: name}
		if bad.status == NotEqual {
			p.Report = &verify.Report{Checks: []verify.Check{{Kind: verify.InRuntime, Against: name, Err: name}, check}}
		}
		s.Records = append(s.Records, Record{Source: "bad/" + name, Status: bad.status, Treeport: name, Artifact: []Artifact{}, Problems: []Problem{p}})
	}
	s.Records = append(s.Records, Record{Source: "refused/" + name, Status: Refused, Findings: []Finding{{Check: "locks", Rule: "rule " + name, What: name, Policy: Fail}}})
	old := good
	old.Kept, old.Models = true, []Model{{Path: "model", Class: "C", Trees: 1}}
	s.Records = append(s.Records, old)
	for i := range s.Records {
		s.Counts[s.Records[i].Status]++
	}
	return s
}

func written(t *testing.T, write func(s *Summary, c Report) error, s *Summary, c Report, name string) []byte {
	t.Helper()
	if err := write(s, c); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestJUnit asks a reader of JUnit XML: a conversion that did not happen is never green.
func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := summaryOf(evil).JUnit(&b); err != nil {
		t.Fatal(err)
	}
	suites, err := junit.Ingest(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(suites) == 1 { // the root
		suites = suites[0].Suites
	}
	// Two good models: structure, probes and scan. Then internal, io and usage, not equal, broken, too big, not supported; findings; the rest.
	want := []junit.Totals{{Tests: 3, Passed: 3}, {Tests: 1, Error: 1}, {Tests: 1, Error: 1}, {Tests: 1, Error: 1}, {Tests: 1, Failed: 1}, {Tests: 1, Error: 1},
		{Tests: 1, Error: 1}, {Tests: 1, Failed: 1}, {Tests: 1, Failed: 1}, {Tests: 3, Passed: 3}, {Tests: 1, Error: 1}}
	if len(suites) != len(want) {
		t.Fatalf("%d suites, want %d", len(suites), len(want))
	}
	for i, suite := range suites {
		suite.Totals.Duration = 0
		if suite.Totals != want[i] {
			t.Errorf("suite %d: %+v, want %+v", i, suite.Totals, want[i])
		}
	}
	if !regexp.MustCompile(`^<\?xml[^>]+>\s*<testsuites name="treeport" tests="15" failures="3" errors="6" time="1.500">`).Match(b.Bytes()) {
		t.Errorf("%.200s", b.Bytes())
	}
	held := strings.NewReplacer("\x00", "\ufffd", "\x1b", "\ufffd", "\ufffe", "\ufffd", "\xff", "\ufffd").Replace(evil)
	good := suites[0]
	if good.Name != "good/"+held || good.Properties["treeport"] != held || good.Properties["version_id"] != held ||
		good.Properties["scikit_learn"] != held || good.Properties["status"] != "equal" {
		t.Errorf("%q, %q", good.Name, good.Properties)
	}
	if c := good.Tests[1]; c.Name != held+": probes ("+held+")" || c.Classname != "good/"+held || c.SystemOut != "10 rows, at most 3 ulp apart" {
		t.Errorf("%+v", c)
	}
	if e, ok := suites[4].Tests[0].Error.(junit.Error); !ok || e.Type != "not equal" || e.Message != held || !strings.Contains(e.Body, "DIFFERS, 10 rows") {
		t.Errorf("%#v", suites[4].Tests[0].Error)
	}
}

// TestSARIF holds what is written against the standard's schema.
func TestSARIF(t *testing.T) {
	for _, s := range []*Summary{summaryOf(evil), {}} {
		var b bytes.Buffer
		if err := s.SARIF(&b); err != nil {
			t.Fatal(err)
		}
		run := standard.SARIF(t, b.Bytes())
		var got []string
		for _, r := range run.Results {
			if id := *run.Tool.Driver.Rules[r.RuleIndex].ID; id != *r.RuleID {
				t.Errorf("rule %q has the place of %q", *r.RuleID, id)
			}
			got = append(got, *r.RuleID+" "+r.Level)
		}
		want := []string{"unknown-call warning", "internal error", "io error", "usage error", "not-equal error", "broken error", "too-big error",
			"not-supported error", "rule " + strings.ToValidUTF8(evil, "\ufffd") + " error", "unknown-call warning"}
		if s.Records == nil {
			want = nil
		}
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestStepSummary: what is too long for GitHub is cut, and says so; what other steps wrote stays.
func TestStepSummary(t *testing.T) {
	dir := t.TempDir()
	step, file := filepath.Join(dir, "step.md"), filepath.Join(dir, "report.md")
	t.Setenv(stepSummary, step)
	before := strings.Repeat("x", 1000) + "\n"
	if err := os.WriteFile(step, []byte(before), 0o666); err != nil {
		t.Fatal(err)
	}
	s := summaryOf("m")
	if text := written(t, (*Summary).Write, s, Report{Markdown: file}, file); string(written(t, (*Summary).Write, s, Report{}, step)) != before+strings.Repeat(string(text), 2) {
		t.Error("the step's summary is not what the file holds, twice")
	}
	for len(s.Records) < 4000 {
		s.Records = append(s.Records, Record{Source: fmt.Sprintf("models/%d", len(s.Records)), Status: Broken, Problems: []Problem{{What: strings.Repeat("why ", 100)}}})
	}
	if err := os.WriteFile(step, []byte(before), 0o666); err != nil {
		t.Fatal(err)
	}
	cut := string(written(t, (*Summary).Write, s, Report{}, step))
	m := regexp.MustCompile(`\n([0-9,]+) more lines left out: the summary of a step is cut at 1 MiB\.\n`).FindStringSubmatch(cut)
	if len(cut) > 1<<20 || len(cut) < 1<<20-2000 || m == nil || !strings.HasSuffix(cut, "treeport m.\n") {
		t.Fatalf("%d bytes, %v", len(cut), m)
	}
	lines := strings.Count(cut, "\n| ") - 12 // of both tables' heads, and eight counts
	if left := len(s.markdownLines()) - lines; strings.ReplaceAll(m[1], ",", "") != fmt.Sprint(left) {
		t.Errorf("%s lines are said to be left out, %d are", m[1], left)
	}
	if whole := written(t, (*Summary).Write, s, Report{Markdown: file}, file); len(whole) < 1<<20 || bytes.Contains(whole, []byte("left out")) {
		t.Errorf("the file is cut, too: %d bytes", len(whole))
	}
	if full := written(t, (*Summary).Write, s, Report{}, step); len(full) > 1<<20 {
		t.Errorf("%d bytes in a summary that was full", len(full))
	}
}

// TestStepOutputs reads a step's outputs as GitHub's runners do, of a manifest whose name tries to add one.
func TestStepOutputs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "outputs")
	t.Setenv(stepOutput, file)
	if err := os.WriteFile(file, []byte("before=1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	s := summaryOf("m")
	s.Manifest = "out\nequal=99\nmanifest<<x\n/m.jsonl"
	text := string(written(t, (*Summary).Write, s, Report{}, file))
	m := regexp.MustCompile(`^before=1\nmanifest<<([A-Z2-7]{26})\n([^$]*)\n([A-Z2-7]{26})\nnot-equal=1\nfailed=3\nbroken=1\ntoo-big=1\nnot-supported=1\nfindings=1\n` +
		`equal=2\nkept=1\nleft=3\n$`).FindStringSubmatch(text)
	if m == nil || m[1] != m[3] || m[2] != s.Manifest {
		t.Errorf("%s", text)
	}
}

func TestMarkdownEscapes(t *testing.T) {
	text := string(summaryOf(evil).markdown(-1))
	if regexp.MustCompile("[`\x00\x1b\u009b\u202e\u2066<]|http://|www\\.|@me|[^\\\\]\\*\\*|\\$\\{").MatchString(text) {
		t.Errorf("%s", text)
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "| bad/") && strings.Count(line, "|") != 4 {
			t.Errorf("%s", line)
		}
	}
}

// TestHTML: nothing that a model is named is more than text.
func TestHTML(t *testing.T) {
	var b bytes.Buffer
	s := summaryOf(evil)
	if err := s.HTML(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if m := regexp.MustCompile("(?i)<script|<img|onerror=[^a]|[\x00-\x08\x0b-\x1f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe]|ZgotmplZ|javascript:").FindString(text); m != "" {
		t.Errorf("%q is in it", m)
	}
	// All there is to fetch is in the page: no source, no link but to the page itself.
	if m := regexp.MustCompile(`<[^>]*(src=|url\(|@import|href="[^#]|xlink|style=)[^>]*>`).FindString(text); m != "" {
		t.Errorf("%q is in it", m)
	}
	for _, want := range []string{"&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;", `\u202e`, "An earlier run did it", "Differences in ulp", "Trees by depth", "The first tree",
		"3 nodes below", "not equal, and not written", ">3 ulp<", "3 models not come to", "1.5s", "unknown-call", `>80.0 %<`, `>20.0 %<`, "style-src &#39;sha256-"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in it", want)
		}
	}
	// The worst first.
	at := -1
	for _, status := range worstFirst {
		next := strings.Index(text, `<td class="status `+statusClass(status)+`"`)
		if next <= at {
			t.Errorf("%s is not after what is worse", status)
		}
		at = next
	}
	var again bytes.Buffer
	if err := s.HTML(&again); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("the same summary gives another page (%v)", err)
	}
}

// TestHTMLOfMany: pictures of the worst, a list of more, and what is left out is said.
func TestHTMLOfMany(t *testing.T) {
	s := &Summary{Counts: map[Status]int{Equal: 1234}}
	for i := range 1234 {
		s.Records = append(s.Records, summaryOf("m").Records[0])
		s.Records[i].Source = fmt.Sprintf("m%04d.pkl", i)
	}
	var b bytes.Buffer
	if err := s.HTML(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if n := strings.Count(text, `<svg class="drawn"`); n != mostPictures {
		t.Errorf("%d drawn trees", n)
	}
	if n := strings.Count(text, "<details>"); n != mostRows {
		t.Errorf("%d models", n)
	}
	for _, want := range []string{"234 models more left out", "first 100 models; those of 900 models are left out"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in it", want)
		}
	}
	if b.Len() > 8<<20 {
		t.Errorf("%d bytes", b.Len())
	}
}

// TestUlpCharts: distances of float32 and of float64 are of two charts, and a long way without any is cut short.
func TestUlpCharts(t *testing.T) {
	far := make([]int, 54)
	far[0], far[1], far[53] = 5, 1, 2
	r := &Record{Artifact: []Artifact{{Report: &verify.Report{Checks: []verify.Check{{Diffs: []verify.Diff{
		{SameValues: 3}, {ULPHistogram: far}, {Float32: true, ULPHistogram: []int{1, 0, 1}}, {Label: true, SameValues: 100}}}}}}}}
	charts, _ := ulpCharts(r)
	var got []string
	for _, c := range charts {
		for _, b := range c.Bars {
			got = append(got, b.Label+"="+b.Text)
		}
	}
	text, _ := json.Marshal(got)
	if want := `["0=8","1=1","2=0","3–4=0","…=","to 2^52=2","0=1","1=0","2=1"]`; string(text) != want {
		t.Errorf("%s, want %s", text, want)
	}
	r.Artifact[0].Report.Checks[0].Diffs = r.Artifact[0].Report.Checks[0].Diffs[:1]
	if charts, same := ulpCharts(r); charts != nil || same != 3 {
		t.Errorf("%v, %d", charts, same)
	}
}

// TestProblemRules: every kind of problems has a rule and a status.
func TestProblemRules(t *testing.T) {
	for _, kind := range []convert.Kind{convert.KindUsage, convert.KindNotEqual, convert.KindUnsupported, convert.KindBroken, convert.KindTooBig, convert.KindIO, convert.KindInternal} {
		ruled, settled := false, false
		for _, r := range problemRules {
			ruled = ruled || r.kind == kind
		}
		for _, s := range statuses {
			settled = settled || s.kind == kind
		}
		if !ruled || !settled {
			t.Errorf("%s has no rule or no status", kind)
		}
	}
}
