package skops

import (
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/pickle"
)

// name is a class or function. In protocol 0 a function has "content": {"module_path": text, "function": text}
// (old/_general_v0.py).
func (d *decoder) name(n *node) (pickle.Value, error) {
	content := n.find("content")
	if content == nil {
		g, err := d.class(n, false)
		return g, err
	}
	module, err := content.text("module_path")
	if err != nil {
		return nil, err
	}
	function, err := content.text("function")
	if err != nil {
		return nil, err
	}
	return d.global(n, pickle.Global{Module: module, Name: function}, false), nil
}

// object is "content": node of the state, or nothing for an object that has none.
func (d *decoder) object(n *node) (pickle.Value, error) {
	class, err := d.class(n, true)
	if err != nil {
		return nil, err
	}
	o := &pickle.Object{Class: class, Offset: n.at}
	d.keep(n, o)
	if content := n.find("content"); content != nil && content.kind != 'n' {
		if o.State, err = d.value(content); err != nil {
			return nil, err
		}
	}
	switch s := o.State.(type) { // a pickle has no BUILD then
	case pickle.None:
		o.State = nil
	case *pickle.Dict:
		if len(s.Keys) == 0 {
			o.State = nil
		}
	}
	if top, _, _ := strings.Cut(class.Module, "."); o.State == nil && slices.Contains(stateless, top) {
		return nil, n.unsupported("an object of %s, of which skops keeps only the class", class)
	}
	return o, nil
}

// stateless are modules whose objects hold something but have no state, such as frozenset, deque and, before skops had
// ConstructorFromReduceNode, datetime. skops itself makes empty ones of them.
var stateless = []string{"builtins", "collections", "datetime", "decimal"}

// constructed is "content": node of a tuple, the arguments of the class (of what reduces to a call of itself).
func (d *decoder) constructed(n *node) (pickle.Value, error) {
	class, err := d.class(n, true)
	if err != nil {
		return nil, err
	}
	return d.called(n, class, n, "content")
}

// called is a call of a class with the tuple that is a node's field.
func (d *decoder) called(n *node, class pickle.Global, holder *node, field string) (*pickle.Object, error) {
	o := &pickle.Object{Class: class, Offset: n.at}
	d.keep(n, o)
	v, err := d.within(holder, field)
	if err != nil {
		return nil, err
	}
	args, ok := v.(*pickle.Tuple)
	if !ok {
		return nil, holder.broken("the arguments of %s are no tuple", class)
	}
	o.Args = args.Items
	return o, nil
}

// tree is a reduced node, which skops makes a Tree of scikit-learn whatever class it names.
func (d *decoder) tree(n *node) (pickle.Value, error) {
	if name, err := n.text("__class__"); err == nil && name != "Tree" {
		return nil, n.broken("a TreeNode of class %q", name)
	}
	return d.reduced(n)
}

// reduced is "__reduce__": {"args": node of a tuple}, "content": node of the state, which is empty for none.
func (d *decoder) reduced(n *node) (pickle.Value, error) {
	class, err := d.class(n, true)
	if err != nil {
		return nil, err
	}
	reduce, err := n.field("__reduce__")
	if err != nil {
		return nil, err
	}
	// skops reads the state before the arguments, which matters where both hold the same object: then it is the state's.
	o := &pickle.Object{Class: class, Offset: n.at}
	d.keep(n, o)
	if o.State, err = d.within(n, "content"); err != nil {
		return nil, err
	}
	if s, ok := o.State.(*pickle.Dict); ok && len(s.Keys) == 0 {
		o.State = nil // skops does nothing with it
	}
	v, err := d.within(reduce, "args")
	if err != nil {
		return nil, err
	}
	args, ok := v.(*pickle.Tuple)
	if !ok {
		return nil, reduce.broken("the arguments of %s are no tuple", class)
	}
	o.Args = args.Items
	return o, nil
}

// method is "content": {"obj": node, "func": text}: getattr(obj, func) in a pickle.
func (d *decoder) method(n *node) (pickle.Value, error) {
	content, err := n.field("content")
	if err != nil {
		return nil, err
	}
	o := &pickle.Object{Class: d.global(n, pickle.Global{Module: "builtins", Name: "getattr"}, true), Offset: n.at}
	d.keep(n, o)
	obj, err := d.within(content, "obj")
	if err != nil {
		return nil, err
	}
	name, err := content.text("func")
	if err != nil {
		return nil, err
	}
	o.Args = []pickle.Value{obj, pickle.Text(name)}
	return o, nil
}

// partial is "content": {"func": node, "args": node, "kwds": node, "namespace": node}.
func (d *decoder) partial(n *node) (pickle.Value, error) {
	class, content, err := d.classed(n)
	if err != nil {
		return nil, err
	}
	o := &pickle.Object{Class: class, Offset: n.at}
	d.keep(n, o)
	state := &pickle.Tuple{}
	for _, part := range []string{"func", "args", "kwds", "namespace"} {
		v, err := d.within(content, part)
		if err != nil {
			return nil, err
		}
		state.Items = append(state.Items, v)
	}
	o.Args, o.State = state.Items[:1:1], state
	return o, nil
}

// operator is "attrs": node of a tuple, the arguments of attrgetter, itemgetter or methodcaller.
func (d *decoder) operator(n *node) (pickle.Value, error) {
	class, err := d.class(n, true)
	if err != nil {
		return nil, err
	}
	return d.called(n, class, n, "attrs")
}

// slice is "content": {"start": number or null, "stop": ..., "step": ...}, without nodes.
func (d *decoder) slice(n *node) (pickle.Value, error) {
	class, content, err := d.classed(n)
	if err != nil {
		return nil, err
	}
	o := &pickle.Object{Class: class, Offset: n.at}
	for _, part := range []string{"start", "stop", "step"} {
		f, err := content.field(part)
		if err != nil {
			return nil, err
		}
		v, err := f.plain()
		if err != nil {
			return nil, err
		}
		o.Args = append(o.Args, v)
	}
	return o, nil
}

// randomState is "content": node of what get_state says.
func (d *decoder) randomState(n *node) (pickle.Value, error) {
	class, err := d.class(n, true)
	if err != nil {
		return nil, err
	}
	o := &pickle.Object{Class: class, Offset: n.at}
	o.State, err = d.within(n, "content")
	return o, err
}

// randomGenerator is "content": {"bit_generator": node of its state, "seed_seq": node}. In protocol 0 the state is no node
// but bare (old/_numpy_v0.py), and up to protocol 1 there is no seed_seq.
func (d *decoder) randomGenerator(n *node) (pickle.Value, error) {
	class, content, err := d.classed(n)
	if err != nil {
		return nil, err
	}
	state, err := content.field("bit_generator")
	if err != nil {
		return nil, err
	}
	o := &pickle.Object{Class: class, Offset: n.at}
	if d.doc.Protocol == 0 {
		o.State, err = state.plain()
	} else {
		o.State, err = d.value(state)
	}
	return o, err
}
