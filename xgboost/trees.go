package xgboost

import (
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
)

// readTrees reads the ensemble: gradient_booster of gbtree or dart.
func (b *Booster) readTrees(booster node) error {
	name, err := booster.get("name").text()
	if err != nil {
		return err
	}
	weighted, weights := booster, []float32(nil)
	switch name {
	case "gbtree":
	case "dart":
		b.Dart = true
		booster = booster.get("gbtree")
	default:
		return booster.unsupported("XGBoost's booster %q, which is none of trees", name)
	}
	ensemble := booster.get("model")
	trees, err := ensemble.get("trees").items()
	if err != nil {
		return err
	}
	if len(trees) == 0 {
		return ensemble.unsupported("a model of XGBoost without trees")
	}
	if err := b.budget.Trees(fault.In(ensemble.path), len(trees)); err != nil {
		return err
	}
	if err := ensemble.get("gbtree_model_param").claims("num_trees", len(trees)); err != nil {
		return err
	}
	for _, n := range []node{weighted.get("weight_drop"), ensemble.get("weight_drop")} { // in the model from 3.3 on
		if n.len() > 0 {
			if weights, err = array(n, len(trees), asFloat); err != nil {
				return err
			}
		}
	}
	if name == "dart" && weights == nil {
		return weighted.get("weight_drop").broken("no weights of the trees")
	}
	outputs, err := array(ensemble.get("tree_info"), len(trees), asInt)
	if err != nil {
		return err
	}
	b.Forest = &forest.Forest{Outputs: b.Outputs, Input: forest.Float32, Acc: forest.Float32, Trees: make([]forest.Tree, len(trees))}
	b.BaseLast = b.Version.Before(1, 3) || weights != nil && b.Version.Before(1, 4)
	if !b.BaseLast {
		b.Forest.Base = wide(b.Base)
	}
	read := make([]tree, len(trees))
	err = parallel.Each(len(trees), func(i int) error {
		t := &read[i]
		t.node, t.booster = node{trees[i], ensemble.path + ".trees[" + itoa(i) + "]"}, b
		if outputs[i] < 0 || outputs[i] >= int64(b.Outputs) {
			return t.broken("adds to output %d of %d", outputs[i], b.Outputs)
		}
		t.output = int32(outputs[i])
		t.weight = nil
		if weights != nil {
			t.weight = &weights[i]
		}
		return t.read()
	})
	if err != nil {
		return err
	}
	b.join(read)
	return nil
}

// join makes the forest of all trees, with the columns for the features that have categories.
func (b *Booster) join(read []tree) {
	column := map[int32]int32{}
	pruned := false
	for i := range read {
		pruned = pruned || read[i].numbers != nil
		for _, f := range read[i].categorical {
			column[f] = 0
		}
	}
	for f := range column {
		b.Categorical = append(b.Categorical, int(f))
	}
	slices.Sort(b.Categorical)
	for k, f := range b.Categorical {
		column[int32(f)] = int32(b.Features + k)
	}
	b.Forest.Features = b.Features + len(b.Categorical)
	if pruned {
		b.Leaf = make([][]int64, len(read))
	}
	for i := range read {
		t := &read[i]
		for k, set := range t.out.Category {
			if set != forest.NoSet {
				t.out.Feature[k] = column[t.out.Feature[k]]
			}
		}
		b.Forest.Trees[i] = t.out
		if pruned {
			b.Leaf[i] = t.numbers
		}
	}
}

func wide(v []float32) []float64 {
	w := make([]float64, len(v))
	for i := range v {
		w[i] = float64(v[i])
	}
	return w
}

// below is the largest float32 less than t: x < t is x <= below(t).
func below(t float32) float32 { return math.Nextafter32(t, float32(math.Inf(-1))) }
