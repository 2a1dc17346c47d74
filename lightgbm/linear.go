package lightgbm

import (
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// linearTree is a tree with a linear model in each leaf (parameter linear_tree, from 3.2 on), which answers instead of the
// leaf's value (Tree::Predict): constant + coefficient * x + ..., added in the order of the features. Where one of its
// features is NaN, the leaf's value is the answer.
type linearTree struct {
	constant     []float64
	features     [][]int64 // of each leaf, rising
	coefficients [][]float64
}

// readLinear reads the linear models of a tree, or nil if it has none.
func (r *treeReader) readLinear(leaves int) (*linearTree, error) {
	if linear := r.values["is_linear"]; linear == "" || linear == "0" {
		return nil, nil
	}
	t := &linearTree{features: make([][]int64, leaves), coefficients: make([][]float64, leaves)}
	var err error
	if t.constant, err = r.floats("leaf_const", leaves); err != nil {
		return nil, err
	}
	sizes, err := r.ints("num_features", leaves)
	if err != nil {
		return nil, err
	}
	// A leaf's values are followed by another blank.
	for _, key := range []string{"leaf_features", "leaf_coeff"} {
		r.values[key] = strings.Join(strings.Fields(r.values[key]), " ")
	}
	total := int64(0)
	for _, n := range sizes {
		if n < 0 || n > int64(r.features) {
			return nil, r.broken("num_features %d of %d", n, r.features)
		}
		total += n
	}
	features, err := r.ints("leaf_features", int(total))
	if err != nil {
		return nil, err
	}
	coefficients, err := r.floats("leaf_coeff", int(total))
	if err != nil {
		return nil, err
	}
	for _, v := range slices.Concat(t.constant, coefficients) {
		if v-v != 0 {
			return nil, fault.Unsupportedf(r.where, "a linear model with %v", v)
		}
	}
	for k, n := range sizes {
		t.features[k], features = features[:n:n], features[n:]
		t.coefficients[k], coefficients = coefficients[:n:n], coefficients[n:]
		for i, f := range t.features[k] {
			if f < 0 || f >= int64(r.features) || i > 0 && f <= t.features[k][i-1] {
				return nil, r.broken("leaf_features of leaf %d: %d out of order", k, f)
			}
		}
	}
	return t, nil
}

// linearFeatures are the features of all linear models.
func (b *Booster) linearFeatures() []int {
	var all []int
	for _, t := range b.linear {
		if t != nil {
			for _, features := range t.features {
				for _, f := range features {
					all = append(all, int(f))
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// checkLinear bounds the tables that linear makes.
func (b *Booster) checkLinear(lim Limits) error {
	leaves := 0
	for i := range b.Forest.Trees {
		leaves += b.Forest.Trees[i].Leaves()
	}
	if width := 1 + len(b.linearFeatures()); leaves > lim.Cells/width {
		return fault.TooBigf(fault.Where{}, "", "linear models of %d features in %d leaves", width, leaves)
	}
	return nil
}

// linearScores adds the raw scores of trees with linear models. Each leaf of all trees is a row in tables over the features of all
// of them: its coefficients, which of the features it has, and its value. A feature that it does not have counts 0.
func (b *Booster) linearScores(add func(model.Op) model.Ref, x, leaves model.Ref) model.Ref {
	features := b.linearFeatures()
	width := 1 + len(features) // the constant stands first, as the coefficient of 1
	starts := make([]int64, len(b.Forest.Trees))
	coefficients, used, value := &model.Tensor{Kind: model.Float64}, &model.Tensor{Kind: model.Bool}, &model.Tensor{Kind: model.Float64}
	rows := 0
	for i := range b.Forest.Trees {
		t, linear := &b.Forest.Trees[i], b.linear[i]
		starts[i] = int64(rows)
		rows += t.Leaves()
		value.Float = append(value.Float, t.Value...)
		for k, v := range t.Value { // a row for each leaf
			row, has := make([]float64, width), make([]int64, width)
			row[0], has[0] = v+0, 1
			if linear != nil {
				row[0] = linear.constant[k] + 0
				for j, f := range linear.features[k] {
					at, _ := slices.BinarySearch(features, int(f))
					row[1+at], has[1+at] = linear.coefficients[k][j], 1
				}
			}
			coefficients.Float, used.Int = append(coefficients.Float, row...), append(used.Int, has...)
		}
	}
	coefficients.Shape, used.Shape, value.Shape = []int{rows, width}, []int{rows, width}, []int{rows, 1}

	leaf := add(&model.Offset{X: leaves, By: starts})
	lookup := func(table *model.Tensor) model.Operand { return model.Value(add(&model.Lookup{X: leaf, Table: table})) }
	binary := func(fn model.Operation, x, y model.Operand) model.Ref { return add(&model.Binary{Fn: fn, A: x, B: y}) }
	zero := model.Operand{Row: model.NewTensor(model.Type{Kind: model.Float64, Row: []int{1, 1}}, 1)}

	ones := []model.Ref{add(&model.Repeat{Like: x, Row: model.Scalar(1).Row})}
	if len(features) > 0 {
		some := add(&model.Take{X: x, Columns: features})
		ones = append(ones, add(&model.Where{Cond: isZero(add, some), A: model.Scalar(0), B: model.Value(some)}))
	}
	row := model.Value(add(&model.Reshape{X: add(&model.Concat{Xs: ones}), Row: []int{1, width}}))
	items := add(&model.Where{Cond: lookup(used).Ref, A: row, B: zero})
	terms := binary(model.Mul, lookup(coefficients), model.Value(items))
	sum := add(&model.Reduce{Fn: model.ReduceSum, X: terms})
	missing := add(&model.Cast{X: add(&model.Unary{Fn: model.IsNaN, X: items}), To: model.Float64})
	some := binary(model.Greater, model.Value(add(&model.Reduce{Fn: model.ReduceMax, X: missing})), zero)
	trees := add(&model.Where{Cond: some, A: lookup(value), B: model.Value(sum)})

	steps := b.Iterations()
	all := add(&model.CumSum{X: add(&model.Reshape{X: trees, Row: []int{steps, b.Outputs}})})
	return add(&model.Pick{X: all, Index: steps - 1})
}
