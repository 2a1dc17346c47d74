package model

import (
	"fmt"
	"math"
	"sort"

	"github.com/seed-2867d59c/treeport/fault"
)

// MissingText is a missing value in a column of text: the empty one. (pandas has None or NaN, which no ONNX tensor of
// strings can hold.) A model that knows both a missing value and an empty text can't be read.
const MissingText = ""

// Index replaces each item by its place among Keys, a vector of the items' kind (floats, integers or text); NaN finds NaN.
// What is not there becomes Unknown or, where Refuses is set, an error, as the original's is.
type Index struct {
	X       Ref
	Keys    *Tensor
	Unknown int64
	Refuses bool
}

func (o *Index) Name() string      { return "index of categories" }
func (o *Index) Reads() []Ref      { return []Ref{o.X} }
func (o *Index) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *Index) Type(in []Type) (Type, error) {
	if in[0].Kind != o.Keys.Kind || len(o.Keys.Shape) != 1 || in[0].Kind == Bool {
		return Type{}, fmt.Errorf("no place of %v among keys of %v%v", in[0], o.Keys.Kind, o.Keys.Shape)
	}
	return Type{Kind: Int64, Row: in[0].Row}, nil
}

func (o *Index) Eval(in []*Tensor) (*Tensor, error) {
	places := make(map[any]int64, o.Keys.Len())
	for i := o.Keys.Len() - 1; i >= 0; i-- { // the first of equal keys stays
		places[key(o.Keys, i)] = int64(i)
	}
	x, out := in[0], NewTensor(Type{Kind: Int64, Row: in[0].Shape[1:]}, in[0].Rows())
	for i := range out.Int {
		at, ok := places[key(x, i)]
		if !ok && o.Refuses {
			return nil, &RowError{i / x.RowLen(), fault.Unsupportedf(fault.Where{}, "the category %q is unknown, and the original refuses that", x.Item(i))}
		} else if !ok {
			at = o.Unknown
		}
		out.Int[i] = at
	}
	return out, nil
}

// key is what equal items have in common.
func key(t *Tensor, i int) any {
	switch {
	case t.Kind == String:
		return t.Text[i]
	case !t.Kind.IsFloat():
		return t.Int[i]
	case t.Float[i] != t.Float[i]:
		return nil
	}
	return t.Float[i] + 0 // -0 is 0
}

func (o *Index) Equal(other Op) error {
	p, ok := other.(*Index)
	if !ok || o.Unknown != p.Unknown || o.Refuses != p.Refuses || !o.Keys.Same(p.Keys) {
		return differ(o, other)
	}
	return nil
}

// Search replaces each number by how many of Edges, in rising order, are less than it (where Right is set: not greater), as
// numpy.searchsorted does. Of NaN that is all of them.
type Search struct {
	X     Ref
	Edges []float64
	Right bool
}

func (o *Search) Name() string      { return "search" }
func (o *Search) Reads() []Ref      { return []Ref{o.X} }
func (o *Search) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *Search) Type(in []Type) (Type, error) {
	if !in[0].Kind.IsFloat() {
		return Type{}, fmt.Errorf("no search for %v", in[0])
	}
	for i, v := range o.Edges {
		if v != v || i > 0 && v < o.Edges[i-1] {
			return Type{}, fmt.Errorf("edges out of order at %d", i)
		}
	}
	return Type{Kind: Int64, Row: in[0].Row}, nil
}

func (o *Search) Eval(in []*Tensor) (*Tensor, error) {
	out := NewTensor(Type{Kind: Int64, Row: in[0].Shape[1:]}, in[0].Rows())
	for i, v := range in[0].Float {
		out.Int[i] = int64(sort.Search(len(o.Edges), func(j int) bool {
			return o.Edges[j] > v || o.Edges[j] == v && !o.Right
		}))
	}
	return out, nil
}

func (o *Search) Equal(other Op) error {
	p, ok := other.(*Search)
	if !ok || o.Right != p.Right || len(o.Edges) != len(p.Edges) {
		return differ(o, other)
	}
	for i, v := range o.Edges {
		if math.Float64bits(v) != math.Float64bits(p.Edges[i]) {
			return fmt.Errorf("edge %d is %v against %v", i, v, p.Edges[i])
		}
	}
	return nil
}
