package pmml

import (
	"bytes"
	"encoding/binary"
	"sync/atomic"
	"unicode/utf8"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/internal/parallel"
)

// The part of XML 1.0 that PMML files use:
//
//	document = BOM? (comment | instruction | blank)* element (comment | instruction | blank)*
//	element  = '<' name (blank+ name blank* '=' blank* ('"' value '"' | "'" value "'"))* blank* ('/>' | '>' content '</' name blank* '>')
//	content  = (element | text | comment | instruction | '<![CDATA[' any ']]>')*
//	comment  = '<!--' any '-->'          instruction = '<?' any '?>'
//
// Text in UTF-8. There are no document types, so no entities but the five of XML itself and character references: nothing
// can be fetched, and nothing grows. Prefixes of names are dropped. Text between tags is passed over but
// for constants. It is five to ten times faster than encoding/xml, which matters since every file
// that is written is read back.

// token is what scanner.next finds.
type token uint8

const (
	tokenStart token = iota
	tokenEnd
	tokenEOF
)

// scanner reads tags. A name or value that it gives out is a slice of the data.
type scanner struct {
	data    []byte
	pos     int
	at      int               // where the last tag starts
	name    []byte            // of the last start tag, without prefix
	attrs   []attr            // of the last start tag
	open    [][]byte          // full names of the open elements
	empty   bool              // the last start tag was of an empty element: its end comes next
	between []byte            // the text before the last tag, back to the tag (or comment) before it
	depth   int               // limit of len(open)
	seen    bool              // the root was
	idle    func(part []byte) // is told of data that are not needed for a while
}

// attr is an attribute; the value is as it stands in the file.
type attr struct{ key, value []byte }

const maxAttributes = 64

func (s *scanner) broken(format string, args ...any) error {
	return fault.Brokenf(fault.At(int64(s.pos)), "XML: "+format, args...)
}

// start passes over a byte order mark and checks the encoding.
func (s *scanner) start() error {
	if bytes.HasPrefix(s.data, []byte("\xFE\xFF")) || bytes.HasPrefix(s.data, []byte("\xFF\xFE")) {
		return fault.Unsupportedf(fault.At(0), "XML in UTF-16")
	}
	s.data = bytes.TrimPrefix(s.data, []byte("\xEF\xBB\xBF"))
	if head, _, ok := bytes.Cut(s.data, []byte("?>")); ok && bytes.HasPrefix(head, []byte("<?xml")) {
		if _, version, ok := bytes.Cut(head, []byte("version")); ok {
			version = bytes.TrimLeft(version, " \t\r\n=")
			if !bytes.HasPrefix(version, []byte(`"1.0"`)) && !bytes.HasPrefix(version, []byte("'1.0'")) {
				return fault.Unsupportedf(fault.At(0), "XML of another version than 1.0")
			}
		}
		if _, encoding, ok := bytes.Cut(head, []byte("encoding")); ok {
			encoding = bytes.TrimLeft(encoding, " \t\r\n=")
			if len(encoding) > 0 {
				encoding, _, _ = bytes.Cut(encoding[1:], encoding[:1]) // between its quotes
			}
			if !bytes.EqualFold(encoding, []byte("UTF-8")) && !bytes.EqualFold(encoding, []byte("US-ASCII")) {
				return fault.Unsupportedf(fault.At(0), "XML in the encoding %s", encoding)
			}
		}
	}
	if plain(s.data, s.idle) {
		return nil
	}
	if !utf8.Valid(s.data) {
		return s.broken("not UTF-8")
	}
	for i, c := range s.data {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0xEF && !xmlChar(first(s.data[i:])) {
			s.pos = i
			return s.broken("a character that XML does not have")
		}
	}
	return nil
}

// plain tells whether the data are ASCII of which XML has every character, as most files are. All cores look.
func plain(data []byte, idle func(part []byte)) bool {
	const size = 1 << 20
	var odd atomic.Bool
	_ = parallel.Each((len(data)+size-1)/size, func(i int) error {
		part := data[i*size : min(len(data), (i+1)*size)]
		if !odd.Load() && !plainPart(part) {
			odd.Store(true)
		}
		idle(part)
		return nil
	})
	return !odd.Load()
}

func plainPart(data []byte) bool {
	const ones = 0x0101010101010101
	for len(data) >= 32 {
		a, b := binary.LittleEndian.Uint64(data), binary.LittleEndian.Uint64(data[8:])
		c, d := binary.LittleEndian.Uint64(data[16:]), binary.LittleEndian.Uint64(data[24:])
		odd := a | b | c | d | (a - ones*' ') | (b - ones*' ') | (c - ones*' ') | (d - ones*' ')
		if odd&(ones*0x80) != 0 && !plainBytes(data[:32]) { // a byte beyond 127, or one below a blank
			return false
		}
		data = data[32:]
	}
	return plainBytes(data)
}

