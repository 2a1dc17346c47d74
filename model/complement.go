package model

import "fmt"

// Complement makes of the probability p of the second of two classes, a matrix of one column, the probabilities of both:
// 1 - p and p, in p's own precision.
type Complement struct{ X Ref }

func (o *Complement) Name() string         { return "complement" }
func (o *Complement) Reads() []Ref         { return []Ref{o.X} }
func (o *Complement) Moved(to []Ref) Op    { return &Complement{X: to[o.X]} }
func (o *Complement) Equal(other Op) error { return equalSettings(o, other) }

func (o *Complement) Type(in []Type) (Type, error) {
	if !in[0].Kind.IsFloat() || len(in[0].Row) != 1 || in[0].Row[0] != 1 {
		return Type{}, fmt.Errorf("%v is no probability of one class", in[0])
	}
	return Type{Kind: in[0].Kind, Row: []int{2}}, nil
}

func (o *Complement) Eval(in []*Tensor, out *Tensor) error {
	x := in[0]
	round := precision(x.Kind).Round
	for i, p := range x.Float {
		out.Float[2*i], out.Float[2*i+1] = round(1-p), p
	}
	return nil
}
