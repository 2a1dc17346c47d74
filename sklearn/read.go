package sklearn

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Read makes a model of a fitted estimator. path says where it stands in the file and opens every complaint. The model's
// outputs are all that the estimator's class answers (predict, predict_proba, apply, ...), its input is a matrix X in
// float64 as scikit-learn takes it, and its Origin holds class, release and parameters. Where the release is unknown or
// newer than Newest, Origin has model.KeyTakenFor.
//
// The errors are *fault.Unsupported for a class that can't be converted, *fault.Broken for an estimator that contradicts
// itself, and *fault.TooBig.
func Read(obj *pickle.Object, path string) (*model.Model, error) {
	return ReadWith(obj, path, Options{})
}

// Options of reading. The zero value is the default.
type Options struct {
	Limits forest.Limits
	// Memory is how many bytes may be allocated for the values of a booster of XGBoost; 0: its default.
	Memory int64
	// Release is told of the arrays of trees that are done with, from several goroutines at once; nil: nobody is. Where the same
	// tree stands in a file several times, they may be read again.
	Release func(a *pickle.NDArray)
	// Thinner is what thinned the file out as it was decoded; nil: nothing did.
	Thinner *Thinner
}

// ReadWith is Read with options.
func ReadWith(obj *pickle.Object, path string, o Options) (*model.Model, error) {
	e, text, known, err := open(obj, path, o)
	if err != nil {
		return nil, err
	}
	if err := checkAttributes(e); err != nil {
		return nil, err
	}
	in, err := wholeInputs(e)
	if err != nil {
		return nil, err
	}
	b, x := newBuilder(in)
	answers, err := b.answer(e, x)
	if err != nil {
		return nil, err
	}
	b.m.Outputs = answers
	m, err := b.m.Select(model.Methods(b.m)) // without the steps that nothing needs
	if err != nil {
		return nil, err
	}
	if in.apart() && in.names != nil {
		m = m.WithoutUnread()
	}
	types, err := m.Types()
	if err != nil {
		return nil, e.broken("%v", err)
	}
	for i := range m.Outputs {
		out := &m.Outputs[i]
		out.Name = model.OutputName(out.Method, answersNumbers(m, types, out.Value), out.Target, answers.targets(out.Method))
	}
	nan := "routed"
	if m.RefusesNaN() {
		nan = "refused"
	}
	m.Origin = model.Origin{{Key: model.KeyClass, Value: obj.Class.String()}}
	if text != "" {
		m.Origin = append(m.Origin, model.Property{Key: model.KeyRelease, Value: text})
	}
	m.Origin = append(m.Origin, b.made...)
	if !known {
		m.Origin = append(m.Origin, model.Property{Key: model.KeyTakenFor, Value: e.rel.String()})
	}
	m.Origin = append(m.Origin, model.Property{Key: model.KeyFeatures, Value: strconv.Itoa(in.features)}, model.Property{Key: model.KeyNaN, Value: nan})
	if in.names == nil {
		m.Origin = append(m.Origin, model.Property{Key: model.KeyColumns, Value: model.NumberedColumns})
	}
	if classes := classesText(m, answers.targets(model.Predict)); classes != "" {
		m.Origin = append(m.Origin, model.Property{Key: model.KeyClasses, Value: classes})
	}
	for _, p := range Parameters(obj) {
		m.Origin = append(m.Origin, model.Property{Key: model.ParamKey + p.Key, Value: p.Value})
	}
	return m, nil
}

// answer is what an estimator answers: of one that only transforms, that.
func (b *builder) answer(e *object, x rows) (answers, error) {
	if find(e.Class).read != nil {
		return b.read(e, x)
	}
	y, err := b.transform(e, x)
	if err != nil {
		return nil, err
	}
	matrix, err := b.matrix(y)
	if err != nil {
		return nil, e.unsupported("%v", err)
	}
	return answers{output(model.Transform, 0, matrix)}, nil
}

// answersNumbers tells whether an answer is numbers, not labels.
func answersNumbers(m *model.Model, types []model.Type, r model.Ref) bool {
	if _, label := m.Op(r).(*model.Lookup); label {
		return false
	}
	return types[r].Kind.IsFloat()
}

