package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/verify"
)

// describe is a difference in one line.
func describe(d *verify.Diff) string {
	if d.Err != "" {
		return d.Err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d values identical, largest difference %g (%d ulp)", d.SameValues, d.Values, d.MaxAbs, d.MaxULP)
	for _, row := range d.First {
		fmt.Fprintf(&b, "; row %d column %d is %s, want %s", row.Row, row.Column, row.Got, row.Want)
	}
	return b.String()
}

// start is a runtime that ends with the test. One that can't be set up fails the test.
func start(t testing.TB, name, script string) *Runner {
	t.Helper()
	r, err := Runtime(name, script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}
