package inspect

import (
	version "github.com/aquasecurity/go-pep440-version"
)

// lightgbmFormats are the releases of LightGBM that write a format (src/boosting/gbdt_model_text.cpp), newer ones left out.
var lightgbmFormats = map[string]string{"v2": ">=2.1,<2.3", "v3": ">=2.3,<4", "v4": ">=4"}

// boosters adds the lines of the libraries whose boosters are in the file. A library's own format is read by newer releases
// too; a pickle holds the library's own objects, which those may have changed.
func (l *Lock) boosters(i *Info) {
	for _, m := range i.Models {
		for _, b := range m.Boosters {
			if r := b.requirement(i.Library != ""); l.requirement(r.Package) == nil {
				l.Requirements = append(l.Requirements, r)
			} else if r.Range != l.requirement(r.Package).Range {
				l.note("%s is of %s%s", m.Path, r.Package, r.Range)
			}
		}
	}
}

func (b Booster) requirement(own bool) Requirement {
	r := Requirement{Package: distributions[b.Library], Why: "which release is not known"}
	v, err := version.Parse(b.Release)
	known := err == nil && len(b.Release) <= longestVersion
	switch {
	case known && own:
		r.Range, r.Why = ">="+v.String(), "the file names "+v.String()+", and newer ones read it"
	case known:
		r.Range, r.Exact, r.Why = "=="+v.String(), true, "the file names it"
	case lightgbmFormats[b.Format] != "":
		r.Range, r.Why = lightgbmFormats[b.Format], "the booster's format is "+b.Format
		if own {
			r.Range, r.Why = lowerEnd(r.Range), r.Why+", and newer ones read it"
		}
	}
	return r
}
