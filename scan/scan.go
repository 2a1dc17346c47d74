package scan

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
	"github.com/seed-2867d59c/treeport/skops"
)

// Level is how much a finding weighs, in SARIF's words.
type Level string

const (
	Note    Level = "note"    // unusual, but nothing would be run
	Warning Level = "warning" // something that honest files don't have, or a file that can't be read to its end
	Error   Level = "error"   // something that honest files don't run
)

// Verdict sums a file up.
type Verdict string

const (
	Clean      Verdict = "clean"      // all of it is what honest files hold
	Suspicious Verdict = "suspicious" // warnings
	Dangerous  Verdict = "dangerous"  // errors
	Unreadable Verdict = "unreadable" // no whole pickle and nothing else known, and nothing found up to where it breaks
)

// Finding is something in a file that honest ones don't hold.
type Finding struct {
	Rule   string `json:"rule"`
	Level  Level  `json:"level"`
	What   string `json:"what"`
	Member string `json:"member,omitempty"` // of a zip archive, where it is; of an archive in it, with an exclamation mark in between
	Offset int64  `json:"offset"`           // of the first opcode that does it, in the unpacked stream; -1 unknown
	Code   string `json:"code"`             // what Python would do; arguments are cut
	Count  int    `json:"count"`            // how many times
}

// Report is what there is to say of one file.
type Report struct {
	File     string    `json:"file"`
	Verdict  Verdict   `json:"verdict"`
	Names    int       `json:"names"` // that the file looks up
	Findings []Finding `json:"findings"`
}

// The rules, with what they mean.
var Rules = []struct{ ID, What string }{
	{"unknown-call", "Something is called that honest model files don't call, or not in this way"},
	{"unknown-name", "A module is imported, and a name looked up in it, that honest model files don't name"},
	{"computed-call", "What a call returned is called, so that no name tells what is run"},
	{"changed-class", "Attributes are set on a class or a function, which changes it for the whole process"},
	{"special-attribute", "An attribute is set by which Python itself calls an object"},
	{"persistent-id", "An object is asked for by an id: plain loaders refuse, others run what they please"},
	{"unreadable", "The file can't be read to its end, so that nothing is known of what follows"},
	{"other-release", "A name that models of this scikit-learn release don't hold"},
	{"trailing-data", "Bytes follow the last pickle, which Python does not read"},
}

// File tells what loading a file would do. Whatever is wrong with the file is a finding.
func File(src pickle.Source, lim pickle.Limits) *Report {
	report := &Report{File: src.Name, Findings: []Finding{}}
	unread := 0
	parts := record(src, lim)
	for _, p := range parts {
		r := p.recorder
		for _, u := range r.order {
			if u.How == imported {
				report.Names++
			}
			if rule, level, what := judge(u, r.release); rule != "" {
				o := r.uses[u]
				report.add(Finding{Rule: rule, Level: level, What: what, Member: p.member, Offset: o.offset, Code: o.code, Count: o.count})
			}
		}
		switch {
		case p.err != nil:
			unread++
			report.add(Finding{Rule: "unreadable", Level: Warning, What: p.err.Error(), Member: p.member, Offset: -1, Count: 1})
		case p.doc.Trailing > 0:
			report.add(Finding{Rule: "trailing-data", Level: Note, What: fmt.Sprintf("%d bytes after the last pickle", p.doc.Trailing),
				Member: p.member, Offset: p.doc.Size - p.doc.Trailing, Count: 1})
		}
	}
	report.judge(unread > 0 && unread == len(parts))
	return report
}

// longest is how many bytes of what a file says a report shows.
const longest = 200

func (r *Report) add(f Finding) {
	f.What, f.Code, f.Member = fault.Printable(f.What, longest), fault.Printable(f.Code, longest), fault.Printable(f.Member, longest)
	r.Findings = append(r.Findings, f)
}

