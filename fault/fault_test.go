package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/fault"
)

func TestMessagesAreOneShortPrintableLine(t *testing.T) {
	evil := "a\x1b[31m\nb\u202ec\xff" + strings.Repeat("d", 1000)
	for _, err := range []error{
		fault.Brokenf(fault.At(7), "%s", evil),
		fault.Unsupportedf(fault.Where{File: evil, Path: evil}, "%s", evil),
		fault.TooBigf(fault.In("model"), "max-memory", "%s", evil),
		fault.Mismatchf(fault.Where{}, "%s", evil),
	} {
		text := err.Error()
		if len(text) > 200 || strings.ContainsAny(text, "\n\x1b") || strings.Contains(text, "\xff") || strings.ContainsRune(text, '\u202e') {
			t.Errorf("%d bytes: %q", len(text), text)
		}
	}
	if got := fault.Brokenf(fault.Where{File: "x.pkl", Path: "model.tree_", Offset: 8}, "cut off").Error(); got != "broken: cut off (x.pkl, model.tree_, byte 7)" {
		t.Error(got)
	}
}

func TestInFile(t *testing.T) {
	err := fault.InFile(fmt.Errorf("reading: %w", fault.Unsupportedf(fault.In("model"), "a pipeline")), "x.pkl")
	var u *fault.Unsupported
	if !errors.As(err, &u) || u.Where.File != "x.pkl" || u.Where.Path != "model" {
		t.Errorf("%v", err)
	}
	// The innermost file, which is nearer to the fault, stays.
	errors.As(fault.InFile(err, "other.pkl"), &u)
	if u.Where.File != "x.pkl" {
		t.Error(u.Where.File)
	}
	if fault.InFile(nil, "x") != nil {
		t.Error("an error out of nothing")
	}
}
