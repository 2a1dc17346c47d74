package inspect

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// environment.yml of conda: dependencies is a list of specs, and of one dict pip: with a list of requirements. A spec is
// NAME, NAME RANGES, NAME=VERSION (which is a prefix), NAME==VERSION or NAME=VERSION=BUILD, after CHANNEL:: where given.
// Source: conda's documentation, "Package match specifications".

func parseConda(text []byte, _ string) ([]pin, error) {
	var doc struct {
		Dependencies []yaml.Node `yaml:"dependencies"`
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	var all []pin
	for _, n := range doc.Dependencies {
		if n.Kind == yaml.ScalarNode {
			if p, ok := condaSpec(n.Value); ok {
				p.line = n.Line
				all = append(all, p)
			}
			continue
		}
		var pip map[string][]yaml.Node
		if n.Decode(&pip) != nil {
			continue
		}
		for _, r := range pip["pip"] {
			if p, ok := requirement(r.Value); ok {
				p.line = r.Line
				all = append(all, p)
			}
		}
	}
	return all, nil
}

var (
	condaLine  = regexp.MustCompile(`^(?:[^:\s]+::)?([A-Za-z0-9_.-]+)\s*(.*)$`)
	condaExact = regexp.MustCompile(`^=?=?[0-9][^\s=<>!~,|]*$`)
)

func condaSpec(spec string) (pin, bool) {
	m := condaLine.FindStringSubmatch(strings.TrimSpace(spec))
	if m == nil {
		return pin{}, false
	}
	var ranges []string
	for _, r := range strings.Split(m[2], "|") {
		ranges = append(ranges, condaRange(strings.TrimSpace(r)))
	}
	return pin{pkg: normal(m[1]), spec: strings.Join(ranges, "||")}, true
}

// condaRange brings one of conda's ranges into pip's notation.
func condaRange(r string) string {
	// A build at the end says nothing of the version: =1.7.2=py311_0, or "1.7.2 py311_0".
	if fields := strings.Fields(r); len(fields) == 2 && condaExact.MatchString(fields[0]) {
		r = fields[0]
	}
	if at := strings.LastIndexByte(r, '='); at > 1 && !strings.ContainsAny(r[at-1:at], "=<>!~") && strings.HasPrefix(r, "=") {
		r = r[:at]
		if strings.HasPrefix(r, "=") && !strings.HasPrefix(r, "==") {
			r = "=" + r // with a build the version is exact
		}
	}
	r = strings.Join(strings.Fields(r), "")
	if !condaExact.MatchString(r) {
		return r
	}
	switch version := strings.TrimLeft(r, "="); {
	case strings.HasSuffix(version, "*"):
		return "==" + strings.TrimSuffix(strings.TrimSuffix(version, "*"), ".") + ".*"
	case strings.HasPrefix(r, "=="), !strings.HasPrefix(r, "="):
		return "==" + version
	default:
		return "==" + version + ".*"
	}
}
