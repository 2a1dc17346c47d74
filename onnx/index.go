package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/model"
)

// index finds text by a LabelEncoder and numbers by comparing them with every key. Where the original refuses what it does
// not know, its index is one too many for a lookup that follows, and a runtime raises an error there.
func (l *lowering) index(op *model.Index) (model.Ref, error) {
	n := op.Keys.Len()
	if n == 0 {
		return 0, fmt.Errorf("no categories")
	}
	if twice := duplicate(op.Keys); twice >= 0 {
		return 0, fmt.Errorf("category %q stands twice", op.Keys.Item(twice))
	}
	unknown := op.Unknown
	if op.Refuses {
		unknown = int64(n)
	}
	x := l.refs[op.X]
	var index model.Ref
	if op.Keys.Kind == model.String {
		index = l.to.add(&model.Index{X: x, Keys: op.Keys, Unknown: unknown})
	} else {
		index = l.eachColumn(x, func(column model.Ref) model.Ref { return l.place(column, op.Keys, unknown) })
	}
	if op.Refuses {
		index = l.to.add(&model.Lookup{X: index, Table: counting(0, n)})
	}
	return index, nil
}

// duplicate is a key that stands further ahead too, or -1.
func duplicate(keys *model.Tensor) int {
	seen := map[any]bool{}
	for i := range keys.Len() {
		var key any
		switch {
		case keys.Kind == model.String:
			key = keys.Text[i]
		case !keys.Kind.IsFloat():
			key = keys.Int[i]
		case keys.Float[i] == keys.Float[i]: // NaN stays nil
			key = keys.Float[i] + 0 // -0 is 0
		}
		if seen[key] {
			return i
		}
		seen[key] = true
	}
	return -1
}

// counting is the list of n integers from first on.
func counting(first int64, n int) *model.Tensor {
	t := &model.Tensor{Kind: model.Int64, Shape: []int{n}}
	for i := range int64(n) {
		t.Int = append(t.Int, first+i)
	}
	return t
}

// eachColumn puts together what do makes of each item of rows, as a matrix of one column; rows keep their shape.
func (l *lowering) eachColumn(x model.Ref, do func(column model.Ref) model.Ref) model.Ref {
	shape := l.to.types[x].Row
	width := items(shape)
	if len(shape) != 1 {
		x = l.to.add(&model.Reshape{X: x, Row: []int{width}})
	}
	made := x
	if width == 1 {
		made = do(x)
	} else {
		all := &model.Concat{}
		for j := range width {
			all.Xs = append(all.Xs, do(l.to.add(&model.Slice{X: x, From: j, To: j + 1})))
		}
		made = l.to.add(all)
	}
	if len(shape) != 1 {
		made = l.to.add(&model.Reshape{X: made, Row: shape})
	}
	return made
}

