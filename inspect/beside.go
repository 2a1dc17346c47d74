package inspect

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Beside is a file of requirements in the model's folder, and what it says of the packages that matter.
type Beside struct {
	File     string    `json:"file"`
	Error    string    `json:"error,omitempty"`
	Verdicts []Verdict `json:"verdicts"`
}

// Verdict is what a line of such a file says of one package, against what the model says.
type Verdict struct {
	Package string `json:"package"`
	Line    int    `json:"line,omitempty"`   // from 1; 0 where the file says nothing
	Says    string `json:"says,omitempty"`   // the version range, in pip's notation where it could be brought into it
	Marker  string `json:"marker,omitempty"` // the environment that the line is for, if not for all
	Outcome string `json:"outcome"`
	Why     string `json:"why,omitempty"`
}

// Outcomes of a Verdict.
const (
	Agrees    = "agrees"
	Disagrees = "does not agree"
	Silent    = "says nothing"
	Unclear   = "is not understood"
)

// pin is what a file of requirements says of a package.
type pin struct {
	pkg    string // normalised: lower case, dashes
	spec   string // pip's notation; a range of alternatives has ||
	line   int
	marker string
}

// A parser reads pins out of one kind of file. dir is the folder, for files that include others.
type parser struct {
	patterns []string // of the file's name
	parse    func(text []byte, dir string) ([]pin, error)
}

// parsers is the visible list.
func parsers() []parser {
	return []parser{
		{[]string{"requirements*.txt", "constraints*.txt"}, parseRequirements},
		{[]string{"environment.yml", "environment.yaml", "conda.yml", "conda.yaml"}, parseConda},
		{[]string{"poetry.lock"}, parsePoetry},
		{[]string{"uv.lock"}, parseUV},
		{[]string{"pdm.lock"}, parsePDM},
		{[]string{"pylock.toml", "pylock.*.toml"}, parsePylock},
		{[]string{"Pipfile.lock"}, parsePipfile},
	}
}

const (
	// largestBeside is how large a file of requirements may be.
	largestBeside = 32 << 20
	// mostBeside is how many such files are read.
	mostBeside = 50
)

// Compare reads the files of requirements beside the model, and holds them against l.
func (l *Lock) Compare() {
	if l.file == "-" {
		return
	}
	l.CompareIn(filepath.Dir(l.file))
}

// CompareIn is Compare with the files of a folder, wherever the model is.
func (l *Lock) CompareIn(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // the model itself was read; what can't be listed says nothing
	}
	for _, e := range entries {
		if p, ok := parserOf(e.Name()); ok && len(l.Beside) < mostBeside && !e.IsDir() {
			l.Beside = append(l.Beside, l.read(filepath.Join(dir, e.Name()), p))
		}
	}
}

// IsLock tells whether a file of this name is one of those that Compare reads.
func IsLock(name string) bool {
	_, ok := parserOf(name)
	return ok
}

// LockPrefixes is what the names begin with of which IsLock is true.
func LockPrefixes() []string {
	var all []string
	for _, p := range parsers() {
		for _, pattern := range p.patterns {
			all = append(all, pattern[:strings.IndexAny(pattern+"*", "*")])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func parserOf(name string) (parser, bool) {
	for _, p := range parsers() {
		if p.matches(name) {
			return p, true
		}
	}
	return parser{}, false
}

func (p parser) matches(name string) bool {
	return slices.ContainsFunc(p.patterns, func(pattern string) bool {
		ok, _ := filepath.Match(pattern, name)
		return ok
	})
}

func (l *Lock) read(name string, p parser) Beside {
	b := Beside{File: name, Verdicts: []Verdict{}}
	text, err := readSmall(name)
	if err == nil {
		var pins []pin
		if pins, err = p.parse(text, filepath.Dir(name)); err == nil {
			b.Verdicts = l.judge(pins)
		}
	}
	if err != nil {
		b.Error = err.Error()
	}
	return b
}

func readSmall(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("no regular file")
	}
	text, err := io.ReadAll(io.LimitReader(f, largestBeside+1))
	if err == nil && len(text) > largestBeside {
		err = fmt.Errorf("more than %d MiB", largestBeside>>20)
	}
	return text, err
}

// judged are the packages that are compared. "python" is no package, but files say which they are for.
var judged = []string{sklearnPackage, "numpy", "joblib", pythonName}

const pythonName = "python"

func (l *Lock) judge(pins []pin) []Verdict {
	all := []Verdict{}
	for _, pkg := range judged {
		if pkg == pythonName && l.Python == nil || pkg != pythonName && l.requirement(pkg) == nil {
			continue
		}
		said := false
		for _, p := range pins {
			if p.pkg == pkg {
				said = true
				all = append(all, l.verdict(p))
			}
		}
		if !said {
			all = append(all, Verdict{Package: pkg, Outcome: Silent})
		}
	}
	return all
}

func (l *Lock) verdict(p pin) Verdict {
	v := Verdict{Package: p.pkg, Line: p.line, Says: p.spec, Marker: p.marker, Outcome: Agrees}
	fits, wanted, err := l.fits(p)
	switch {
	case err != nil:
		v.Outcome, v.Why = Unclear, err.Error()
	case !fits:
		v.Outcome, v.Why = Disagrees, "the model wants "+wanted
	case p.spec == "":
		v.Why = "any version"
	case p.pkg == sklearnPackage && !strings.HasPrefix(p.spec, "==") && !strings.HasPrefix(p.spec, "==="):
		v.Why = "a range that allows the model's"
	}
	return v
}

// fits tells whether a pin leaves a version that the model wants.
func (l *Lock) fits(p pin) (fits bool, wanted string, err error) {
	if p.pkg == pythonName {
		if len(l.Python) == 0 {
			return true, "", nil
		}
		in, err := pythonsIn(l.Python, p.spec)
		return len(in) > 0, span(l.Python), err
	}
	r := l.requirement(p.pkg)
	wanted = r.Range
	if r.Exact {
		fits, err = within(strings.TrimPrefix(wanted, "=="), p.spec)
		return fits, strings.TrimPrefix(wanted, "=="), err
	}
	fits, err = meet(wanted, p.spec)
	return fits, wanted, err
}

// Disagreements are the packages of which a line disagrees and none agrees.
func (b *Beside) Disagreements() []Verdict {
	var all []Verdict
	for _, pkg := range judged {
		if v := b.against(pkg); v != nil {
			all = append(all, *v)
		}
	}
	return all
}

// against is the first line that disagrees on a package, if no line of the file agrees.
func (b *Beside) against(pkg string) *Verdict {
	var no *Verdict
	for i := range b.Verdicts {
		v := &b.Verdicts[i]
		if v.Package != pkg {
			continue
		}
		if v.Outcome == Agrees {
			return nil
		}
		if v.Outcome == Disagrees && no == nil {
			no = v
		}
	}
	return no
}

// normal is a package's name as PEP 503 compares it.
func normal(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == '.' }), "-")
}
