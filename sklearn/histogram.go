package sklearn

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Histogram gradient boosting: sklearn/ensemble/_hist_gradient_boosting, gradient_boosting.py (_raw_predict) and
// _predictor.pyx. _predictors is a list of stages, each a list of a TreePredictor per raw score; raw starts at
// _baseline_prediction, and the trees' values, which have the learning rate in them, are added stage by stage. X stays float64.

func readHistClassifier(b *builder, e *object, x rows) (answers, error) {
	classes, err := classLabels(e)
	if err != nil {
		return nil, err
	}
	raw, err := b.histRaw(e, x)
	if err != nil {
		return nil, err
	}
	scores := b.width(raw)
	loss := lossName(e)
	if scores != scoresOf(classes.Rows()) || (loss == multinomial) != (scores > 1) {
		return nil, e.broken("%d raw scores for %d classes and the loss %q", scores, classes.Rows(), loss)
	}
	// Raw scores of several classes lie in memory one class after the other: numpy adds those of a row in their order.
	proba, decision := model.Ref(0), raw
	switch {
	case loss == binomial:
		proba, decision = b.add(&model.Complement{X: b.expit(raw)}), b.asVector(raw)
	case loss == multinomial && e.rel.has(histLinks):
		proba = b.softmax(raw, model.ReduceSum)
	case loss == multinomial:
		proba = b.unary(model.Exp, b.logSoftmax(raw, model.ReduceSum))
	default:
		return nil, e.unsupported("the loss %q", loss)
	}
	label := model.Ref(0)
	switch {
	case !e.rel.has(histLabelsByRaw):
		label = b.labelOfLargest(proba, classes)
	case scores == 1:
		label = b.labelBy(raw, model.Greater, 0, classes)
	default:
		label = b.labelOfLargest(raw, classes)
	}
	return answers{output(model.Predict, 0, label), output(model.PredictProba, 0, proba), output(model.DecisionFunction, 0, decision)}, nil
}

func readHistRegressor(b *builder, e *object, x rows) (answers, error) {
	raw, err := b.histRaw(e, x)
	if err != nil {
		return nil, err
	}
	if b.width(raw) != 1 {
		return nil, e.broken("%d raw scores", b.width(raw))
	}
	values := b.asVector(raw)
	switch loss := lossName(e); loss {
	case identity:
	case logLinked:
		values = b.unary(model.Exp, values)
	default:
		return nil, e.unsupported("the loss %q", loss)
	}
	return answers{output(model.Predict, 0, values)}, nil
}

// histRaw are the raw scores, a matrix.
func (b *builder) histRaw(e *object, in rows) (model.Ref, error) {
	scores, err := e.count("n_trees_per_iteration_")
	if err != nil {
		return 0, err
	}
	predictors, err := histPredictors(e, scores)
	if err != nil {
		return 0, err
	}
	base, err := histBaseline(e, scores)
	if err != nil {
		return 0, err
	}
	x, known, err := b.histColumns(e, in)
	if err != nil {
		return 0, err
	}
	refuses := !e.rel.has(nanInHistograms)
	f := &forest.Forest{Features: b.width(x), Outputs: scores, Base: base, RefusesNaN: refuses, RefusesInf: refuses}
	f.Trees = make([]forest.Tree, len(predictors))
	err = parallel.Each(len(predictors), func(i int) error {
		f.Trees[i].Output = int32(i % scores)
		return (&histTree{object: predictors[i], known: known}).read(&f.Trees[i], f.Features)
	})
	if err != nil {
		return 0, err
	}
	return b.add(&model.Ensemble{X: x, Forest: f}), nil
}

// histPredictors are all trees, stage by stage.
func histPredictors(e *object, scores int) ([]*object, error) {
	v, err := e.attr("_predictors")
	if err != nil {
		return nil, err
	}
	stages, ok := asItems(v)
	if !ok || len(stages) == 0 {
		return nil, e.broken("_predictors is no list of stages")
	}
	var all []*object
	for i, stage := range stages {
		trees, ok := asItems(stage)
		if !ok || len(trees) != scores {
			return nil, e.broken("_predictors[%d] is no list of %d trees", i, scores)
		}
		for k, tree := range trees {
			o, err := e.member(tree, fmt.Sprintf("_predictors[%d][%d]", i, k))
			if err != nil {
				return nil, err
			}
			if o.name() != "TreePredictor" {
				return nil, o.unsupported("a tree of class %v", o.Class)
			}
			all = append(all, o)
		}
	}
	return all, nil
}

// histBaseline is where the raw scores start.
func histBaseline(e *object, scores int) ([]float64, error) {
	v, err := e.attr("_baseline_prediction")
	if err != nil {
		return nil, err
	}
	base := make([]float64, 1)
	if a, isArray := v.(*pickle.NDArray); isArray {
		if a.DType.Kind != 'f' || a.DType.Size != 8 {
			return nil, e.unsupported("a baseline of dtype %v", a.DType)
		}
		if base, err = a.Float64s(); err != nil {
			return nil, e.broken("_baseline_prediction: %v", err)
		}
	} else if number, ok := asFloat(v); ok {
		base[0] = number
	} else {
		return nil, e.broken("_baseline_prediction is no number")
	}
	if len(base) != scores {
		return nil, e.broken("a baseline of %d numbers for %d raw scores", len(base), scores)
	}
	return base, nil
}