// classesText are the labels of a classifier as JSON.
func classesText(m *model.Model, targets int) string {
	var all []any
	for _, out := range m.Outputs {
		lookup, ok := m.Op(out.Value).(*model.Lookup)
		if !ok || out.Method != model.Predict {
			continue
		}
		switch t := lookup.Table; {
		case t.Kind == model.String:
			all = append(all, t.Text)
		case t.Kind == model.Bool:
			bools := make([]bool, len(t.Int))
			for i, v := range t.Int {
				bools[i] = v != 0
			}
			all = append(all, bools)
		case t.Kind == model.Int64:
			all = append(all, t.Int)
		default:
			all = append(all, t.Float)
		}
	}
	var text []byte
	var err error
	switch {
	case len(all) == 0:
		return ""
	case targets > 1:
		text, err = json.Marshal(all)
	default:
		text, err = json.Marshal(all[0])
	}
	if err != nil {
		return "" // a label that JSON does not have: infinity, NaN
	}
	return string(text)
}

// open finds out which release an estimator is of: text is the one that it names, and known says whether its behaviour is.
func open(obj *pickle.Object, path string, o Options) (e *object, text string, known bool, err error) {
	e = &object{Object: obj, path: path, file: newFile(o)}
	text = e.text("_sklearn_version")
	e.rel, known = parseRelease(text)
	known = known && !e.rel.Before(Oldest) && !Newest.Before(e.rel)
	if find(obj.Class) == nil {
		if text == "" {
			return nil, "", false, fault.Unsupportedf(e.where(), "%v (no scikit-learn release named)", obj.Class)
		}
		return nil, "", false, fault.Unsupportedf(e.where(), "%v of scikit-learn %s", obj.Class, text)
	}
	switch {
	case known:
	case !strings.HasPrefix(obj.Class.Module, "sklearn."): // another library's estimator, which names no release
		e.rel, known = Newest, true
	default:
		e.rel = releaseByLayout(e, text)
		if text == "" {
			e.rel = boostingLayout(e, e.rel)
		}
	}
	return e, text, known, nil
}

// releaseByLayout is the release that writes estimators laid out like this one, where the file names none (0.17, or the
// name was taken out) or one that is too new. Among releases that differ in nothing here it is the newest; a regressor's
// values say nothing.
func releaseByLayout(e *object, text string) Release {
	if text != "" {
		return Newest
	}
	holder := firstTree(e)
	if holder == nil {
		return releaseByNames(e)
	}
	first, err := readTree(holder)
	if err != nil {
		return Newest
	}
	if _, err := first.nodes.Field(missingField); err != nil {
		switch {
		case !first.has("max_depth"):
			return Release{0, 17}
		case !underscored(holder.Class.Module):
			return Release{0, 21}
		}
		return Release{1, 2}
	}
	if !holder.isClassifier() || first.sumsToOne() {
		return Newest
	}
	return Release{1, 3}
}

// releaseByNames is the release of an estimator of scikit-learn without trees: 0.17, the only one whose files don't name it, unless
// a module or an attribute inside has a name of later ones.
func releaseByNames(e *object) Release {
	if !strings.HasPrefix(e.Class.Module, "sklearn.") {
		return Newest
	}
	oldest := true
	eachObject(e.Object, e.path, func(w *objectWalk, o *pickle.Object) {
		part := e.at(o, w.path())
		oldest = oldest && !(strings.HasPrefix(o.Class.Module, "sklearn.") && underscored(o.Class.Module)) &&
			!part.has("n_features_in_") && !part.has("X_thresholds_") && !part.has("_necessary_X_")
	})
	if oldest {
		return Oldest
	}
	return Newest
}

// firstTree is the first tree estimator inside an estimator, classifiers before regressors since they tell more, or nil.
func firstTree(e *object) *object {
	var classifier, regressor *object
	eachObject(e.Object, e.path, func(w *objectWalk, o *pickle.Object) {
		tree := e.at(o, w.path())
		switch {
		case !tree.has("tree_"):
		case classifier == nil && tree.isClassifier():
			classifier = tree
		case regressor == nil:
			regressor = tree
		}
	})
	if classifier != nil {
		return classifier
	}
	return regressor
}

// underscored tells whether a class stands in a module whose name begins with an underscore, as from 0.22 on.
func underscored(module string) bool { return strings.Contains(module, "._") }

// sumsToOne tells whether each node's values are shares: 1 in all, but for rounding.
func (t *tree) sumsToOne() bool {
	for i := range t.count {
		for k, classes := range t.classes {
			total := 0.0
			for c := range classes {
				total += t.value(i, k, c)
			}
			if total < 1-1e-9 || total > 1+1e-9 {
				return false
			}
		}
	}
	return true
}
