package sklearn

import (
	"strings"

	"github.com/seed-2867d59c/treeport/model"
)

// Classifiers made of binary ones: sklearn/multiclass.py.

// member is a binary estimator as _predict_binary asks it.
type member struct {
	score     model.Ref // one column: decision_function, else the probability of the second class, else predict
	threshold float64
	proba     model.Ref // one column: the probability of the second class
	hasProba  bool
	decides   bool // it has a decision_function
	predicted model.Ref
}

func (b *builder) binaryMember(e *object, x rows) (m member, err error) {
	if e.name() == "_ConstantPredictor" {
		v, err := e.floats("y_")
		if err != nil {
			return m, err
		}
		if len(v) != 1 {
			return m, e.broken("y_ of %d numbers", len(v))
		}
		like := x.matrix
		if x.columns != nil {
			like = x.columns[0]
		}
		y := b.add(&model.Repeat{Like: like, Row: &model.Tensor{Kind: model.Float64, Shape: []int{1, 1}, Float: v}})
		// It decides, but is no classifier: its threshold is that of probabilities.
		return member{score: y, threshold: 0.5, proba: y, hasProba: true, decides: true, predicted: y}, nil
	}
	of, err := b.read(e, x)
	if err != nil {
		return m, err
	}
	if _, ok := of.of(model.PredictProba); ok {
		proba, _ := of.of(model.PredictProba)
		if b.width(proba) != 2 {
			return m, e.unsupported("%d classes where two are needed", b.width(proba))
		}
		m.proba, m.hasProba = b.add(&model.Slice{X: proba, From: 1, To: 2}), true
	}
	switch _, decides := of.of(model.DecisionFunction); {
	case decides:
		m.decides = true
		m.score, err = b.numbersOf(e, of, model.DecisionFunction)
	case m.hasProba:
		m.score, m.threshold = b.toFloat64(m.proba), 0.5
	default:
		m.score, err = b.numbersOf(e, of, model.Predict)
		m.threshold = 0.5
	}
	if y, ok := of.of(model.Predict); ok && err == nil && b.kind(y) != model.String {
		m.predicted, err = b.numbersOf(e, of, model.Predict)
	}
	return m, err
}

