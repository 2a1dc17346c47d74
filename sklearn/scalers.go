package sklearn

import (
	"github.com/seed-2867d59c/treeport/model"
)

// Scalers: sklearn/preprocessing/_data.py (data.py until 0.21). Each step below is one of the original's, in its order.

// scaled starts a scaler: the rows as one float64 matrix, validated as the release does.
func (b *builder) scaled(e *object, x rows) (model.Ref, error) {
	matrix, err := b.matrix(x)
	if err != nil {
		return 0, e.unsupported("%v", err)
	}
	return b.add(&model.Finite{X: b.toFloat64(matrix), NaN: e.rel.has(nanScalers)}), nil
}

// vector is an attribute of a number per column of x.
func (b *builder) vector(e *object, attr string, x model.Ref) (model.Operand, error) {
	all, err := e.floats(attr)
	if err != nil {
		return model.Operand{}, err
	}
	if len(all) != b.width(x) {
		return model.Operand{}, e.broken("%s of %d for %d columns", attr, len(all), b.width(x))
	}
	return model.Vector(all...), nil
}

// by computes x fn attr, where the flag, a parameter, is set.
func (b *builder) by(e *object, fn model.Operation, attr, flag string, x model.Ref) (model.Ref, error) {
	if on, ok := e.Attr(flag); ok && (on == false || on == int64(0)) {
		return x, nil
	}
	row, err := b.vector(e, attr, x)
	if err != nil {
		return x, err
	}
	return b.binary(fn, model.Value(x), row), nil
}

// A scaling is a step of a scaler.
type scaling struct {
	fn         model.Operation
	attr, flag string
}

// scaler is a transformer of such steps.
func scaler(steps ...scaling) transformer {
	return func(b *builder, e *object, x rows) (rows, error) {
		matrix, err := b.scaled(e, x)
		if err != nil {
			return rows{}, err
		}
		for _, s := range steps {
			if matrix, err = b.by(e, s.fn, s.attr, s.flag, matrix); err != nil {
				return rows{}, err
			}
		}
		y := b.numbers(matrix)
		y.names = x.names
		return y, nil
	}
}

var (
	transformStandard = scaler(scaling{model.Sub, "mean_", "with_mean"}, scaling{model.Quotient, "scale_", "with_std"})
	transformRobust   = scaler(scaling{model.Sub, "center_", "with_centering"}, scaling{model.Quotient, "scale_", "with_scaling"})
	transformMaxAbs   = scaler(scaling{model.Quotient, "scale_", ""})
	scaleToRange      = scaler(scaling{model.Mul, "scale_", ""}, scaling{model.Add, "min_", ""})
)

// MinMaxScaler clips from 0.24 on, if it is told to.
func transformMinMax(b *builder, e *object, x rows) (rows, error) {
	y, err := scaleToRange(b, e, x)
	if clip, _ := e.Attr("clip"); err != nil || clip != true {
		return y, err
	}
	bounds, err := e.floats("feature_range")
	if err != nil || len(bounds) != 2 {
		return y, e.broken("feature_range is no (min, max)")
	}
	y.matrix = b.clip(y.matrix, bounds[0], bounds[1])
	return y, nil
}

// clip is numpy.clip: NaN stays.
func (b *builder) clip(x model.Ref, low, high float64) model.Ref {
	below := b.binary(model.Less, model.Value(x), model.Scalar(low))
	x = b.where(below, model.Scalar(low), model.Value(x))
	above := b.binary(model.Greater, model.Value(x), model.Scalar(high))
	return b.where(above, model.Scalar(high), model.Value(x))
}

// scalerInputs counts the columns by what was learnt of each, since releases before 0.23 do not.
func scalerInputs(e *object) (in inputs, err error) {
	if e.has("n_features_in_") {
		return countedInputs(e)
	}
	for _, attr := range []string{"scale_", "mean_", "center_", "var_", "lambdas_", "variances_", "scores_"} {
		if all, err := e.floats(attr); err == nil && len(all) > 0 {
			in.features = len(all)
			in.names, err = featureNames(e, in.features)
			return in, err
		}
	}
	return countedInputs(e)
}

// Binarizer: 1 where x is above the threshold.
func transformBinarizer(b *builder, e *object, x rows) (rows, error) {
	v, err := e.attr("threshold")
	if err != nil {
		return rows{}, err
	}
	threshold, ok := asFloat(v)
	if !ok {
		return rows{}, e.broken("threshold is no number")
	}
	matrix, err := b.matrix(x)
	if err != nil {
		return rows{}, e.unsupported("%v", err)
	}
	matrix = b.add(&model.Finite{X: b.toFloat64(matrix)})
	above := b.binary(model.Greater, model.Value(matrix), model.Scalar(threshold))
	return b.numbers(b.add(&model.Cast{X: above, To: model.Float64})), nil
}
