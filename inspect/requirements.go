package inspect

import (
	"path/filepath"
	"regexp"
	"strings"
)

// requirements.txt, as pip's documentation of its format has it:
//
//	file = { line "\n" }              a line that ends in \ goes on in the next
//	line = requirement | "-r" FILE | "-c" FILE | option | comment
//	requirement = NAME [ "[" extras "]" ] ( ranges | "@" URL ) [ ";" marker ] { "--hash=" HASH } [ " #" comment ]

var (
	requirementLine = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$`)
	includeLine     = regexp.MustCompile(`^(?:-r|-c|--requirement|--constraint)[\s=]+(\S+)`)
)

// mostIncludes is how many files a requirements.txt may include.
const mostIncludes = 20

func parseRequirements(text []byte, dir string) ([]pin, error) {
	left := mostIncludes
	return requirements(text, dir, &left), nil
}

func requirements(text []byte, dir string, left *int) []pin {
	var all []pin
	lines := strings.Split(string(text), "\n")
	for i := 0; i < len(lines); i++ {
		first := i + 1
		line := strings.TrimSpace(lines[i])
		for strings.HasSuffix(line, `\`) && i+1 < len(lines) {
			i++
			line = strings.TrimSuffix(line, `\`) + strings.TrimSpace(lines[i])
		}
		if at := strings.Index(line, "#"); at == 0 || at > 0 && strings.ContainsAny(line[at-1:at], " \t") {
			line = strings.TrimSpace(line[:at])
		}
		if m := includeLine.FindStringSubmatch(line); m != nil {
			if name := m[1]; *left > 0 && filepath.Base(name) == name {
				*left--
				if inner, err := readSmall(filepath.Join(dir, name)); err == nil {
					for _, p := range requirements(inner, dir, left) {
						p.line, p.marker = first, "included from "+name
						all = append(all, p)
					}
				}
			}
			continue
		}
		if p, ok := requirement(line); ok {
			p.line = first
			all = append(all, p)
		}
	}
	return all
}

// requirement reads one requirement (PEP 508).
func requirement(line string) (pin, bool) {
	m := requirementLine.FindStringSubmatch(line)
	if m == nil {
		return pin{}, false
	}
	p := pin{pkg: normal(m[1])}
	rest := m[2]
	if at := strings.Index(rest, "--hash"); at >= 0 {
		rest = rest[:at]
	}
	rest, marker, _ := strings.Cut(rest, ";")
	p.marker = strings.TrimSpace(marker)
	p.spec = strings.Join(strings.Fields(strings.Trim(strings.TrimSpace(rest), "()")), "")
	return p, true
}
