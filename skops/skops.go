// Package skops reads the files of the skops library as the values that package pickle makes of pickles, so that whoever
// reads those reads these. Nothing is ever imported or called: a class or function is its name.
//
//	file   = zip archive of schema.json and of what it names: arrays (.npy), sparse matrices (.npz), bytes
//	schema = node with "protocol": number, "_skops_version": text
//	node   = { "__class__": text, "__module__": text, "__loader__": text, "__id__": number, ... }
//
// The loader says what the rest of a node means (nodes.go). Nodes of the same __id__ are one object: the first that is
// read is it (get_tree in _audit.py).
//
// Sources: _persist.py, _audit.py, _general.py, _numpy.py, _scipy.py, _sklearn.py, _quantile_forest.py and old/ of skops/io
// in skops 0.3 to 0.13, whose files have protocol 0, 1 or 2.
package skops

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"regexp"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pickle"
)

const (
	schemaName = "schema.json"
	newest     = 2   // protocol (_protocol.py of 0.13)
	sniffed    = 512 // bytes of a schema in which the first fields stand
)

var release = regexp.MustCompile(`^[0-9][0-9A-Za-z.+]{0,40}$`)

// Sniff tells whether data is a skops file: a zip archive with a schema.json that begins with a node's fields.
func Sniff(data []byte) bool {
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return false
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return false
	}
	for _, f := range z.File {
		if f.Name != schemaName {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return false
		}
		defer r.Close()
		head := make([]byte, sniffed)
		n, _ := io.ReadFull(r, head) // of a damaged member as much as there is: Decode says what is wrong
		return bytes.Contains(head[:n], []byte(`"__class__"`)) && bytes.Contains(head[:n], []byte(`"__module__"`))
	}
	return false
}

// Decode reads a file. It never runs anything, and bounds its own cost by lim, whatever the bytes say.
func Decode(src pickle.Source, lim pickle.Limits) (*pickle.Document, error) {
	doc, err := decode(src, lim)
	if err != nil {
		return nil, fault.InFile(err, src.Name)
	}
	return doc, nil
}

func decode(src pickle.Source, lim pickle.Limits) (*pickle.Document, error) {
	archive, err := pickle.OpenArchive(src, lim)
	if err != nil {
		return nil, err
	}
	text, err := archive.Read(schemaName)
	if err != nil {
		return nil, err
	}
	root, err := parse(text, archive.Spend)
	if err != nil {
		return nil, err
	}
	doc := &pickle.Document{Layers: []string{"skops"}}
	if doc.Skops, err = root.text("_skops_version"); err != nil {
		return nil, err
	}
	if !release.MatchString(doc.Skops) {
		return nil, root.broken("a release of skops that is none")
	}
	p, err := root.field("protocol")
	if err != nil {
		return nil, err
	}
	protocol, ok := p.integer()
	if !ok || protocol < 0 {
		return nil, p.broken("a protocol that is none")
	}
	if protocol > newest {
		return nil, p.unsupported("protocol %d of skops %s", protocol, doc.Skops)
	}
	doc.Protocol = int(protocol)
	d := &decoder{archive: archive, doc: doc, memo: map[string]pickle.Value{}, named: map[pickle.Global]int{}}
	if doc.Root, err = d.value(root); err != nil {
		return nil, err
	}
	doc.Size = archive.Size()
	return doc, nil
}

// decoder makes values of the nodes of one file.
type decoder struct {
	archive *pickle.Archive
	doc     *pickle.Document
	memo    map[string]pickle.Value // by __id__; nil while the value is being made
	named   map[pickle.Global]int   // index into doc.Globals
}

// value makes the value of a node.
func (d *decoder) value(n *node) (pickle.Value, error) {
	loader, err := n.text("__loader__")
	if err != nil {
		return nil, err
	}
	id := n.id()
	if v, met := d.memo[id]; met && id != "" {
		if v == nil {
			return nil, n.broken("a value that is a part of itself")
		}
		return v, nil
	}
	load := loaders[loader]
	if load == nil {
		return nil, n.unsupported("a skops node %q", loader)
	}
	if err := d.archive.Spend(nodeCost); err != nil {
		return nil, err
	}
	d.keep(n, nil)
	v, err := load(d, n)
	if err != nil {
		return nil, placed(err, n)
	}
	d.keep(n, v)
	return v, nil
}

// nodeCost is what a node is taken to allocate for its value.
const nodeCost = 100

// keep remembers what a node is. Containers are kept before their content is read, which may name them.
func (d *decoder) keep(n *node, v pickle.Value) {
	if id := n.id(); id != "" {
		d.memo[id] = v
	}
}

// values makes the values of a list of nodes.
func (d *decoder) values(n *node) ([]pickle.Value, error) {
	if n.kind != '[' {
		return nil, n.broken("no list of nodes")
	}
	all := make([]pickle.Value, 0, len(n.items))
	for i := range n.items {
		v, err := d.value(&n.items[i])
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// within makes the value of a node in a field.
func (d *decoder) within(n *node, name string) (pickle.Value, error) {
	f, err := n.field(name)
	if err != nil {
		return nil, err
	}
	return d.value(f)
}

// class is the name that a node has in __module__ and __class__; made says that there is an instance of it.
func (d *decoder) class(n *node, made bool) (pickle.Global, error) {
	module, err := n.text("__module__")
	if err != nil {
		return pickle.Global{}, err
	}
	name, err := n.text("__class__")
	if err != nil {
		return pickle.Global{}, err
	}
	return d.global(n, pickle.Global{Module: module, Name: name}, made), nil
}

// global notes a name, where it is not one of those that a pickle has opcodes for.
func (d *decoder) global(n *node, g pickle.Global, made bool) pickle.Global {
	if g.Module == "builtins" && plain[g.Name] {
		return g
	}
	i, ok := d.named[g]
	if !ok {
		i = len(d.doc.Globals)
		d.named[g] = i
		d.doc.Globals = append(d.doc.Globals, pickle.GlobalUse{Global: g, Offset: n.at})
	}
	d.doc.Globals[i].Called = d.doc.Globals[i].Called || made
	return g
}

// plain are the builtins that dicts, lists and keys of any file are of.
var plain = map[string]bool{"dict": true, "list": true, "tuple": true, "str": true, "int": true, "float": true, "bool": true}

// placed gives a fault the place of a node, unless it has one.
func placed(err error, n *node) error {
	var b *fault.Broken
	var u *fault.Unsupported
	switch {
	case errors.As(err, &b) && b.Where.Offset == 0:
		b.Where.Offset = n.at + 1
	case errors.As(err, &u) && u.Where.Offset == 0:
		u.Where.Offset = n.at + 1
	}
	return err
}
