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

func (o *Index) Eval(in []*Tensor, out *Tensor) error { return o.prepare(asked{}).Eval(in, out) }

func (o *Index) prepare(asked) evaluation { return &keyed{o, newKeyPlaces(o.Keys)} }

// keyed is an Index whose keys are where they are found at once.
type keyed struct {
	*Index
	places keyPlaces
}

func (o *keyed) clone() evaluation { return o }

func (o *keyed) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
	for i := range out.Int {
		at, ok := o.places.find(x, i)
		if !ok && o.Refuses {
			return &RowError{i / x.RowLen(), fault.Unsupportedf(fault.Where{}, "the category %q is unknown, and the original refuses that", x.Item(i))}
		} else if !ok {
			at = o.Unknown
		}
		out.Int[i] = at
	}
	return nil
}

// keyPlaces finds the place of an item among keys.
type keyPlaces struct {
	text   map[string]int64
	number map[uint64]int64
}

func newKeyPlaces(keys *Tensor) keyPlaces {
	p := keyPlaces{map[string]int64{}, map[uint64]int64{}}
	for i := keys.Len() - 1; i >= 0; i-- { // the first of equal keys stays
		if keys.Kind == String {
			p.text[keys.Text[i]] = int64(i)
		} else {
			p.number[keyBits(keys, i)] = int64(i)
		}
	}
	return p
}

func (p *keyPlaces) find(t *Tensor, i int) (at int64, ok bool) {
	if t.Kind == String {
		at, ok = p.text[t.Text[i]]
	} else {
		at, ok = p.number[keyBits(t, i)]
	}
	return at, ok
}

// keyBits is what equal numbers have in common: -0 equals 0 here, and NaN equals NaN.
func keyBits(t *Tensor, i int) uint64 {
	switch {
	case !t.Kind.IsFloat():
		return uint64(t.Int[i])
	case t.Float[i] != t.Float[i]:
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(t.Float[i] + 0)
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

func (o *Search) Eval(in []*Tensor, out *Tensor) error {
	for i, v := range in[0].Float {
		out.Int[i] = int64(sort.Search(len(o.Edges), func(j int) bool {
			return o.Edges[j] > v || o.Edges[j] == v && !o.Right
		}))
	}
	return nil
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
