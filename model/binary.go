package model

import (
	"fmt"
)

// Operand is one side of a step: a value, or, where Row is set, the same row for all rows (a tensor of one row).
type Operand struct {
	Ref Ref
	Row *Tensor
}

// Value is the operand that is a value of the program.
func Value(r Ref) Operand { return Operand{Ref: r} }

// Scalar is the operand of one float64 number, for rows that are vectors.
func Scalar(v float64) Operand { return Vector(v) }

// Vector is the operand of a row of float64 numbers.
func Vector(v ...float64) Operand {
	return Operand{Row: &Tensor{Kind: Float64, Shape: []int{1, len(v)}, Float: v}}
}

// Operation is what Binary makes of two items, by numpy's name.
type Operation string

// The operations: of two numbers of one kind a number of that kind, of comparisons a bool, And and Or of two bools.
const (
	Add            Operation = "add"
	Sub            Operation = "subtract"
	Mul            Operation = "multiply"
	Quotient       Operation = "divide" // of floats
	Pow            Operation = "power"  // of floats
	Less           Operation = "less"
	LessOrEqual    Operation = "less_equal"
	Greater        Operation = "greater"
	GreaterOrEqual Operation = "greater_equal"
	Equals         Operation = "equal" // NaN equals nothing
	And            Operation = "logical_and"
	Or             Operation = "logical_or"
)

// compares tells whether the operation answers whether something is so.
func (op Operation) compares() bool {
	switch op {
	case Less, LessOrEqual, Greater, GreaterOrEqual, Equals:
		return true
	}
	return false
}

// Binary answers an operation on every pair of items. The rows of both sides have as many axes, each of the same length or
// of length 1, which then is stretched, as numpy does. Floats are computed in their own precision.
type Binary struct {
	Fn   Operation
	A, B Operand
}

func (o *Binary) Name() string { return string(o.Fn) }
func (o *Binary) Reads() []Ref { return reads(o.A, o.B) }
func (o *Binary) Moved(to []Ref) Op {
	return &Binary{Fn: o.Fn, A: o.A.moved(to), B: o.B.moved(to)}
}

func (o *Binary) Type(in []Type) (Type, error) {
	sides := typesOf(in, o.A, o.B)
	a, b := sides[0], sides[1]
	row, ok := stretch(a.Row, b.Row)
	t := Type{Kind: a.Kind, Row: row}
	number := a.Kind.IsFloat() || a.Kind == Int64
	switch {
	case !ok || a.Kind != b.Kind:
	case o.Fn.compares() && number:
		t.Kind = Bool
		return t, nil
	case (o.Fn == And || o.Fn == Or) && a.Kind == Bool,
		(o.Fn == Add || o.Fn == Sub || o.Fn == Mul) && number,
		(o.Fn == Quotient || o.Fn == Pow) && a.Kind.IsFloat():
		return t, nil
	}
	return Type{}, fmt.Errorf("no %s of %v and %v", o.Fn, a, b)
}

func (o *Binary) Eval(in []*Tensor, out *Tensor) error {
	sides := tensorsOf(in, o.A, o.B)
	a, b := sides[0], sides[1]
	round := precision(a.Kind).Round
	walk(out, sides, func(k int, at places) {
		i, j := at[0], at[1]
		switch {
		case !a.Kind.IsFloat():
			out.Int[k] = o.ofInts(a.Int[i], b.Int[j])
		case out.Kind == Bool:
			out.Int[k] = truth(o.compare(a.Float[i], b.Float[j]))
		default:
			out.Float[k] = round(o.ofFloats(a.Float[i], b.Float[j]))
		}
	})
	return nil
}

func (o *Binary) ofFloats(x, y float64) float64 {
	switch o.Fn {
	case Add:
		return x + y
	case Sub:
		return x - y
	case Mul:
		return x * y
	case Quotient:
		return x / y
	}
	return pow(x, y)
}

func (o *Binary) compare(x, y float64) bool {
	switch o.Fn {
	case Less:
		return x < y
	case LessOrEqual:
		return x <= y
	case Greater:
		return x > y
	case GreaterOrEqual:
		return x >= y
	}
	return x == y
}

func (o *Binary) ofInts(x, y int64) int64 {
	switch o.Fn {
	case Add:
		return x + y
	case Sub:
		return x - y
	case Mul:
		return x * y
	case And:
		return x & y
	case Or:
		return x | y
	case Less:
		return truth(x < y)
	case LessOrEqual:
		return truth(x <= y)
	case Greater:
		return truth(x > y)
	case GreaterOrEqual:
		return truth(x >= y)
	}
	return truth(x == y)
}

