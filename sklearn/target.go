package sklearn

import "github.com/seed-2867d59c/treeport/model"

// TransformedTargetRegressor: sklearn/compose/_target.py from 0.20 on.
func readTransformedTarget(b *builder, e *object, x rows) (answers, error) {
	regressor, err := e.child("regressor_")
	if err != nil {
		return nil, err
	}
	of, err := b.read(regressor, x)
	if err != nil {
		return nil, err
	}
	y, ok := of.of(model.Predict)
	if !ok || !b.kind(y).IsFloat() {
		return nil, regressor.unsupported("it predicts no numbers")
	}
	y = b.toFloat64(y)
	if len(b.types[y].Row) == 0 {
		y = b.asColumn(y)
	}
	if e.has("transformer_") {
		t, err := e.child("transformer_")
		if err != nil {
			return nil, err
		}
		if y, err = b.inverse(t, y); err != nil {
			return nil, err
		}
	}
	return answers{output(model.Predict, 0, y)}, nil
}

// inverse undoes a transformer.
func (b *builder) inverse(e *object, y model.Ref) (model.Ref, error) {
	if err := b.enter(e); err != nil {
		return y, err
	}
	defer b.leave()
	steps := map[string][]scaling{
		"StandardScaler": {{model.Mul, "scale_", "with_std"}, {model.Add, "mean_", "with_mean"}},
		"RobustScaler":   {{model.Mul, "scale_", "with_scaling"}, {model.Add, "center_", "with_centering"}},
		"MaxAbsScaler":   {{model.Mul, "scale_", ""}},
		"MinMaxScaler":   {{model.Sub, "min_", ""}, {model.Quotient, "scale_", ""}},
	}
	switch known := find(e.Class); {
	case known == nil:
	case steps[e.name()] != nil:
		for _, s := range steps[e.name()] {
			var err error
			if y, err = b.by(e, s.fn, s.attr, s.flag, y); err != nil {
				return y, err
			}
		}
		return y, nil
	case e.name() == "PowerTransformer":
		return b.inversePower(e, y)
	case e.name() == "QuantileTransformer":
		return b.inverseQuantile(e, y)
	case e.name() == "FunctionTransformer":
		z, err := b.function(e, "inverse_func", "inv_kw_args", b.numbers(y))
		return z.matrix, err
	case e.name() == "Pipeline":
		all, _, err := e.steps("steps", "passthrough")
		for i := len(all) - 1; i >= 0 && err == nil; i-- {
			if all[i].word == "" {
				y, err = b.inverse(all[i].object, y)
			}
		}
		return y, err
	}
	return y, e.unsupported("the inverse of its transform")
}
