package sklearn

import (
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Linear models: sklearn/linear_model/_base.py (base.py until 0.21): X @ coef_.T + intercept_, in float32 where X and the
// coefficients are. How the products are added up is BLAS's business.

// linear adds the scores of a linear model, a column for each row of coef_ (flat: coef_ is a vector).
func (b *builder) linear(e *object, in rows) (scores model.Ref, flat bool, err error) {
	x, err := b.matrix(in)
	if err != nil {
		return 0, false, e.unsupported("%v", err)
	}
	coef, ok := attrArray(e, "coef_")
	if !ok || len(coef.Shape) == 0 || len(coef.Shape) > 2 || coef.Len() == 0 {
		return 0, false, e.broken("coef_ is no vector or matrix")
	}
	width, targets := coef.Len(), 1
	if flat = len(coef.Shape) == 1; !flat {
		targets, width = coef.Shape[0], coef.Shape[1]
	}
	if width != b.width(x) {
		return 0, false, e.broken("%d coefficients for %d columns", width, b.width(x))
	}
	values, err := coef.Float64s()
	if err != nil {
		return 0, false, e.broken("coef_: %v", err)
	}
	kind := model.Float64
	if coef.DType.Kind == 'f' && coef.DType.Size == 4 && b.kind(x) == model.Float32 {
		kind = model.Float32
	} else {
		x = b.float64s(x)
	}
	w := &model.Tensor{Kind: kind, Shape: []int{width, targets}, Float: make([]float64, len(values))}
	for i, v := range values {
		w.Float[i%width*targets+i/width] = v
	}
	x = b.add(&model.Finite{X: x})
	return b.addIntercept(e, b.add(&model.MatMul{X: x, W: w}), targets, kind)
}

// addIntercept adds intercept_: a number, or one for each target.
func (b *builder) addIntercept(e *object, scores model.Ref, targets int, kind model.Kind) (model.Ref, bool, error) {
	coef, _ := attrArray(e, "coef_")
	flat := len(coef.Shape) == 1
	v, err := e.attr("intercept_")
	if err != nil {
		return 0, flat, err
	}
	row := &model.Tensor{Kind: kind, Shape: []int{1, 1}}
	if a, isArray := v.(*pickle.NDArray); isArray && len(a.Shape) > 0 {
		if row.Float, err = a.Float64s(); err != nil {
			return 0, flat, e.broken("intercept_: %v", err)
		}
		if a.DType.Kind != 'f' || a.DType.Size > 4 {
			scores, row.Kind = b.float64s(scores), model.Float64
		}
		row.Shape[1] = len(row.Float)
	} else {
		number, ok := asFloat(v)
		if !ok {
			return 0, flat, e.broken("intercept_ is no number")
		}
		if kind == model.Float32 && float64(float32(number)) != number {
			// A float64 of numpy, which numpy 2 computes with in float64 and numpy 1 in float32.
			return 0, flat, e.unsupported("float32 coefficients with a float64 intercept")
		}
		row.Float = []float64{number}
	}
	if n := len(row.Float); n != 1 && n != targets {
		return 0, flat, e.broken("%d intercepts for %d targets", n, targets)
	}
	return b.binary(model.Add, model.Value(scores), model.Operand{Row: row}), flat, nil
}

// linearInputs counts the columns by the coefficients where the estimator itself did not (until 0.22).
func linearInputs(e *object) (in inputs, err error) {
	if e.has("n_features_in_") {
		return countedInputs(e)
	}
	coef, ok := attrArray(e, "coef_")
	if !ok || len(coef.Shape) == 0 || coef.Shape[len(coef.Shape)-1] == 0 {
		return in, e.broken("coef_ is no vector or matrix (is it fitted?)")
	}
	in.features = coef.Shape[len(coef.Shape)-1]
	return in, nil
}

// readLinear reads a linear regressor.
func readLinear(b *builder, e *object, x rows) (answers, error) {
	values, flat, err := b.linear(e, x)
	if err != nil {
		return nil, err
	}
	if flat {
		values = b.asVector(values)
	}
	all := answers{output(model.Predict, 0, values)}
	if !e.rel.has(noRegressorDecisions) {
		all = append(all, output(model.DecisionFunction, 0, values))
	}
	return all, nil
}

// readRidgeClassifier reads a classifier without probabilities (LinearClassifierMixin.predict).
func readRidgeClassifier(b *builder, e *object, x rows) (answers, error) {
	classes, err := ridgeClasses(e)
	if err != nil {
		return nil, err
	}
	return b.linearClassifier(e, x, classes)
}

// ridgeClasses are the labels, which the label binarizer keeps.
func ridgeClasses(e *object) (*model.Tensor, error) {
	if e.has("classes_") {
		return classLabels(e)
	}
	binarizer, err := e.child("_label_binarizer")
	if err != nil {
		return nil, err
	}
	if y := binarizer.text("y_type_"); y != "" && y != "binary" && y != "multiclass" {
		return nil, e.unsupported("targets of type %s", y)
	}
	return classLabels(binarizer)
}

// linearClassifier answers predict and decision_function.
func (b *builder) linearClassifier(e *object, x rows, classes *model.Tensor) (answers, error) {
	scores, _, err := b.linear(e, x)
	if err != nil {
		return nil, err
	}
	width := b.width(scores)
	if width != scoresOf(classes.Rows()) {
		return nil, e.broken("%d scores for %d classes", width, classes.Rows())
	}
	label, decision := model.Ref(0), scores
	if width == 1 {
		label, decision = b.labelBy(scores, model.Greater, 0, classes), b.asVector(scores)
	} else {
		label = b.labelOfLargest(scores, classes)
	}
	return answers{output(model.Predict, 0, label), output(model.DecisionFunction, 0, decision)}, nil
}

// readLogistic reads sklearn/linear_model/_logistic.py (logistic.py until 0.21).
func readLogistic(b *builder, e *object, x rows) (answers, error) {
	classes, err := classLabels(e)
	if err != nil {
		return nil, err
	}
	all, err := b.linearClassifier(e, x, classes)
	if err != nil {
		return nil, err
	}
	scores, _ := all.of(model.DecisionFunction)
	var proba model.Ref
	switch ovr := logisticByClass(e, classes.Rows()); {
	case ovr && classes.Rows() == 2:
		proba = b.add(&model.Complement{X: b.expit(b.asColumn(scores))})
	case ovr:
		proba = b.shares(e, b.expit(scores))
	case classes.Rows() == 2: // multinomial
		column := b.asColumn(scores)
		both := b.add(&model.Concat{Xs: []model.Ref{b.unary(model.Neg, column), column}})
		proba = b.softmax(both, model.ReducePairwise)
	default:
		proba = b.softmax(scores, model.ReducePairwise)
	}
	return append(all, output(model.PredictProba, 0, proba)), nil
}

// shares divides the probabilities of each class against the rest by their sum (LinearClassifierMixin._predict_proba_lr).
func (b *builder) shares(e *object, proba model.Ref) model.Ref {
	kind := b.kind(proba)
	total := b.add(&model.Reduce{Fn: model.ReducePairwise, X: proba})
	if e.rel.has(uniformShares) {
		none := b.binary(model.Equals, model.Value(total), scalarOf(kind, 0))
		proba = b.where(none, scalarOf(kind, 1), model.Value(proba))
		total = b.where(none, scalarOf(kind, float64(b.width(proba))), model.Value(total))
	}
	return b.binary(model.Quotient, model.Value(proba), model.Value(total))
}

// logisticByClass tells whether the probabilities are those of each class against the rest, not multinomial ones
// (LogisticRegression.predict_proba).
func logisticByClass(e *object, classes int) bool {
	multi, solver := e.text("multi_class"), e.text("solver")
	switch {
	case e.rel.has(logisticByCount):
		return classes <= 2
	case !e.rel.has(logisticByWord):
		return classes <= 2 || multi == "ovr"
	case multi == "ovr" || multi == "warn":
		return true
	case multi == "auto" || multi == "deprecated":
		cholesky := solver == "newton-cholesky" && !e.rel.has(multinomialCholesky)
		return classes <= 2 || solver == "liblinear" || cholesky
	}
	return false
}