func (o *Binary) Equal(other Op) error {
	p, ok := other.(*Binary)
	if !ok || o.Fn != p.Fn || !o.A.same(p.A) || !o.B.same(p.B) {
		return differ(o, other)
	}
	return nil
}

// Where answers an item of A where Cond says so, else one of B, which are of one kind. Rows are stretched as those of Binary.
type Where struct {
	Cond Ref
	A, B Operand
}

func (o *Where) Name() string { return "where" }
func (o *Where) Reads() []Ref { return append([]Ref{o.Cond}, reads(o.A, o.B)...) }
func (o *Where) Moved(to []Ref) Op {
	return &Where{Cond: to[o.Cond], A: o.A.moved(to), B: o.B.moved(to)}
}

func (o *Where) Type(in []Type) (Type, error) {
	sides := typesOf(in, Value(o.Cond), o.A, o.B)
	row, ok := stretch(sides[1].Row, sides[2].Row)
	if ok {
		row, ok = stretch(sides[0].Row, row)
	}
	if !ok || sides[0].Kind != Bool || sides[1].Kind != sides[2].Kind {
		return Type{}, fmt.Errorf("no choice by %v between %v and %v", sides[0], sides[1], sides[2])
	}
	return Type{Kind: sides[1].Kind, Row: row}, nil
}

func (o *Where) Eval(in []*Tensor, out *Tensor) error {
	sides := tensorsOf(in, Value(o.Cond), o.A, o.B)
	walk(out, sides, func(k int, at places) {
		from := 2
		if sides[0].Int[at[0]] != 0 {
			from = 1
		}
		out.copyItems(k, sides[from], at[from], 1)
	})
	return nil
}

func (o *Where) Equal(other Op) error {
	p, ok := other.(*Where)
	if !ok || !o.A.same(p.A) || !o.B.same(p.B) {
		return differ(o, other)
	}
	return nil
}

func (a Operand) moved(to []Ref) Operand {
	if a.Row == nil {
		a.Ref = to[a.Ref]
	}
	return a
}

func (a Operand) same(b Operand) bool {
	if a.Row == nil || b.Row == nil {
		return a.Row == b.Row // what they read was compared already
	}
	return a.Row.Same(b.Row)
}

// reads lists the operands that are values.
func reads(operands ...Operand) []Ref {
	var all []Ref
	for _, a := range operands {
		if a.Row == nil {
			all = append(all, a.Ref)
		}
	}
	return all
}

// typesOf are the types of all operands, given those of the ones that are values.
func typesOf(in []Type, operands ...Operand) []Type {
	all := make([]Type, len(operands))
	for i, a := range operands {
		if a.Row != nil {
			all[i] = a.Row.Type()
		} else {
			all[i], in = in[0], in[1:]
		}
	}
	return all
}

// tensorsOf are the tensors of all operands, likewise.
func tensorsOf(in []*Tensor, operands ...Operand) (all [maxOperands]*Tensor) {
	for i, a := range operands {
		if a.Row != nil {
			all[i] = a.Row
		} else {
			all[i], in = in[0], in[1:]
		}
	}
	return all
}

func types(in []*Tensor) []Type {
	all := make([]Type, len(in))
	for i, t := range in {
		all[i] = t.Type()
	}
	return all
}

const (
	maxOperands = 3 // of a step
	maxAxes     = 8 // of rows that are stretched, the one along the rows included
)

// stretch is the shape that rows of shapes a and b make together.
func stretch(a, b []int) ([]int, bool) {
	if len(a) != len(b) || len(a) >= maxAxes {
		return nil, false
	}
	row := make([]int, len(a))
	for i := range a {
		row[i] = max(a[i], b[i])
		if a[i] != b[i] && min(a[i], b[i]) != 1 {
			return nil, false
		}
	}
	return row, true
}

// places are the places of an item in each operand.
type places [maxOperands]int

// walk calls do for every item of out with the places of the items it is made of, in as many tensors as are there.
func walk(out *Tensor, from [maxOperands]*Tensor, do func(k int, at places)) {
	axes, count := len(out.Shape), out.Len()
	var strides [maxAxes]places // 0 along an axis that is stretched
	for s, t := range from {
		step := 1
		for d := axes - 1; d >= 0 && t != nil; d-- {
			if t.Shape[d] != 1 {
				strides[d][s] = step
			}
			step *= t.Shape[d]
		}
	}
	var place [maxAxes]int
	var at places
	for k := range count {
		do(k, at)
		for d := axes - 1; d >= 0; d-- {
			place[d]++
			for s := range at {
				at[s] += strides[d][s]
			}
			if place[d] < out.Shape[d] {
				break
			}
			for s := range at {
				at[s] -= strides[d][s] * out.Shape[d]
			}
			place[d] = 0
		}
	}
}
