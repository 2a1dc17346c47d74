package pipelines

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"math/bits"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/dustin/go-humanize"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/inspect"
	"github.com/seed-2867d59c/treeport/verify"
)

//go:embed html.tmpl
var htmlText string

//go:embed html.css
var htmlStyle string

// htmlPage is the template. Whatever comes out of a model passes through show or short, and then through the escaping of html/template.
var htmlPage = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Funcs(pageFuncs).Parse(htmlText)) })

var pageFuncs = template.FuncMap{
	"show":  func(s any) string { return fault.Printable(fmt.Sprint(s), longestText) },
	"short": func(s string) string { return shorten(s, longestLabel) },
	"brief": func(s string) string { return shorten(s, 40) },
	"bytes": func(n int64) string { return humanize.IBytes(uint64(n)) },
	"comma": func(n int) string { return humanize.Comma(int64(n)) },
	"count": count,
}

const (
	// mostRows is how many models the page lists, mostPictures for how many of them it has pictures: a browser on a phone shall open it.
	mostRows     = 1000
	mostPictures = 100
)

// page is what the template is filled with.
type page struct {
	*Summary
	Totals   totals
	Policy   string // of the content: nothing from outside, no scripts, this one style
	Style    template.CSS
	Headline string
	Took     string
	Statuses []statusCount
	Rows     []row
	MoreRows int
	Pictures int // models with pictures
	Without  int // models whose pictures are left out, since there are so many
}

type statusCount struct {
	Status Status
	Class  string
	Count  int
	Share  float64 // of all models, in percent
	X      float64 // percent before it
}

// row is a model file.
type row struct {
	*Record
	ID       string
	Class    string // CSS class of the status
	Trees    int
	Nodes    int
	Farthest string
	Checked  bool
	Draw     bool
	Old      bool // done by an earlier run, of which there are no pictures
	Ulps     []chart
	Same     int // values, all identical
	Sketches []sketched
}

