package pipelines

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/seed-2867d59c/treeport/fault"
)

// worstFirst are all statuses.
var worstFirst = []Status{NotEqual, Failed, Broken, TooBig, Unsupported, Refused, Equal}

// Markdown writes the summary as GitHub Flavored Markdown.
func (s *Summary) Markdown(w io.Writer) error {
	_, err := w.Write(s.markdown(-1))
	return err
}

// markdown is the summary, in at most so many bytes; negative: as many as it takes.
func (s *Summary) markdown(limit int) []byte {
	var head, tail bytes.Buffer
	fmt.Fprintf(&head, "## treeport: %s\n\n", s.headline())
	head.WriteString("| models | |\n| ---: | --- |\n")
	for _, status := range worstFirst {
		if n := s.Counts[status]; n > 0 {
			fmt.Fprintf(&head, "| %d | %s |\n", n, status)
		}
	}
	if s.Left > 0 {
		fmt.Fprintf(&head, "| %d | not come to |\n", s.Left)
	}
	t := s.totals()
	fmt.Fprintf(&tail, "\n%s of models, %s of %s; %s; treeport %s.\n", humanize.IBytes(uint64(t.ModelBytes)), count(t.Artifacts, "artifact"),
		humanize.IBytes(uint64(t.ArtifactBytes)), s.took(), escapeMarkdown(s.Treeport))
	lines := s.markdownLines()
	if len(lines) > 0 {
		head.WriteString("\n| model | status | what |\n| --- | --- | --- |\n")
	}
	const longestNote = 100
	room := limit - head.Len() - tail.Len() - longestNote
	for i, line := range lines {
		if limit >= 0 && len(line) > room {
			fmt.Fprintf(&head, "\n%s left out: the summary of a step is cut at 1 MiB.\n", count(len(lines)-i, "more line"))
			break
		}
		head.WriteString(line)
		room -= len(line)
	}
	if limit >= 0 && head.Len()+tail.Len() > limit {
		return nil // other steps have filled it
	}
	return append(head.Bytes(), tail.Bytes()...)
}

// markdownLines are rows of the table of problems and findings, those of the worst models first.
func (s *Summary) markdownLines() []string {
	var lines []string
	for _, r := range s.ordered() {
		line := func(status, what string) {
			lines = append(lines, fmt.Sprintf("| %s | %s | %s |\n", escapeMarkdown(r.Source), escapeMarkdown(status), escapeMarkdown(what)))
		}
		for _, p := range r.Problems {
			line(string(r.Status), p.place()+p.What)
		}
		for _, f := range r.Findings {
			line(f.Check+": "+string(f.Policy), f.Rule+": "+f.What)
		}
	}
	return lines
}

// ordered are the records, the worst first: by status, then by how far answers are off, then by name.
func (s *Summary) ordered() []*Record {
	all := make([]*Record, len(s.Records))
	for i := range s.Records {
		all[i] = &s.Records[i]
	}
	slices.SortStableFunc(all, func(a, b *Record) int {
		if a.Status != b.Status {
			return slices.Index(worstFirst, a.Status) - slices.Index(worstFirst, b.Status)
		}
		if x, y := a.farthest(), b.farthest(); x != y {
			if x > y {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Source, b.Source)
	})
	return all
}

// farthest is the largest distance of answers in all checks, in ulp.
func (r *Record) farthest() uint64 {
	var most uint64
	for _, c := range r.checks() {
		most = max(most, farthest(&c))
	}
	return most
}

// headline is the summary in a few words.
func (s *Summary) headline() string {
	all := len(s.Records) + s.Left
	text := fmt.Sprintf("%d of %s equal", s.Counts[Equal], count(all, "model"))
	if s.Interrupted {
		text += ", interrupted"
	}
	return text
}

// took says what time was taken, and for what.
func (s *Summary) took() string {
	text := time.Duration(s.Seconds * float64(time.Second)).Round(10 * time.Millisecond).String()
	if s.Kept > 0 {
		text += fmt.Sprintf(", %s done by earlier runs", count(s.Kept, "model"))
	}
	return text
}

type totals struct {
	ModelBytes, ArtifactBytes int64
	Artifacts, Trees, Nodes   int
}

func (s *Summary) totals() totals {
	var t totals
	for i := range s.Records {
		r := &s.Records[i]
		t.ModelBytes += r.Size
		t.Artifacts += len(r.Artifact)
		for _, a := range r.Artifact {
			t.ArtifactBytes += a.Bytes
		}
		for _, m := range r.Models {
			t.Trees += m.Trees
			t.Nodes += m.Nodes
		}
	}
	return t
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return humanize.Comma(int64(n)) + " " + what + "s"
}

// longestText is how much of a name or a message a report shows.
const longestText = 500

// markdownSpecial are the characters that mean something in GitHub Flavored Markdown, or in what GitHub makes of it: math, mentions, links.
var markdownSpecial = regexp.MustCompile("[\\\\`*_\\[\\]<>#~|&$@]|:/|www\\.")

// escapeMarkdown is text that is shown as it is, in a cell of a table, too. Entities are never taken for the end of a cell; a backslash,
// which reads better, may be.
func escapeMarkdown(s string) string {
	return markdownSpecial.ReplaceAllStringFunc(fault.Printable(s, longestText), func(special string) string {
		switch special {
		case "*", "_", "[", "]", "#", "~":
			return `\` + special
		case ":/":
			return "&#58;/"
		case "www.":
			return "www&#46;"
		}
		return fmt.Sprintf("&#%d;", special[0])
	})
}
