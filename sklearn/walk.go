package sklearn

import (
	"strconv"

	"github.com/seed-2867d59c/treeport/pickle"
)

// eachObject visits an object named path and every object in it, each once.
func eachObject(o *pickle.Object, path string, visit func(w *objectWalk, o *pickle.Object)) {
	w := &objectWalk{visit: func(w *objectWalk, o *pickle.Object) bool {
		visit(w, o)
		return true
	}}
	w.walk(o, path)
}

// objectWalk goes through the objects in an object, each once, up to one for which visit answers false.
type objectWalk struct {
	visit   func(w *objectWalk, o *pickle.Object) bool
	seen    map[any]bool
	root    string
	steps   []attribute // from the root to what is visited
	stopped bool
	deep    bool // something lies too deep to be looked at
}

// attribute is how to get from a value to one inside.
type attribute struct {
	before, name string // such as "." and an attribute's name
	index        int    // in brackets behind them, if it is numbered
	numbered     bool
}

func (w *objectWalk) walk(o *pickle.Object, path string) {
	w.seen, w.root = make(map[any]bool, 64), path
	w.object(o, 0)
}

// path is that of the object that is visited. It is made when it is asked for, which is not often: there are many objects.
func (w *objectWalk) path() string {
	text := []byte(w.root)
	for _, s := range w.steps {
		text = append(append(text, s.before...), s.name...)
		if s.numbered {
			text = append(strconv.AppendInt(append(text, '['), int64(s.index), 10), ']')
		}
	}
	return string(text)
}

// inside walks a value inside the one that is walked.
func (w *objectWalk) inside(s attribute, v pickle.Value, depth int) {
	w.steps = append(w.steps, s)
	w.value(v, depth+1)
	w.steps = w.steps[:len(w.steps)-1]
}

func (w *objectWalk) value(v pickle.Value, depth int) {
	w.deep = w.deep || depth > deepest
	if w.stopped || w.deep {
		return
	}
	switch v := v.(type) {
	case *pickle.Object:
		w.object(v, depth)
	case *pickle.List:
		w.items(v, v.Items, depth)
	case *pickle.Tuple:
		w.items(v, v.Items, depth)
	case *pickle.NDArray:
		w.items(v, v.Objects, depth)
	case *pickle.Dict:
		if !w.enter(v) {
			return
		}
		for i, k := range v.Keys {
			if !mayHold(v.Values[i]) {
				continue
			}
			if name, ok := pickle.AsString(k); ok {
				w.inside(attribute{before: ".", name: name}, v.Values[i], depth)
			} else {
				w.inside(attribute{name: "[" + keyText(k) + "]"}, v.Values[i], depth)
			}
		}
	}
}

func (w *objectWalk) items(holder any, items []pickle.Value, depth int) {
	if len(items) == 0 || !w.enter(holder) {
		return
	}
	for i, item := range items {
		if mayHold(item) {
			w.inside(attribute{index: i, numbered: true}, item, depth)
		}
	}
}

func (w *objectWalk) object(o *pickle.Object, depth int) {
	if !w.enter(o) {
		return
	}
	if !w.visit(w, o) {
		w.stopped = true
		return
	}
	for i, arg := range o.Args {
		w.inside(attribute{before: ".args", index: i, numbered: true}, arg, depth)
	}
	w.items(&o.Items, o.Items, depth)
	if o.Dict != nil {
		w.value(o.Dict, depth+1)
	}
	switch s := o.State.(type) {
	case *pickle.Tuple:
		for _, part := range s.Items {
			w.value(part, depth+1)
		}
	default:
		w.value(s, depth)
	}
}

func (w *objectWalk) enter(v any) bool {
	if w.seen[v] {
		return false
	}
	w.seen[v] = true
	return true
}
