package sklearn

import (
	"math"

	"github.com/seed-2867d59c/treeport/model"
)

// IsotonicRegression: sklearn/isotonic.py. It interpolates between thresholds, by scipy's interp1d: in float64 that is numpy.interp,
// in float32 (from 0.21 on, where it was fitted on such) interp1d's own _call_linear, in 0.17 a spline of degree 1.

// isotonic is the function as its file has it.
type isotonic struct {
	*object
	kind     model.Kind // of the computation
	x, y     []float64  // thresholds, rising, and the values there
	min, max float64    // of the thresholds
	bounds   string     // out_of_bounds: clip or nan
}

func readIsotonic(e *object) (*isotonic, error) {
	f := &isotonic{object: e, bounds: e.text("out_of_bounds")}
	names := [2]string{"X_thresholds_", "y_thresholds_"} // from 0.24 on
	for _, older := range [][2]string{{"_necessary_X_", "_necessary_y_"}, {"X_", "y_"}} {
		if !e.has(names[0]) {
			names = older
		}
	}
	var err error
	if f.x, err = e.floats(names[0]); err != nil {
		return nil, err
	}
	if f.y, err = e.floats(names[1]); err != nil {
		return nil, err
	}
	if len(f.x) != len(f.y) || len(f.x) == 0 {
		return nil, e.broken("%d thresholds, %d values", len(f.x), len(f.y))
	}
	for i, x := range f.x {
		if math.IsNaN(x+f.y[i]) || math.IsInf(x, 0) || math.IsInf(f.y[i], 0) || i > 0 && x <= f.x[i-1] {
			return nil, e.broken("thresholds that don't rise, or values that are not finite, at %d", i)
		}
	}
	if f.bounds != "clip" && f.bounds != "nan" {
		return nil, e.unsupported("out_of_bounds=%q", f.bounds)
	}
	for attr, limit := range map[string]*float64{"X_min_": &f.min, "X_max_": &f.max} {
		v, err := e.attr(attr)
		if err != nil {
			return nil, err
		}
		var ok bool
		if *limit, ok = asFloat(v); !ok || math.IsNaN(*limit) {
			return nil, e.broken("%s is no number", attr)
		}
	}
	if f.min != f.x[0] || f.max != f.x[len(f.x)-1] {
		return nil, e.broken("thresholds from %v to %v, but a range from %v to %v", f.x[0], f.x[len(f.x)-1], f.min, f.max)
	}
	single := func(name string) bool {
		a, ok := attrArray(e, name)
		return ok && a.DType.Kind == 'f' && a.DType.Size == 4
	}
	if single(names[0]) && e.rel.has(isotonicKinds) {
		if f.kind = model.Float32; !single(names[1]) {
			return nil, e.unsupported("thresholds in float32, values in float64")
		}
		if e.rel.has(newerScipy) {
			return nil, e.unsupported("thresholds in float32, which scipy 1.17 and 1.18 interpolate differently")
		}
	}
	return f, nil
}

// at adds the function of a matrix of one column; the answer is in the kind that the computation has.
func (f *isotonic) at(b *builder, t model.Ref) model.Ref {
	switch {
	case f.kind == model.Float32 && b.kind(t) != model.Float32:
		t = b.add(&model.Cast{X: t, To: model.Float32})
	case f.kind == model.Float64:
		t = b.toFloat64(t)
	}
	if f.rel.has(isotonicKinds) {
		t = b.add(&model.Finite{X: t})
	}
	scalar := func(v float64) model.Operand { return scalarOf(f.kind, v) }
	below := b.binary(model.Less, model.Value(t), scalar(f.min))
	above := b.binary(model.Greater, model.Value(t), scalar(f.max))
	inside := b.where(below, scalar(f.min), model.Value(b.where(above, scalar(f.max), model.Value(t))))
	y := f.interpolate(b, inside)
	if f.bounds == "nan" && len(f.y) > 1 {
		y = b.where(below, scalar(math.NaN()), model.Value(b.where(above, scalar(math.NaN()), model.Value(y))))
	}
	return y
}

