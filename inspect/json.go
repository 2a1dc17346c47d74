package inspect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// MarshalJSON is the description with everything that a terminal might act upon escaped: encoding/json leaves some control
// characters as they are.
func (i *Info) MarshalJSON() ([]byte, error) {
	type plain Info
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // whoever calls may still escape
	if err := e.Encode((*plain)(i)); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.Grow(text.Len())
	for _, r := range strings.TrimSpace(text.String()) {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			r1, r2 := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, r1, r2)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return []byte(b.String()), nil
}
