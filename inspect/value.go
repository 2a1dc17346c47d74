package inspect

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/pickle"
)

const (
	longestValue = 60 // bytes
	longestSmall = 8  // items of an array that is shown in full
)

// isCompound tells whether a value may have something below it.
func isCompound(v pickle.Value) bool {
	switch v.(type) {
	case *pickle.List, *pickle.Tuple, *pickle.Dict, *pickle.Object, *pickle.NDArray:
		return true
	}
	return false
}

func anyCompound(items []pickle.Value) bool { return slices.ContainsFunc(items, isCompound) }

// kindOfAll is the type of all items; "" if they differ.
func kindOfAll(items []pickle.Value) string {
	for _, item := range items {
		if !sameType(item, items[0]) {
			return ""
		}
	}
	if len(items) == 0 {
		return ""
	}
	return shortType(items[0])
}

func sameType(a, b pickle.Value) bool {
	if x, ok := a.(*pickle.Object); ok {
		y, ok := b.(*pickle.Object)
		return ok && x.Class == y.Class
	}
	return typeOf(a) == typeOf(b)
}

// describe is a value's type, in short its content, and its length if it is a collection.
func (b *treeBuilder) describe(v pickle.Value) (kind, value string, length *int) {
	collection := func(items []pickle.Value) (string, string, *int) {
		n := len(items)
		if anyCompound(items) {
			if kind := kindOfAll(items); kind != "" {
				return typeOf(v), fmt.Sprintf("%d %s", n, kind), &n
			}
			return typeOf(v), fmt.Sprintf("%d items", n), &n
		}
		return typeOf(v), pickle.Repr(v, longestValue), &n
	}
	switch v := v.(type) {
	case *pickle.List:
		return collection(v.Items)
	case *pickle.Tuple:
		return collection(v.Items)
	case *pickle.Set:
		return collection(v.Items)
	case *pickle.Dict:
		n := len(v.Keys)
		return typeOf(v), fmt.Sprintf("%d items", n), &n
	case *pickle.Object:
		return typeOf(v), "", nil
	case *pickle.NDArray:
		return typeOf(v), arrayValue(v), nil
	case *pickle.Persistent:
		return typeOf(v), pickle.Repr(v.ID, longestValue), nil
	case *pickle.DType:
		return typeOf(v), v.String(), nil
	case pickle.Bytes:
		if b.python2 {
			return "str", pickle.Repr(pickle.Text(v), longestValue), nil
		}
	}
	return typeOf(v), pickle.Repr(v, longestValue), nil
}

// arrayValue is a type and shape, and the items of a small array.
func arrayValue(a *pickle.NDArray) string {
	text := a.DType.String() + " " + strings.ReplaceAll(fmt.Sprint(a.Shape), " ", ",")
	if len(a.DType.Fields) > 0 {
		text = fmt.Sprintf("%d fields %s", len(a.DType.Fields), strings.ReplaceAll(fmt.Sprint(a.Shape), " ", ","))
	}
	if a.DType.Kind == 'O' {
		if anyCompound(a.Objects) {
			if kind := kindOfAll(a.Objects); kind != "" {
				return text + " of " + kind
			}
			return text
		}
		return text + " " + pickle.Repr(&pickle.List{Items: a.Objects}, longestValue)
	}
	if len(a.Shape) > 1 || a.Len() > longestSmall {
		return text
	}
	items := make([]pickle.Value, a.Len())
	for i := range items {
		item, err := a.At(i)
		if err != nil || item == nil {
			return text
		}
		items[i] = item
	}
	return text + " " + pickle.Repr(&pickle.List{Items: items}, longestValue)
}

// typeOf is the type as Python names it.
func typeOf(v pickle.Value) string {
	switch v := v.(type) {
	case nil, pickle.None:
		return "NoneType"
	case bool:
		return "bool"
	case int64, *big.Int:
		return "int"
	case float64:
		return "float"
	case complex128:
		return "complex"
	case pickle.Text:
		return "str"
	case pickle.Bytes:
		return "bytes"
	case pickle.Global:
		return "name"
	case *pickle.Tuple:
		return "tuple"
	case *pickle.List:
		return "list"
	case *pickle.Dict:
		return "dict"
	case *pickle.Set:
		if v.Frozen {
			return "frozenset"
		}
		return "set"
	case *pickle.Object:
		if v.Class == (pickle.Global{}) {
			return "call"
		}
		return cut(v.Class.String(), 2*longestValue)
	case *pickle.NDArray:
		return cut(v.Class.String(), 2*longestValue)
	case *pickle.DType:
		return "numpy.dtype"
	case *pickle.Persistent:
		return "persistent id"
	}
	return fmt.Sprintf("%T", v)
}

// shortType is the type without its module.
func shortType(v pickle.Value) string {
	t := typeOf(v)
	return t[strings.LastIndexByte(t, '.')+1:]
}

func cut(s string, limit int) string {
	if len(s) > limit {
		return strings.ToValidUTF8(s[:limit], "") + "..."
	}
	return s
}