// HTML writes the summary as one page that needs nothing else.
func (s *Summary) HTML(w io.Writer) error {
	sum := sha256.Sum256([]byte(htmlStyle))
	p := page{Summary: s, Totals: s.totals(), Style: template.CSS(htmlStyle), Headline: s.headline(), Took: s.took(),
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"}
	x := 0.0
	for _, status := range worstFirst {
		if n := s.Counts[status]; n > 0 {
			share := 100 * float64(n) / float64(len(s.Records))
			p.Statuses = append(p.Statuses, statusCount{status, statusClass(status), n, share, x})
			x += share
		}
	}
	for i, r := range s.ordered() {
		if i == mostRows {
			p.MoreRows = len(s.Records) - mostRows
			break
		}
		p.Rows = append(p.Rows, s.row(r, i, &p))
	}
	return htmlPage().Execute(w, &p)
}

// statusClass is the CSS class of a status.
func statusClass(s Status) string { return strings.ReplaceAll(string(s), " ", "-") }

func (s *Summary) row(r *Record, i int, p *page) row {
	out := row{Record: r, ID: "m" + strconv.Itoa(i+1), Class: statusClass(r.Status), Checked: len(r.Artifact) > 0 || len(r.checks()) > 0}
	sketches := 0
	for _, m := range r.Models {
		out.Trees += m.Trees
		out.Nodes += m.Nodes
		if m.Sketch != nil && m.Trees > 0 {
			sketches++
		}
	}
	if far := r.farthest(); far > 0 {
		out.Farthest = farText(far)
	} else if r.Status == Equal {
		out.Farthest = "identical"
	}
	out.Ulps, out.Same = ulpCharts(r)
	out.Old = r.Kept && out.Trees > 0
	if sketches+len(out.Ulps) == 0 {
		return out
	}
	if p.Pictures == mostPictures {
		p.Without++
		return out
	}
	p.Pictures++
	out.Draw = true
	for _, m := range r.Models {
		if m.Sketch != nil && m.Trees > 0 {
			out.Sketches = append(out.Sketches, sketch(m))
		}
	}
	return out
}

// ulpCharts are the histograms of distances over all checks of a file, one of float64 and one of float32; and how many values are
// identical, if all are.
func ulpCharts(r *Record) (charts []chart, same int) {
	for _, single := range []bool{false, true} {
		var counts [66]int
		differ := false
		for _, c := range r.checks() {
			for _, d := range c.Diffs {
				switch {
				case d.Label || d.Float32 != single:
				case d.ULPHistogram == nil:
					counts[0] += d.SameValues
				default:
					differ = true
					for i, n := range d.ULPHistogram {
						counts[min(i, len(counts)-1)] += n
					}
				}
			}
		}
		if !differ {
			same += counts[0]
			continue
		}
		c := chart{Title: "Differences in ulp", Unit: "numbers"}
		if single {
			c.Title += " of float32"
		}
		last := 0
		for i, n := range counts {
			if n > 0 {
				last = i
			}
		}
		empty := 0
		for i, n := range counts[:last+1] {
			if empty++; n > 0 || i < 2 {
				empty = 0
			}
			if empty == 3 { // a long way without any
				c.Bars = append(c.Bars, bar{Label: "…"})
			}
			if empty > 2 {
				continue
			}
			least, most := verify.ULPBucket(i)
			c.add(span(least, most), n)
		}
		charts = append(charts, c.finish(false))
	}
	if charts != nil {
		same = 0
	}
	return charts, same
}

// farText is a distance as text.
func farText(ulp uint64) string {
	if ulp > 1<<40 {
		return fmt.Sprintf("≈ 2^%d ulp", bits.Len64(ulp)-1)
	}
	return humanize.Comma(int64(ulp)) + " ulp"
}

// span is a range as text, shortened to powers of two where it is long.
func span(least, most uint64) string {
	switch {
	case least == most:
		return strconv.FormatUint(least, 10)
	case most <= 4096:
		return fmt.Sprintf("%d–%d", least, most)
	}
	power := 12
	for power < 63 && 1<<power < most {
		power++
	}
	if 1<<power < most {
		return "over 2^63"
	}
	return fmt.Sprintf("to 2^%d", power)
}

// chart is horizontal bars.
type chart struct {
	Title, Unit string
	Bars        []bar
	Height      int
	Label       int // width of the labels
	Width       int
}

type bar struct {
	Label string
	Count int
	Text  string // the count
	Y     int
	TextY int
	Width float64
	After float64 // where its count stands, from its beginning
}

const (
	chartWidth = 340
	rowHeight  = 20
	countWidth = 78 // of the counts at the end of the bars
)

func (c *chart) add(label string, n int) {
	c.Bars = append(c.Bars, bar{Label: label, Count: n, Text: humanize.Comma(int64(n))})
}

// finish lays the bars out, and adds percentages where they are wanted.
func (c *chart) finish(percent bool) chart {
	most, total, longest := 1, 0, 0
	for _, b := range c.Bars {
		most = max(most, b.Count)
		total += b.Count
		longest = max(longest, min(utf8.RuneCountInString(b.Label), longestLabel))
	}
	c.Width = chartWidth
	c.Label = 8 + 7*longest
	room := float64(chartWidth - c.Label - countWidth)
	for i := range c.Bars {
		b := &c.Bars[i]
		b.Y = i * rowHeight
		b.TextY = b.Y + rowHeight - 6
		b.Width = room * float64(b.Count) / float64(most)
		if b.Count > 0 {
			b.Width = max(b.Width, 2)
		}
		b.After = b.Width + 6
		if percent && total > 0 {
			b.Text = fmt.Sprintf("%.1f %%", 100*float64(b.Count)/float64(total))
		}
	}
	c.Height = len(c.Bars) * rowHeight
	return *c
}

// sketched is a model's pictures.
type sketched struct {
	Path, Name string
	Charts     []chart
	Tree       *drawing
}

func sketch(m Model) sketched {
	s := m.Sketch
	out := sketched{Path: m.Path, Name: m.ShortClass()}
	if len(s.Features) > 0 {
		c := chart{Title: "Features by share of splits", Unit: "splits"}
		for _, f := range s.Features {
			c.add(f.Feature, f.Splits)
		}
		if s.OtherFeatures > 0 {
			c.add(count(s.OtherFeatures, "other"), s.OtherSplits)
		}
		out.Charts = append(out.Charts, c.finish(true))
	}
	for _, h := range []struct {
		title string
		bins  []inspect.Bin
	}{{"Trees by depth", s.Depths}, {"Trees by number of leaves", s.Leaves}} {
		c := chart{Title: h.title, Unit: "trees"}
		for _, b := range h.bins {
			label := humanize.Comma(int64(b.Least))
			if b.Most > b.Least {
				label += "–" + humanize.Comma(int64(b.Most))
			}
			c.add(label, b.Count)
		}
		if c.Bars != nil {
			out.Charts = append(out.Charts, c.finish(false))
		}
	}
	if len(s.Tree) > 0 {
		out.Tree = draw(s.Tree)
	}
	return out
}

// drawing is a tree, from its root at the left on, so that the page need not be as wide as the tree.
type drawing struct {
	Width, Height int
	Nodes         []drawnNode
	Edges         []drawnEdge
}

type drawnNode struct {
	X, Y                 int // of the upper left corner
	TextX, FirstY, LastY int
	First, Last          string
	Title                string
	Leaf                 bool
	Below                string // what is not drawn
	BelowX, BelowY       int
}

type drawnEdge struct {
	X1, Y1, X2, Y2 int
	TextX, TextY   int
	Text           string
}

const (
	nodeWidth, nodeHeight  = 124, 40
	levelWidth, nodeGap    = nodeWidth + 44, 10
	belowWidth, edgeMargin = 110, 1
	longestLabel           = 18 // runes, in pictures
)

// draw lays a tree out: what has no children stands one below the other, and each other node left of the middle of its two.
func draw(nodes []inspect.SketchNode) *drawing {
	d := &drawing{Nodes: make([]drawnNode, len(nodes)), Height: edgeMargin}
	var place func(i int)
	place = func(i int) { // as deep as the sketch, which is not deep
		n, out := &nodes[i], &d.Nodes[i]
		out.X = n.Depth*levelWidth + edgeMargin
		if n.Children[0] == 0 {
			out.Y = d.Height
			d.Height += nodeHeight + nodeGap
		} else {
			place(n.Children[0])
			place(n.Children[1])
			out.Y = (d.Nodes[n.Children[0]].Y + d.Nodes[n.Children[1]].Y) / 2
			for k, text := range []string{"yes", "no"} {
				to := &d.Nodes[n.Children[k]]
				e := drawnEdge{X1: out.X + nodeWidth, Y1: out.Y + nodeHeight/2, X2: to.X, Y2: to.Y + nodeHeight/2, Text: text}
				e.TextX, e.TextY = e.X2-4, e.Y2-6
				if k == 1 {
					e.TextY = e.Y2 + 15
				}
				d.Edges = append(d.Edges, e)
			}
		}
		out.TextX, out.FirstY, out.LastY = out.X+nodeWidth/2, out.Y+17, out.Y+32
		d.Width = max(d.Width, out.X+nodeWidth+edgeMargin)
		if n.Feature == "" {
			out.Leaf, out.First, out.Last = true, "leaf", values(n)
			out.Title = "leaf: " + out.Last
			return
		}
		out.First, out.Last, out.Title = n.Feature, n.Test, n.Feature+" "+n.Test
		if n.Below > 0 {
			out.Below, out.BelowX, out.BelowY = count(n.Below, "node")+" below", out.X+nodeWidth+8, out.Y+nodeHeight/2+4
			d.Width = max(d.Width, out.BelowX+belowWidth)
		}
	}
	place(0)
	d.Height += edgeMargin - nodeGap
	return d
}

// values are those of a leaf as text.
func values(n *inspect.SketchNode) string {
	var texts []string
	for _, v := range n.Values {
		texts = append(texts, strconv.FormatFloat(v, 'g', 3, 64))
	}
	text := strings.Join(texts, ", ")
	if n.More > 0 {
		text += ", …"
	}
	return text
}

// shorten is text of at most so many runes.
func shorten(s string, most int) string {
	s = fault.Printable(s, longestText)
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
