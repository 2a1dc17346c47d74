package sklearn

import (
	"math"

	"github.com/seed-2867d59c/treeport/model"
)

// PowerTransformer: sklearn/preprocessing/_data.py (data.py in 0.20 and 0.21). Each column has a power of its own, in lambdas_;
// then a StandardScaler in _scaler standardises.

func transformPower(b *builder, e *object, x rows) (rows, error) {
	matrix, err := b.matrix(x)
	if err != nil {
		return rows{}, e.unsupported("%v", err)
	}
	matrix = b.add(&model.Finite{X: b.toFloat64(matrix), NaN: true})
	lambdas, err := powers(e, b.width(matrix))
	if err != nil {
		return rows{}, err
	}
	switch e.text("method") {
	case "yeo-johnson":
		matrix = b.yeoJohnson(matrix, lambdas, e.rel.has(stableYeoJohnson))
	case "box-cox":
		matrix = b.boxCox(matrix, lambdas)
	default:
		return rows{}, e.unsupported("method %q", e.text("method"))
	}
	y := b.numbers(matrix)
	y.names = x.names
	if standardize, _ := e.Attr("standardize"); standardize != true {
		return y, nil
	}
	scaler, err := e.child("_scaler")
	if err != nil {
		return rows{}, err
	}
	return b.transform(scaler, y)
}

// powers are lambdas_, one for each column.
func powers(e *object, width int) ([]float64, error) {
	lambdas, err := e.floats("lambdas_")
	if err != nil {
		return nil, err
	}
	if len(lambdas) != width {
		return nil, e.broken("%d lambdas for %d columns", len(lambdas), width)
	}
	if isSingle(e, "lambdas_") {
		return nil, e.unsupported("lambdas_ of float32, with which every numpy computes differently")
	}
	return lambdas, nil
}

// A columnwise makes something of columns, each with a number of its own.
type columnwise func(x model.Ref, numbers model.Operand) model.Ref

// byColumn applies special to the columns whose numbers are so, usual to the others.
func (b *builder) byColumn(x model.Ref, numbers []float64, isSpecial func(float64) bool, special, usual columnwise) model.Ref {
	var columns [2][]int
	var of [2][]float64
	place := make([]int, len(numbers))
	for j, v := range numbers {
		group := 0
		if isSpecial(v) {
			group = 1
		}
		place[j] = len(columns[group])
		columns[group] = append(columns[group], j)
		of[group] = append(of[group], v)
	}
	switch {
	case columns[1] == nil:
		return usual(x, model.Vector(numbers...))
	case columns[0] == nil:
		return special(x, model.Vector(numbers...))
	}
	for j := range numbers {
		if isSpecial(numbers[j]) {
			place[j] += len(columns[0])
		}
	}
	one := usual(b.add(&model.Take{X: x, Columns: columns[0]}), model.Vector(of[0]...))
	other := special(b.add(&model.Take{X: x, Columns: columns[1]}), model.Vector(of[1]...))
	return b.add(&model.Take{X: b.add(&model.Concat{Xs: []model.Ref{one, other}}), Columns: place})
}

// isNothing is how the originals find a power of 0.
func isNothing(v float64) bool { return math.Abs(v) < spacing }

// atMostNothing is how they find a power of 2 less 2: the comparison is the other way round.
func atMostNothing(v float64) bool { return !(math.Abs(v) > spacing) }

// signs splits numbers: where isPositive is, upper is what x is and lower 0; elsewhere, and of NaN, it is the other way round.
func (b *builder) signs(x model.Ref) (isPositive, upper, lower model.Ref) {
	isPositive = b.binary(model.GreaterOrEqual, model.Value(x), model.Scalar(0))
	upper = b.where(isPositive, model.Value(x), model.Scalar(0))
	lower = b.where(isPositive, model.Scalar(0), model.Value(x))
	return isPositive, upper, lower
}

