package inspect

import (
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
	text, err := json.Marshal((*plain)(i))
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range string(text) {
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