func plainBytes(data []byte) bool {
	for _, c := range data {
		if c >= 0x80 || c < ' ' && c != '\n' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}

func first(text []byte) rune {
	r, _ := utf8.DecodeRune(text)
	return r
}

// next finds the next tag.
func (s *scanner) next() (token, error) {
	if s.empty {
		s.empty, s.between = false, nil
		s.open = s.open[:len(s.open)-1]
		return tokenEnd, nil
	}
	for {
		i := bytes.IndexByte(s.data[s.pos:], '<')
		text := s.data[s.pos:]
		if i >= 0 {
			text = text[:i]
		}
		if len(bytes.TrimLeft(text, " \t\r\n")) > 0 {
			if len(s.open) == 0 {
				return 0, s.broken("text outside of the root element")
			}
			if _, err := s.decode(text); err != nil || bytes.Contains(text, []byte("]]>")) {
				return 0, s.broken("text with a character or reference that XML does not have")
			}
		}
		if i < 0 {
			if len(s.open) > 0 {
				return 0, s.broken("the file ends within <%s>", s.open[len(s.open)-1])
			}
			if !s.seen {
				return 0, s.broken("no element")
			}
			s.pos = len(s.data)
			return tokenEOF, nil
		}
		s.between = text
		s.pos += i
		s.at = s.pos
		rest := s.data[s.pos:]
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			if s.pos += 2; !s.pass(2, "--") || !s.take('>') {
				return 0, s.broken("a comment without end")
			}
		case bytes.HasPrefix(rest, []byte("<?")):
			s.pos += 2
			if len(s.word()) == 0 || !s.pass(0, "?>") {
				return 0, s.broken("an instruction without name or end")
			}
		case bytes.HasPrefix(rest, []byte("<![CDATA[")) && len(s.open) > 0:
			if !s.pass(9, "]]>") {
				return 0, s.broken("a section without end")
			}
		case bytes.HasPrefix(rest, []byte("<!")):
			return 0, fault.Unsupportedf(fault.At(int64(s.pos)), "XML with a document type")
		case bytes.HasPrefix(rest, []byte("</")):
			return tokenEnd, s.endTag()
		default:
			return tokenStart, s.startTag()
		}
	}
}

// pass moves behind the next stop after skip bytes.
func (s *scanner) pass(skip int, stop string) bool {
	i := bytes.Index(s.data[s.pos+skip:], []byte(stop))
	if i >= 0 {
		s.pos += skip + i + len(stop)
	}
	return i >= 0
}

func (s *scanner) endTag() error {
	s.pos += 2
	name := s.word()
	if len(s.open) == 0 || !bytes.Equal(name, s.open[len(s.open)-1]) {
		return s.broken("the end tag </%s> has no start", name)
	}
	s.blanks()
	if !s.take('>') {
		return s.broken("an end tag without >")
	}
	s.open = s.open[:len(s.open)-1]
	return nil
}

func (s *scanner) startTag() error {
	s.pos++
	name := s.word()
	switch {
	case len(name) == 0:
		return s.broken("a tag without name")
	case len(s.open) == 0 && s.seen:
		return s.broken("a second root element")
	case len(s.open) >= s.depth:
		return fault.TooBigf(fault.At(int64(s.pos)), "", "elements %d deep", len(s.open))
	}
	s.seen = true
	s.open = append(s.open, name)
	s.name = name
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		s.name = name[i+1:]
	}
	s.attrs = s.attrs[:0]
	for {
		blank := s.blanks()
		switch {
		case s.take('>'):
			return nil
		case s.take('/'):
			if !s.take('>') {
				return s.broken("a / within a tag")
			}
			s.empty = true
			return nil
		case !blank:
			return s.broken("an attribute without a blank before it")
		}
		if err := s.attribute(); err != nil {
			return err
		}
	}
}

func (s *scanner) attribute() error {
	key := s.word()
	if len(key) == 0 {
		return s.broken("a tag without end")
	}
	s.blanks()
	if !s.take('=') {
		return s.broken("the attribute %s without value", key)
	}
	s.blanks()
	if s.pos >= len(s.data) || s.data[s.pos] != '"' && s.data[s.pos] != '\'' {
		return s.broken("the attribute %s without quotes", key)
	}
	quote := s.data[s.pos]
	s.pos++
	n := bytes.IndexByte(s.data[s.pos:], quote)
	if n < 0 {
		return s.broken("the attribute %s without end", key)
	}
	value := s.data[s.pos : s.pos+n]
	if bytes.IndexByte(value, '<') >= 0 {
		return s.broken("a < in the attribute %s", key)
	}
	if bytes.IndexByte(value, '&') >= 0 { // also where nobody asks for it
		if _, err := s.decode(value); err != nil {
			return err
		}
	}
	s.pos += n + 1
	if len(s.attrs) == maxAttributes {
		return s.broken("a tag of more than %d attributes", maxAttributes)
	}
	for _, a := range s.attrs {
		if bytes.Equal(a.key, key) {
			return s.broken("the attribute %s twice", key)
		}
	}
	s.attrs = append(s.attrs, attr{key, value})
	return nil
}

// wordByte tells which bytes a name may have. PMML's own are ASCII, and others are refused.
var wordByte = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == ':' || c == '-' || c == '.'
	}
	return t
}()

func (s *scanner) word() []byte {
	start := s.pos
	for s.pos < len(s.data) && wordByte[s.data[s.pos]] {
		s.pos++
	}
	if start < s.pos {
		word := s.data[start:s.pos]
		if i := bytes.IndexByte(word, ':'); i >= 0 && bytes.IndexByte(word[i+1:], ':') >= 0 { // a name has one prefix at most
			s.pos = start
			return nil
		}
		if c := word[0]; c == '-' || c == '.' || c >= '0' && c <= '9' {
			s.pos = start
		}
	}
	return s.data[start:s.pos]
}

func (s *scanner) blanks() bool {
	start := s.pos
	for s.pos < len(s.data) && (s.data[s.pos] == ' ' || s.data[s.pos] == '\n' || s.data[s.pos] == '\t' || s.data[s.pos] == '\r') {
		s.pos++
	}
	return s.pos > start
}

func (s *scanner) take(c byte) bool {
	if s.pos < len(s.data) && s.data[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// raw is an attribute of the last start tag as it stands; nil where there is none.
func (s *scanner) raw(key string) []byte {
	for _, a := range s.attrs {
		if string(a.key) == key {
			return a.value
		}
	}
	return nil
}
