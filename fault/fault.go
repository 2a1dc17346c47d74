// Package fault holds the four ways in which a model can fail to convert: its bytes are broken, it asks for something
// that is not supported, it is over a limit, or two things that must agree do not. Every package of treeport returns
// one of these where the model is at fault; anything else (a missing file, a full disk) stays the error it was.
//
// Find them with errors.As:
//
//	var u *fault.Unsupported
//	if errors.As(err, &u) { fmt.Println(u.Where.Path) }
package fault

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine is the longest message in bytes, with a program's name before it no more than 200; a model may name things of any length.
const maxLine = 190

// Where tells the place of a fault. The zero value says nothing.
type Where struct {
	File   string // name of the file, as the user gave it
	Offset int64  // byte offset in the (decompressed) stream, plus one; 0 says unknown
	Path   string // place in the object, such as model.estimators_[3].tree_
}

// At is the place at a byte offset.
func At(offset int64) Where { return Where{Offset: offset + 1} }

// In is the place at a path in the object.
func In(path string) Where { return Where{Path: path} }

func (w Where) String() string {
	var parts []string
	if w.File != "" {
		parts = append(parts, w.File)
	}
	if w.Path != "" {
		parts = append(parts, w.Path)
	}
	if w.Offset > 0 {
		parts = append(parts, "byte "+strconv.FormatInt(w.Offset-1, 10))
	}
	return strings.Join(parts, ", ")
}

// Broken says that bytes do not follow their format, or that a model contradicts itself.
type Broken struct {
	Where Where
	What  string
}

// Unsupported says that something is well formed, but treeport (or the target format) cannot do it.
type Unsupported struct {
	Where Where
	What  string
}

// TooBig says that a limit was reached. Limit names the limit as its flag does.
type TooBig struct {
	Where Where
	Limit string
	What  string
}

// Mismatch says that two things that must be equal are not: an artifact and its model, or answers and expected ones.
type Mismatch struct {
	Where Where
	What  string
}

func (e *Broken) Error() string      { return line("broken", e.What, e.Where) }
func (e *Unsupported) Error() string { return line("not supported", e.What, e.Where) }
func (e *Mismatch) Error() string    { return line("not equal", e.What, e.Where) }
func (e *TooBig) Error() string {
	what := e.What
	if e.Limit != "" {
		what += " (limit " + e.Limit + ")"
	}
	return line("too big", what, e.Where)
}

// Brokenf makes a Broken.
func Brokenf(w Where, format string, args ...any) error {
	return &Broken{Where: w, What: fmt.Sprintf(format, args...)}
}

// Unsupportedf makes an Unsupported.
func Unsupportedf(w Where, format string, args ...any) error {
	return &Unsupported{Where: w, What: fmt.Sprintf(format, args...)}
}

// TooBigf makes a TooBig.
func TooBigf(w Where, limit, format string, args ...any) error {
	return &TooBig{Where: w, Limit: limit, What: fmt.Sprintf(format, args...)}
}

// Mismatchf makes a Mismatch.
func Mismatchf(w Where, format string, args ...any) error {
	return &Mismatch{Where: w, What: fmt.Sprintf(format, args...)}
}

func line(kind, what string, w Where) string {
	where := w.String()
	if where != "" {
		where = " (" + Printable(where, maxLine/2) + ")"
	}
	return kind + ": " + Printable(what, maxLine-len(kind)-2-len(where)) + where
}

// Printable is s fit for a terminal and a report: control characters and bytes that are not UTF-8 are escaped, and
// what is longer than limit bytes is cut. Whatever comes out of a file passes through here before it is shown.
func Printable(s string, limit int) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		piece := s[i : i+n]
		switch {
		case r == utf8.RuneError && n == 1:
			piece = fmt.Sprintf(`\x%02x`, s[i])
		case !unicode.IsPrint(r):
			piece = strings.Trim(strconv.QuoteRuneToASCII(r), "'")
		}
		if b.Len()+len(piece) > limit-len("…") && i+n < len(s) || b.Len()+len(piece) > limit {
			b.WriteString("…")
			break
		}
		b.WriteString(piece)
		i += n
	}
	return b.String()
}

// InFile names the file in an error of this package that does not name one yet, however deep it is wrapped.
func InFile(err error, name string) error {
	set := func(w *Where) {
		if w.File == "" {
			w.File = name
		}
	}
	var broken *Broken
	var unsupported *Unsupported
	var big *TooBig
	var mismatch *Mismatch
	switch {
	case errors.As(err, &broken):
		set(&broken.Where)
	case errors.As(err, &unsupported):
		set(&unsupported.Where)
	case errors.As(err, &big):
		set(&big.Where)
	case errors.As(err, &mismatch):
		set(&mismatch.Where)
	}
	return err
}