// judge sums the findings up; unread says that nothing of the file could be read to its end.
func (r *Report) judge(unread bool) {
	r.Verdict = Clean
	for _, f := range r.Findings {
		switch {
		case f.Level == Error:
			r.Verdict = Dangerous
			return
		case f.Level == Warning:
			r.Verdict = Suspicious
		}
	}
	if unread && !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Rule != "unreadable" }) {
		r.Verdict = Unreadable
	}
}

// part is one of the pickles in a file.
type part struct {
	member   string // of a zip archive
	recorder *recorder
	doc      *pickle.Document
	err      error
}

// record notes all uses of names in a file, in each pickle up to where it breaks.
func record(src pickle.Source, lim pickle.Limits) []part {
	var parts []part
	r := newRecorder()
	src.Watch = func(e pickle.Event) { r.watch(e) }
	next := func(member string, doc *pickle.Document, err error) {
		parts = append(parts, part{member, r, doc, err})
		r = newRecorder()
	}
	isSkops := skops.Sniff(src.Data)
	if isSkops { // what follows is of members that are no part of the format
		doc, err := skops.Decode(src, lim)
		if err == nil {
			for _, use := range doc.Globals {
				r.add(Use{use.Global.String(), imported}, use.Offset, use.Global.String)
			}
		}
		next("", doc, err)
	}
	own := sklearn.OwnFormat(src.Data)
	var guessed []part // members that were taken for pickles by their first bytes alone, and turned out to be none
	pickle.Each(src, lim, likely, func(member string, doc *pickle.Document, err error) {
		var big *fault.TooBig
		switch {
		case own != nil: // which may be a pickle as well, for those who load it as one
			next(member, own, nil)
		case err == nil || len(r.order) > 0 || member != "" && named(member) || errors.As(err, &big):
			next(member, doc, err)
		case !isSkops || member != "":
			guessed = append(guessed, part{member, r, doc, err})
		}
	})
	if len(parts) == 0 {
		return guessed
	}
	return parts
}

// judge answers the rule that a use breaks; "" if honest files have it, too.
func judge(u Use, release string) (rule string, level Level, what string) {
	entry, known := allowed()[u]
	switch {
	case u.How == persistent:
		return "persistent-id", Warning, "an object is asked for by an id"
	case u.How == classState:
		return "changed-class", Error, "attributes are set on " + u.Name
	case known:
		if unusual(entry, u, release) {
			return "other-release", Note, fmt.Sprintf("%s is of scikit-learn %s to %s, the file of %s", u.Name, entry.from, entry.to, release)
		}
		return "", "", ""
	case u.How == unnamed:
		return "computed-call", Error, "calls what a call returned"
	case u.How == imported:
		return "unknown-name", Warning, "imports " + u.Name + ", which honest models don't name"
	case strings.HasPrefix(u.How, "attribute "):
		return "special-attribute", Error, u.Name + " gets the " + u.How
	case u.How == stated:
		return "unknown-call", Error, "calls __setstate__ of " + u.Name + ", which honest models don't"
	case u.How == filled:
		return "unknown-call", Error, "adds items to " + u.Name + ", which honest models don't"
	}
	return "unknown-call", Error, "calls " + u.Name + ", which honest models don't call so"
}

// unusual tells whether a name of scikit-learn is one that the file's release does not have.
func unusual(e entry, u Use, release string) bool {
	if e.from == "" || !strings.HasPrefix(u.Name, "sklearn.") {
		return false
	}
	n, ok := minor(release)
	from, _ := minor(e.from)
	to, _ := minor(e.to)
	newest, _ := minor(sklearn.Newest.String())
	return ok && n <= newest && (n < from || n > to)
}

// minor is a release as one number, without its last part: 1.3.2 is 1003.
func minor(release string) (int, bool) {
	major, rest, _ := strings.Cut(release, ".")
	second, _, _ := strings.Cut(rest, ".")
	a, err1 := strconv.Atoi(major)
	b, err2 := strconv.Atoi(second)
	return 1000*a + b, err1 == nil && err2 == nil && a < 1000 && b < 1000
}
