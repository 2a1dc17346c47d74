package pipelines

import (
	"io"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/internal/sarif"
	"github.com/seed-2867d59c/treeport/scan"
)

// problemRules are the rules of problems, by their kinds.
var problemRules = []struct {
	kind     convert.Kind
	id, what string
}{
	{convert.KindNotEqual, "not-equal", "An artifact does not answer as its model does, and was not written"},
	{convert.KindUnsupported, "not-supported", "Something in the model can't be converted"},
	{convert.KindBroken, "broken", "The file does not follow its format"},
	{convert.KindTooBig, "too-big", "The file or the model is over a limit"},
	{convert.KindIO, "io", "Something could not be read or written"},
	{convert.KindUsage, "usage", "The options make no sense for the model"},
	{convert.KindInternal, "internal", "A fault of treeport itself"},
}

// lockRules are those of the check locks.
var lockRules = []sarif.Rule{
	{ID: "lock-disagrees", What: "A lock file beside the model names a version that the model was not saved with"},
	{ID: "unreadable-lock", What: "A lock file beside the model can't be read"},
}

// SARIF writes problems and findings as one run of SARIF 2.1.0.
func (s *Summary) SARIF(w io.Writer) error {
	var rules []sarif.Rule
	ids := map[convert.Kind]string{}
	known := map[string]bool{}
	add := func(r sarif.Rule) {
		known[r.ID] = true
		rules = append(rules, r)
	}
	for _, p := range problemRules {
		ids[p.kind] = p.id
		add(sarif.Rule{ID: p.id, What: p.what})
	}
	for _, r := range append(scan.Rules[:len(scan.Rules):len(scan.Rules)], lockRules...) {
		add(r)
	}
	var results []sarif.Result
	for i := range s.Records {
		r := &s.Records[i]
		for _, p := range r.Problems {
			results = append(results, sarif.Result{Rule: ids[p.Kind], Level: string(scan.Error), Text: p.place() + p.What, File: r.Source, Offset: -1})
		}
		for _, f := range r.Findings {
			level := scan.Warning
			if f.Policy == Fail {
				level = scan.Error
			}
			if !known[f.Rule] { // of a record that another treeport made
				add(sarif.Rule{ID: f.Rule, What: "A finding of the check " + f.Check})
			}
			results = append(results, sarif.Result{Rule: f.Rule, Level: string(level), Text: f.What, File: r.Source, Offset: -1})
		}
	}
	return sarif.Write(w, s.Treeport, rules, results)
}
