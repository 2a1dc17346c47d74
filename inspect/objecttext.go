package inspect

import (
	"fmt"
	"strings"
)

// widest is where the values of the object's tree begin at most.
const widest = 40

// text prints a node and what is below it, a line each.
func (n *Node) text(p *page) {
	n.lines(p, 0, min(widest, n.width(0)+2))
}

// width is the width of the names below n with their indents.
func (n *Node) width(depth int) int {
	w := 2*depth + columns(n.name)
	for _, c := range n.Children {
		w = max(w, c.width(depth+1))
	}
	return w
}

func (n *Node) lines(p *page, depth, width int) {
	indent := strings.Repeat("  ", depth+1)
	p.line(indent + pad(n.name, width-2*depth) + n.content())
	for _, c := range n.Children {
		c.lines(p, depth+1, width)
	}
	if n.Omitted > 0 && len(n.Children) > 0 {
		p.line(fmt.Sprintf("%s  ... %s more", indent, count(n.Omitted)))
	}
}

// content is type and value in one. Plain values show their type by themselves.
func (n *Node) content() string {
	var text string
	switch n.Type {
	case "NoneType", "bool", "int", "float", "complex", "str", "bytes", "name":
		return n.Value
	case "dict", "list", "tuple", "set", "frozenset":
		text = n.Value
		if !strings.HasPrefix(text, "[") && !strings.HasPrefix(text, "(") && !strings.HasPrefix(text, "{") {
			text = n.Type + " of " + text
		}
	default:
		text = n.Type[strings.LastIndexByte(n.Type, '.')+1:]
		if n.Value != "" {
			text += " " + n.Value
		}
	}
	switch {
	case n.SeenAt != "":
		text += ", the same as " + n.SeenAt
	case n.Omitted > 0 && len(n.Children) == 0:
		text += " ..."
	}
	return text
}
