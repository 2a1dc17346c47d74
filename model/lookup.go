package model

import "fmt"

// Lookup replaces each index in X by a row of Table: labels by class index, leaf rows by row number. The answer's shape is
// X's shape followed by the shape of a table row (ONNX's Gather on axis 0).
type Lookup struct {
	X     Ref
	Table *Tensor
}

func (o *Lookup) Name() string      { return "lookup" }
func (o *Lookup) Reads() []Ref      { return []Ref{o.X} }
func (o *Lookup) Moved(to []Ref) Op { c := *o; c.X = to[o.X]; return &c }

func (o *Lookup) Type(in []Type) (Type, error) {
	if in[0].Kind != Int64 {
		return Type{}, fmt.Errorf("%v is no index", in[0])
	}
	row := append(append([]int{}, in[0].Row...), o.Table.Shape[1:]...)
	return Type{Kind: o.Table.Kind, Row: row}, nil
}

func (o *Lookup) Eval(in []*Tensor, out *Tensor) error {
	width := o.Table.RowLen()
	for i, index := range in[0].Int {
		if index < 0 || int(index) >= o.Table.Rows() {
			return fmt.Errorf("index %d of %d rows", index, o.Table.Rows())
		}
		out.copyItems(i*width, o.Table, int(index)*width, width)
	}
	return nil
}

func (o *Lookup) Equal(other Op) error {
	p, ok := other.(*Lookup)
	if !ok {
		return differ(o, other)
	}
	if !o.Table.Same(p.Table) {
		return fmt.Errorf("the tables differ (%v%v against %v%v)", o.Table.Kind, o.Table.Shape, p.Table.Kind, p.Table.Shape)
	}
	return nil
}
