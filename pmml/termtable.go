package pmml

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/model"
)

// index is the place of x among keys.
func (ts *terms) index(x *term, op *model.Index) *term {
	unknown := op.Unknown
	if op.Refuses {
		unknown = -1
	}
	keys := *op.Keys
	keys.Float = positiveZeros(keys.Float)
	if last := keys.Len() - 1; last >= 0 && unknown == int64(last) && len(appendItem(nil, &keys, last)) == 0 {
		// What is missing is as what is unknown.
		keys.Shape = []int{last}
		keys.Float, keys.Text = keys.Float[:min(last, len(keys.Float))], keys.Text[:min(last, len(keys.Text))]
	}
	unknownPlace := ts.constant(&model.Tensor{Kind: model.Int64, Int: []int64{unknown}}, 0)
	switch present := slices.ContainsFunc(itemsOf(&keys), func(s string) bool { return s != "" }); {
	case present:
	case op.Refuses:
		return ts.unsupported("PMML has no place for categories that are all refused but what is missing")
	case keys.Len() == 0:
		return unknownPlace
	case keys.Kind.IsFloat():
		return ts.where(ts.unary(model.IsNaN, x), ts.place(0), unknownPlace)
	}
	var key strings.Builder
	fmt.Fprintf(&key, "index %v %d %v", op.Refuses, unknown, op.Keys.Kind)
	seen := map[string]bool{}
	for i := range keys.Len() {
		text := string(appendItem(nil, &keys, i))
		if keys.Kind == model.String {
			ts.checkText(text)
		}
		if seen[text] {
			return ts.unsupported("the category %q twice in PMML", text)
		}
		seen[text] = true
		fmt.Fprintf(&key, " %q", text)
	}
	return ts.make(key.String(), &model.Index{Keys: &keys, Unknown: unknown, Refuses: op.Refuses}, x)
}

// search is how many edges are below x. Infinite ones, which PMML's intervals can't have, become choices.
func (ts *terms) search(x *term, op *model.Search) *term {
	var edges []float64
	below, above := 0, 0
	for _, v := range op.Edges {
		switch {
		case math.IsInf(v, -1):
			below++
		case math.IsInf(v, 1):
			above++
		default:
			edges = append(edges, v+0)
		}
	}
	t := ts.place(0)
	if len(edges) > 0 {
		t = ts.make(fmt.Sprint("search ", op.Right, edges), &model.Search{Edges: edges, Right: op.Right}, x)
	}
	if below > 0 {
		t = ts.binary(model.Add, t, ts.place(below))
		if !op.Right {
			t = ts.where(ts.binary(model.Equals, x, ts.like(x, math.Inf(-1))), ts.place(0), t)
		}
	}
	if above > 0 {
		all := ts.unary(model.IsNaN, x)
		if op.Right {
			all = ts.binary(model.Or, all, ts.binary(model.Equals, x, ts.like(x, math.Inf(1))))
		}
		t = ts.where(all, ts.place(len(op.Edges)), t)
	}
	return t
}

func (ts *terms) place(v int) *term {
	return ts.constant(&model.Tensor{Kind: model.Int64, Int: []int64{int64(v)}}, 0)
}

// lookup is an entry of a table by its place. Entries that are missing are left to a choice of their own, since the
// cells of a PMML table can't be.
func (ts *terms) lookup(x *term, table *model.Tensor) *term {
	missing := &model.Tensor{Kind: model.Bool, Shape: table.Shape, Int: make([]int64, table.Len())}
	var key strings.Builder
	fmt.Fprintf(&key, "lookup %v", table.Kind)
	first, same, some := "", true, -1
	for i := range table.Len() {
		text := string(appendItem(nil, table, i))
		if i == 0 {
			first = text
		}
		same = same && text == first
		if text == "" {
			missing.Int[i], some = 1, i
		}
		if table.Kind == model.String {
			ts.checkText(text)
		}
		fmt.Fprintf(&key, " %q", text)
	}
	switch {
	case table.Len() == 0:
		return ts.unsupported("a lookup in an empty table in PMML")
	case same:
		return ts.constant(table, 0)
	case table.Kind == model.Int64 && countsUp(table.Int):
		return x // its own place
	case some >= 0:
		filled := &model.Tensor{Kind: table.Kind, Shape: table.Shape, Float: append([]float64{}, table.Float...), Text: append([]string{}, table.Text...)}
		for i, is := range missing.Int {
			if is == 1 && table.Kind == model.String {
				filled.Text[i] = "missing"
			} else if is == 1 {
				filled.Float[i] = 0
			}
		}
		return ts.where(ts.lookup(x, missing), ts.constant(table, some), ts.lookup(x, filled))
	}
	return ts.make(key.String(), &model.Lookup{Table: table}, x)
}

// countsUp tells whether each entry is its own place.
func countsUp(entries []int64) bool {
	for i, v := range entries {
		if v != int64(i) {
			return false
		}
	}
	return true
}