func (b *builder) binaryMembers(e *object, x rows) (all []member, err error) {
	members, err := e.children("estimators_")
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return nil, e.broken("no estimators")
	}
	for _, c := range members {
		m, err := b.binaryMember(c, x)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

func readOneVsRest(b *builder, e *object, x rows) (answers, error) {
	members, err := b.binaryMembers(e, x)
	if err != nil {
		return nil, err
	}
	binarizer, err := e.child("label_binarizer_")
	if err != nil {
		return nil, err
	}
	kind := binarizer.text("y_type_")
	classes, err := classesOf(binarizer)
	if err != nil {
		return nil, err
	}
	multilabel := strings.HasPrefix(kind, "multilabel")
	fits := classes.Rows() == len(members)
	if len(members) == 1 && !multilabel { // one for two classes
		fits = classes.Rows() <= 2
	}
	if !fits {
		return nil, e.broken("%d estimators for %d classes (%s)", len(members), classes.Rows(), kind)
	}
	var scores, probas []model.Ref
	hasProba, decides := true, members[0].decides
	for _, m := range members {
		scores, probas = append(scores, m.score), append(probas, m.proba)
		hasProba = hasProba && m.hasProba
	}
	score := b.beside(scores)
	var all answers
	switch {
	case kind == "multiclass":
		all = append(all, output(model.Predict, 0, b.label(b.lastLargest(e, score, len(members)), classes)))
	case multilabel:
		above := b.binary(model.Greater, model.Value(score), model.Scalar(members[0].threshold))
		all = append(all, output(model.Predict, 0, b.add(&model.Cast{X: above, To: model.Int64})))
	case kind == "binary" && len(members) == 1:
		above := b.add(&model.Cast{X: b.binary(model.Greater, model.Value(score), model.Scalar(members[0].threshold)), To: model.Int64})
		label := b.label(b.asVector(above), classes)
		if classes.Rows() == 1 { // LabelBinarizer.inverse_transform does not look at the scores
			label = b.add(&model.Repeat{Like: score, Row: classes})
		}
		all = append(all, output(model.Predict, 0, label))
	default:
		return nil, e.unsupported("targets of type %q", kind)
	}
	if hasProba {
		for _, p := range probas {
			if b.kind(p) != model.Float32 { // XGBoost's are float32, and stay so where all are
				for i := range probas {
					probas[i] = b.toFloat64(probas[i])
				}
				break
			}
		}
		proba := b.beside(probas)
		if len(members) == 1 {
			proba = b.add(&model.Complement{X: proba})
		}
		if !multilabel {
			proba = b.normalised(e, proba)
		}
		all = append(all, output(model.PredictProba, 0, proba))
	}
	if decides {
		if len(members) == 1 && e.rel.has(flatDecision) {
			score = b.asVector(score)
		}
		all = append(all, output(model.DecisionFunction, 0, score))
	}
	return all, nil
}

// lastLargest is the index of the largest score: until 1.7 the last one of several, from 1.8 on the first.
func (b *builder) lastLargest(e *object, score model.Ref, n int) model.Ref {
	if e.rel.has(firstLargest) {
		return b.add(&model.ArgMax{X: score})
	}
	backwards := make([]int, n)
	last := &model.Tensor{Kind: model.Int64, Shape: []int{n}}
	for i := range n {
		backwards[i] = n - 1 - i
		last.Int = append(last.Int, int64(n-1-i))
	}
	index := b.add(&model.ArgMax{X: b.add(&model.Take{X: score, Columns: backwards})})
	return b.add(&model.Lookup{X: index, Table: last})
}

// normalised divides each row by its sum, added in order; where that is 0, NaN comes out until 1.6, and zeros from 1.7 on.
func (b *builder) normalised(e *object, proba model.Ref) model.Ref {
	sum := b.add(&model.Reduce{Fn: model.ReduceSum, X: proba})
	shares := b.binary(model.Quotient, model.Value(proba), model.Value(sum))
	if !e.rel.has(zeroSums) {
		return shares
	}
	zero := model.Operand{Row: &model.Tensor{Kind: b.kind(sum), Shape: []int{1, 1}, Float: []float64{0}}}
	return b.where(b.binary(model.Equals, model.Value(sum), zero), model.Value(proba), model.Value(shares))
}

func readOneVsOne(b *builder, e *object, x rows) (answers, error) {
	if e.has("pairwise_indices_") {
		return nil, e.unsupported("estimators of precomputed kernels")
	}
	classes, err := classesOf(e)
	if err != nil {
		return nil, err
	}
	members, err := b.binaryMembers(e, x)
	if err != nil {
		return nil, err
	}
	n := classes.Rows()
	if len(members) != n*(n-1)/2 {
		return nil, e.broken("%d estimators for %d classes", len(members), n)
	}
	// votes[i] and sums[i] take what each pair says of class i, in the order of the pairs.
	votes, sums := make([]model.Ref, n), make([]model.Ref, n)
	started := make([]bool, n)
	add := func(i int, vote, sum model.Ref) {
		if started[i] {
			vote = b.binary(model.Add, model.Value(votes[i]), model.Value(vote))
			sum = b.binary(model.Add, model.Value(sums[i]), model.Value(sum))
		}
		votes[i], sums[i], started[i] = vote, sum, true
	}
	k := 0
	for i := range n {
		for j := i + 1; j < n; j++ {
			m := members[k]
			one := b.add(&model.Cast{X: b.binary(model.Equals, model.Value(m.predicted), model.Scalar(1)), To: model.Float64})
			zero := b.add(&model.Cast{X: b.binary(model.Equals, model.Value(m.predicted), model.Scalar(0)), To: model.Float64})
			add(i, zero, b.binary(model.Sub, model.Scalar(0), model.Value(m.score)))
			add(j, one, b.binary(model.Add, model.Scalar(0), model.Value(m.score)))
			k++
		}
	}
	vote, sum := b.beside(votes), b.beside(sums)
	// Confidences are squeezed below a third of a vote, so that they decide between equal votes only.
	most := b.binary(model.Mul, model.Scalar(3), model.Value(b.binary(model.Add, model.Value(b.unary(model.Abs, sum)), model.Scalar(1))))
	decision := b.binary(model.Add, model.Value(vote), model.Value(b.binary(model.Quotient, model.Value(sum), model.Value(most))))
	var all answers
	if n == 2 && e.rel.has(binaryOneVsOne) {
		decision = b.add(&model.Pick{X: decision, Index: 1})
		threshold := 0.0
		if e.rel.has(scoreOneVsOne) {
			threshold = members[0].threshold
		}
		above := b.binary(model.Greater, model.Value(b.asColumn(decision)), model.Scalar(threshold))
		all = append(all, output(model.Predict, 0, b.label(b.asVector(b.add(&model.Cast{X: above, To: model.Int64})), classes)))
	} else {
		all = append(all, output(model.Predict, 0, b.label(b.add(&model.ArgMax{X: decision}), classes)))
	}
	if e.rel.has(rowwiseConfidences) {
		all = append(all, output(model.DecisionFunction, 0, decision))
	}
	return all, nil
}
