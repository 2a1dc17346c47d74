package inspect

import (
	version "github.com/aquasecurity/go-pep440-version"
)

// needs is what a scikit-learn release can be installed with, from its release on until the next row.
//
// python: the CPython versions that PyPI has wheels of it for (from the list of its files, November 2026).
// The lower ends are what the wheel's metadata say (0.17 to 0.19, whose metadata say nothing: sklearn/__init__.py and
// setup.py). The upper ends were measured: each release was installed for its oldest and its newest Python without an
// upper end, then fitted and loaded saved models; where that failed, the end is the newest one that worked:
//
//	0.17, 0.18   scipy 1.3 has no scipy.misc.comb any more
//	0.17 to 0.24 numpy 1.24 has no numpy.int any more
//	1.0 to 1.4.1 built against numpy 1: "numpy.dtype size changed" with numpy 2
type needs struct {
	since  string
	python string
	numpy  string
	scipy  string
	joblib string // empty until 0.20, which bundles it
}

var wheels = []needs{
	{"0.17", "2.7 3.4 3.5", ">=1.6.1,<1.24", ">=0.9,<1.3", ""},
	{"0.18", "2.7 3.4 3.5", ">=1.6.1,<1.24", ">=0.9,<1.3", ""},
	{"0.18.1", "2.7 3.4 3.5 3.6", ">=1.6.1,<1.24", ">=0.9,<1.3", ""},
	{"0.19", "2.7 3.4 3.5 3.6", ">=1.8.2,<1.24", ">=0.13.3", ""},
	{"0.19.2", "2.7 3.4 3.5 3.6 3.7", ">=1.8.2,<1.24", ">=0.13.3", ""},
	{"0.20", "2.7 3.4 3.5 3.6 3.7", ">=1.8.2,<1.24", ">=0.13.3", ""},
	{"0.21", "3.5 3.6 3.7", ">=1.11.0,<1.24", ">=0.17.0", ">=0.11"},
	{"0.22", "3.5 3.6 3.7 3.8", ">=1.11.0,<1.24", ">=0.17.0", ">=0.11"},
	{"0.22.2", "3.6 3.7 3.8", ">=1.11.0,<1.24", ">=0.17.0", ">=0.11"},
	{"0.22.2.post1", "3.5 3.6 3.7 3.8", ">=1.11.0,<1.24", ">=0.17.0", ">=0.11"},
	{"0.23", "3.6 3.7 3.8", ">=1.13.3,<1.24", ">=0.19.1", ">=0.11"},
	{"0.24", "3.6 3.7 3.8 3.9", ">=1.13.3,<1.24", ">=0.19.1", ">=0.11"},
	{"1.0", "3.7 3.8 3.9", ">=1.14.6,<2", ">=1.1.0", ">=0.11"},
	{"1.0.2", "3.7 3.8 3.9 3.10", ">=1.14.6,<2", ">=1.1.0", ">=0.11"},
	{"1.1", "3.8 3.9 3.10", ">=1.17.3,<2", ">=1.3.2", ">=1.0.0"},
	{"1.1.3", "3.8 3.9 3.10 3.11", ">=1.17.3,<2", ">=1.3.2", ">=1.0.0"},
	{"1.2", "3.8 3.9 3.10 3.11", ">=1.17.3,<2", ">=1.3.2", ">=1.1.1"},
	{"1.3", "3.8 3.9 3.10 3.11", ">=1.17.3,<2", ">=1.5.0", ">=1.1.1"},
	{"1.3.1", "3.8 3.9 3.10 3.11 3.12", ">=1.17.3,<2", ">=1.5.0", ">=1.1.1"},
	{"1.4", "3.9 3.10 3.11 3.12", ">=1.19.5,<2", ">=1.6.0", ">=1.2.0"},
	{"1.4.2", "3.9 3.10 3.11 3.12", ">=1.19.5", ">=1.6.0", ">=1.2.0"},
	{"1.5", "3.9 3.10 3.11 3.12", ">=1.19.5", ">=1.6.0", ">=1.2.0"},
	{"1.5.2", "3.9 3.10 3.11 3.12 3.13", ">=1.19.5", ">=1.6.0", ">=1.2.0"},
	{"1.6", "3.9 3.10 3.11 3.12 3.13", ">=1.19.5", ">=1.6.0", ">=1.2.0"},
	{"1.7", "3.10 3.11 3.12 3.13", ">=1.22.0", ">=1.8.0", ">=1.2.0"},
	{"1.7.2", "3.10 3.11 3.12 3.13 3.14", ">=1.22.0", ">=1.8.0", ">=1.2.0"},
	{"1.8", "3.11 3.12 3.13 3.14", ">=1.24.1", ">=1.10.0", ">=1.3.0"},
	{"1.9", "3.11 3.12 3.13 3.14", ">=1.24.1", ">=1.10.0", ">=1.4.0"},
	{"1.9.1", "3.11 3.12 3.13 3.14 3.15", ">=1.24.1", ">=1.10.0", ">=1.4.0"},
}

// beyond is the first release that the table knows nothing of.
const beyond = "1.10.dev0"

// numpyPython are the CPython versions that numpy has wheels for: those of 1.x end with 3.12, those of 2.x begin with 3.9.
var numpyPython = map[string]string{"<2": "<3.13", ">=2": ">=3.9"}

// needsOf is the table's row for a release; nil if there is none.
func needsOf(release string) *needs {
	v, err := version.Parse(release)
	if err != nil || !v.LessThan(version.MustParse(beyond)) {
		return nil
	}
	var row *needs
	for i := range wheels {
		if !v.LessThan(version.MustParse(wheels[i].since)) {
			row = &wheels[i]
		}
	}
	return row
}
