package model

import (
	"fmt"
	"math"
)

// Kind is the type of a tensor's items.
type Kind uint8

const (
	Float64 Kind = iota
	Float32
	Int64
	Bool
	String
)

func (k Kind) String() string {
	return [...]string{"float64", "float32", "int64", "bool", "string"}[k]
}

// IsFloat tells whether items are floating point numbers.
func (k Kind) IsFloat() bool { return k == Float64 || k == Float32 }

// Type is a tensor's type: the kind of its items and the shape of one row. A value per row has an empty Row shape.
type Type struct {
	Kind Kind
	Row  []int
}

func (t Type) String() string { return fmt.Sprintf("%v%v", t.Kind, t.Row) }

// Tensor is an array of rows in row-major order. Just one of the slices is in use, by Kind.
type Tensor struct {
	Kind  Kind
	Shape []int     // Shape[0] is the number of rows
	Float []float64 // of Float64, and of Float32 (every item a float32 number)
	Int   []int64   // of Int64, and of Bool (0 or 1)
	Text  []string  // of String
}

// NewTensor makes a tensor of zeros of rows rows, each of the type's shape.
func NewTensor(t Type, rows int) *Tensor {
	r := &Tensor{Kind: t.Kind, Shape: append([]int{rows}, t.Row...)}
	n := product(r.Shape)
	switch {
	case t.Kind.IsFloat():
		r.Float = make([]float64, n)
	case t.Kind == String:
		r.Text = make([]string, n)
	default:
		r.Int = make([]int64, n)
	}
	return r
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// Rows is the number of rows.
func (t *Tensor) Rows() int { return t.Shape[0] }

// RowLen is the number of items of a row.
func (t *Tensor) RowLen() int { return product(t.Shape[1:]) }

// Type is the tensor's type.
func (t *Tensor) Type() Type { return Type{Kind: t.Kind, Row: t.Shape[1:]} }

// Len is the number of items.
func (t *Tensor) Len() int { return product(t.Shape) }

// Item formats one item, floats as the shortest text that reads back to the same bits.
func (t *Tensor) Item(i int) string {
	switch t.Kind {
	case Float64:
		return fmt.Sprint(t.Float[i])
	case Float32:
		return fmt.Sprint(float32(t.Float[i]))
	case Bool:
		return fmt.Sprint(t.Int[i] != 0)
	case String:
		return t.Text[i]
	}
	return fmt.Sprint(t.Int[i])
}

// row copies item rows: n items from src at i to dst at j.
func (t *Tensor) copyItems(j int, src *Tensor, i, n int) {
	switch {
	case t.Kind.IsFloat():
		copy(t.Float[j:j+n], src.Float[i:i+n])
	case t.Kind == String:
		copy(t.Text[j:j+n], src.Text[i:i+n])
	default:
		copy(t.Int[j:j+n], src.Int[i:i+n])
	}
}

// Same tells whether two tensors are equal to the bit (NaN equals the same NaN, 0 differs from -0).
func (t *Tensor) Same(u *Tensor) bool {
	if t.Kind != u.Kind || !equalSlices(t.Shape, u.Shape) || len(t.Float) != len(u.Float) || !equalSlices(t.Int, u.Int) || !equalSlices(t.Text, u.Text) {
		return false
	}
	for i, v := range t.Float {
		if math.Float64bits(v) != math.Float64bits(u.Float[i]) {
			return false
		}
	}
	return true
}
