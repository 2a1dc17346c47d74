package skops

import (
	"strings"

	"github.com/seed-2867d59c/treeport/pickle"
)

// loaders are the kinds of nodes, by the class of skops that reads them. The values are those that pickle.Decode makes
// where Python's pickle writes the same object; the comments name what else there is in a node.
var loaders map[string]func(*decoder, *node) (pickle.Value, error)

func init() {
	loaders = map[string]func(*decoder, *node) (pickle.Value, error){
		"JsonNode":                    (*decoder).json,
		"ListNode":                    (*decoder).list,
		"TupleNode":                   (*decoder).tuple,
		"SetNode":                     (*decoder).set,
		"DictNode":                    (*decoder).dict,
		"DefaultDictNode":             (*decoder).defaultDict,
		"_DictWithDeprecatedKeysNode": (*decoder).deprecatedKeys,
		"BytesNode":                   (*decoder).bytes,
		"BytearrayNode":               (*decoder).bytes,
		"NdArrayNode":                 (*decoder).ndarray,
		"MaskedArrayNode":             (*decoder).masked,
		"DTypeNode":                   (*decoder).dtype,
		"SparseMatrixNode":            (*decoder).sparse,
		"TypeNode":                    (*decoder).name,
		"FunctionNode":                (*decoder).name,
		"MethodNode":                  (*decoder).method,
		"PartialNode":                 (*decoder).partial,
		"OperatorFuncNode":            (*decoder).operator,
		"SliceNode":                   (*decoder).slice,
		"ObjectNode":                  (*decoder).object,
		"ConstructorFromReduceNode":   (*decoder).constructed,
		"TreeNode":                    (*decoder).tree,
		"LossNode":                    (*decoder).reduced,
		"SGDNode":                     (*decoder).reduced, // LossNode's name until skops 0.10
		"QuantileForestNode":          (*decoder).reduced,
		"RandomStateNode":             (*decoder).randomState,
		"RandomGeneratorNode":         (*decoder).randomGenerator,
		"CachedNode":                  (*decoder).cached,
	}
}

// json is "content": JSON in a text.
func (d *decoder) json(n *node) (pickle.Value, error) {
	content, err := n.field("content")
	if err != nil {
		return nil, err
	}
	if content.kind != '"' {
		return nil, content.broken("JSON that is no text")
	}
	inner, err := content.nested(d.archive.Spend)
	if err != nil {
		return nil, err
	}
	return inner.plain()
}

// cached is a reference by __id__ alone. Those to what was read never come here.
func (d *decoder) cached(n *node) (pickle.Value, error) {
	return nil, n.broken("a reference to nothing before it")
}

// classed is the class of a node and its content.
func (d *decoder) classed(n *node) (class pickle.Global, content *node, err error) {
	if class, err = d.class(n, true); err == nil {
		content, err = n.field("content")
	}
	return class, content, err
}

// list is "content": [node, ...]. An instance of a subclass is an Object that has them as Items.
func (d *decoder) list(n *node) (pickle.Value, error) {
	class, content, err := d.classed(n)
	if err != nil {
		return nil, err
	}
	if class.Module != "builtins" {
		o := &pickle.Object{Class: class, Offset: n.at}
		d.keep(n, o)
		o.Items, err = d.values(content)
		return o, err
	}
	list := &pickle.List{}
	d.keep(n, list)
	list.Items, err = d.values(content)
	return list, err
}

// tuple is as list. What is of another class is a namedtuple, which a pickle calls with its items.
func (d *decoder) tuple(n *node) (pickle.Value, error) {
	class, content, err := d.classed(n)
	if err != nil {
		return nil, err
	}
	if class.Module != "builtins" {
		o := &pickle.Object{Class: class, Offset: n.at}
		d.keep(n, o)
		o.Args, err = d.values(content)
		return o, err
	}
	t := &pickle.Tuple{}
	d.keep(n, t)
	t.Items, err = d.values(content)
	return t, err
}

func (d *decoder) set(n *node) (pickle.Value, error) {
	class, err := d.class(n, true)
	if err != nil {
		return nil, err
	}
	if class.Module != "builtins" {
		return nil, n.unsupported("a set of class %s", class)
	}
	content, err := n.field("content")
	if err != nil {
		return nil, err
	}
	set := &pickle.Set{}
	d.keep(n, set)
	set.Items, err = d.values(content)
	return set, err
}

