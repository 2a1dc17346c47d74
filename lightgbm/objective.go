package lightgbm

import (
	"math"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// Objective is what a model was trained for, with the settings that predict needs.
type Objective struct {
	Name    string // LightGBM's; empty: one of the user's own
	Sigmoid float64
	link    link
}

// link is what ConvertOutput makes of the scores (src/objective/*.hpp).
type link uint8

const (
	identity     link = iota
	signedSquare      // of the square root that was learned (reg_sqrt)
	exponential
	logistic
	softmax
	softplus    // log1p(exp(x))
	oldSoftplus // log(1 + exp(x)), until 3.2
)

// links says it of each objective that src/objective/objective_function.cpp knows.
var links = map[string]link{
	"regression": identity, "regression_l1": identity, "huber": identity, "fair": identity, "quantile": identity, "mape": identity,
	"poisson": exponential, "gamma": exponential, "tweedie": exponential,
	"binary": logistic, "multiclassova": logistic, "cross_entropy": logistic,
	"multiclass": softmax, "cross_entropy_lambda": softplus,
	"lambdarank": identity, "rank_xendcg": identity,
	"": identity, "custom": identity,
}

// aliases are other names that files have (include/LightGBM/config.h, ParseObjectiveAlias).
var aliases = map[string]string{
	"regression_l2": "regression", "l2": "regression", "xentropy": "cross_entropy", "xentlambda": "cross_entropy_lambda",
	"none": "custom", "null": "custom", "na": "custom",
}

// readObjective reads the line of an objective: its name and settings, apart by blanks.
func readObjective(text string, outputs int) (Objective, error) {
	words := append(strings.Fields(text), "")
	o := Objective{Name: words[0], Sigmoid: 1}
	if name, ok := aliases[o.Name]; ok {
		o.Name = name
	}
	var ok bool
	if o.link, ok = links[o.Name]; !ok {
		return o, fault.Unsupportedf(fault.Where{}, "LightGBM's objective %q", o.Name)
	}
	classes := 1
	for _, word := range words[1:] {
		key, value, _ := strings.Cut(word, ":")
		var err error
		switch {
		case key == "sigmoid":
			o.Sigmoid, err = atof(value)
		case key == "num_class":
			classes, err = strconv.Atoi(value)
		case key == "sqrt" && (o.Name == "regression" || o.Name == "regression_l1" || o.Name == "fair" || o.Name == "quantile" || o.Name == "mape"):
			o.link = signedSquare
		}
		if err != nil {
			return o, fault.Brokenf(fault.Where{}, "the objective's %q", word)
		}
	}
	custom := o.Name == "" || o.Name == "custom"
	if classes != outputs && !custom {
		return o, fault.Unsupportedf(fault.Where{}, "objective %s of %d classes with %d trees per iteration", o.Name, classes, outputs)
	}
	if !(o.Sigmoid > 0) {
		return o, fault.Brokenf(fault.Where{}, "the objective's sigmoid is %v", o.Sigmoid)
	}
	return o, nil
}

// date finds out which of two formulas the release had that wrote the model: 3.3 replaced log(1 + exp(x)) by log1p(exp(x)).
// Its parameters, in the rest of the text, are the first to name precise_float_parser.
func (o *Objective) date(version, rest string) error {
	switch {
	case o.link != softplus || version == "v4" || strings.Contains(rest, "\n[precise_float_parser:"):
	case version == "v3" && !strings.Contains(rest, "\nparameters:"):
		return fault.Unsupportedf(fault.Where{}, "LightGBM's cross_entropy_lambda without parameters that tell 3.2 from 3.3")
	default:
		o.link = oldSoftplus
	}
	return nil
}

// atof reads a number as Common::Atof does (include/LightGBM/utils/common.h), which is not always the nearest float64.
func atof(s string) (float64, error) {
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return 0, err
	}
	number, negative := strings.CutPrefix(strings.TrimPrefix(strings.ToLower(s), "+"), "-")
	mantissa, exponent, _ := strings.Cut(number, "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	value := digits(whole) + digits(fraction)/math.Pow10(len(fraction))
	small, down := strings.CutPrefix(exponent, "-")
	scale := math.Pow10(int(min(digits(small), 308)))
	if down {
		value /= scale
	} else {
		value *= scale
	}
	if negative {
		value = -value
	}
	return value, nil
}

func digits(s string) float64 {
	v := 0.0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			v = v*10 + float64(c-'0')
		}
	}
	return v
}

// convert adds to a program what the objective makes of the scores.
func (o Objective) convert(add func(model.Op) model.Ref, scores model.Ref) model.Ref {
	unary := func(fn model.Function, x model.Ref) model.Ref { return add(&model.Unary{Fn: fn, X: x}) }
	binary := func(fn model.Operation, a, b model.Operand) model.Ref { return add(&model.Binary{Fn: fn, A: a, B: b}) }
	switch x := model.Value(scores); o.link {
	case signedSquare: // Common::Sign(x) * x * x
		sign := model.Value(unary(model.Sign, scores))
		return binary(model.Mul, model.Value(binary(model.Mul, sign, x)), x)
	case exponential:
		return unary(model.Exp, scores)
	case logistic:
		e := unary(model.Exp, binary(model.Mul, model.Scalar(-o.Sigmoid), x))
		return binary(model.Quotient, model.Scalar(1), model.Value(binary(model.Add, model.Scalar(1), model.Value(e))))
	case softmax: // Common::Softmax
		largest := model.Value(add(&model.Reduce{Fn: model.ReduceMax, X: scores}))
		e := unary(model.Exp, binary(model.Sub, x, largest))
		return binary(model.Quotient, model.Value(e), model.Value(add(&model.Reduce{Fn: model.ReduceSum, X: e})))
	case softplus:
		return unary(model.Log1p, unary(model.Exp, scores))
	case oldSoftplus:
		return unary(model.Log, binary(model.Add, model.Scalar(1), model.Value(unary(model.Exp, scores))))
	}
	return scores
}
