package xgboost

import (
	"math"

	"github.com/seed-2867d59c/treeport/model"
)

// Objective is what a model was trained for.
type Objective struct {
	Name string // XGBoost's
	link link
}

// link is what PredTransform makes of the margins (src/objective).
type link uint8

const (
	identity link = iota
	logistic
	exponential
	hinge   // 1 where the margin is greater than 0, else 0
	softmax // a probability for each class
	largest // the class with the largest margin, the first of several
	rising  // the margins of each row in rising order
)

// links says it of each objective. A custom one is none that a model can name: it keeps reg:squarederror.
var links = map[string]link{
	"reg:squarederror": identity, "reg:linear": identity, "reg:squaredlogerror": identity, "reg:pseudohubererror": identity,
	"reg:absoluteerror": identity, "reg:quantileerror": identity,
	"rank:pairwise": identity, "rank:ndcg": identity, "rank:map": identity,
	"binary:logitraw": identity, "binary:logistic": logistic, "reg:logistic": logistic, "binary:hinge": hinge,
	"count:poisson": exponential, "reg:gamma": exponential, "reg:tweedie": exponential, "survival:cox": exponential,
	"survival:aft": exponential, "multi:softprob": softmax, "multi:softmax": largest,
}

func readObjective(n node, version Version) (Objective, error) {
	name, err := n.get("name").text()
	if err != nil {
		return Objective{}, err
	}
	l, ok := links[name]
	if !ok {
		return Objective{}, n.unsupported("XGBoost's objective %q", name)
	}
	if name == "reg:quantileerror" && !version.Before(3, 4) { // so that quantiles don't cross
		l = rising
	}
	return Objective{name, l}, nil
}

// margin is ProbToMargin of a base score. XGBoost takes logf of the C library, which in 1 of 2,700 numbers is not the nearest
// float32 as here.
func (o Objective) margin(score float32, version Version) float32 {
	switch {
	case o.link == exponential:
		return log32(score)
	case o.link == logistic, o.Name == "binary:logitraw" && version.Before(1, 3):
		if !version.Before(3, 2) { // src/objective/regression_loss.h, LogisticRegression::ProbToMargin
			const eps = float32(1e-6)
			score = min(max(score, eps), 1-eps)
		}
		return -log32(1/score - 1)
	}
	return score
}

func log32(x float32) float32 { return float32(math.Log(float64(x))) }

// convert adds to a program what the objective makes of the margins, all in float32.
func (o Objective) convert(add func(model.Op) model.Ref, margins model.Ref, outputs int, version Version) model.Ref {
	unary := func(fn model.Function, x model.Ref) model.Operand {
		return model.Value(add(&model.Unary{Fn: fn, X: x}))
	}
	binary := func(fn model.Operation, a, b model.Operand) model.Ref { return add(&model.Binary{Fn: fn, A: a, B: b}) }
	switch x := model.Value(margins); o.link {
	case logistic:
		// common::Sigmoid (src/common/math.h): from 1.6 on it bounds -x, and adds 1e-16, which is lost in float32.
		exponent := unary(model.Neg, margins)
		if !version.Before(1, 6) {
			over := add(&model.Binary{Fn: model.Greater, A: exponent, B: single(sigmoidBound)})
			exponent = model.Value(add(&model.Where{Cond: over, A: single(sigmoidBound), B: exponent}))
		}
		e := unary(model.Exp, exponent.Ref)
		return binary(model.Quotient, single(1), model.Value(binary(model.Add, single(1), e)))
	case exponential:
		return add(&model.Unary{Fn: model.Exp, X: margins})
	case hinge:
		return add(&model.Cast{X: binary(model.Greater, x, single(0)), To: model.Float32})
	case softmax:
		return softmaxOf(add, margins)
	case largest:
		return add(&model.Cast{X: add(&model.Reshape{X: add(&model.ArgMax{X: margins}), Row: []int{1}}), To: model.Float32})
	case rising:
		return sorted(add, margins, outputs)
	}
	return margins
}

// mostSorted is how many columns are sorted: the steps grow with the square of it.
const mostSorted = 32

// sorted puts the items of each row in rising order, by exchanging neighbours.
func sorted(add func(model.Op) model.Ref, x model.Ref, width int) model.Ref {
	columns := make([]model.Ref, width)
	for j := range columns {
		columns[j] = add(&model.Slice{X: x, From: j, To: j + 1})
	}
	for last := 1; last < width; last++ {
		for j := last; j > 0; j-- {
			a, b := model.Value(columns[j-1]), model.Value(columns[j])
			swap := add(&model.Binary{Fn: model.Greater, A: a, B: b})
			columns[j-1], columns[j] = add(&model.Where{Cond: swap, A: b, B: a}), add(&model.Where{Cond: swap, A: a, B: b})
		}
	}
	return add(&model.Concat{Xs: columns})
}

const sigmoidBound = float32(88.7)

// single is an operand of one float32 number.
func single(v float32) model.Operand {
	return model.Operand{Row: &model.Tensor{Kind: model.Float32, Shape: []int{1, 1}, Float: []float64{float64(v)}}}
}

// softmaxOf is common::Softmax: exp of the margins less the largest, in float32, divided by their sum, which is made in
// float64 and rounded.
func softmaxOf(add func(model.Op) model.Ref, margins model.Ref) model.Ref {
	largest := model.Value(add(&model.Reduce{Fn: model.ReduceMax, X: margins}))
	e := add(&model.Unary{Fn: model.Exp, X: add(&model.Binary{Fn: model.Sub, A: model.Value(margins), B: largest})})
	sum := add(&model.Reduce{Fn: model.ReduceSum, X: add(&model.Cast{X: e, To: model.Float64})})
	return add(&model.Binary{Fn: model.Quotient, A: model.Value(e), B: model.Value(add(&model.Cast{X: sum, To: model.Float32}))})
}
