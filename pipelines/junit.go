package pipelines

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/verify"
)

// The parts of JUnit XML, as Jenkins's plugin xunit describes it (junit-10.xsd), that a run needs: a test suite is a model file, a test case a
// check of an artifact, a check of the file, or what went wrong with one of them. A conversion that did not happen is never green.
// Characters that XML can't hold are replaced as package xml does, by U+FFFD.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property,omitempty"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Failure *junitOutcome `xml:"failure"`
		Error   *junitOutcome `xml:"error"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitOutcome struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes the summary as JUnit XML. What is not equal or not supported, and findings of the policy error, are failures; all else that
// kept a model from being converted is an error.
func (s *Summary) JUnit(w io.Writer) error {
	all := junitSuites{Name: "treeport", Time: fmt.Sprintf("%.3f", s.Seconds)}
	add := func(suite junitSuite) {
		suite.Time, suite.Timestamp = "0", s.Began.Format("2006-01-02T15:04:05")
		for _, c := range suite.Cases {
			suite.Tests++
			if c.Failure != nil {
				suite.Failures++
			}
			if c.Error != nil {
				suite.Errors++
			}
		}
		all.Tests += suite.Tests
		all.Failures += suite.Failures
		all.Errors += suite.Errors
		all.Suites = append(all.Suites, suite)
	}
	for i := range s.Records {
		add(s.Records[i].junit())
	}
	if s.Left > 0 {
		what := fmt.Sprintf("%d models were not come to", s.Left)
		add(junitSuite{Name: "treeport", Cases: []junitCase{{Class: "treeport", Name: "all models", Error: &junitOutcome{Type: "interrupted", Message: what, Text: what}}}})
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// junit is the suite of a model file.
func (r *Record) junit() junitSuite {
	suite := junitSuite{Name: r.Source, Properties: []junitProperty{{"treeport", r.Treeport}, {"status", string(r.Status)}}}
	property := func(name, value string) {
		if value != "" {
			suite.Properties = append(suite.Properties, junitProperty{name, value})
		}
	}
	property("sha256", r.SHA256)
	property("version", r.Version)
	property("version_id", r.VersionID)
	for _, m := range r.Models {
		property("estimator", m.Class)
		property("scikit_learn", m.Release)
	}
	add := func(c junitCase) {
		c.Class = r.Source
		suite.Cases = append(suite.Cases, c)
	}
	for _, a := range r.Artifact {
		for _, c := range a.Report.Checks {
			name := a.Name + ": " + string(c.Kind)
			if c.Against != "" {
				name += " (" + c.Against + ")"
			}
			add(junitCase{Name: name, Out: rowsText(&c)})
		}
	}
	for _, check := range []string{"scan", "locks"} {
		var said []string
		policy := Warn
		for _, f := range r.Findings {
			if f.Check == check {
				said = append(said, f.Rule+": "+f.What)
				if f.Policy == Fail {
					policy = Fail
				}
			}
		}
		switch text := strings.Join(said, "\n"); {
		case said == nil:
		case policy == Fail:
			add(junitCase{Name: check, Failure: &junitOutcome{Type: string(Refused), Message: said[0], Text: text}})
		default:
			add(junitCase{Name: check, Out: text})
		}
	}
	for _, p := range r.Problems {
		c := junitCase{Name: p.place() + "conversion"}
		outcome := &junitOutcome{Type: string(p.Kind), Message: p.What, Text: p.What}
		if p.Report != nil {
			outcome.Text = p.Report.Text(verify.Tolerance{})
		}
		switch p.Kind {
		case convert.KindNotEqual, convert.KindUnsupported:
			c.Failure = outcome
		default:
			c.Error = outcome
		}
		add(c)
	}
	if len(suite.Cases) == 0 {
		c := junitCase{Name: "conversion"}
		if r.Status != Equal {
			c.Error = &junitOutcome{Type: string(r.Status), Message: string(r.Status)}
		}
		add(c)
	}
	return suite
}

// place is what a problem is about, before a colon; empty: the file.
func (p *Problem) place() string {
	switch {
	case p.To != "":
		return p.To + ": "
	case p.Model != "":
		return p.Model + ": "
	}
	return ""
}

// rowsText says how much a check compared.
func rowsText(c *verify.Check) string {
	if c.Kind == verify.Structure {
		return ""
	}
	text := fmt.Sprintf("%d rows", c.Rows)
	if most := farthest(c); most > 0 {
		text += fmt.Sprintf(", at most %d ulp apart", most)
	}
	return text
}

// farthest is the largest distance in a check, in the ulp that count.
func farthest(c *verify.Check) uint64 {
	var most uint64
	for i := range c.Diffs {
		d := &c.Diffs[i]
		if d.Float32 {
			most = max(most, d.MaxULP32)
		} else {
			most = max(most, d.MaxULP)
		}
	}
	return most
}
