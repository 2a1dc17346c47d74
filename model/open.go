package model

import (
	"math"

	"github.com/seed-2867d59c/treeport/forest"
)

// Where a number is compared with another that is no farther from it than it may be off (see bound), the comparison is open:
// another correct arithmetic may come out on the other side, and then answer something else altogether. It takes a row that
// stands right on a threshold behind an exp or a product.

// opened marks the rows in which a step decides something that is open.
func opened(op Op, in []*Tensor, errs [][]float64, mark func(row int)) {
	none := true
	for _, e := range errs {
		none = none && e == nil
	}
	if none {
		return
	}
	switch op := op.(type) {
	case *Ensemble:
		openSplits(op.Forest, in[0], errs[0], mark)
	case *Leaves:
		openSplits(op.Forest, in[0], errs[0], mark)
	case *Unary:
		openSteps(functions[op.Fn], in[0], errs[0], op.Fn == Floor || op.Fn == Ceil || op.Fn == Rint || op.Fn == Trunc || op.Fn == Sign, mark)
	case *Cast:
		openSteps(math.Trunc, in[0], errs[0], !op.To.IsFloat(), mark)
	case *Binary:
		if op.Fn.compares() {
			openComparisons(op, in, errs, mark)
		}
	case *ArgMax:
		openChoices(in[0], errs[0], mark)
	case *Index:
		openSteps(nil, in[0], errs[0], true, mark)
	case *Search:
		for i, v := range in[0].Float {
			for _, edge := range op.Edges {
				if e := errs[0][i]; e > 0 && math.Abs(v-edge) <= e {
					mark(i / in[0].RowLen())
				}
			}
		}
	}
}

// openSplits marks the rows that could go another way through some tree.
func openSplits(f *forest.Forest, x *Tensor, errs []float64, mark func(row int)) {
	for row := range x.Rows() {
		at := row * f.Features
		for k := range f.Trees {
			if openWay(f, &f.Trees[k], x.Float[at:at+f.Features], errs[at:at+f.Features]) {
				mark(row)
				break
			}
		}
	}
}

func openWay(f *forest.Forest, t *forest.Tree, x, errs []float64) bool {
	for i := int32(0); !t.IsLeaf(i); {
		j := t.Feature[i]
		v, e := f.Input.Round(x[j]), errs[j]
		set := t.Set(i)
		if e > 0 && (set != nil || (f.Input.Round(x[j]-e) <= t.Threshold[i]) != (f.Input.Round(x[j]+e) <= t.Threshold[i])) {
			return true
		}
		left := v <= t.Threshold[i] || v != v && t.MissingLeft(i)
		if set != nil {
			left = forest.Member(set, v) || v != v && t.MissingLeft(i)
		}
		if left {
			i = t.Left[i]
		} else {
			i = t.Right[i]
		}
	}
	return false
}

// openSteps marks the rows in which a function with steps stands on one; nil: every number that may be off does.
func openSteps(fn func(float64) float64, x *Tensor, errs []float64, steps bool, mark func(row int)) {
	if !steps {
		return
	}
	for i, e := range errs {
		if e > 0 && (fn == nil || fn(x.Float[i]-e) != fn(x.Float[i]+e)) {
			mark(i / x.RowLen())
		}
	}
}

func openComparisons(op *Binary, in []*Tensor, errs [][]float64, mark func(row int)) {
	sides := tensorsOf(in, op.A, op.B)
	sideErrs := errorsOf(errs, op.A, op.B)
	t, err := op.Type(types(in))
	if err != nil {
		return
	}
	out := NewTensor(t, rowsOf(in))
	walk(out, sides, func(k int, at places) {
		off := 0.0
		for s, e := range sideErrs {
			if e != nil {
				off += e[at[s]]
			}
		}
		if off > 0 && math.Abs(sides[0].Float[at[0]]-sides[1].Float[at[1]]) <= off {
			mark(k / out.RowLen())
		}
	})
}

// openChoices marks the rows in which the largest item might be another one.
func openChoices(x *Tensor, errs []float64, mark func(row int)) {
	width := x.RowLen()
	for row := range x.Rows() {
		items, off := x.Float[row*width:(row+1)*width], errs[row*width:(row+1)*width]
		best := Largest(items)
		for j, v := range items {
			if e := off[j] + off[best]; j != best && e > 0 && items[best]-v <= e {
				mark(row)
				break
			}
		}
	}
}
