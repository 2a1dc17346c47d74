package inspect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pickle"
)

// How much of a file's content is printed; in JSON all of it stands.
const (
	textModels  = 30
	textLabels  = 12
	textNames   = 12
	textGlobals = 300
)

// Text is the description for people.
func (i *Info) Text() string {
	p := &page{}
	i.head(p)
	for k := range i.Models[:min(len(i.Models), textModels)] {
		i.Models[k].text(p)
	}
	if more := len(i.Models) - textModels + i.MoreModel; len(i.Models) > textModels {
		p.title(fmt.Sprintf("... %s more models", count(more)))
	}
	if len(i.Models) == 0 {
		p.title("no estimator in it")
	}
	p.title("object")
	i.Object.text(p)
	i.globals(p)
	return p.b.String()
}

func (i *Info) head(p *page) {
	p.title(i.File)
	size := count(i.Bytes) + " bytes"
	if i.Unpacked != i.Bytes {
		size += ", " + count(i.Unpacked) + " unpacked"
	}
	p.entry("size", size)
	if i.SHA256 != "" {
		p.entry("sha256", i.SHA256)
	}
	p.entry("container", i.container())
	if i.Library == "" {
		p.entry("protocol", strconv.Itoa(i.Protocol))
		p.entry("scikit-learn", i.releases())
		p.entry("written by", i.WrittenBy.String())
	}
	if i.Pickles > 1 {
		p.entry("pickles", fmt.Sprintf("%d, one after the other; Python's load returns the first", i.Pickles))
	}
	if i.Trailing > 0 {
		p.entry("trailing", count(i.Trailing)+" bytes after the last pickle")
	}
}

func (i *Info) container() string {
	if len(i.Container) == 0 {
		return "plain pickle"
	}
	if i.Library != "" {
		return i.Library + "'s own format"
	}
	if i.WrittenBy.Skops != "" {
		return "skops (a zip archive with schema.json)"
	}
	text := strings.Join(i.Container, " > ")
	if i.Joblib == nil {
		return text + " > pickle"
	}
	return text + fmt.Sprintf(" (layout of %s, %s)", i.Joblib.Layout, plural(i.Joblib.Arrays, "array"))
}

func (i *Info) releases() string {
	if len(i.Releases) == 0 {
		if i.sklearnNamed() {
			return "not named in the file (0.17 and older never do)"
		}
		return "nothing of it in the file"
	}
	var all []string
	for _, c := range i.Releases {
		if len(i.Releases) == 1 {
			return c.Release
		}
		all = append(all, fmt.Sprintf("%s (%s)", c.Release, plural(c.Objects, "object")))
	}
	return strings.Join(all, ", ")
}

// sklearnNamed tells whether the file names anything of scikit-learn.
func (i *Info) sklearnNamed() bool {
	return i.names("sklearn")
}

func topLevel(module string) string {
	top, _, _ := strings.Cut(module, ".")
	return top
}

func (w Writers) String() string {
	text := "Python " + w.Python
	if w.Numpy != "" {
		text += ", numpy " + w.Numpy
	}
	if w.Joblib != "" {
		text += ", joblib " + w.Joblib
	}
	if w.Skops != "" {
		text += ", skops " + w.Skops
	}
	return text
}

