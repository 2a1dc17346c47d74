package pmml

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// decode is the text of an attribute's value.
func (s *scanner) decode(value []byte) (string, error) {
	if !bytes.ContainsAny(value, "&\t\n\r") {
		if text := string(value); holds(text) {
			return text, nil
		}
		return "", s.broken("a character that XML does not have")
	}
	b := make([]byte, 0, len(value))
	for i := 0; i < len(value); i++ {
		switch c := value[i]; c {
		case '\t', '\n':
			b = append(b, ' ')
		case '\r':
			if i+1 >= len(value) || value[i+1] != '\n' {
				b = append(b, ' ')
			}
		case '&':
			n := bytes.IndexByte(value[i:], ';')
			if n < 0 {
				return "", s.broken("an & without ;")
			}
			r, ok := reference(string(value[i+1 : i+n]))
			if !ok {
				return "", s.broken("the reference %s", value[i:i+n+1])
			}
			b = utf8.AppendRune(b, r)
			i += n
		default:
			b = append(b, c)
		}
	}
	if !holds(string(b)) {
		return "", s.broken("a character that XML does not have")
	}
	return string(b), nil
}

// reference is the character of a reference.
func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	base, digits := 10, name[1:]
	if digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	if len(digits) == 0 || digits[0] == '+' {
		return 0, false
	}
	v, err := strconv.ParseUint(digits, base, 32)
	return rune(v), err == nil && v <= utf8.MaxRune && xmlChar(rune(v))
}
