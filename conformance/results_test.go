package conformance

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

var writeResults = flag.Bool("results", false, "write what the tests found to RESULTS.md (all of them must run)")

// results is a table of RESULTS.md, which the tests fill in as they go.
type results struct {
	title, about string
	columns      []string // the first is that of the rows' names
	rows         [][]string

	mu sync.Mutex
}

// tables are in the order of RESULTS.md.
var tables = []*results{estimatorResults, refusalResults, exactResults, classifierResults, refusedResults, pmmlResults, foreignResults, peerResults}

// set fills in one cell.
func (r *results) set(row, column, cell string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.rows, func(cells []string) bool { return cells[0] == row })
	if i < 0 {
		i = len(r.rows)
		r.rows = append(r.rows, make([]string, len(r.columns)))
		r.rows[i][0] = row
	}
	j := slices.Index(r.columns, column)
	if j < 0 {
		panic("no column " + column)
	}
	r.rows[i][j] = cell
}

// text is the table in Markdown; rows are sorted by name, so that a run writes what the last one wrote.
func (r *results) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortFunc(r.rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n| %s |\n|%s\n", r.title, r.about, strings.Join(r.columns, " | "), strings.Repeat(" --- |", len(r.columns)))
	for _, row := range r.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	return b.String()
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if *writeResults {
		if err := writeTables("RESULTS.md", code == 0); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func writeTables(name string, passed bool) error {
	var b strings.Builder
	b.WriteString("# Results\n\nWritten by `go test ./... -results`; README.md says what the tests do.\n")
	if !passed {
		b.WriteString("\n**Not all tests passed when this was written.**\n")
	}
	if os.Getenv("TREEPORT_CORPUS") != "" {
		return fmt.Errorf("-results is for the vectors of testdata/ alone; TREEPORT_CORPUS is set")
	}
	for _, r := range tables {
		if len(r.rows) == 0 {
			return fmt.Errorf("%s: no results; -results wants all tests to run", r.title)
		}
		b.WriteString("\n" + r.text())
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o666); err != nil {
		return err
	}
	return replaceTable("../README.md", estimatorResults)
}

// Marks of the table in the README.
const tableStart, tableEnd = "<!-- estimators: written by conformance -->\n", "<!-- end of estimators -->"

// replaceTable writes a table between the marks of a file.
func replaceTable(name string, r *results) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, ok1 := strings.Cut(string(text), tableStart)
	_, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok1 || !ok2 {
		return fmt.Errorf("%s has no marks for the table of estimators", name)
	}
	_, table, _ := strings.Cut(r.text(), "\n\n| ")
	return os.WriteFile(name, []byte(before+tableStart+"| "+table+tableEnd+after), 0o666)
}

var peerResults = &results{
	title:   "Checkers and peers",
	about:   "Programs that look at the same files on their own.",
	columns: []string{"peer", "what was seen"},
}

// count is a number with its noun.
func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}
