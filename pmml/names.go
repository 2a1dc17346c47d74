package pmml

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// names hands out field names that differ from one another.
type names map[string]bool

// free is name, with underscores behind it until nothing else has that name.
func (n names) free(name string) string {
	for n[name] {
		name += "_"
	}
	n[name] = true
	return name
}

// holds tells whether XML 1.0 can hold the text.
func holds(s string) bool {
	for i, r := range s {
		if !xmlChar(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return false
		}
	}
	return true
}

// xmlChar is the production Char of XML 1.0.
func xmlChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// visible is s with what XML can't hold spelled out, for text that only people read.
func visible(s string) string {
	if holds(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || !xmlChar(r) {
			fmt.Fprintf(&b, `\x%02x`, s[i:i+n])
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// appendEscaped appends s as it stands between double quotes. Blanks that a parser would normalise are character
// references.
func appendEscaped(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '"':
			b = append(b, "&quot;"...)
		case '\t':
			b = append(b, "&#9;"...)
		case '\n':
			b = append(b, "&#10;"...)
		case '\r':
			b = append(b, "&#13;"...)
		default:
			b = append(b, s[i])
		}
	}
	return b
}