// dict is "content": {key: node, ...}, "key_types": node of a list of the keys' types. An OrderedDict is a dict, as in
// pickles; an instance of another subclass is an Object that has the items as Dict.
func (d *decoder) dict(n *node) (pickle.Value, error) {
	class, err := d.class(n, true)
	if err != nil {
		return nil, err
	}
	dict := &pickle.Dict{}
	var v pickle.Value = dict
	if class.Module != "builtins" && class != (pickle.Global{Module: "collections", Name: "OrderedDict"}) {
		v = &pickle.Object{Class: class, Dict: dict, Offset: n.at}
	}
	d.keep(n, v)
	typesValue, err := d.within(n, "key_types") // skops reads them first
	if err != nil {
		return nil, err
	}
	types, ok := typesValue.(*pickle.List)
	if !ok {
		return nil, n.broken("key_types is no list")
	}
	content, err := n.field("content")
	if err != nil {
		return nil, err
	}
	if content.kind != '{' {
		return nil, content.broken("a dict whose content is no object")
	}
	if len(types.Items) != len(content.names) { // skops leaves out properties, and then gives keys the wrong types
		return nil, n.unsupported("a dict of %d keys with types for %d", len(content.names), len(types.Items))
	}
	flat := make([]pickle.Value, 0, 2*len(content.names))
	for i, name := range content.names {
		key, err := d.key(n, name, types.Items[i])
		if err != nil {
			return nil, err
		}
		value, err := d.value(&content.items[i])
		if err != nil {
			return nil, err
		}
		flat = append(flat, key, value)
	}
	if err := d.archive.SetItems(dict, flat); err != nil {
		return nil, err
	}
	if len(dict.Keys) != len(content.names) {
		return nil, n.broken("a dict with a key twice")
	}
	return v, nil
}

// key is a dict's key of a type. JSON has them as texts: what json.dumps makes of the key, after numpy's item().
func (d *decoder) key(n *node, text string, kind pickle.Value) (pickle.Value, error) {
	class, ok := kind.(pickle.Global)
	if !ok {
		return nil, n.broken("a key's type that is none")
	}
	bare := strings.TrimRight(class.Name, "0123456789_")
	if class.Module == "builtins" || class.Module == "numpy" {
		switch bare {
		case "str":
			return pickle.Text(text), nil
		case "NoneType":
			if text == "null" {
				return pickle.None{}, nil
			}
		case "bool":
			if text == "true" || text == "false" {
				return text == "true", nil
			}
		case "int", "uint", "float":
			if v, ok := d.numericKey(text, bare == "float"); ok {
				return v, nil
			}
		default:
			return nil, n.unsupported("a dict with a key of type %s", class)
		}
		return nil, n.broken("the dict's key %q is no %s", text, class)
	}
	return nil, n.unsupported("a dict with a key of type %s", class)
}

func (d *decoder) numericKey(text string, float bool) (pickle.Value, bool) {
	inner, err := (&node{str: text}).nested(d.archive.Spend)
	if err != nil {
		return nil, false
	}
	v, err := inner.plain()
	if err != nil {
		return nil, false
	}
	_, isFloat := v.(float64)
	return v, strings.IndexByte("0NI-", inner.kind) >= 0 && isFloat == float
}

// defaultDict is "content": {"main": node of a dict, "default_factory": node}.
func (d *decoder) defaultDict(n *node) (pickle.Value, error) {
	o, content, err := d.dictOf(n)
	if err != nil {
		return nil, err
	}
	factory, err := d.within(content, "default_factory")
	if err != nil {
		return nil, err
	}
	if _, none := factory.(pickle.None); !none {
		o.Args = []pickle.Value{factory}
	}
	return o, nil
}

// deprecatedKeys is a dict of scikit-learn before 1.2, with the attribute _deprecated_key_to_new_key.
func (d *decoder) deprecatedKeys(n *node) (pickle.Value, error) {
	o, content, err := d.dictOf(n)
	if err != nil {
		return nil, err
	}
	const attribute = "_deprecated_key_to_new_key"
	v, err := d.within(content, attribute)
	if err != nil {
		return nil, err
	}
	o.State = &pickle.Dict{Keys: []pickle.Value{pickle.Text(attribute)}, Values: []pickle.Value{v}}
	return o, nil
}

// dictOf makes an object that has a dict's items, from "content": {"main": node of a dict, ...}.
func (d *decoder) dictOf(n *node) (*pickle.Object, *node, error) {
	class, err := d.class(n, true)
	if err != nil {
		return nil, nil, err
	}
	content, err := n.field("content")
	if err != nil {
		return nil, nil, err
	}
	o := &pickle.Object{Class: class, Offset: n.at}
	d.keep(n, o)
	main, err := d.within(content, "main")
	if err != nil {
		return nil, nil, err
	}
	dict, ok := main.(*pickle.Dict)
	if !ok {
		return nil, nil, content.broken("main is no dict")
	}
	o.Dict = dict
	return o, content, nil
}

// bytes is "file": the member that holds them.
func (d *decoder) bytes(n *node) (pickle.Value, error) {
	name, err := n.text("file")
	if err != nil {
		return nil, err
	}
	b, err := d.archive.Read(name)
	return pickle.Bytes(b), err
}
