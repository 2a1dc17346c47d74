package sklearn

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/pickle"
)

// Part is the object that stands at a path in a value named root, as errors and descriptions print paths, and as Python
// writes them:
//
//	path = root {"." attribute | "[" index "]"}
//
// An index is a number, two numbers of a matrix, or a dict's key. A pair of a name and an estimator, of which pipelines and their
// kin are made, stands for the estimator: model.steps[1] is model.steps[1][1]. The answer's Path is Python's. false: there is no
// object.
func Part(root pickle.Value, name, path string) (Found, bool) {
	rest, ok := strings.CutPrefix(path, name)
	p := place{root, name}
	for ok && rest != "" {
		if rest[0] == '.' {
			end := strings.IndexAny(rest[1:], ".[") + 1
			if end == 0 {
				end = len(rest)
			}
			ok = p.attribute(rest[1:end])
			rest = rest[end:]
			continue
		}
		end := indexEnd(rest)
		if ok = end > 0; !ok {
			break
		}
		index := rest[1 : end-1]
		rest = rest[end:]
		if row, isRow := p.value.(*pickle.NDArray); isRow && len(row.Shape) == 2 && strings.HasPrefix(rest, "[") && indexEnd(rest) > 0 {
			end = indexEnd(rest)
			index += ", " + rest[1:end-1]
			rest = rest[end:]
		}
		ok = p.index(index)
	}
	if !ok {
		return Found{}, false
	}
	p.pair()
	o, ok := p.value.(*pickle.Object)
	return Found{Path: p.path, Object: o}, ok
}

// indexEnd is where an index ends that text begins with, behind its bracket; 0: nowhere.
func indexEnd(text string) int {
	depth, quote := 0, rune(0)
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case depth == 0:
			return 0
		}
	}
	return 0
}

// place is a value and the path at which it stands.
type place struct {
	value pickle.Value
	path  string
}

func (p *place) move(v pickle.Value, path string) bool {
	p.value, p.path = v, p.path+path
	return true
}

// pair takes the estimator of a (name, estimator) or (name, estimator, columns).
func (p *place) pair() {
	items, ok := asItems(p.value)
	if !ok || len(items) != 2 && len(items) != 3 {
		return
	}
	if _, named := pickle.AsString(items[0]); named {
		p.move(items[1], "[1]")
	}
}

// propertyLists are the properties that reach the items of a list by their names.
var propertyLists = map[string]string{"named_steps": "steps", "named_transformers_": "transformers_"}

func (p *place) attribute(name string) bool {
	p.pair()
	switch v := p.value.(type) {
	case *pickle.Dict:
		item, ok := v.Get(name)
		return ok && p.move(item, "["+keyText(pickle.Text(name))+"]")
	case *pickle.Object:
		if item, ok := v.Attr(name); ok {
			return p.move(item, "."+name)
		}
		if name == "args" {
			return p.move(&pickle.Tuple{Items: v.Args}, ".args")
		}
		list, ok := v.Attr(propertyLists[name])
		return ok && p.move(list, "."+propertyLists[name])
	}
	if items, ok := asItems(p.value); ok { // of named_steps
		return p.byName(items, name)
	}
	return false
}

// byName takes the item that is a pair of a name.
func (p *place) byName(items []pickle.Value, name string) bool {
	for i, item := range items {
		if pair, ok := asItems(item); ok && len(pair) > 1 {
			if s, ok := pickle.AsString(pair[0]); ok && s == name {
				return p.move(pair[1], fmt.Sprintf("[%d][1]", i))
			}
		}
	}
	return false
}

func (p *place) index(text string) bool {
	switch v := p.value.(type) {
	case *pickle.Dict:
		return p.key(v, text)
	case *pickle.Object:
		if v.Dict != nil && p.key(v.Dict, text) {
			return true
		}
		return p.item(v.Items, text)
	case *pickle.NDArray:
		if v.DType.Kind == 'O' && len(v.Shape) == 2 && v.Shape[1] > 0 {
			return p.cell(v, text)
		}
	}
	items, ok := asItems(p.value)
	if !ok {
		return false
	}
	if len(text) > 2 && (text[0] == '\'' || text[0] == '"') && text[len(text)-1] == text[0] {
		return p.byName(items, text[1:len(text)-1])
	}
	return p.item(items, text)
}

// key takes what a dict has under a key, in either kind of quotes.
func (p *place) key(d *pickle.Dict, text string) bool {
	single := strings.ReplaceAll(text, `"`, "'")
	i := slices.IndexFunc(d.Keys, func(k pickle.Value) bool { return keyText(k) == text || keyText(k) == single })
	return i >= 0 && p.move(d.Values[i], "["+keyText(d.Keys[i])+"]")
}

func (p *place) item(items []pickle.Value, text string) bool {
	i, err := strconv.Atoi(text)
	return err == nil && i >= 0 && i < len(items) && p.move(items[i], fmt.Sprintf("[%d]", i))
}

// cell takes an item of a matrix by its row and column, or by its number in rows of rows.
func (p *place) cell(a *pickle.NDArray, text string) bool {
	row, column, both := strings.Cut(text, ",")
	i, err := strconv.Atoi(row)
	if both && err == nil {
		var j int
		if j, err = strconv.Atoi(strings.TrimSpace(column)); j < 0 || j >= a.Shape[1] || i < 0 || i >= a.Shape[0] {
			return false
		}
		i = i*a.Shape[1] + j
	}
	return err == nil && i >= 0 && i < len(a.Objects) && p.move(a.Objects[i], fmt.Sprintf("[%d, %d]", i/a.Shape[1], i%a.Shape[1]))
}
