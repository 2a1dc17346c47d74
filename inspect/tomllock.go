package inspect

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// The locks in TOML: lists of packages, each with name and version.
//
//	poetry.lock   [[package]]    [metadata] python-versions     Poetry's own ranges (^, ~)
//	uv.lock       [[package]]    requires-python
//	pdm.lock      [[package]]    [metadata] requires_python (until 2.19), [[metadata.targets]] requires_python
//	pylock.toml   [[packages]]   requires-python                PEP 751
type tomlLock struct {
	Package        []tomlPackage `toml:"package"`
	Packages       []tomlPackage `toml:"packages"`
	RequiresPython string        `toml:"requires-python"`
	Metadata       struct {
		PythonVersions string `toml:"python-versions"`
		RequiresPython string `toml:"requires_python"`
		Targets        []struct {
			RequiresPython string `toml:"requires_python"`
		} `toml:"targets"`
	} `toml:"metadata"`
}

type tomlPackage struct {
	Name    string `toml:"name"`
	Version string `toml:"version"`
	Marker  string `toml:"marker"` // of pylock.toml
	// Forks are uv's markers of a package that it locked several versions of.
	Forks []string `toml:"resolution-markers"`
}

func parseTOML(text []byte, packages func(*tomlLock) []tomlPackage, python func(*tomlLock) (key, spec string)) ([]pin, error) {
	if nested(text) > mostNested {
		return nil, errors.New("brackets inside each other without end")
	}
	var lock tomlLock
	if err := toml.Unmarshal(text, &lock); err != nil {
		return nil, err
	}
	var all []pin
	nth := map[string]int{}
	for _, p := range packages(&lock) {
		if p.Version == "" || !slices.Contains(judged, normal(p.Name)) {
			continue // a project by its folder, or a package that nobody asks about
		}
		marker := p.Marker
		if marker == "" {
			marker = strings.Join(p.Forks, " or ")
		}
		all = append(all, pin{normal(p.Name), "==" + p.Version, lineOf(text, "name", p.Name, nth[p.Name]), marker})
		nth[p.Name]++
	}
	if key, spec := python(&lock); spec != "" {
		start := max(0, bytes.Index(text, []byte("[metadata"))) // where the tool has one, the key is in it
		all = append(all, pin{pythonName, spec, bytes.Count(text[:start], []byte("\n")) + lineOf(text[start:], key, "", 0), ""})
	}
	return all, nil
}

// mostNested bounds the recursion of the TOML library.
const mostNested = 1000

// nested is how many brackets are open at once at most, those in texts included.
func nested(text []byte) int {
	depth, deepest := 0, 0
	for _, c := range text {
		switch c {
		case '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	return deepest
}

func one(l *tomlLock) []tomlPackage { return l.Package }

func parsePoetry(text []byte, _ string) ([]pin, error) {
	return parseTOML(text, one, func(l *tomlLock) (string, string) {
		return "python-versions", poetryRange(l.Metadata.PythonVersions)
	})
}

func parseUV(text []byte, _ string) ([]pin, error) {
	return parseTOML(text, one, func(l *tomlLock) (string, string) { return "requires-python", l.RequiresPython })
}

func parsePDM(text []byte, _ string) ([]pin, error) {
	return parseTOML(text, one, func(l *tomlLock) (string, string) {
		spec := l.Metadata.RequiresPython
		for _, t := range l.Metadata.Targets {
			if spec == "" {
				spec = t.RequiresPython
			}
		}
		return "requires_python", spec
	})
}

func parsePylock(text []byte, _ string) ([]pin, error) {
	return parseTOML(text, func(l *tomlLock) []tomlPackage { return l.Packages },
		func(l *tomlLock) (string, string) { return "requires-python", l.RequiresPython })
}

// lineOf is the line of the nth assignment of a value to a key, or of any where value is empty; TOML libraries tell no
// lines. Assignments that open a line come first: elsewhere a name is that of a dependency.
func lineOf(text []byte, key, value string, nth int) int {
	pattern := regexp.QuoteMeta(key) + `\s*=\s*`
	if value != "" {
		pattern += `["']` + regexp.QuoteMeta(value) + `["']`
	}
	for _, before := range []string{`(?m)^\s*`, `(?:[{,]\s*)`} {
		if at := regexp.MustCompile(before+pattern).FindAllIndex(text, nth+1); len(at) > nth {
			return 1 + bytes.Count(text[:at[nth][1]], []byte("\n"))
		}
	}
	return 1
}

var poetryClause = regexp.MustCompile(`^[\^~]\s*([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?$`)

// poetryRange brings ^X.Y and ~X.Y into pip's notation: the first may not change the leftmost number, the second only the
// last one that is written of major.minor.
func poetryRange(spec string) string {
	var alternatives []string
	for _, alternative := range strings.Split(strings.ReplaceAll(spec, "||", "|"), "|") {
		var clauses []string
		for _, clause := range strings.FieldsFunc(alternative, func(r rune) bool { return r == ',' }) {
			clause = strings.TrimSpace(clause)
			if m := poetryClause.FindStringSubmatch(clause); m != nil {
				prefix := m[1]
				if clause[0] == '~' && m[2] != "" {
					prefix += "." + m[2]
				}
				clause = ">=" + strings.TrimSpace(clause[1:]) + ",==" + prefix + ".*"
			}
			clauses = append(clauses, clause)
		}
		alternatives = append(alternatives, strings.Join(clauses, ","))
	}
	return strings.Join(alternatives, "||")
}