func (m *Model) text(p *page) {
	p.title(m.Path + ": " + m.Class)
	if m.Inside != "" {
		p.entry("inside", m.Inside+", which is no model that converts; --select "+m.Path+" takes this part alone")
	}
	switch {
	case m.Release == "" && topLevel(m.Class) != "sklearn":
	case m.Release == "" && m.TakenFor == "":
		p.entry("scikit-learn", "not named")
	case m.Release == "":
		p.entry("scikit-learn", "not named; taken for "+m.TakenFor)
	case m.TakenFor != "":
		p.entry("scikit-learn", m.Release+", which is not known; taken for "+m.TakenFor)
	default:
		p.entry("scikit-learn", m.Release)
	}
	for _, b := range m.Boosters {
		p.entry(b.Library, b.wrote())
	}
	if m.Steps > 0 {
		p.entry("steps", count(m.Steps))
	}
	if len(m.Parts) > 0 {
		p.list("made of", m.Parts)
	}
	if len(m.Parameters) > 0 {
		all := make([]string, len(m.Parameters))
		for i, q := range m.Parameters {
			all[i] = q.Name + "=" + fault.Printable(q.Value, longestValue)
		}
		p.list("parameters", all)
	}
	if m.Features > 0 {
		if m.Names == nil {
			p.entry("features", count(m.Features))
		} else {
			p.list("features", append([]string{count(m.Features) + ": " + m.Names[0]}, some(m.Names[1:], textNames-1)...))
		}
	}
	if len(m.Text) > 0 {
		p.list("text columns", m.textColumns())
	}
	if m.Inputs == "columns" {
		p.entry("inputs", "one for each column that is read")
	}
	for k, labels := range m.Classes {
		m.labels(p, k, labels)
	}
	if m.Targets > 1 {
		p.entry("targets", count(m.Targets))
	}
	if m.Trees > 0 {
		text := plural(m.Trees, "tree")
		if m.Nodes > 0 {
			text += ", " + plural(m.Nodes, "node")
		}
		if m.Depth != nil {
			text += fmt.Sprintf(", depth %d", *m.Depth)
		}
		p.entry("trees", text)
	}
	if m.Refused != "" {
		p.entry("conversion", "would be refused: "+m.Refused)
	}
	for _, c := range m.Convert {
		p.entry(c.Format, c.String())
	}
}

// wrote is what a booster says of what wrote it.
func (b Booster) wrote() string {
	switch {
	case b.Release != "":
		return b.Release
	case b.Format != "":
		return "no release named; format " + b.Format
	}
	return "no release named"
}

// textColumns are the names of the columns of text, the first few.
func (m *Model) textColumns() []string {
	all := make([]string, len(m.Text))
	for i, c := range m.Text {
		all[i] = fault.Printable(c.Name, longestValue)
		if c.Categories > 0 {
			all[i] += fmt.Sprintf(" (%d categories)", c.Categories)
		}
	}
	all = some(all, textNames)
	all[0] = count(len(m.Text)) + ": " + all[0]
	return all
}

func (m *Model) labels(p *page, target int, labels []any) {
	key := "classes"
	if len(m.Classes) > 1 {
		key = "classes " + strconv.Itoa(target)
	}
	all := make([]string, min(len(labels), textLabels+1))
	for i := range all {
		all[i] = fmt.Sprint(labels[i])
		if s, ok := labels[i].(string); ok {
			all[i] = pickle.Repr(pickle.Text(s), longestValue)
		}
	}
	if len(labels) > textLabels {
		all[textLabels] = fmt.Sprintf("... %s more", count(len(labels)-textLabels))
	}
	if len(all) > 0 {
		all[0] = count(len(labels)) + ": " + all[0]
	}
	p.list(key, all)
}

func (c Conversion) String() string {
	switch c.Outcome {
	case Converts:
		return fmt.Sprintf("would convert, to about %s bytes", count(roundUp(c.Bytes)))
	case Refused:
		return "would be refused: " + c.Reason
	}
	return "would convert, by its class; too large to try without --verbose"
}

// roundUp rounds to three digits.
func roundUp(n int64) int64 {
	unit := int64(1)
	for n/unit >= 1000 {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}

// globals lists the names by module, in the order in which the modules appear.
func (i *Info) globals(p *page) {
	var modules []string
	by := map[string][]string{}
	for _, g := range i.Globals[:min(len(i.Globals), textGlobals)] {
		if _, ok := by[g.Module]; !ok {
			modules = append(modules, g.Module)
		}
		text := g.Name
		if g.Called {
			text += "()"
		}
		by[g.Module] = append(by[g.Module], fmt.Sprintf("%s @%d", text, g.Offset))
	}
	p.title(fmt.Sprintf("names in the file: %s; () is called, @ the byte that names it first", count(len(i.Globals))))
	for _, m := range modules {
		p.line("  " + m)
		p.list("", by[m])
	}
	if more := len(i.Globals) - textGlobals; more > 0 {
		p.line(fmt.Sprintf("  ... %s more (--json lists all)", count(more)))
	}
}

// some are the first n items, and how many more there are.
func some(items []string, n int) []string {
	if len(items) <= n {
		return items
	}
	return append(slices.Clone(items[:n]), fmt.Sprintf("... %s more", count(len(items)-n)))
}

// count writes a number with commas between the thousands.
func count[N int | int64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}
