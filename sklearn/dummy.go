package sklearn

import (
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Dummies: sklearn/dummy.py. They answer the same for every row, but for those that draw lots.

func readDummyClassifier(b *builder, e *object, x rows) (answers, error) {
	shares, targets, err := dummyShares(e)
	if err != nil {
		return nil, err
	}
	like := b.likeDummy(e, x)
	var all answers
	for k, row := range shares {
		if dummyStrategy(e) == "constant" {
			if label, err := dummyLabel(e, k); err != nil || label.Kind != targets[k].Kind {
				return nil, e.unsupported("a constant of another type than the classes")
			}
		}
		proba := b.add(&model.Repeat{Like: like, Row: &model.Tensor{Kind: model.Float64, Shape: []int{1, len(row)}, Float: row}})
		all = append(all, output(model.PredictProba, k, proba))
		if dummyStrategy(e) != "uniform" { // which draws the label
			index := b.add(&model.Repeat{Like: like, Row: &model.Tensor{Kind: model.Int64, Shape: []int{1}, Int: []int64{int64(model.Largest(row))}}})
			all = append(all, output(model.Predict, k, b.label(index, targets[k])))
		}
	}
	return all, nil
}

// likeDummy is a value with as many rows as there are; until 0.18 they had to be finite.
func (b *builder) likeDummy(e *object, x rows) model.Ref {
	like := b.column(x, 0)
	if x.columns == nil {
		like = x.matrix
	}
	if !e.rel.has(blindDummies) && b.kind(like).IsFloat() {
		like = b.add(&model.Finite{X: like})
	}
	return like
}

// dummyStrategy is the strategy in use: _strategy from 0.22 on.
func dummyStrategy(e *object) string {
	if s := e.text("_strategy"); s != "" {
		return s
	}
	return e.text("strategy")
}

// dummyShares are the probabilities that a DummyClassifier answers for each target, and the labels.
func dummyShares(e *object) (shares [][]float64, targets []*model.Tensor, err error) {
	v, err := e.attr("class_prior_")
	if err != nil {
		return nil, nil, err
	}
	priors := []pickle.Value{v}
	if items, several := asItems(v); several {
		if priors = items; len(priors) == 0 {
			return nil, nil, e.broken("class_prior_ of no target")
		}
	}
	sizes := make([]int, len(priors))
	shares = make([][]float64, len(priors))
	for k, p := range priors {
		a, ok := p.(*pickle.NDArray)
		if !ok || len(a.Shape) != 1 || a.Len() == 0 {
			return nil, nil, e.broken("class_prior_ is no array")
		}
		if shares[k], err = a.Float64s(); err != nil {
			return nil, nil, e.broken("class_prior_: %v", err)
		}
		sizes[k] = len(shares[k])
	}
	if _, several := asItems(v); several && len(priors) == 1 {
		// 0.17 to 0.20 keep lists of one where y was a column.
		return nil, nil, e.unsupported("a target that is a matrix of one column")
	}
	if targets, err = targetLabels(e, sizes); err != nil {
		return nil, nil, err
	}
	for k, row := range shares {
		if err := dummyRow(e, row, k, targets[k]); err != nil {
			return nil, nil, err
		}
	}
	return shares, targets, nil
}

// dummyRow makes of the shares of the classes what the strategy answers.
func dummyRow(e *object, row []float64, target int, classes *model.Tensor) error {
	one := -1
	switch strategy := dummyStrategy(e); strategy {
	case "prior":
		return nil
	case "uniform":
		for i := range row {
			row[i] = 1 / float64(len(row))
		}
		return nil
	case "most_frequent":
		one = model.Largest(row)
	case "constant":
		constant, err := dummyLabel(e, target)
		if err != nil {
			return err
		}
		for i := range row {
			if classes.Item(i) == constant.Item(0) {
				one = i
			}
		}
		if one < 0 {
			return e.broken("the constant %s is no class", constant.Item(0))
		}
	default:
		return e.unsupported("strategy %q, which draws lots", strategy)
	}
	clear(row)
	row[one] = 1
	return nil
}

// dummyLabel is the constant that the user gave for a target.
func dummyLabel(e *object, target int) (*model.Tensor, error) {
	v, err := e.attr("constant")
	if err != nil {
		return nil, err
	}
	if items, ok := asItems(v); ok && target < len(items) {
		v = items[target]
	} else if a, ok := v.(*pickle.NDArray); ok && target < a.Len() {
		if v, err = a.At(target); err != nil {
			return nil, e.broken("constant: %v", err)
		}
	}
	constant, err := labelsOf([]pickle.Value{v})
	if err != nil {
		return nil, e.unsupported("constant: %v", err)
	}
	return constant, nil
}

func readDummyRegressor(b *builder, e *object, x rows) (answers, error) {
	row, err := dummyConstant(e)
	if err != nil {
		return nil, err
	}
	if row.Len() == 1 {
		row.Shape = []int{1}
	}
	return answers{output(model.Predict, 0, b.add(&model.Repeat{Like: b.likeDummy(e, x), Row: row}))}, nil
}

// dummyConstant is the row that a DummyRegressor answers, one item per target, in the type of constant_ (float64 until 0.19).
func dummyConstant(e *object) (*model.Tensor, error) {
	a, ok := attrArray(e, "constant_")
	if !ok || a.Len() == 0 {
		return nil, e.broken("constant_ is no array")
	}
	t := &model.Tensor{Kind: model.Float64, Shape: []int{1, a.Len()}}
	var err error
	if t.Float, err = a.Float64s(); err != nil {
		return nil, e.broken("constant_: %v", err)
	}
	if !e.rel.has(typedDummies) {
		return t, nil
	}
	switch {
	case a.DType.Kind == 'i' || a.DType.Kind == 'u':
		t.Kind, t.Float = model.Int64, nil
		t.Int, err = a.Int64s()
	case a.DType.Kind == 'f' && a.DType.Size == 4:
		t.Kind = model.Float32
	case a.DType.Kind != 'f' || a.DType.Size != 8:
		return nil, e.unsupported("a constant of dtype %v", a.DType)
	}
	if err != nil {
		return nil, e.broken("constant_: %v", err)
	}
	return t, nil
}
