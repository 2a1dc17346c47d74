package inspect

import (
	"fmt"
	"slices"
	"strings"

	version "github.com/aquasecurity/go-pep440-version"
)

// Lock is what would have to be installed to load a file with Python, and whether the locks beside it agree.
type Lock struct {
	// Python lists the CPython versions (X.Y) that go with the rest; empty if nothing is known.
	Python       []string      `json:"python"`
	PythonWhy    string        `json:"python_why"`
	Requirements []Requirement `json:"requirements"`
	Notes        []string      `json:"notes"`
	Beside       []Beside      `json:"beside"` // the files of requirements beside the model

	file string
}

// Requirement is one line of a requirements.txt.
type Requirement struct {
	Package string `json:"package"`
	Range   string `json:"range"` // in pip's notation; empty: any
	Exact   bool   `json:"exact"` // the file itself names the version; else it is inferred
	Why     string `json:"why"`
}

// NewLock infers the requirements from a description.
func NewLock(i *Info) *Lock {
	l := &Lock{Python: []string{}, Requirements: []Requirement{}, Notes: []string{}, Beside: []Beside{}, file: i.File}
	l.PythonWhy = "the file says " + i.WrittenBy.Python
	if i.WrittenBy.Python == "" {
		l.PythonWhy = "the file says nothing of it"
	}
	row := l.scikitLearn(i)
	l.python(i, row)
	l.numpy(i, row)
	if row != nil {
		l.need("scipy", row.scipy, "what scikit-learn needs")
	} else if i.names("scipy") || len(l.Requirements) > 0 && l.Requirements[0].Package == sklearnPackage {
		l.need("scipy", "", "which release is not known")
	}
	l.joblib(i, row)
	if i.WrittenBy.Skops != "" {
		l.need("skops", strings.Replace(i.WrittenBy.Skops, "==", ">=", 1), "the file says "+i.WrittenBy.Skops+", and newer ones read it")
	}
	l.boosters(i)
	packages, unknown := others(i.Globals)
	for _, p := range packages {
		if l.requirement(p) == nil {
			l.need(p, "", "named in the file, which release is not known")
		}
	}
	if slices.Contains(i.Container, "lz4") {
		l.need("lz4", "", "joblib needs it for the file's compression")
	}
	if slices.ContainsFunc(i.Globals, func(g Global) bool { return topLevel(g.Module) == "cloudpickle" && g.Name == "_make_function" }) {
		l.note("cloudpickle keeps functions as bytecode, which only the Python X.Y that wrote the file runs; which that is, is not known")
	}
	for k, m := range unknown {
		if k == mostUnknown {
			l.note("and %d more", len(unknown)-k)
			break
		}
		if m == "__main__" {
			m = "__main__, the script that wrote the file"
		}
		l.note("the file also names the module %s, of no package that is known here", m)
	}
	return l
}

// modulesOf017 are modules that every estimator was in until 0.21, and that trees and their kin name.
var modulesOf017 = strings.Fields(`sklearn.tree.tree sklearn.ensemble.forest sklearn.ensemble.gradient_boosting
	sklearn.ensemble.bagging sklearn.ensemble.weight_boosting sklearn.ensemble.voting_classifier`)

// longestVersion is how long a release may be to be printed as a requirement.
const longestVersion = 40

// mostUnknown is how many modules of unknown packages are listed.
const mostUnknown = 20

const sklearnPackage = "scikit-learn"

func (l *Lock) need(pkg, r, why string) {
	l.Requirements = append(l.Requirements, Requirement{Package: pkg, Range: r, Why: why})
}

func (l *Lock) note(format string, args ...any) {
	l.Notes = append(l.Notes, fmt.Sprintf(format, args...))
}

// requirement finds the line of a package.
func (l *Lock) requirement(pkg string) *Requirement {
	for i := range l.Requirements {
		if l.Requirements[i].Package == pkg {
			return &l.Requirements[i]
		}
	}
	return nil
}

