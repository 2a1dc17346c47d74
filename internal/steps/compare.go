package steps

import (
	"fmt"
	"math"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// NeedsFloat64 tells whether a program compares in float64 in trees.
func NeedsFloat64(m *model.Model) bool {
	for _, op := range m.Ops {
		switch op := op.(type) {
		case *model.Ensemble:
			if op.Forest.Input == forest.Float64 {
				return true
			}
		case *model.Leaves:
			if op.Forest.Input == forest.Float64 {
				return true
			}
		}
	}
	return false
}

// RowsFor are rows as another form of the program takes them: each of its inputs of other floats, or a column.
func RowsFor(m *model.Model, rows []*model.Tensor) []*model.Tensor {
	type place struct{ input, column int }
	var columns []place
	for i, t := range rows {
		for j := range t.Shape[1] {
			columns = append(columns, place{i, j})
		}
	}
	all := make([]*model.Tensor, len(m.Inputs))
	for i, in := range m.Inputs {
		n := rows[0].Rows()
		t := model.NewTensor(model.Type{Kind: in.Kind, Row: []int{in.Width}}, n)
		for j := range in.Width {
			p := columns[j]
			from := rows[p.input]
			width := from.Shape[1]
			for r := range n {
				at := r*width + p.column
				switch {
				case in.Kind == model.Float32:
					t.Float[r*in.Width+j] = float64(float32(from.Float[at]))
				case in.Kind == model.Float64:
					t.Float[r*in.Width+j] = from.Float[at]
				case in.Kind == model.String:
					t.Text[r*in.Width+j] = from.Text[at]
				default:
					t.Int[r*in.Width+j] = from.Int[at]
				}
			}
		}
		columns = columns[in.Width:]
		all[i] = t
	}
	return all
}

// Differs says where two answers differ by more than ulp units in the last place, or "". NaN equals NaN; with 0 ulp, 0 is
// not -0.
func Differs(want, got *model.Tensor, ulp int) string { return DiffersBeyond(want, got, ulp, nil) }

// DiffersBeyond is Differs where numbers may also be off by the bounds of model.RunWithin, in either direction from what is right.
func DiffersBeyond(want, got *model.Tensor, ulp int, bounds *model.Tensor) string {
	if got == nil || want.Kind != got.Kind || want.Rows() != got.Rows() || want.Len() != got.Len() {
		return fmt.Sprintf("%v of shape %v against %+v", want.Kind, want.Shape, got)
	}
	for i := range want.Len() {
		if bounds != nil && math.IsInf(bounds.Float[i], 1) {
			continue
		}
		if !want.Kind.IsFloat() {
			if want.Item(i) != got.Item(i) {
				return fmt.Sprintf("item %d: %s, want %s", i, got.Item(i), want.Item(i))
			}
			continue
		}
		a, b := want.Float[i], got.Float[i]
		if a != a && b != b || math.Float64bits(a) == math.Float64bits(b) {
			continue
		}
		if bounds != nil && math.Abs(a-b) <= 2*bounds.Float[i] {
			continue
		}
		if far := distance(want.Kind, a, b); far > int64(ulp) || ulp == 0 {
			return fmt.Sprintf("item %d: %v, want %v (%d ulp)", i, b, a, far)
		}
	}
	return ""
}

// distance counts the floats between two numbers.
func distance(kind model.Kind, a, b float64) int64 {
	if a != a || b != b {
		return math.MaxInt64
	}
	place := func(v float64) int64 {
		if kind == model.Float32 {
			bits := int64(math.Float32bits(float32(math.Abs(v))))
			if math.Signbit(v) {
				return -bits
			}
			return bits
		}
		bits := int64(math.Float64bits(math.Abs(v)))
		if math.Signbit(v) {
			return -bits
		}
		return bits
	}
	p, q := place(a), place(b)
	if p > 0 != (q > 0) && (p > math.MaxInt64/2 || p < -math.MaxInt64/2) {
		return math.MaxInt64
	}
	return max(p-q, q-p)
}