// histTree is a TreePredictor. Its nodes are records: value, count, feature_idx, threshold (num_threshold from 0.24 on), left,
// right, gain, depth, is_leaf, bin_threshold; from 0.22 on missing_go_to_left, from 0.24 on is_categorical and bitset_idx
// (common.pyx or types.pyx, PREDICTOR_RECORD_DTYPE).
type histTree struct {
	*object
	nodes *pickle.NDArray
	known map[int32]*histCategories // of the features that are categorical
}

func (t *histTree) read(out *forest.Tree, features int) error {
	nodes, ok := attrArray(t.object, "nodes")
	if !ok || len(nodes.Shape) != 1 || nodes.DType.Fields == nil {
		return t.broken("nodes is no array of records")
	}
	t.nodes = nodes
	err := cmp.Or(t.file.reads(t.object, weight(t.State, 1)), t.countTree(nodes.Len()))
	if err != nil {
		return err
	}
	ints := func(name string) []int32 {
		c, failed := nodes.Field(name)
		var all []int32
		if failed == nil {
			all, failed = c.Int32s()
		}
		if failed != nil && err == nil {
			err = t.broken("%s: %v", name, failed)
		}
		return all
	}
	floats := func(name string) []float64 {
		c, failed := nodes.Field(name)
		var all []float64
		if failed == nil {
			all, failed = c.Float64s()
		}
		if failed != nil && err == nil {
			err = t.broken("%s: %v", name, failed)
		}
		return all
	}
	threshold := "threshold"
	if t.hasField("num_threshold") {
		threshold = "num_threshold"
	}
	out.Feature, out.Left, out.Right = ints("feature_idx"), ints("left"), ints("right")
	out.Threshold = floats(threshold)
	values, leaf := floats("value"), ints("is_leaf")
	missing, categorical, bitset := make([]int32, nodes.Len()), make([]int32, nodes.Len()), make([]int32, nodes.Len())
	if t.hasField("missing_go_to_left") {
		missing = ints("missing_go_to_left")
	}
	if t.hasField("is_categorical") {
		categorical, bitset = ints("is_categorical"), ints("bitset_idx")
	}
	if err != nil {
		return err
	}
	for i := range leaf {
		switch {
		case leaf[i] != 0:
			out.Feature[i], out.Left[i] = forest.Leaf, int32(len(out.Value))
			out.Value = append(out.Value, values[i])
			continue
		case out.Feature[i] < 0:
			return t.broken("node %d splits by feature %d", i, out.Feature[i])
		case categorical[i] != 0:
			err = t.splitByCategory(out, i, int(bitset[i]), missing[i] != 0)
		case missing[i] != 0:
			if out.Flags == nil {
				out.Flags = make([]uint8, len(leaf))
			}
			out.Flags[i] = forest.MissingLeft
		}
		if err != nil {
			return err
		}
	}
	if err := out.Check(features, 1); err != nil {
		return t.broken("%v", err)
	}
	return nil
}

func (t *histTree) hasField(name string) bool {
	_, err := t.nodes.Field(name)
	return err == nil
}

// splitByCategory makes node i ask for a set. A category whose bit is set goes left, another known one goes right, and what is
// no known category goes where NaN goes (_predict_one_from_raw_data). Where that is left, the children change places and
// the set is that of the known ones that go right.
func (t *histTree) splitByCategory(out *forest.Tree, i, bitset int, missingLeft bool) error {
	left, err := t.bits(bitset)
	if err != nil {
		return err
	}
	known := t.known[out.Feature[i]]
	if known == nil {
		return t.broken("node %d asks for categories of feature %d, which has none", i, out.Feature[i])
	}
	set := []float64{}
	for bit, category := range known.values {
		goesLeft := left[bit/32]>>(bit%32)&1 == 1
		if goesLeft && !missingLeft || !goesLeft && missingLeft && known.is[bit] {
			set = append(set, category)
		}
	}
	slices.Sort(set)
	out.Feature[i] = known.column
	if missingLeft {
		out.Left[i], out.Right[i] = out.Right[i], out.Left[i]
	}
	if out.Category == nil {
		out.Category = make([]int32, len(out.Feature))
		for j := range out.Category {
			out.Category[j] = forest.NoSet
		}
	}
	out.Category[i] = int32(len(out.Sets))
	out.Sets = append(out.Sets, set)
	out.Threshold[i] = 0
	return nil
}

// bits are the 256 bits of a row of raw_left_cat_bitsets.
func (t *histTree) bits(row int) ([]uint32, error) {
	a, ok := attrArray(t.object, "raw_left_cat_bitsets")
	if !ok || len(a.Shape) != 2 || a.Shape[1] != 8 || row < 0 || row >= a.Shape[0] {
		return nil, t.broken("no row %d of raw_left_cat_bitsets", row)
	}
	words := make([]uint32, 8)
	for k := range words {
		v, err := a.Int64At(row*8 + k)
		if err != nil {
			return nil, t.broken("raw_left_cat_bitsets: %v", err)
		}
		words[k] = uint32(v)
	}
	return words, nil
}
