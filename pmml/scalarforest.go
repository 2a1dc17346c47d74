package pmml

import (
	"fmt"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// output is output j of a forest over the columns x. The forest has that output alone and the features that its trees use,
// each once.
func (ts *terms) output(x []*term, f *forest.Forest, j int) (*term, error) {
	if ts.asTheyAre && isLowered(f) {
		return ts.ensembleOf(x, f), nil
	}
	alone, err := columns{forest: f, index: []int{j}}.project()
	if err != nil {
		return nil, err
	}
	p := *alone
	if p.Base == nil && single(f) {
		p.Base = []float64{0}
	}
	if len(p.Trees) == 0 {
		return ts.number(p.Base[0]), nil
	}
	if p.Acc == forest.Float32 {
		return ts.sum32(x, f, j, &p)
	}
	divide := p.Combine == forest.Mean && p.Base != nil && p.Base[0] != 0
	if divide {
		p.Combine = forest.Sum
	}
	if ts.lowered[part{f, j}] == nil {
		low, _, err := lowerForest(&p, &target{})
		if err != nil {
			return nil, err
		}
		ts.lowered[part{f, j}] = []*forest.Forest{low}
	}
	sum := ts.ensembleOf(x, ts.lowered[part{f, j}][0])
	if divide {
		return ts.binary(model.Quotient, sum, ts.number(float64(len(p.Trees)))), nil
	}
	return sum, nil
}

// isLowered tells whether a forest has the shape that lowerForest leaves one of one output in.
func isLowered(f *forest.Forest) bool {
	return f.Outputs == 1 && f.Base == nil && f.Acc == forest.Float64 && !f.RefusesInf && !single(f) && (len(f.Trees) > 1 || f.Combine == forest.Sum)
}

// leaves are the numbers of the leaves, each as what a tree of its own answers.
func (t *taker) leaves(x value, f *forest.Forest) (value, error) {
	if err := check(f); err != nil {
		return value{}, err
	}
	v := value{row: []int{len(f.Trees)}}
	for k := range f.Trees {
		tree := f.Trees[k]
		tree.Output, tree.Value, tree.Left = 0, nil, append([]int32{}, tree.Left...)
		for i, feature := range tree.Feature {
			if feature == forest.Leaf {
				tree.Left[i] = int32(len(tree.Value))
				tree.Value = append(tree.Value, float64(i))
			}
		}
		numbers := &forest.Forest{Features: f.Features, Outputs: 1, Input: f.Input, RefusesNaN: f.RefusesNaN, Trees: []forest.Tree{tree}}
		leaf, err := t.output(x.terms, numbers, 0)
		if err != nil {
			return v, err
		}
		v.terms = append(v.terms, t.cast(leaf, model.Int64))
	}
	return v, nil
}

// sum32 adds trees one by one in float32: PMML knows no such sum.
func (ts *terms) sum32(x []*term, f *forest.Forest, j int, p *forest.Forest) (*term, error) {
	if ts.lowered[part{f, j}] == nil {
		for i := range p.Trees {
			lone := *p
			lone.Trees, lone.Base, lone.Combine, lone.Acc = p.Trees[i:i+1], nil, forest.Sum, forest.Float64
			low, _, err := lowerForest(&lone, &target{})
			if err != nil {
				return nil, err
			}
			ts.lowered[part{f, j}] = append(ts.lowered[part{f, j}], low)
		}
	}
	var sum *term
	if p.Base != nil {
		sum = ts.number(p.Base[0])
	}
	for _, low := range ts.lowered[part{f, j}] {
		value := ts.ensembleOf(x, low)
		if sum != nil {
			value = ts.binary(model.Add, ts.cast(sum, model.Float64), value)
		}
		sum = ts.cast(value, model.Float32)
	}
	if p.Combine == forest.Mean {
		sum = ts.binary(model.Quotient, sum, ts.like(sum, float64(len(p.Trees))))
	}
	return sum, nil
}

// ensembleOf is the answer of a lowered forest of one output.
func (ts *terms) ensembleOf(x []*term, f *forest.Forest) *term {
	// One place more in front is that of forest.Leaf, -1, so that nobody has to ask which nodes are leaves.
	used := make([]bool, 1+f.Features)
	for i := range f.Trees {
		for _, feature := range f.Trees[i].Feature {
			used[1+feature] = true
		}
	}
	used = used[1:]
	place := map[*term]int32{}
	moves := make([]int32, 1+f.Features)
	moves[0] = forest.Leaf
	moved := moves[1:]
	var args []*term
	take := func(i int) {
		arg := ts.cast(x[i], kindOf(f.Input))
		at, ok := place[arg]
		if !ok {
			at = int32(len(args))
			place[arg] = at
			args = append(args, arg)
		}
		moved[i] = at
	}
	for i := range used {
		if used[i] {
			take(i)
		}
	}
	if len(args) == 0 {
		take(0) // a schema can't be empty
	}
	key := fmt.Sprintf("ensemble %p %v", f, moved)
	e := &model.Ensemble{Forest: f}
	t := ts.intern(key, term{step: e, args: args, kind: model.Float64, span: spanOfForest(f)})
	if t.step != e {
		return t // it was there
	}
	narrow := *f
	e.Forest = &narrow
	narrow.Features = len(args)
	if inPlace(used, moved) {
		return t
	}
	narrow.Trees = append([]forest.Tree{}, f.Trees...)
	for i := range narrow.Trees {
		tree := &narrow.Trees[i]
		features := make([]int32, len(tree.Feature))
		for n, feature := range tree.Feature {
			features[n] = moves[1+feature]
		}
		tree.Feature = features
	}
	return t
}

// inPlace tells whether all features that are used stay where they are.
func inPlace(used []bool, moved []int32) bool {
	for i := range used {
		if used[i] && moved[i] != int32(i) {
			return false
		}
	}
	return true
}

func kindOf(p forest.Precision) model.Kind {
	if p == forest.Float32 {
		return model.Float32
	}
	return model.Float64
}
