package model

import (
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/forest"
)

// Steps are what a library's exp, log, power, sine and the like may be off, in units in the last place of the result.
const Steps = 4

// RunWithin is Run, and says of every number how far another correct arithmetic may be from it: another library's exp or log
// (Steps), sums in another order. The bounds have the outputs' shapes; nil: the output is the same to the bit wherever
// IEEE 754 is followed. They are infinite, of labels too, in rows in which a comparison on the way is open (see opened).
func (m *Model) RunWithin(inputs []*Tensor) (outputs, bounds []*Tensor, err error) {
	e, err := NewEvaluator(m, 1)
	if err != nil {
		return nil, nil, err
	}
	return e.RunWithin(inputs)
}

// RunWithin is Model.RunWithin. The outputs are the Evaluator's own, as those of Run are; the bounds are not.
func (e *Evaluator) RunWithin(inputs []*Tensor) (outputs, bounds []*Tensor, err error) {
	errs := make([][]float64, len(inputs), len(inputs)+len(e.steps))
	open := map[int]bool{}
	outputs, err = e.run(inputs, func(s *evaluated) {
		var in [][]float64
		for _, r := range s.op.Reads() {
			in = append(in, errs[r])
		}
		errs = append(errs, bound(s.op, s.in, in, s.out))
		opened(s.op, s.in, in, func(row int) { open[row] = true })
	})
	if err != nil {
		return nil, nil, err
	}
	for i, out := range e.model.Outputs {
		bounds = append(bounds, boundsOf(outputs[i], errs[out.Value], open))
	}
	return outputs, bounds, nil
}

// boundsOf makes a tensor of an output's bounds.
func boundsOf(out *Tensor, errs []float64, open map[int]bool) *Tensor {
	if errs == nil && len(open) == 0 {
		return nil
	}
	b := &Tensor{Kind: Float64, Shape: slices.Clone(out.Shape), Float: make([]float64, out.Len())}
	copy(b.Float, errs)
	width := out.RowLen()
	for row := range open {
		for j := range width {
			b.Float[row*width+j] = math.Inf(1)
		}
	}
	return b
}

// ulp is the distance from v to the next number of a kind.
func ulp(v float64, kind Kind) float64 {
	v = math.Abs(v)
	switch {
	case math.IsInf(v, 0) || v != v:
		return 0
	case kind == Float32:
		return float64(math.Nextafter32(float32(v), math.MaxFloat32)) - float64(float32(v))
	}
	return math.Nextafter(v, math.MaxFloat64) - v
}

// bound is how far the items of out may be off, given how far those of in may be; nil: not at all.
func bound(op Op, in []*Tensor, errs [][]float64, out *Tensor) []float64 {
	some := false
	for _, e := range errs {
		some = some || e != nil
	}
	if !out.Kind.IsFloat() {
		return nil
	}
	switch op := op.(type) {
	case *Unary:
		return unaryBound(op, in[0], errs[0], out)
	case *Binary:
		return binaryBound(op, in, errs, out)
	case *MatMul:
		return matMulBound(op, in[0], errs[0], out)
	case *Ensemble:
		return ensembleBound(op, out)
	}
	if !some {
		return nil
	}
	e := make([]float64, out.Len())
	moved := func(i int) *Tensor { // the errors, moved as the items are
		if errs[i] == nil {
			return &Tensor{Kind: Float64, Shape: in[i].Shape, Float: make([]float64, in[i].Len())}
		}
		return &Tensor{Kind: Float64, Shape: in[i].Shape, Float: errs[i]}
	}
	switch op := op.(type) {
	case *Slice, *Pick, *Take, *Reshape, *Concat, *CumSum:
		var parts []*Tensor
		for i := range in {
			parts = append(parts, moved(i))
		}
		t, err := Eval(op, parts)
		if err != nil {
			return nil
		}
		copy(e, t.Float)
	case *Finite:
		copy(e, errs[0])
	case *Cast:
		for i, v := range out.Float {
			if errs[0][i] > 0 {
				e[i] = errs[0][i] + ulp(v, out.Kind)
			}
		}
	case *Div:
		for i, v := range out.Float {
			e[i] = errs[0][i]/math.Abs(op.By) + ulp(v, out.Kind)
		}
	case *Complement:
		for i, v := range errs[0] {
			e[2*i], e[2*i+1] = v+ulp(out.Float[2*i], out.Kind), v
		}
	case *Where:
		operands := []Operand{Value(op.Cond), op.A, op.B}
		sides := tensorsOf(in, operands...)
		sideErrs := errorsOf(errs, operands...)
		walk(out, sides, func(k int, at places) {
			from := 2
			if sides[0].Int[at[0]] != 0 {
				from = 1
			}
			if sideErrs[from] != nil {
				e[k] = sideErrs[from][at[from]]
			}
		})
	case *Reduce:
		width := in[0].Shape[len(in[0].Shape)-1]
		for i := range out.Float {
			for j := range width {
				at := i*width + j
				if op.Fn == ReduceMax {
					e[i] = max(e[i], errs[0][at])
				} else {
					e[i] += errs[0][at] + ulp(in[0].Float[at], out.Kind)
				}
			}
		}
	case *WeightedMedian: // whichever item it is, it moves no farther than they all
		width := len(op.Weights)
		for i := range e {
			e[i] = slices.Max(errs[0][i*width : (i+1)*width])
		}
	default: // what is chosen or looked up comes out the same
		return nil
	}
	return e
}

