package fault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode"
	"unicode/utf16"
)

// JSON is a value as indented JSON, fit for a terminal and a report as Printable's text is: encoding/json leaves control characters
// above ASCII as they are, and those that turn the direction of text around. What comes out of parsing it is the same.
func JSON(v any) ([]byte, error) {
	var text, safe bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	safe.Grow(text.Len())
	for _, r := range text.String() {
		switch {
		case unicode.IsPrint(r) || r == '\n': // which stands between values only
			safe.WriteRune(r)
		case r > 0xffff:
			r1, r2 := utf16.EncodeRune(r)
			fmt.Fprintf(&safe, `\u%04x\u%04x`, r1, r2)
		default:
			fmt.Fprintf(&safe, `\u%04x`, r)
		}
	}
	return safe.Bytes(), nil
}
