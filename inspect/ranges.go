package inspect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

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
	if strings.TrimSpace(r) == "" {
		return true, nil
	}
	if len(r) > longestRange {
		return false, fmt.Errorf("a range of %d characters", len(r))
	}
	parsed, err := version.Parse(v)
	if err != nil {
		return false, fmt.Errorf("version %q", v)
	}
	set, err := version.NewSpecifiers(r, version.WithPreRelease(true))
	if err != nil {
		return false, fmt.Errorf("range %q", r)
	}
	return set.Check(parsed), nil
}

var literal = regexp.MustCompile(`[0-9][0-9A-Za-z.]*`)

// meet tells whether a version exists in two ranges. It tries the versions that they name, the ones right above those,
// and every minor release that a package may have had.
func meet(a, b string) (bool, error) {
	var tries []string
	for _, v := range literal.FindAllString(a+" "+b, -1) {
		v = strings.TrimRight(v, ".")
		tries = append(tries, v, v+".1")
	}
	for major := range 4 {
		for minor := range 40 {
			tries = append(tries, fmt.Sprintf("%d.%d", major, minor), fmt.Sprintf("%d.%d.9", major, minor))
		}
	}
	for _, v := range tries {
		if _, err := version.Parse(v); err != nil {
			continue
		}
		inA, err := within(v, a)
		if err != nil {
			return false, err
		}
		if !inA {
			continue
		}
		inB, err := within(v, b)
		if err != nil || inB {
			return inB, err
		}
	}
	return false, nil
}

// pythonsIn are those of the Python versions (X.Y) of which some X.Y.Z is in a range.
func pythonsIn(pythons []string, r string) ([]string, error) {
	var in []string
	for _, p := range pythons {
		ok, err := meet("=="+p+".*", r)
		if err != nil {
			return nil, err
		}
		if ok {
			in = append(in, p)
		}
	}
	return in, nil
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