// yeoJohnson is _yeo_johnson_transform or, where stable is set, _yeojohnson_transform of scipy/stats/_morestats.py.
func (b *builder) yeoJohnson(x model.Ref, lambdas []float64, stable bool) model.Ref {
	isPositive, upper, lower := b.signs(x)
	logarithm := func(x model.Ref, _ model.Operand) model.Ref { return b.unary(model.Log1p, x) }
	power := func(x model.Ref, lambda model.Operand) model.Ref {
		if stable {
			y := b.binary(model.Mul, lambda, model.Value(b.unary(model.Log1p, x)))
			return b.binary(model.Quotient, model.Value(b.unary(model.Expm1, y)), lambda)
		}
		y := b.binary(model.Pow, model.Value(b.binary(model.Add, model.Value(x), model.Scalar(1))), lambda)
		return b.binary(model.Quotient, model.Value(b.binary(model.Sub, model.Value(y), model.Scalar(1))), lambda)
	}
	rest := make([]float64, len(lambdas))
	for j, lambda := range lambdas {
		rest[j] = 2 - lambda
	}
	up := b.byColumn(upper, lambdas, isNothing, logarithm, power)
	down := b.byColumn(b.unary(model.Neg, lower), rest, atMostNothing, logarithm, power)
	return b.where(isPositive, model.Value(up), model.Value(b.unary(model.Neg, down)))
}

// boxCox is scipy.special.boxcox, of positive numbers: of others the original raises an error, and here log(0) is no finite
// number.
func (b *builder) boxCox(x model.Ref, lambdas []float64) model.Ref {
	invalid := b.binary(model.LessOrEqual, model.Value(x), model.Scalar(0))
	logs := b.unary(model.Log, b.where(invalid, model.Scalar(0), model.Value(x)))
	logs = b.add(&model.Finite{X: logs, NaN: true})
	tiny := func(lambda float64) bool { return math.Abs(lambda) < 1e-19 }
	logarithm := func(logs model.Ref, _ model.Operand) model.Ref { return logs }
	return b.byColumn(logs, lambdas, tiny, logarithm, func(logs model.Ref, lambda model.Operand) model.Ref {
		y := b.unary(model.Expm1, b.binary(model.Mul, lambda, model.Value(logs)))
		return b.binary(model.Quotient, model.Value(y), lambda)
	})
}

// inversePower undoes a PowerTransformer.
func (b *builder) inversePower(e *object, y model.Ref) (model.Ref, error) {
	lambdas, err := powers(e, b.width(y))
	if err != nil {
		return y, err
	}
	if standardize, _ := e.Attr("standardize"); standardize == true {
		scaler, err := e.child("_scaler")
		if err != nil {
			return y, err
		}
		if y, err = b.inverse(scaler, y); err != nil {
			return y, err
		}
	}
	exponential := func(x model.Ref, _ model.Operand) model.Ref { return b.unary(model.Exp, x) }
	// root is (lambda x + 1) to the power of 1 / lambda.
	root := func(x model.Ref, lambda model.Operand) model.Ref {
		inverse := make([]float64, len(lambda.Row.Float))
		for j, v := range lambda.Row.Float {
			inverse[j] = 1 / v
		}
		base := b.binary(model.Add, model.Value(b.binary(model.Mul, model.Value(x), lambda)), model.Scalar(1))
		return b.binary(model.Pow, model.Value(base), model.Vector(inverse...))
	}
	switch method := e.text("method"); {
	case method == "yeo-johnson":
		isPositive, upper, lower := b.signs(y)
		rest := make([]float64, len(lambdas))
		for j, lambda := range lambdas {
			rest[j] = 2 - lambda
		}
		up := b.byColumn(upper, lambdas, isNothing, exponential, root)
		down := b.byColumn(b.unary(model.Neg, lower), rest, atMostNothing, exponential, root)
		up = b.binary(model.Sub, model.Value(up), model.Scalar(1))
		return b.where(isPositive, model.Value(up), model.Value(b.binary(model.Sub, model.Scalar(1), model.Value(down)))), nil
	case method == "box-cox":
		usual := root
		if e.rel.has(stableInverse) { // scipy.special.inv_boxcox
			usual = func(x model.Ref, lambda model.Operand) model.Ref {
				logs := b.unary(model.Log1p, b.binary(model.Mul, lambda, model.Value(x)))
				return b.unary(model.Exp, b.binary(model.Quotient, model.Value(logs), lambda))
			}
		}
		return b.byColumn(y, lambdas, func(v float64) bool { return v == 0 }, exponential, usual), nil
	default:
		return y, e.unsupported("method %q", method)
	}
}
