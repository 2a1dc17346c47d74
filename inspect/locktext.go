package inspect

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
)

// Text is the lock as a requirements.txt. Only lines that this package made of its own words, versions and names of known
// packages are outside of comments.
func (l *Lock) Text() string {
	p := &page{}
	p.comment("To load %s with Python, from what is in it.", filepath.Base(l.file))
	if len(l.Python) > 0 {
		p.comment("Python: %s (inferred: %s)", span(l.Python), l.PythonWhy)
	} else {
		p.comment("Python: not known (%s)", l.PythonWhy)
	}
	for _, n := range l.Notes {
		p.comment("%s", n)
	}
	for _, b := range l.Beside {
		b.text(p)
	}
	for _, r := range l.Requirements {
		kind := "inferred"
		if r.Exact {
			kind = "exact"
		}
		p.line(pad(r.Package+r.Range, 24) + "  # " + kind + ": " + r.Why)
	}
	return p.b.String()
}

func (p *page) comment(format string, args ...any) {
	p.line("# " + fmt.Sprintf(format, args...))
}

func (b *Beside) text(p *page) {
	name := filepath.Base(b.File)
	if b.Error != "" {
		p.comment("%s can't be read: %s", name, b.Error)
		return
	}
	for _, v := range b.Verdicts {
		where := name
		if v.Line > 0 {
			where = fmt.Sprintf("%s:%d", name, v.Line)
		}
		text := fmt.Sprintf("%s: %s%s %s", where, v.Package, v.Says, v.Outcome)
		if v.Outcome == Silent {
			text = fmt.Sprintf("%s says nothing of %s", where, v.Package)
		}
		if v.Why != "" {
			text += ": " + v.Why
		}
		if v.Marker != "" {
			text += " (where " + v.Marker + ")"
		}
		p.comment("%s", text)
	}
}

// Err is a *fault.Mismatch if a file beside the model wants another scikit-learn than the model's.
func (l *Lock) Err() error {
	for _, b := range l.Beside {
		if v := b.against(sklearnPackage); v != nil {
			return fault.Mismatchf(fault.Where{File: l.file}, "scikit-learn%s in %s against %s in the model",
				v.Says, filepath.Base(b.File), strings.TrimPrefix(l.requirement(sklearnPackage).Range, "=="))
		}
	}
	return nil
}
