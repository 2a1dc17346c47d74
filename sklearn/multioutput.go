package sklearn

import (
	"slices"

	"github.com/seed-2867d59c/treeport/model"
)

// Estimators of several targets: sklearn/multioutput.py.

// readMultiOutputClassifier answers each target by an estimator of its own.
func readMultiOutputClassifier(b *builder, e *object, x rows) (answers, error) {
	members, err := e.children("estimators_")
	if err != nil {
		return nil, err
	}
	v, _ := e.Attr("classes_") // of some releases
	if targets, ok := asItems(v); ok && len(targets) != len(members) {
		return nil, e.broken("classes_ of %d targets, there are %d estimators", len(targets), len(members))
	}
	var all answers
	for k, member := range members {
		of, err := b.read(member, x)
		if err != nil {
			return nil, err
		}
		for _, o := range of {
			if o.Target != 0 {
				return nil, member.unsupported("several targets inside of several")
			}
			if o.Method == model.Predict || o.Method == model.PredictProba {
				all = append(all, output(o.Method, k, o.Value))
			}
		}
	}
	return all, nil
}

func readMultiOutputRegressor(b *builder, e *object, x rows) (answers, error) {
	members, err := e.children("estimators_")
	if err != nil {
		return nil, err
	}
	var columns []model.Ref
	for _, member := range members {
		of, err := b.read(member, x)
		if err != nil {
			return nil, err
		}
		y, err := b.numbersOf(member, of, model.Predict)
		if err != nil {
			return nil, err
		}
		columns = append(columns, y)
	}
	if len(columns) == 0 {
		return nil, e.broken("no estimators")
	}
	return answers{output(model.Predict, 0, b.beside(columns))}, nil
}

// numbersOf is what a method answers as a float64 matrix of one column: numbers, or labels that are numbers.
func (b *builder) numbersOf(e *object, of answers, method string) (model.Ref, error) {
	y, ok := of.of(method)
	if !ok {
		return 0, e.unsupported("no method %s", method)
	}
	if b.kind(y) == model.String || of.targets(method) > 1 {
		return 0, e.unsupported("its answer is no number")
	}
	if b.kind(y) == model.Bool {
		y = b.add(&model.Cast{X: y, To: model.Int64})
	}
	y = b.toFloat64(y)
	switch row := b.types[y].Row; {
	case len(row) == 0:
		return b.asColumn(y), nil
	case len(row) == 1 && row[0] == 1:
		return y, nil
	}
	return 0, e.unsupported("its answer is several numbers")
}

// beside puts matrices side by side.
func (b *builder) beside(columns []model.Ref) model.Ref {
	if len(columns) == 1 {
		return columns[0]
	}
	return b.add(&model.Concat{Xs: columns})
}

// readChain reads ClassifierChain and RegressorChain: each estimator is given the rows and, behind them, what those before
// it in the chain predicted (chain_method from 1.5 on).
func readChain(b *builder, e *object, x rows) (answers, error) {
	members, err := e.children("estimators_")
	if err != nil {
		return nil, err
	}
	order, err := e.ints("order_")
	if err != nil {
		return nil, err
	}
	if len(members) == 0 || len(order) != len(members) || !isPermutation(order) {
		return nil, e.broken("order_ %v of %d estimators", order, len(members))
	}
	feature := model.Predict
	if s := e.text("chain_method_"); s != "" {
		feature = s
	}
	matrix, err := b.matrix(x)
	if err != nil {
		return nil, e.unsupported("%v", err)
	}
	parts := []model.Ref{b.add(&model.Finite{X: b.toFloat64(matrix), NaN: true})}
	columns := map[string][]model.Ref{}
	for k, member := range members {
		of, err := b.read(member, b.numbers(b.beside(parts)))
		if err != nil {
			return nil, err
		}
		made := map[string]model.Ref{}
		for _, method := range []string{model.Predict, model.PredictProba, model.DecisionFunction} {
			y, ok := of.of(method)
			if !ok || method != model.Predict && !e.isClassifier() && e.name() != "ClassifierChain" {
				continue
			}
			if method == model.PredictProba {
				if b.width(y) != 2 {
					return nil, member.unsupported("a chain over %d classes", b.width(y))
				}
				y = b.add(&model.Slice{X: b.toFloat64(y), From: 1, To: 2})
			} else if y, err = b.numbersOf(member, of, method); err != nil {
				return nil, err
			}
			made[method] = y
			if columns[method] == nil {
				columns[method] = make([]model.Ref, len(members))
			}
			columns[method][order[k]] = y
		}
		y, ok := made[feature]
		if !ok {
			return nil, member.unsupported("chain_method %q", feature)
		}
		parts = append(parts, y)
	}
	var all answers
	for _, method := range []string{model.Predict, model.PredictProba, model.DecisionFunction} {
		if refs := columns[method]; refs != nil {
			all = append(all, output(method, 0, b.beside(refs)))
		}
	}
	return all, nil
}

func isPermutation(order []int) bool {
	sorted := slices.Sorted(slices.Values(order))
	return isAll(sorted, len(order))
}
