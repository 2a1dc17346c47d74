package sklearn

import (
	"math"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// IsolationForest: sklearn/ensemble/_iforest.py (iforest.py until 0.21). A leaf's depth, and how much deeper a tree would go
// that parted all its rows, make its path length; the mean over the trees, measured by that of a whole sample, is the score:
// -2^(-mean/c). Trees regress nothing.

func readIsolationForest(b *builder, e *object, in rows) (answers, error) {
	x, err := b.matrix(in)
	if err != nil {
		return nil, e.unsupported("%v", err)
	}
	f, err := isolationTrees(e)
	if err != nil {
		return nil, err
	}
	routes := e.rel.has(isolationRoutes)
	f.RefusesInf, f.RefusesNaN = !routes, !routes
	if !routes && !e.rel.has(isolationFloat32) {
		x = b.add(&model.Finite{X: x})
	}
	sample, err := e.count(sampleSize(e.rel))
	if err != nil {
		return nil, err
	}
	whole := averagePath(e.rel, float64(sample))
	if e.rel.has(summedDepths) {
		whole *= float64(len(f.Trees))
	} else {
		f.Combine = forest.Mean
	}
	if whole == 0 {
		return nil, e.unsupported("trees of one row")
	}
	offset, threshold, err := isolationLimits(e)
	if err != nil {
		return nil, err
	}
	depth := b.add(&model.Ensemble{X: x, Forest: f})
	power := b.binary(model.Pow, model.Scalar(2), model.Value(b.binary(model.Quotient, model.Value(b.unary(model.Neg, depth)), model.Scalar(whole))))
	var all answers
	var decision model.Ref
	decide := func(score float64) float64 { return -score - offset }
	if e.rel.has(isolationOffset) {
		score := b.unary(model.Neg, power)
		decision = b.binary(model.Sub, model.Value(score), model.Scalar(offset))
		all = append(all, output(model.ScoreSamples, 0, b.asVector(score)))
	} else {
		decision = b.binary(model.Sub, model.Scalar(0.5), model.Value(power))
		decide = func(score float64) float64 { return 0.5 - score }
	}
	all = append(all, output(model.DecisionFunction, 0, b.asVector(decision)))

	// predict compares the decision with the threshold. That is the same as comparing the depth with the least depth of an
	// inlier, which needs no power, so that whoever computes powers an ulp differently still finds the same outliers. The offset
	// is mostly the score of some row, as numpy computed it there: an inlier, though it was an ulp off.
	slack := 0.0
	if e.rel.has(vectorPowers) && offset != -0.5 { // -0.5 is nobody's score, but contamination="auto"
		slack = 2 * (math.Nextafter(math.Abs(offset), 2) - math.Abs(offset))
	}
	least := leastNumber(func(depth float64) bool {
		d := decide(model.Exp2Of(-depth/whole)) + slack
		return d > threshold || d == threshold && e.rel.has(isolationOffset)
	})
	outlier := b.binary(model.Less, model.Value(depth), model.Scalar(least))
	index := b.asVector(b.add(&model.Cast{X: outlier, To: model.Int64}))
	label := b.label(index, &model.Tensor{Kind: model.Int64, Shape: []int{2}, Int: []int64{1, -1}})
	return append(all, output(model.Predict, 0, label)), nil
}

// sampleSize is the attribute that holds the number of rows of a whole sample.
func sampleSize(rel Release) string {
	if rel.has(isolationFloat32) {
		return "_max_samples"
	}
	return "max_samples_"
}

// isolationLimits are what decision_function subtracts from the score, and the decision below which a row is an outlier (in 0.18
// and 0.19: not above which).
func isolationLimits(e *object) (offset, threshold float64, err error) {
	number := func(name string) float64 {
		v, attrErr := e.attr(name)
		f, ok := asFloat(v)
		if attrErr == nil && (!ok || f != f) {
			attrErr = e.broken("%s is no number", name)
		}
		if err == nil {
			err = attrErr
		}
		return f
	}
	if !e.rel.has(isolationOffset) {
		return 0, number("threshold_"), err
	}
	offset = number("offset_")
	if !e.rel.has(oneBehaviour) && e.text("behaviour") == "old" {
		threshold = number("_threshold_")
	}
	return offset, threshold, err
}

// leastNumber is the least number, from 0 on, of which something is true that stays true from there on.
func leastNumber(is func(float64) bool) float64 {
	low, high := uint64(0), math.Float64bits(math.MaxFloat64)
	for low < high {
		if middle := low + (high-low)/2; is(math.Float64frombits(middle)) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return math.Float64frombits(low)
}

// isolationTrees are the trees with path lengths in their leaves, over all features.
func isolationTrees(e *object) (*forest.Forest, error) {
	members, err := e.children("estimators_")
	if err != nil {
		return nil, err
	}
	subsets, err := isolationSubsets(e, len(members))
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return nil, e.broken("no trees")
	}
	if n, err := e.count("n_estimators"); !e.rel.has(summedDepths) && (err != nil || n != len(members)) {
		return nil, e.unsupported("n_estimators other than the %d trees", len(members))
	}
	in, err := inputsOf(e)
	if err != nil {
		return nil, err
	}
	f := &forest.Forest{Features: in.features, Outputs: 1, Input: forest.Float32, Trees: make([]forest.Tree, len(members)),
		Near: true} // lengths of paths are logs
	return f, parallel.Each(len(members), func(i int) error {
		t, err := readTree(members[i])
		if err != nil {
			return err
		}
		averages, err := e.perNode("_average_path_length_per_tree", i, t.count)
		if err != nil {
			return err
		}
		depths, err := e.perNode("_decision_path_lengths", i, t.count)
		if err != nil {
			return err
		}
		if err := t.paths(&f.Trees[i], averages, depths); err != nil {
			return err
		}
		if subsets != nil {
			return t.remap(&f.Trees[i], subsets[i])
		}
		if t.features != f.Features {
			return t.broken("%d features, the forest has %d", t.features, f.Features)
		}
		return nil
	})
}

// isolationSubsets are the columns that each tree is given, or nil where it is given all: where as many are chosen as there are, the
// original gives them as they are, whatever their order was in fit.
func isolationSubsets(e *object, trees int) ([][]int, error) {
	if !e.rel.has(eulerPaths) {
		return nil, nil
	}
	chosen, err := e.count("_max_features")
	if err != nil {
		return nil, err
	}
	if features, err := e.count("n_features_in_", "n_features_"); err != nil || chosen == features {
		return nil, err
	}
	return featureSubsets(e, trees)
}

// perNode are the numbers that the file has for each node of a tree, from 1.3 on; else nil.
func (o *object) perNode(attr string, tree, nodes int) ([]float64, error) {
	v, ok := o.Attr(attr)
	if !ok {
		return nil, nil
	}
	items, ok := asItems(v)
	if !ok || tree >= len(items) {
		return nil, o.broken("%s has nothing for tree %d", attr, tree)
	}
	a, ok := items[tree].(*pickle.NDArray)
	if !ok || a.Len() != nodes {
		return nil, o.broken("%s[%d] is no array of %d numbers", attr, tree, nodes)
	}
	all, err := a.Float64s()
	if err != nil {
		return nil, o.broken("%s[%d]: %v", attr, tree, err)
	}
	for _, length := range all {
		if !(length >= 0) || math.IsInf(length, 1) {
			return nil, o.broken("%s[%d]: a length of %v", attr, tree, length)
		}
	}
	return all, nil
}

// paths reads the tree with path lengths in its leaves: the nodes on the way (of which the last counts none), and the average path
// of the rows in the leaf. What the file has of both, for each node, is nil where it has none.
func (t *tree) paths(out *forest.Tree, averages, depths []float64) error {
	counts, err := t.nodes.Field(samplesField)
	var samples []int64
	if err == nil {
		samples, err = counts.Int64s()
	}
	if err != nil {
		return t.broken("%s: %v", samplesField, err)
	}
	if averages == nil {
		averages = make([]float64, t.count)
		known := map[int64]float64{}
		for i, n := range samples {
			if _, ok := known[n]; !ok {
				known[n] = averagePath(t.rel, float64(n))
			}
			averages[i] = known[n]
		}
	}
	out.Output = forest.AllOutputs
	if err := t.splits(out, 1, func(from int, leaves, to []int32) {
		for _, i := range leaves {
			to[i] = int32(len(out.Value))
			out.Value = append(out.Value, averages[from+int(i)])
		}
	}); err != nil {
		return err
	}
	type visit struct {
		node int32
		path float64 // nodes up to this one
	}
	for stack := []visit{{0, 1}}; len(stack) > 0; {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !out.IsLeaf(v.node) {
			stack = append(stack, visit{out.Right[v.node], v.path + 1}, visit{out.Left[v.node], v.path + 1})
			continue
		}
		if depths != nil && depths[v.node] != v.path {
			return t.broken("leaf %d is %v nodes deep, the forest has %v", v.node, v.path, depths[v.node])
		}
		length := &out.Value[out.Left[v.node]]
		if t.rel.has(summedDepths) {
			*length = v.path + *length - 1
		} else {
			*length = v.path - 1 + *length
		}
	}
	return nil
}

// averagePath is the average path length of n rows: _average_path_length.
func averagePath(rel Release, n float64) float64 {
	const euler = 0.5772156649015329 // numpy.euler_gamma
	switch {
	case rel.has(summedDepths) && n <= 1:
		return 0
	case n <= 1, rel.has(summedDepths) && n == 2:
		return 1
	case !rel.has(eulerPaths):
		return float64(2*(model.LogOf(n)+0.5772156649)) - 2*(n-1)/n
	}
	return float64(2*(model.LogOf(n-1)+euler)) - 2*(n-1)/n
}