// interpolate adds the value at t of the piece that t lies in.
func (f *isotonic) interpolate(b *builder, t model.Ref) model.Ref {
	if len(f.x) == 1 {
		return b.add(&model.Repeat{Like: t, Row: &model.Tensor{Kind: f.kind, Shape: []int{1, 1}, Float: f.y}})
	}
	if !f.rel.has(isotonicLines) {
		return f.spline(b, t)
	}
	// Slope (t - x) + y, of the threshold where the piece begins. numpy.interp's pieces begin with their threshold, and the last
	// threshold is one of its own; those of _call_linear end with theirs.
	last := len(f.x) - 1
	left := func(count int) int { return max(count-1, 0) }
	if f.kind == model.Float32 {
		left = func(count int) int { return max(min(count, last), 1) - 1 }
	}
	round := func(v float64) float64 { return v }
	if f.kind == model.Float32 {
		round = func(v float64) float64 { return float64(float32(v)) }
	}
	of := f.pieces(b, t, f.kind == model.Float64)
	slopes := of(func(count int) float64 {
		i := left(count)
		if i == last {
			return 0
		}
		return round(round(f.y[i+1]-f.y[i]) / round(f.x[i+1]-f.x[i]))
	})
	starts := of(func(count int) float64 { return f.x[left(count)] })
	values := of(func(count int) float64 { return f.y[left(count)] })
	rise := b.binary(model.Mul, slopes, model.Value(b.binary(model.Sub, model.Value(t), starts)))
	return b.binary(model.Add, model.Value(rise), values)
}

// spline is what scipy's splines of degree 1 make of t: y0 (w (x1 - t)) + y1 (w (t - x0)), w = 1 / (x1 - x0).
func (f *isotonic) spline(b *builder, t model.Ref) model.Ref {
	last := len(f.x) - 1
	left := func(count int) int { return max(min(count, last), 1) - 1 }
	of := f.pieces(b, t, true)
	weight := of(func(count int) float64 { return 1 / (f.x[left(count)+1] - f.x[left(count)]) })
	part := func(value func(count int) float64, distance model.Ref) model.Operand {
		share := b.binary(model.Mul, weight, model.Value(distance))
		return model.Value(b.binary(model.Mul, of(value), model.Value(share)))
	}
	toNext := b.binary(model.Sub, of(func(count int) float64 { return f.x[left(count)+1] }), model.Value(t))
	fromLast := b.binary(model.Sub, model.Value(t), of(func(count int) float64 { return f.x[left(count)] }))
	return b.binary(model.Add, part(func(count int) float64 { return f.y[left(count)] }, toNext),
		part(func(count int) float64 { return f.y[left(count)+1] }, fromLast))
}

// pieces looks up what belongs to the piece that t lies in, by how many thresholds are below t, or where right is set not above it.
func (f *isotonic) pieces(b *builder, t model.Ref, right bool) func(of func(count int) float64) model.Operand {
	count := b.add(&model.Search{X: t, Edges: f.x, Right: right})
	return func(of func(count int) float64) model.Operand {
		table := &model.Tensor{Kind: f.kind, Shape: []int{len(f.x) + 1}}
		for i := range len(f.x) + 1 {
			table.Float = append(table.Float, of(i))
		}
		return model.Value(b.add(&model.Lookup{X: count, Table: table}))
	}
}

func readIsotonicRegression(b *builder, e *object, x rows) (answers, error) {
	y, err := b.isotonicOf(e, x)
	if err != nil {
		return nil, err
	}
	return answers{output(model.Predict, 0, y), output(model.Transform, 0, y)}, nil
}

func transformIsotonicRegression(b *builder, e *object, x rows) (rows, error) {
	y, err := b.isotonicOf(e, x)
	if err != nil {
		return rows{}, err
	}
	return b.numbers(b.asColumn(y)), nil
}

func (b *builder) isotonicOf(e *object, x rows) (model.Ref, error) {
	f, err := readIsotonic(e)
	if err != nil {
		return 0, err
	}
	matrix, err := b.matrix(x)
	if err != nil || x.width != 1 {
		return 0, e.unsupported("rows that are not one number (%v)", err)
	}
	return b.asVector(f.at(b, matrix)), nil
}

// isotonicInputs: one number, whether the release counts it or not.
func isotonicInputs(e *object) (inputs, error) { return inputs{features: 1}, nil }
