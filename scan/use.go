package scan

import (
	"strings"

	"github.com/seed-2867d59c/treeport/pickle"
)

// Use is a way in which a file uses a name: what an allowlist lists.
type Use struct {
	Name string // module and name
	How  string // import, call, new, setstate or additems; of a function of the language itself, the call with its arguments' kinds
}

// occurrence is where a file uses a name first.
type occurrence struct {
	offset int64
	code   string // the call as Python would write it
	count  int
}

const (
	imported = "import"
	made     = "new"
	stated   = "setstate"
	filled   = "additems"
	// What no honest file does, whatever the names.
	unnamed    = "call of what a call returned"
	classState = "attributes set on what was only named"
	persistent = "persistent id"
)

// languages are the modules whose functions act on whatever they are given, so that their arguments tell what they do.
var languages = map[string]bool{"builtins": true, "__builtin__": true, "functools": true, "operator": true, "_operator": true, "_codecs": true, "copyreg": true,
	"copy_reg": true, "types": true, "collections": true}

// longestCode is how much of a call is kept, in bytes.
const longestCode = 160

// recorder notes the uses of names in one file.
type recorder struct {
	uses    map[Use]*occurrence
	order   []Use
	release string
}

// mostUses bounds what one file can make a recorder hold; beyond, all else counts as one use.
const mostUses = 10_000

func newRecorder() *recorder { return &recorder{uses: map[Use]*occurrence{}} }

func (r *recorder) add(u Use, offset int64, code func() string) {
	if len(r.uses) >= mostUses {
		u = Use{Name: "more names than any honest file has", How: "call"}
	}
	o := r.uses[u]
	if o == nil {
		o = &occurrence{offset: offset, code: code()}
		r.uses[u] = o
		r.order = append(r.order, u)
	}
	o.count++
}

// watch is told of what loading would do.
func (r *recorder) watch(e pickle.Event) {
	g, named := e.Callee.(pickle.Global)
	name := g.String()
	code := func() string { return callText(e, name) }
	switch e.Act {
	case pickle.Import:
		r.add(Use{name, imported}, e.Offset, func() string { return name })
	case pickle.Persist:
		r.add(Use{persistent, persistent}, e.Offset, func() string { return "persistent_load(" + pickle.Repr(e.Args[0], longestCode) + ")" })
	case pickle.Call:
		how := "call"
		method, isMethod := methodOf(e.Callee)
		switch {
		case isMethod:
			name = method
		case !named:
			name, how = "("+pickle.Repr(e.Callee, longestCode)+")", unnamed
		case languages[g.Module]:
			how = "call" + kinds(e.Args)
		}
		r.add(Use{name, how}, e.Offset, code)
	case pickle.New:
		if !named {
			name = "(" + pickle.Repr(e.Callee, longestCode) + ")"
			r.add(Use{name, unnamed}, e.Offset, code)
			return
		}
		r.add(Use{name, made}, e.Offset, code)
	case pickle.SetState, pickle.AddItems:
		r.changed(e)
	}
}

// methodOf names what getattr of a class answers, by which Python writes what its static and class methods make.
func methodOf(callee pickle.Value) (string, bool) {
	o, ok := callee.(*pickle.Object)
	if !ok || o.Class.Name != "getattr" || !languages[o.Class.Module] || len(o.Args) != 2 {
		return "", false
	}
	class, ok := o.Args[0].(pickle.Global)
	name, isText := pickle.AsString(o.Args[1])
	return "getattr(" + class.String() + ", " + text(name) + ")", ok && isText
}

// changed notes what is done to an object after it was made.
func (r *recorder) changed(e pickle.Event) {
	how := stated
	if e.Act == pickle.AddItems {
		how = filled
	}
	switch o := e.Callee.(type) {
	case *pickle.Object:
		name := o.Class.String()
		if o.Call != nil {
			name, how = "("+pickle.Repr(o.Call, longestCode)+")", unnamed
		}
		if e.Act == pickle.SetState {
			r.state(name, e)
		}
		r.add(Use{name, how}, e.Offset, func() string {
			return name + "(...)." + map[string]string{stated: "__setstate__(...)", filled: "extend(...)"}[how]
		})
	case pickle.Global:
		r.add(Use{o.String(), classState}, e.Offset, func() string { return o.String() + ".__setstate__(" + pickle.Repr(e.Args[0], longestCode) + ")" })
	}
}

// state looks at the attributes that an object gets: the release that it names, and those by which Python itself calls.
func (r *recorder) state(name string, e pickle.Event) {
	dicts := e.Args
	if t, ok := e.Args[0].(*pickle.Tuple); ok {
		dicts = t.Items
	}
	for _, v := range dicts {
		d, ok := v.(*pickle.Dict)
		if !ok {
			continue
		}
		for i, k := range d.Keys {
			key, _ := pickle.AsString(k)
			if key == "_sklearn_version" && r.release == "" {
				r.release, _ = pickle.AsString(d.Values[i])
			}
			if strings.HasPrefix(key, "__") && strings.HasSuffix(key, "__") && len(key) < 100 {
				r.add(Use{name, "attribute " + key}, e.Offset, func() string { return name + "(...)." + key + " = " + pickle.Repr(d.Values[i], longestCode) })
			}
		}
	}
}

func callText(e pickle.Event, name string) string {
	var b strings.Builder
	b.WriteString(name)
	b.WriteByte('(')
	for i, a := range e.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		if b.Len() > longestCode {
			b.WriteString("...")
			break
		}
		b.WriteString(pickle.Repr(a, longestCode))
	}
	if e.Named != nil && len(e.Named.Keys) > 0 {
		b.WriteString(", **" + pickle.Repr(e.Named, longestCode))
	}
	b.WriteByte(')')
	return b.String()
}

// kinds are the arguments of a call by their kinds. Text after the first one stays what it is: it may name an attribute or a codec.
func kinds(args []pickle.Value) string {
	var all []string
	for i, a := range args {
		if i == 4 {
			all = append(all, "...")
			break
		}
		name, isText := pickle.AsString(a)
		switch {
		case !isText:
			all = append(all, kind(a))
		case i == 0:
			all = append(all, "text")
		default:
			all = append(all, text(name))
		}
	}
	return "(" + strings.Join(all, ", ") + ")"
}

// kind is a value's kind; all numbers are one.
func kind(v pickle.Value) string {
	if g, ok := v.(pickle.Global); ok && languages[g.Module] {
		return g.String()
	}
	switch k := pickle.KindOf(v); k {
	case "bool", "int", "float", "complex":
		return "number"
	default:
		return k
	}
}

// text is an identifier, or that there is one of other text: data, such as what bytes of Python 3 are written as.
func text(s string) string {
	if len(s) == 0 || len(s) > 40 {
		return "text"
	}
	for _, c := range s {
		if c != '_' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return "text"
		}
	}
	return "'" + s + "'"
}
