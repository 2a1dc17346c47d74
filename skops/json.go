package skops

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pickle"
)

// parser reads JSON.
type parser struct {
	text  []byte
	pos   int
	base  int64 // offset of text in schema.json
	spend func(int64) error
	known map[string]string // names, of which there are few
}

// maxDepth is how deep lists and objects may lie in each other. Python's own reader ends below it.
const maxDepth = 2000

// itemCost is what a JSON value is taken to allocate, in a slice that grows.
const itemCost = 150

func parse(text []byte, spend func(int64) error) (*node, error) {
	return (&parser{text: text, spend: spend, known: map[string]string{}}).whole()
}

// nested reads the JSON in a text.
func (n *node) nested(spend func(int64) error) (*node, error) {
	return (&parser{text: []byte(n.str), base: n.at, spend: spend, known: map[string]string{}}).whole()
}

func (p *parser) whole() (*node, error) {
	root := &node{}
	if err := p.value(root, 0); err != nil {
		return nil, err
	}
	if p.skip() != 0 || p.pos < len(p.text) {
		return nil, p.broken("something behind the end")
	}
	return root, nil
}

func (p *parser) broken(format string, args ...any) error {
	return fault.Brokenf(fault.At(p.base+int64(p.pos)), schemaName+": "+format, args...)
}

// skip passes over white space and tells the byte after it, 0 at the end.
func (p *parser) skip() byte {
	for ; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// words are the values that are written as words, by the byte that is their kind.
var words = map[byte]string{'t': "true", 'f': "false", 'n': "null", 'N': "NaN", 'I': "Infinity"}

func (p *parser) value(n *node, depth int) (err error) {
	if depth > maxDepth {
		return fault.Unsupportedf(fault.At(p.base+int64(p.pos)), "more than %d levels of JSON", maxDepth)
	}
	if err := p.spend(itemCost); err != nil {
		return err
	}
	c := p.skip()
	n.kind, n.at = c, p.base+int64(p.pos)
	switch {
	case c == '{' || c == '[':
		p.pos++
		return p.items(n, depth)
	case c == '"':
		p.pos++
		n.str, err = p.string(nil)
		return err
	case c == '-' && p.pos+1 < len(p.text) && p.text[p.pos+1] == 'I':
		p.pos++
		return p.word("Infinity")
	case c == '-' || c >= '0' && c <= '9':
		n.kind = '0'
		n.str, err = p.number()
		return err
	case words[c] != "":
		return p.word(words[c])
	}
	return p.broken("no JSON")
}

func (p *parser) word(w string) error {
	if !strings.HasPrefix(string(p.text[p.pos:min(len(p.text), p.pos+len(w))]), w) {
		return p.broken("no JSON")
	}
	p.pos += len(w)
	return nil
}

// fewNames is up to how many names an object is searched for one that is there twice.
const fewNames = 16

// items reads what stands in brackets.
func (p *parser) items(n *node, depth int) error {
	end := n.kind + 2 // in ASCII both closing brackets come two after theirs
	if p.skip() == end {
		p.pos++
		return nil
	}
	var seen map[string]bool
	for {
		if n.kind == '{' {
			if p.skip() != '"' {
				return p.broken("an object without a name")
			}
			p.pos++
			name, err := p.string(p.known)
			if err != nil {
				return err
			}
			if p.skip() != ':' {
				return p.broken("a name without a value")
			}
			p.pos++
			if len(n.names) == fewNames {
				seen = make(map[string]bool, 2*fewNames)
				for _, s := range n.names {
					seen[s] = true
				}
			}
			// Python keeps the last. skops writes such objects of dicts with keys such as 1 and "1", and loses one itself.
			if seen[name] || seen == nil && n.find(name) != nil {
				return fault.Unsupportedf(fault.At(p.base+int64(p.pos)), "the name %q twice in an object of %s", name, schemaName)
			}
			if seen != nil {
				seen[name] = true
			}
			if err := p.spend(itemCost); err != nil {
				return err
			}
			n.names = append(n.names, name)
		}
		n.items = append(n.items, node{})
		if err := p.value(&n.items[len(n.items)-1], depth+1); err != nil {
			return err
		}
		switch p.skip() {
		case ',':
			p.pos++
		case end:
			p.pos++
			return nil
		default:
			return p.broken("neither a comma nor an end")
		}
	}
}

// number reads the digits of a number.
func (p *parser) number() (string, error) {
	start := p.pos
	digits := func() bool {
		from := p.pos
		for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
			p.pos++
		}
		return p.pos > from
	}
	is := func(set string) bool {
		if p.pos < len(p.text) && strings.IndexByte(set, p.text[p.pos]) >= 0 {
			p.pos++
			return true
		}
		return false
	}
	is("-")
	ok := is("0") || digits()
	if ok && is(".") {
		ok = digits()
	}
	if ok && is("eE") {
		is("+-")
		ok = digits()
	}
	if !ok {
		return "", p.broken("a number that is none")
	}
	return string(p.text[start:p.pos]), p.spend(int64(p.pos - start))
}

// string reads text up to its closing quote. Where known is given, equal texts are one.
func (p *parser) string(known map[string]string) (string, error) {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos] >= ' ' && p.text[p.pos] != '"' && p.text[p.pos] != '\\' {
		p.pos++
	}
	out := p.text[start:p.pos:p.pos]
	if s, ok := known[string(out)]; ok && p.pos < len(p.text) && p.text[p.pos] == '"' {
		p.pos++
		return s, nil
	}
	for {
		if p.pos == len(p.text) || p.text[p.pos] < ' ' {
			return "", p.broken("text without an end")
		}
		c := p.text[p.pos]
		p.pos++
		if c == '"' {
			break
		}
		if c != '\\' {
			out = append(out, c)
			continue
		}
		var ok bool
		if out, ok = p.escape(out); !ok {
			return "", p.broken("a bad escape")
		}
	}
	if err := p.spend(2 * int64(len(out))); err != nil {
		return "", err
	}
	s := string(out)
	if !pickle.ValidText(out) {
		return "", p.broken("text that is not UTF-8")
	}
	if known != nil {
		known[s] = s
	}
	return s, nil
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads what follows a backslash. A surrogate without its other half stays, in the three bytes that a pickle has.
func (p *parser) escape(out []byte) ([]byte, bool) {
	if p.pos == len(p.text) {
		return out, false
	}
	c := p.text[p.pos]
	p.pos++
	if c != 'u' {
		e, ok := escapes[c]
		return append(out, e), ok
	}
	r, ok := p.hex(p.pos)
	if !ok {
		return out, false
	}
	p.pos += 4
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(out, r), true
	}
	if p.pos+1 < len(p.text) && p.text[p.pos] == '\\' && p.text[p.pos+1] == 'u' {
		if low, ok := p.hex(p.pos + 2); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				p.pos += 6
				return utf8.AppendRune(out, both), true
			}
		}
	}
	return append(out, byte(0xe0|r>>12), byte(0x80|r>>6&0x3f), byte(0x80|r&0x3f)), true
}

func (p *parser) hex(at int) (rune, bool) {
	if at+4 > len(p.text) {
		return 0, false
	}
	v, err := strconv.ParseUint(string(p.text[at:at+4]), 16, 16)
	return rune(v), err == nil
}