func unaryBound(op *Unary, x *Tensor, errs []float64, out *Tensor) []float64 {
	if errs == nil && op.Fn.Exact() {
		return nil
	}
	e := make([]float64, out.Len())
	for i, y := range out.Float {
		v, d := x.Float[i], 0.0
		if errs != nil {
			d = errs[i]
		}
		if d == 0 && op.Fn.Exact() {
			continue
		}
		slope := 0.0
		switch op.Fn {
		case Neg, Abs:
			e[i] = d
			continue
		case Sign, Floor, Ceil, Rint, Trunc:
			continue
		case Sqrt:
			slope = 1 / (2 * y)
		case Exp:
			slope = y
		case Expm1:
			slope = y + 1
		case Log:
			slope = 1 / v
		case Log1p:
			slope = 1 / (1 + v)
		case Sin, Cos:
			slope = 1
		case Tan:
			slope = 1 + y*y
		case Tanh:
			slope = 1 - y*y
		}
		if d > 0 && !math.IsInf(slope, 0) && slope == slope {
			e[i] = math.Abs(slope) * d
		}
		e[i] += Steps * ulp(y, out.Kind)
	}
	return e
}

func binaryBound(op *Binary, in []*Tensor, errs [][]float64, out *Tensor) []float64 {
	sides := tensorsOf(in, op.A, op.B)
	sideErrs := errorsOf(errs, op.A, op.B)
	if sideErrs[0] == nil && sideErrs[1] == nil && op.Fn != Pow {
		return nil
	}
	e := make([]float64, out.Len())
	walk(out, sides, func(k int, at places) {
		a, b := sides[0].Float[at[0]], sides[1].Float[at[1]]
		var da, db float64
		if sideErrs[0] != nil {
			da = sideErrs[0][at[0]]
		}
		if sideErrs[1] != nil {
			db = sideErrs[1][at[1]]
		}
		if da == 0 && db == 0 && op.Fn != Pow {
			return
		}
		y := out.Float[k]
		switch op.Fn {
		case Add, Sub:
			e[k] = da + db
		case Mul:
			e[k] = math.Abs(a)*db + math.Abs(b)*da + da*db
		case Quotient:
			e[k] = (da + math.Abs(y)*db) / math.Abs(b)
		case Pow:
			if da > 0 {
				e[k] = math.Abs(y * b / a * da)
			}
			if db > 0 {
				e[k] += math.Abs(y * math.Log(math.Abs(a)) * db)
			}
			e[k] += (Steps - 1) * ulp(y, out.Kind)
		}
		e[k] += ulp(y, out.Kind)
		if e[k] != e[k] || math.IsInf(e[k], 0) {
			e[k] = 0
		}
	})
	return e
}

// ensembleBound is that of values a step or two off, and of each sum's rounding, of the largest sum there can be.
func ensembleBound(op *Ensemble, out *Tensor) []float64 {
	f := op.Forest
	if !f.Near {
		return nil
	}
	largest := 0.0
	for _, v := range f.Base {
		largest = max(largest, math.Abs(v))
	}
	for k := range f.Trees {
		most := 0.0
		for _, v := range f.Trees[k].Value {
			most = max(most, math.Abs(v))
		}
		largest += most
	}
	if f.Combine == forest.Mean {
		largest /= float64(len(f.Trees))
	}
	e := make([]float64, out.Len())
	for i := range e {
		e[i] = float64(Steps+len(f.Trees)) * ulp(largest, out.Kind)
	}
	return e
}

// matMulBound is that of a sum of products in any order: one rounding for each, of the largest partial sum there may be.
func matMulBound(op *MatMul, x *Tensor, errs []float64, out *Tensor) []float64 {
	e := make([]float64, out.Len())
	inner, width := op.W.Shape[0], op.W.Shape[1]
	for i := range out.Len() {
		row, j := i/width, i%width
		sum := 0.0
		for k := range inner {
			w := math.Abs(op.W.Float[k*width+j])
			sum += math.Abs(x.Float[row*inner+k]) * w
			if errs != nil {
				e[i] += errs[row*inner+k] * w
			}
		}
		e[i] += float64(inner+1) * ulp(sum, out.Kind)
	}
	return e
}

// errorsOf are the errors of all operands, given those of the ones that are values.
func errorsOf(errs [][]float64, operands ...Operand) [][]float64 {
	all := make([][]float64, len(operands))
	for i, a := range operands {
		if a.Row == nil {
			all[i], errs = errs[0], errs[1:]
		}
	}
	return all
}