func items(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// place is the place of a column's numbers among the keys, which differ. Comparing with all of them gives at most one that
// is equal; its place, counted from 1, is a product of matrices, exact in float32.
func (l *lowering) place(column model.Ref, keys *model.Tensor, unknown int64) model.Ref {
	table := counting(-1, keys.Len()+1)
	table.Int[0] = unknown
	return l.to.add(&model.Lookup{X: l.found(column, keys), Table: table})
}

// found is the place of a column's items in a list, counted from 1; 0: they are not there.
func (l *lowering) found(column model.Ref, keys *model.Tensor) model.Ref {
	n := keys.Len()
	equal := l.to.add(&model.Binary{Fn: model.Equals, A: model.Value(column), B: model.Operand{Row: lying(keys)}})
	places := make([]float64, n)
	missing := -1
	for i := range places {
		places[i] = float64(i + 1)
		if keys.Kind.IsFloat() && math.IsNaN(keys.Float[i]) {
			missing = i
		}
	}
	place := l.dot(equal, places)
	if missing >= 0 {
		place = l.choose(l.isNaN(column), row(model.Type{Kind: model.Int64, Row: []int{1}}, float64(missing+1)), model.Value(place))
	}
	return place
}

// lying is a list as a constant of one row.
func lying(list *model.Tensor) *model.Tensor {
	lies := *list
	lies.Shape = []int{1, list.Len()}
	return &lies
}

// dot adds the weights of those columns that are true, as an integer of up to 2^24.
func (l *lowering) dot(truths model.Ref, weights []float64) model.Ref {
	w := &model.Tensor{Kind: model.Float32, Shape: []int{len(weights), 1}, Float: weights}
	return l.to.add(&model.Cast{X: l.to.add(&model.MatMul{X: l.to.add(&model.Cast{X: truths, To: model.Float32}), W: w}), To: model.Int64})
}

// search counts the edges that are not above (with Right: above) a number: NaN, which compares with nothing, counts all.
func (l *lowering) search(op *model.Search) (model.Ref, error) {
	n := len(op.Edges)
	if n == 0 || n > largestIndex {
		return 0, fmt.Errorf("%d edges", n)
	}
	fn := model.GreaterOrEqual
	if op.Right {
		fn = model.Greater
	}
	ones := make([]float64, n)
	for i := range ones {
		ones[i] = 1
	}
	edges := row(model.Type{Kind: model.Float64, Row: []int{1}}, op.Edges...)
	return l.eachColumn(l.cast(l.refs[op.X], model.Float64), func(column model.Ref) model.Ref {
		above := l.to.add(&model.Binary{Fn: fn, A: edges, B: model.Value(column)})
		return l.dot(l.apply(model.Not, above), ones)
	}), nil
}

// repeat looks the row up under 0, which the first item of every row is made to.
func (l *lowering) repeat(op *model.Repeat) (model.Ref, error) {
	x := l.refs[op.Like]
	if shape := l.to.types[x].Row; len(shape) > 0 {
		if len(shape) > 1 {
			x = l.to.add(&model.Reshape{X: x, Row: []int{items(shape)}})
		}
		x = l.to.add(&model.Pick{X: x, Index: 0})
	}
	var zero model.Ref
	switch l.to.types[x].Kind {
	case model.String:
		zero = l.to.add(&model.Index{X: x, Keys: &model.Tensor{Kind: model.String, Shape: []int{1}, Text: []string{""}}})
	case model.Bool:
		zero = l.to.add(&model.Cast{X: l.with(model.And, x, l.apply(model.Not, x)), To: model.Int64})
	default:
		zero = l.to.add(&model.Cast{X: l.with(model.Less, x, x), To: model.Int64})
	}
	return l.lookup(zero, op.Row), nil
}

// lookup is a Gather. Of text, onnxruntime copies only the first item of each row (up to 1.32), so that rows of several
// items are looked up item by item.
func (l *lowering) lookup(x model.Ref, table *model.Tensor) model.Ref {
	width := table.RowLen()
	if table.Kind != model.String || width == 1 {
		return l.to.add(&model.Lookup{X: x, Table: table})
	}
	shape := l.to.types[x].Row
	x = l.to.by(model.Mul, l.to.add(&model.Reshape{X: x, Row: append(slices.Clone(shape), 1)}), float64(width))
	places := make([]float64, width)
	for i := range places {
		places[i] = float64(i)
	}
	x = l.to.add(&model.Binary{Fn: model.Add, A: model.Value(x), B: row(l.to.types[x], places...)})
	flat := &model.Tensor{Kind: model.String, Shape: []int{table.Len()}, Text: table.Text}
	return l.to.add(&model.Reshape{X: l.to.add(&model.Lookup{X: x, Table: flat}), Row: append(slices.Clone(shape), table.Shape[1:]...)})
}

// pick is a Gather, likewise.
func (l *lowering) pick(x model.Ref, index int) model.Ref {
	t := l.to.types[x]
	width := items(t.Row[1:])
	if t.Kind != model.String || width == 1 {
		return l.to.add(&model.Pick{X: x, Index: index})
	}
	x = l.to.add(&model.Reshape{X: x, Row: []int{items(t.Row)}})
	return l.to.add(&model.Reshape{X: l.to.add(&model.Slice{X: x, From: index * width, To: (index + 1) * width}), Row: t.Row[1:]})
}
