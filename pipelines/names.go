package pipelines

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-2867d59c/treeport/fault"
)

// name is what a model's file name says. Of prod/rf_model_v1_20240131_120000.joblib the family is prod/rf_model, the version v1, and the
// time 2024-01-31 12:00:00.
type name struct {
	dir, base string // prod, rf_model_v1_20240131_120000.joblib
	stem, ext string // without the extensions, and they: .pkl.gz
	family    string // the folder and what is left of the stem
	version   string // as written: v1.2
	numbers   []int  // of the version
	timestamp string // as written: 20240131_120000
	when      time.Time
}

// compressed are extensions that stand after another one.
var compressed = []string{".gz", ".z", ".bz2", ".xz", ".lzma", ".lz4", ".zlib"}

var (
	indices = regexp.MustCompile(`\[\d+\]`)
	// dated finds a day, and a time of day if there is one, between other parts of a name.
	dated = regexp.MustCompile(`(?:^|[_.-])((?:19|20)\d{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?:[T_-]?(?:[01]\d|2[0-3])[-:]?[0-5]\d(?:[-:]?[0-5]\d)?Z?)?)(?:[_.-]|$)`)
	// numbered finds a version.
	numbered = regexp.MustCompile(`(?:^|[_.-])([vV]\d+(?:[._]\d+)*|\d+(?:\.\d+)+)(?:[_.-]|$)`)
	digits   = regexp.MustCompile(`\d+`)
)

// parseName reads a key.
func parseName(key string) name {
	n := name{dir: path.Dir(key), base: path.Base(key)}
	if n.dir == "." {
		n.dir = ""
	}
	n.stem, n.ext = n.base, ""
	for {
		ext := path.Ext(n.stem)
		if ext == n.stem || ext == "" || n.ext != "" && !slices.Contains(compressed, strings.ToLower(n.ext)) {
			break
		}
		n.stem, n.ext = strings.TrimSuffix(n.stem, ext), ext+n.ext
	}
	rest := n.stem
	// cut takes the part that a pattern finds out of the rest, with the separator before it.
	cut := func(r *regexp.Regexp) string {
		all := r.FindAllStringSubmatchIndex(rest, -1)
		if len(all) == 0 {
			return ""
		}
		at := all[len(all)-1]
		found := rest[at[2]:at[3]]
		before := strings.TrimRight(rest[:at[2]], "_.-")
		if before == "" {
			rest = strings.TrimLeft(rest[at[3]:], "_.-")
		} else {
			rest = before + rest[at[3]:]
		}
		return found
	}
	n.timestamp = cut(dated)
	only := strings.Join(digits.FindAllString(n.timestamp, -1), "")
	for _, layout := range []string{"20060102150405", "200601021504", "20060102"} {
		if t, err := time.Parse(layout, only); err == nil {
			n.when = t
			break
		}
	}
	n.version = cut(numbered)
	for _, d := range digits.FindAllString(n.version, -1) {
		i, _ := strconv.Atoi(d) // of too many digits the greatest number, which is near enough
		n.numbers = append(n.numbers, i)
	}
	n.family = path.Join(n.dir, rest)
	return n
}

// newer orders versions of a family: by the version, then by the time in the name.
func (n name) newer(m name) int {
	if c := slices.Compare(n.numbers, m.numbers); c != 0 {
		return c
	}
	return n.when.Compare(m.when)
}

// since is the first day that is selected.
func (c *Config) since() (time.Time, error) {
	if c.Select.Since == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, "20060102", time.RFC3339, "20060102_150405", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, c.Select.Since); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no day, such as 2024-01-31", c.Select.Since)
}

// placeholder is a field of a template.
var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// fields of templates, and whether the file must be read before the name is known.
var fields = map[string]bool{
	"{dir}": false, "{name}": false, "{stem}": false, "{ext}": false, "{profile}": false, "{format}": false, "{family}": false,
	"{version}": false, "{timestamp}": false, "{sklearn}": true, "{sha256}": true,
}

func checkTemplate(t string) error {
	for _, p := range placeholder.FindAllString(t, -1) {
		if _, ok := fields[p]; !ok {
			var known []string
			for f := range fields {
				known = append(known, f)
			}
			slices.Sort(known)
			return fmt.Errorf("there is no %s; there are %s", p, strings.Join(known, " "))
		}
	}
	if rest := placeholder.ReplaceAllString(t, ""); strings.ContainsAny(rest, "{}") {
		return fmt.Errorf("a brace without its other one in %q", t)
	}
	return nil
}

// needsReading tells whether a template asks for what only the file's content says.
func needsReading(t string) bool {
	return slices.ContainsFunc(placeholder.FindAllString(t, -1), func(p string) bool { return fields[p] })
}

// expand makes a key of a template. more are values besides those of the name. A field without a value is refused: without it, two models
// would have one name.
func (n name) expand(template string, more map[string]string) (string, error) {
	values := map[string]string{"{name}": n.base, "{stem}": n.stem, "{family}": path.Base(n.family), "{version}": n.version, "{timestamp}": n.timestamp}
	for k, v := range more {
		values[k] = v
	}
	var missing string
	key := placeholder.ReplaceAllStringFunc(template, func(p string) string {
		if p == "{dir}" {
			return n.dir // empty at the top
		}
		if values[p] == "" {
			missing = p
		}
		return strings.ReplaceAll(values[p], "/", "-")
	})
	if missing != "" {
		return "", fmt.Errorf("%s says no %s", fault.Printable(n.base, 100), missing)
	}
	key = strings.TrimPrefix(path.Clean("/"+key), "/")
	if !filepath.IsLocal(filepath.FromSlash(key)) || strings.ContainsRune(key, 0) {
		return "", fmt.Errorf("%s is no name of a file", fault.Printable(key, 100))
	}
	return key, nil
}

func oneLine(s string) string { return fault.Printable(strings.Join(strings.Fields(s), " "), 200) }
