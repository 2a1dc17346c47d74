package inspect

import (
	"fmt"
	"strconv"

	"github.com/seed-2867d59c/treeport/pickle"
)

// Node is one value in the tree of a file's object.
type Node struct {
	Path   string `json:"path"` // as Python would reach it, such as model.estimators_[0]
	Type   string `json:"type"` // as Python names it, with its module
	Value  string `json:"value,omitempty"`
	Length *int   `json:"length,omitempty"` // of a list, tuple, set or dict
	// SeenAt is the path where the same value stands above: it is not shown twice, and may hold itself.
	SeenAt   string  `json:"seen_at,omitempty"`
	Children []*Node `json:"children,omitempty"`
	// Omitted is how many children are not shown: because there are many, because they are like the ones shown, or because
	// they lie too deep.
	Omitted int `json:"omitted,omitempty"`

	name string // the end of Path
}

const (
	mostChildren = 40   // of one node
	mostNodes    = 5000 // of the tree
	mostLevels   = 500
	longestKey   = 40 // bytes of a dict's key in a path
)

// treeBuilder makes the tree in the order of its lines.
type treeBuilder struct {
	python2 bool
	depth   int
	left    int // nodes that may still be made
	// seen are the values that have something below them. One that is met again is neither shown nor looked at again.
	seen map[pickle.Value]*Node
}

// objectTree is the tree of the file's first object.
func objectTree(d *pickle.Document, depth int) *Node {
	if depth == 0 {
		depth = DefaultDepth
	}
	b := &treeBuilder{python2: d.Python2, depth: min(max(depth, 0), mostLevels), left: mostNodes, seen: map[pickle.Value]*Node{}}
	return b.node(d.Root, "", "model", 0)
}

func (b *treeBuilder) node(v pickle.Value, parent, name string, depth int) *Node {
	b.left--
	n := &Node{Path: parent + name, name: name}
	holds := isCompound(v)
	if holds {
		if first, ok := b.seen[v]; ok {
			n.Type, n.Value, n.Length, n.SeenAt = first.Type, first.Value, first.Length, first.Path
			return n
		}
		b.seen[v] = n
	}
	n.Type, n.Value, n.Length = b.describe(v)
	if !holds {
		return n
	}
	children := below(v)
	shown := len(children.first)
	if children.alike {
		shown = min(shown, 1)
	}
	inner := depth + 1
	if isPair(v) {
		inner = depth // (name, step) of a pipeline is no level of its own
	}
	if inner > b.depth {
		shown = 0
	}
	for _, c := range children.first[:shown] {
		if b.left <= 0 {
			break
		}
		n.Children = append(n.Children, b.node(c.value, n.Path, c.name, inner))
	}
	n.Omitted = children.total - len(n.Children)
	return n
}

// child is a value below a node, with the end of its path.
type child struct {
	name  string
	value pickle.Value
}

// children are what is shown below a value: the first mostChildren, and how many there are. alike says that all are of
// one kind, so that one stands for all.
type children struct {
	first []child
	total int
	alike bool
}

func (c *children) add(n int, at func(i int) child) {
	for i := 0; i < n && len(c.first) < mostChildren; i++ {
		c.first = append(c.first, at(i))
	}
	c.total += n
}

func (c *children) items(items []pickle.Value) {
	c.add(len(items), func(i int) child { return child{"[" + strconv.Itoa(i) + "]", items[i]} })
}

func (c *children) dict(d *pickle.Dict) {
	c.add(len(d.Keys), func(i int) child {
		return child{"[" + pickle.Repr(d.Keys[i], longestKey) + "]", d.Values[i]}
	})
}

// below lists what is below a value. Lists of plain values have nothing below them: their value shows them.
func below(v pickle.Value) children {
	var c children
	switch v := v.(type) {
	case *pickle.List:
		c.collection(v.Items)
	case *pickle.Tuple:
		c.collection(v.Items)
	case *pickle.NDArray:
		c.collection(v.Objects)
	case *pickle.Dict:
		c.dict(v)
	case *pickle.Object:
		if v.Call != nil {
			c.add(1, func(int) child { return child{".call", v.Call} })
		}
		c.add(len(v.Args), func(i int) child { return child{fmt.Sprintf(".args[%d]", i), v.Args[i]} })
		if v.Named != nil {
			c.add(1, func(int) child { return child{".kwargs", v.Named} })
		}
		c.items(v.Items)
		if v.Dict != nil {
			c.dict(v.Dict)
		}
		c.state(v.State)
	}
	return c
}

func (c *children) collection(items []pickle.Value) {
	if anyCompound(items) {
		c.items(items)
		c.alike = len(items) > 2 && kindOfAll(items) != ""
	}
}

// state is what BUILD gave an object: a dict of attributes, a tuple (dict, slots), or something of its own.
func (c *children) state(v pickle.Value) {
	switch s := v.(type) {
	case nil, pickle.None:
		return
	case *pickle.Dict:
		c.attributes(s)
		return
	case *pickle.Tuple:
		if len(s.Items) == 2 && (isDict(s.Items[0]) || isDict(s.Items[1])) {
			for _, part := range s.Items {
				if d, ok := part.(*pickle.Dict); ok {
					c.attributes(d)
				}
			}
			return
		}
	}
	c.add(1, func(int) child { return child{".state", v} })
}

func (c *children) attributes(d *pickle.Dict) {
	c.add(len(d.Keys), func(i int) child {
		name, ok := pickle.AsString(d.Keys[i])
		if !ok {
			name = pickle.Repr(d.Keys[i], longestKey)
		}
		return child{"." + cut(name, longestKey), d.Values[i]}
	})
}

// isPair tells whether a value is a short tuple that begins with a name.
func isPair(v pickle.Value) bool {
	t, ok := v.(*pickle.Tuple)
	if !ok || len(t.Items) < 2 || len(t.Items) > 3 {
		return false
	}
	_, named := pickle.AsString(t.Items[0])
	return named
}

func isDict(v pickle.Value) bool {
	_, ok := v.(*pickle.Dict)
	return ok
}
