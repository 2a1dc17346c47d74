package inspect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	version "github.com/aquasecurity/go-pep440-version"
)

// Version ranges are in pip's notation (PEP 440): clauses joined by commas, such as >=1.19.5,<2. Those of locks of other
// tools are brought into it; alternatives are joined by ||.

// longestRange is how long a range in a lock may be.
const longestRange = 500

// both is the range in which two ranges made of >= and < agree: the higher lower end and the lower upper end.
func both(a, b string) string {
	var low, high string
	for _, clause := range strings.Split(a+","+b, ",") {
		if v, ok := strings.CutPrefix(clause, ">="); ok && (low == "" || less(low, v)) {
			low = v
		} else if v, ok := strings.CutPrefix(clause, "<"); ok && v != "" && v[0] != '=' && (high == "" || less(v, high)) {
			high = v
		}
	}
	var all []string
	if low != "" {
		all = append(all, ">="+low)
	}
	if high != "" {
		all = append(all, "<"+high)
	}
	return strings.Join(all, ",")
}

// lowerEnd is a range without its upper end.
func lowerEnd(r string) string {
	for _, clause := range strings.Split(r, ",") {
		if strings.HasPrefix(clause, ">=") {
			return clause
		}
	}
	return ""
}

func less(a, b string) bool {
	x, err1 := version.Parse(a)
	y, err2 := version.Parse(b)
	return err1 == nil && err2 == nil && x.LessThan(y)
}

// within tells whether a range holds a version. The empty range holds all.
func within(v, r string) (bool, error) {
	set, err := parseRange(r)
	if err != nil {
		return false, err
	}
	parsed, err := version.Parse(v)
	if err != nil {
		return false, fmt.Errorf("version %q", v)
	}
	return set(parsed), nil
}

// parseRange is a range as the question whether it holds a version.
func parseRange(r string) (func(version.Version) bool, error) {
	if strings.TrimSpace(r) == "" {
		return func(version.Version) bool { return true }, nil
	}
	if len(r) > longestRange {
		return nil, fmt.Errorf("a range of %d characters", len(r))
	}
	set, err := version.NewSpecifiers(r, version.WithPreRelease(true))
	if err != nil {
		return nil, fmt.Errorf("range %q", r)
	}
	return set.Check, nil
}

var literal = regexp.MustCompile(`[0-9][0-9A-Za-z.]*`)

// minors are the minor releases that a package may have had, and a late one of each.
var minors = sync.OnceValue(func() (all []version.Version) {
	for major := range 4 {
		for minor := range 40 {
			for _, v := range []string{"%d.%d", "%d.%d.9"} {
				all = append(all, version.MustParse(fmt.Sprintf(v, major, minor)))
			}
		}
	}
	return all
})

// meet tells whether a version exists in two ranges. It tries the versions that they name, the ones right above those,
// and every minor release that a package may have had.
func meet(a, b string) (bool, error) {
	inA, err := parseRange(a)
	if err != nil {
		return false, err
	}
	inB, err := parseRange(b)
	if err != nil {
		return false, err
	}
	both := func(v version.Version) bool { return inA(v) && inB(v) }
	return slices.ContainsFunc(named(a+" "+b), both) || slices.ContainsFunc(minors(), both), nil
}

// named are the versions that ranges name, and the ones right above those.
func named(ranges string) (all []version.Version) {
	for _, text := range literal.FindAllString(ranges, -1) {
		text = strings.TrimRight(text, ".")
		for _, text := range []string{text, text + ".1"} {
			if v, err := version.Parse(text); err == nil {
				all = append(all, v)
			}
		}
	}
	return all
}

// pythonsIn are those of the Python versions (X.Y) of which some X.Y.Z is in a range.
func pythonsIn(pythons []string, r string) ([]string, error) {
	holds, err := parseRange(r)
	if err != nil {
		return nil, err
	}
	tries := named(r)
	for _, p := range pythons {
		for _, z := range []string{"", ".1", ".99"} {
			tries = append(tries, version.MustParse(p+z))
		}
	}
	held := map[string]bool{}
	for _, v := range tries {
		if parts := strings.SplitN(v.BaseVersion(), ".", 3); len(parts) > 1 && holds(v) {
			held[parts[0]+"."+parts[1]] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(pythons), func(p string) bool { return !held[p] }), nil
}

// span writes versions in a row as one range.
func span(pythons []string) string {
	switch n := len(pythons); {
	case n == 0:
		return "none"
	case n == 1:
		return pythons[0]
	case slices.Contains(pythons, "2.7"):
		return "2.7, " + span(pythons[1:])
	default:
		return pythons[0] + " to " + pythons[n-1]
	}
}
