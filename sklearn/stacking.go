package sklearn

import (
	"errors"
	"slices"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Stacks: sklearn/ensemble/_stacking.py. What the members answer, by the method in stack_method_, stands side by side, with
// passthrough before the rows themselves, and final_estimator_ predicts from that.

// stackInputs are those of the members; with passthrough all of them are read.
func stackInputs(e *object) (inputs, error) {
	in, err := memberInputs("estimators_")(e)
	if passes(e) {
		in.unused = nil
	}
	return in, err
}

func passes(e *object) bool {
	pass, _ := e.Attr("passthrough")
	return pass == true
}

// stack adds what transform makes of the rows: _concatenate_predictions.
func (b *builder) stack(e *object, x rows) (rows, error) {
	members, err := e.children("estimators_")
	if err != nil {
		return rows{}, err
	}
	v, err := e.attr("stack_method_")
	if err != nil {
		return rows{}, err
	}
	methods, ok := asItems(v)
	if !ok || len(methods) != len(members) || len(members) == 0 {
		return rows{}, e.broken("stack_method_ of %d members, there are %d", len(methods), len(members))
	}
	two := false // classes (of several targets: targets)
	if classes, ok := e.Attr("classes_"); ok {
		two = length(classes) == 2
	}
	var columns []model.Ref
	for i, m := range members {
		answered, err := b.read(m, x)
		if err != nil {
			return rows{}, err
		}
		method, _ := pickle.AsString(methods[i])
		one, err := b.stacked(m, answered, method, two)
		if err != nil {
			return rows{}, err
		}
		columns = append(columns, one...)
	}
	y, err := b.sideBySide(columns)
	if err != nil {
		return rows{}, e.unsupported("%v", err)
	}
	if passes(e) {
		x.names = nil
		return b.join(b.numbers(y), x), nil
	}
	return b.numbers(y), nil
}

// length is how many items an array or a list has.
func length(v pickle.Value) int {
	if a, ok := v.(*pickle.NDArray); ok && len(a.Shape) > 0 {
		return a.Shape[0]
	}
	items, _ := asItems(v)
	return len(items)
}

// stacked are the matrices that one member adds. The first of two classes goes without saying, and is left out; of several targets
// each is two classes.
func (b *builder) stacked(m *object, answered answers, method string, two bool) ([]model.Ref, error) {
	var all []model.Ref
	for k := range answered.targets(method) {
		at := slices.IndexFunc(answered, func(out model.Output) bool { return out.Method == method && out.Target == k })
		if at < 0 {
			return nil, m.unsupported("no %s of target %d", method, k)
		}
		y := answered[at].Value
		if b.kind(y) == model.String {
			return nil, m.unsupported("stacked labels of text")
		}
		y = b.asMatrix(y)
		if width := b.width(y); method == model.PredictProba && (two || answered.targets(method) > 1) {
			if width < 2 {
				continue // a target of one class only
			}
			y = b.add(&model.Slice{X: y, From: 1, To: width})
		}
		all = append(all, y)
	}
	if answered.targets(method) == 0 {
		return nil, m.unsupported("%s, which a stack asks it for", method)
	}
	return all, nil
}

// sideBySide joins matrices as numpy.hstack does: float32 only where all are.
func (b *builder) sideBySide(all []model.Ref) (model.Ref, error) {
	if len(all) == 0 {
		return 0, errors.New("nothing to stack")
	}
	narrow := true
	for _, y := range all {
		narrow = narrow && b.kind(y) == model.Float32
	}
	if !narrow {
		for i, y := range all {
			all[i] = b.toFloat64(y)
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return b.add(&model.Concat{Xs: all}), nil
}

// finalEstimator is the one that is given the stack, what it answers, and the stack as a matrix.
func (b *builder) finalEstimator(e *object, x rows) (final *object, answered answers, matrix model.Ref, err error) {
	if final, err = e.child("final_estimator_"); err != nil {
		return nil, nil, noValue, err
	}
	y, err := b.stack(e, x)
	if err != nil {
		return nil, nil, noValue, err
	}
	if answered, err = b.read(final, y); err != nil {
		return nil, nil, noValue, err
	}
	if matrix, err = b.matrix(y); err != nil {
		return nil, nil, noValue, e.unsupported("%v", err)
	}
	return final, answered, matrix, nil
}

func readStackingClassifier(b *builder, e *object, x rows) (answers, error) {
	final, answered, matrix, err := b.finalEstimator(e, x)
	if err != nil {
		return nil, err
	}
	targets := answered.targets(model.Predict)
	all := answers{output(model.Transform, 0, matrix)}
	classes, err := e.attr("classes_")
	if err != nil {
		return nil, err
	}
	perTarget := []pickle.Value{classes}
	if severalTargets(classes) {
		perTarget, _ = asItems(classes)
	}
	if len(perTarget) != targets {
		return nil, e.broken("classes_ of %d targets, final_estimator_ has %d", len(perTarget), targets)
	}
	var firsts []model.Ref
	for _, out := range answered {
		switch {
		case out.Method == model.Predict:
			known, err := e.labels(perTarget[out.Target])
			if err != nil {
				return nil, err
			}
			lookup, ok := b.m.Op(out.Value).(*model.Lookup)
			if !ok {
				return nil, final.unsupported("predictions that are no labels")
			}
			table, err := decoded(lookup.Table, known)
			if err != nil {
				return nil, final.broken("%v", err)
			}
			all = append(all, output(model.Predict, out.Target, b.label(lookup.X, table)))
		case out.Method == model.PredictProba && targets > 1:
			firsts = append(firsts, b.add(&model.Slice{X: out.Value, From: 0, To: 1}))
		case out.Method == model.PredictProba, out.Method == model.DecisionFunction:
			all = append(all, out)
		}
	}
	if len(firsts) > 0 {
		// Of several targets the original answers the probability of each one's first class.
		all = append(all, output(model.PredictProba, 0, b.add(&model.Concat{Xs: firsts})))
	}
	return all, nil
}

// severalTargets tells whether classes_ is a list of arrays, one per target.
func severalTargets(classes pickle.Value) bool {
	list, ok := classes.(*pickle.List)
	if !ok || len(list.Items) == 0 {
		return false
	}
	_, ok = list.Items[0].(*pickle.NDArray)
	return ok
}

// decoded is a table of labels 0, 1, ... with the classes that they stand for: LabelEncoder.inverse_transform.
func decoded(codes, classes *model.Tensor) (*model.Tensor, error) {
	table := model.NewTensor(model.Type{Kind: classes.Kind}, codes.Len())
	for i := range codes.Len() {
		if codes.Kind != model.Int64 || codes.Int[i] < 0 || codes.Int[i] >= int64(classes.Len()) {
			return nil, errors.New("predictions that are no numbers of classes")
		}
		switch j := codes.Int[i]; {
		case classes.Kind == model.String:
			table.Text[i] = classes.Text[j]
		case classes.Kind.IsFloat():
			table.Float[i] = classes.Float[j]
		default:
			table.Int[i] = classes.Int[j]
		}
	}
	return table, nil
}

func readStackingRegressor(b *builder, e *object, x rows) (answers, error) {
	final, answered, matrix, err := b.finalEstimator(e, x)
	if err != nil {
		return nil, err
	}
	value, ok := answered.of(model.Predict)
	if !ok {
		return nil, final.unsupported("nothing to predict")
	}
	return answers{output(model.Predict, 0, value), output(model.Transform, 0, matrix)}, nil
}