// scikitLearn adds the line of scikit-learn, and answers what that release needs.
func (l *Lock) scikitLearn(i *Info) *needs {
	if len(i.Releases) == 0 {
		if !i.sklearnNamed() {
			if i.Library == "" {
				l.note("the file names nothing of scikit-learn")
			}
			return nil
		}
		for _, m := range i.Models {
			if m.Release == "" && m.TakenFor != "" {
				l.need(sklearnPackage, "=="+m.TakenFor+".*", "the file names no release; laid out as those up to "+m.TakenFor)
				return needsOf(m.TakenFor + ".99")
			}
		}
		if slices.ContainsFunc(i.Globals, func(g Global) bool { return slices.Contains(modulesOf017, g.Module) }) {
			l.need(sklearnPackage, "==0.17.*", "the file names no release, as none did before 0.18")
			return needsOf("0.17")
		}
		l.need(sklearnPackage, "", "the file names no release")
		return nil
	}
	// What others wrote into a file must not become an option or a comment of pip's: it is a version or it is not used.
	release := i.Releases[0].Release
	v, err := version.Parse(release)
	switch {
	case err != nil || len(release) > longestVersion:
		l.need(sklearnPackage, "", "what the file names is no version")
		return nil
	case v.Local() != "" || strings.Contains(v.String(), "dev"):
		series := strings.Join(strings.SplitN(v.BaseVersion(), ".", 3)[:2], ".")
		l.need(sklearnPackage, "=="+series+".*", "the file names "+v.String()+", which is on no index")
		return needsOf(series + ".99")
	}
	l.Requirements = append(l.Requirements, Requirement{sklearnPackage, "==" + v.String(), true, "the file names it"})
	for _, c := range i.Releases[1:] {
		l.note("%s of the file %s of scikit-learn %s", plural(c.Objects, "object"), isAre(c.Objects), c.Release)
	}
	row := needsOf(release)
	if row == nil {
		l.note("scikit-learn %s is not known here, so nothing is known of what it needs", v.String())
	}
	return row
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// python lists the Pythons that have wheels of scikit-learn and of the numpy, and that the file may be of.
func (l *Lock) python(i *Info, row *needs) {
	if row == nil {
		return
	}
	all := strings.Fields(row.python)
	release := strings.TrimPrefix(l.Requirements[0].Range, "==")
	l.PythonWhy += fmt.Sprintf("; scikit-learn %s has wheels for %s", release, span(all))
	for _, r := range []string{i.WrittenBy.Python, numpyPython[i.WrittenBy.Numpy]} {
		if some, err := pythonsIn(all, r); err == nil && r != "" {
			all = some
		}
	}
	if _, limits := numpyPython[i.WrittenBy.Numpy]; limits {
		l.PythonWhy += "; numpy " + i.WrittenBy.Numpy + " wrote it"
	}
	l.Python = append(l.Python, all...)
}

func (l *Lock) numpy(i *Info, row *needs) {
	if row == nil && !i.names("numpy") {
		return
	}
	r, why := i.WrittenBy.Numpy, "the file says "+i.WrittenBy.Numpy
	if r == "" {
		why = "the file says nothing of it"
	}
	if row != nil {
		r = both(r, row.numpy)
		why += ", scikit-learn needs " + row.numpy
	}
	l.need("numpy", r, why)
}

func (l *Lock) joblib(i *Info, row *needs) {
	bundled := i.Joblib != nil && strings.HasPrefix(i.Joblib.Module, "sklearn.")
	needed := i.names("joblib") || row != nil && row.joblib != ""
	if !needed {
		if bundled {
			l.note("joblib is the one that scikit-learn bundles")
		}
		return
	}
	var r string
	var why []string
	if i.WrittenBy.Joblib != "" {
		// Newer ones read what older ones wrote, so that only the lower end matters.
		r = lowerEnd(i.WrittenBy.Joblib)
		why = append(why, "the file says "+i.WrittenBy.Joblib+", and newer ones read it")
	}
	if row != nil && row.joblib != "" {
		r = both(r, row.joblib)
		why = append(why, "scikit-learn needs "+row.joblib)
	}
	if why == nil {
		why = []string{"which release is not known"}
	}
	l.need("joblib", r, strings.Join(why, "; "))
}

// names tells whether the file names anything of a top-level module.
func (i *Info) names(top string) bool {
	return slices.ContainsFunc(i.Globals, func(g Global) bool { return topLevel(g.Module) == top })
}
