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

// setRows changes the number of rows; what they hold is anything from then on.
func (t *Tensor) setRows(rows int) {
	t.Shape[0] = rows
	n := product(t.Shape)
	switch {
	case t.Kind.IsFloat():
		t.Float = resized(t.Float, n)
	case t.Kind == String:
		t.Text = resized(t.Text, n)
	default:
		t.Int = resized(t.Int, n)
	}
}

func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// PutRows copies rows of the same type into t, from row first on.
func (t *Tensor) PutRows(first int, rows *Tensor) {
	t.copyItems(first*t.RowLen(), rows, 0, rows.Len())
}

// Part is the rows from to to-1; it shares their items.
func (t *Tensor) Part(from, to int) *Tensor {
	var part Tensor
	part.rowsOf(t, from, to)
	return &part
}

// rowsOf makes t those rows of src, which it shares.
func (t *Tensor) rowsOf(src *Tensor, from, to int) {
	width := src.RowLen()
	t.Kind, t.Shape = src.Kind, append(append(t.Shape[:0], to-from), src.Shape[1:]...)
	switch {
	case src.Kind.IsFloat():
		t.Float = src.Float[from*width : to*width]
	case src.Kind == String:
		t.Text = src.Text[from*width : to*width]
	default:
		t.Int = src.Int[from*width : to*width]
	}
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
	if len(t.Float) > 0 && &t.Float[0] == &u.Float[0] {
		return true
	}
	for i, v := range t.Float {
		if math.Float64bits(v) != math.Float64bits(u.Float[i]) {
			return false
		}
	}
	return true
}
