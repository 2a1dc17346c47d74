package skops

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pickle"
)

// node is a JSON value, as Python's json module writes it: with NaN, Infinity and lone surrogates, which the JSON of
// Go's library has not.
type node struct {
	kind  byte   // '{', '[', '"', '0' for a number, else the first letter of true, false, null, NaN, Infinity
	str   string // of text, and the digits of a number
	names []string
	items []node // of a list, or of an object in the order of names
	at    int64  // offset in schema.json
}

func (n *node) broken(format string, args ...any) error {
	return fault.Brokenf(fault.At(n.at), schemaName+": "+format, args...)
}

func (n *node) unsupported(format string, args ...any) error {
	return fault.Unsupportedf(fault.At(n.at), format, args...)
}

// find is a field of an object; nil where there is none.
func (n *node) find(name string) *node {
	for i, s := range n.names {
		if s == name {
			return &n.items[i]
		}
	}
	return nil
}

// field is a field that must be there.
func (n *node) field(name string) (*node, error) {
	if f := n.find(name); f != nil {
		return f, nil
	}
	return nil, n.broken("a node without %s", name)
}

// text is a field that must be text.
func (n *node) text(name string) (string, error) {
	f, err := n.field(name)
	if err != nil {
		return "", err
	}
	if f.kind != '"' {
		return "", f.broken("%s is no text", name)
	}
	return f.str, nil
}

// id is the __id__ of a node; empty where there is none. skops takes 0 for none.
func (n *node) id() string {
	if f := n.find("__id__"); f != nil && f.kind == '0' && f.str != "0" {
		return f.str
	}
	return ""
}

func (n *node) integer() (int64, bool) {
	if n.kind != '0' {
		return 0, false
	}
	v, err := strconv.ParseInt(n.str, 10, 64)
	return v, err == nil
}

// maxDigits is how many digits Python reads in an integer (sys.int_info).
const maxDigits = 4300

// plain is what json.loads makes of a node.
func (n *node) plain() (pickle.Value, error) {
	switch n.kind {
	case '"':
		return pickle.Text(n.str), nil
	case 't', 'f':
		return n.kind == 't', nil
	case 'n':
		return pickle.None{}, nil
	case 'N':
		return math.Float64frombits(0x7ff8 << 48), nil // that of Python; Go's has another bit set
	case 'I':
		return math.Inf(1), nil
	case '-':
		return math.Inf(-1), nil
	case '0':
		return n.number()
	case '[':
		list := &pickle.List{Items: make([]pickle.Value, len(n.items))}
		for i := range n.items {
			v, err := n.items[i].plain()
			if err != nil {
				return nil, err
			}
			list.Items[i] = v
		}
		return list, nil
	}
	dict := &pickle.Dict{}
	for i := range n.items {
		v, err := n.items[i].plain()
		if err != nil {
			return nil, err
		}
		dict.Keys = append(dict.Keys, pickle.Text(n.names[i]))
		dict.Values = append(dict.Values, v)
	}
	return dict, nil
}

func (n *node) number() (pickle.Value, error) {
	if strings.ContainsAny(n.str, ".eE") {
		f, _ := strconv.ParseFloat(n.str, 64) // out of range it is infinite, as in Python
		return f, nil
	}
	if v, err := strconv.ParseInt(n.str, 10, 64); err == nil {
		return v, nil
	}
	v, ok := new(big.Int).SetString(n.str[:min(len(n.str), maxDigits+1)], 10)
	if !ok || len(n.str) > maxDigits {
		return nil, n.broken("an integer of %d digits", len(n.str))
	}
	return v, nil
}
