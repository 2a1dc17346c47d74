package onnx

import (
	"fmt"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// ensemble encodes an ensemble as TreeEnsemble (ai.onnx.ml 5), TreeEnsembleRegressor (1 and 3) or, with the profile
// classifier, as TreeEnsembleClassifier together with the two steps that follow: the largest column and its label.
func (e *encoder) ensemble(i int, op *model.Ensemble) (fused int, err error) {
	f := op.Forest
	value := model.Ref(len(e.m.Inputs) + i)
	in, out := []string{e.names[op.X]}, e.names[value]
	if f.Base != nil || f.Combine != forest.Sum || f.RefusesNaN || f.RefusesInf {
		return 0, fmt.Errorf("an ensemble that was not lowered")
	}
	if e.o.MLOpset == 5 {
		for k := range f.Trees {
			if f.Trees[k].Output == forest.AllOutputs {
				return 0, fmt.Errorf("leaves with several values, which TreeEnsemble does not have")
			}
		}
		e.node(mlOpset, "TreeEnsemble", in, []string{out}, treeEnsemble5(f)...)
		return 0, nil
	}
	attrs := treeNodes(f, e.o.MLOpset)
	if e.o.Profile == Classifier {
		if labels, scores, steps := e.labelled(i); labels != nil {
			attrs = append(attrs, leafWeights(f, "class")...)
			switch labels.Kind {
			case model.Int64:
				attrs = append(attrs, signedInts("classlabels_int64s", labels.Int))
			case model.String:
				attrs = append(attrs, stringsAttr("classlabels_strings", func(put func(string)) {
					for _, s := range labels.Text {
						put(s)
					}
				}))
			default:
				return 0, fmt.Errorf("labels of %v", labels.Kind)
			}
			e.node(mlOpset, "TreeEnsembleClassifier", in, []string{e.names[int(value)+steps], e.names[scores]}, attrs...)
			return steps, nil
		}
	}
	attrs = append(attrs, intAttr("n_targets", int64(f.Outputs)))
	attrs = append(attrs, leafWeights(f, "target")...)
	e.node(mlOpset, "TreeEnsembleRegressor", in, []string{out}, attrs...)
	return 0, nil
}

// labelled finds the steps behind step i, an ensemble, that make labels of its scores: the complement of two classes, the
// largest column, the lookup. labels is nil if they are not all there.
func (e *encoder) labelled(i int) (labels *model.Tensor, scores model.Ref, steps int) {
	scores = model.Ref(len(e.m.Inputs) + i)
	next := func() model.Op {
		steps++
		if i+steps < len(e.m.Ops) {
			return e.m.Ops[i+steps]
		}
		return nil
	}
	op := next()
	if c, ok := op.(*model.Complement); ok && c.X == scores {
		scores++
		op = next()
	}
	argmax, ok := op.(*model.ArgMax)
	if !ok || argmax.X != scores {
		return nil, 0, 0
	}
	lookup, ok := next().(*model.Lookup)
	if !ok || lookup.X != scores+1 {
		return nil, 0, 0
	}
	return lookup.Table, scores, steps
}

// signedInts is a list of any integers.
func signedInts(name string, items []int64) *message {
	return intsAttr(name, func(put func(uint64)) {
		for _, v := range items {
			put(uint64(v))
		}
	})
}

// eachNode calls do for every node of every tree, in the order in which all node attributes list them.
func eachNode(f *forest.Forest, do func(k int, t *forest.Tree, i int32)) {
	for k := range f.Trees {
		t := &f.Trees[k]
		for i := range int32(t.Len()) {
			do(k, t, i)
		}
	}
}

// nodeInts is a list of one number per node.
func nodeInts(name string, f *forest.Forest, of func(k int, t *forest.Tree, i int32) int) *message {
	return intsAttr(name, func(put func(uint64)) {
		eachNode(f, func(k int, t *forest.Tree, i int32) { put(uint64(of(k, t, i))) })
	})
}

// routesMissing tells whether a NaN goes left anywhere; where not, the attribute is left out, as its default is right.
func routesMissing(f *forest.Forest) bool {
	any := false
	eachNode(f, func(_ int, t *forest.Tree, i int32) { any = any || !t.IsLeaf(i) && t.MissingLeft(i) })
	return any
}

// treeNodes are the node attributes of TreeEnsembleRegressor and TreeEnsembleClassifier. Nodes keep the numbers they have
// in the model. Thresholds in float64 need ai.onnx.ml 3.
func treeNodes(f *forest.Forest, version int) []*message {
	inner := func(of func(t *forest.Tree, i int32) int) func(int, *forest.Tree, int32) int {
		return func(_ int, t *forest.Tree, i int32) int {
			if t.IsLeaf(i) {
				return 0
			}
			return of(t, i)
		}
	}
	threshold := func(t *forest.Tree, i int32) float64 {
		if t.IsLeaf(i) {
			return 0
		}
		return t.Threshold[i]
	}
	attrs := []*message{
		nodeInts("nodes_treeids", f, func(k int, _ *forest.Tree, _ int32) int { return k }),
		nodeInts("nodes_nodeids", f, func(_ int, _ *forest.Tree, i int32) int { return int(i) }),
		nodeInts("nodes_featureids", f, inner(func(t *forest.Tree, i int32) int { return int(t.Feature[i]) })),
		stringsAttr("nodes_modes", func(put func(string)) {
			eachNode(f, func(_ int, t *forest.Tree, i int32) {
				if t.IsLeaf(i) {
					put("LEAF")
				} else {
					put("BRANCH_LEQ")
				}
			})
		}),
		nodeInts("nodes_truenodeids", f, inner(func(t *forest.Tree, i int32) int { return int(t.Left[i]) })),
		nodeInts("nodes_falsenodeids", f, inner(func(t *forest.Tree, i int32) int { return int(t.Right[i]) })),
	}
	if f.Input == forest.Float64 && version >= 3 {
		attrs = append(attrs, tensorAttr("nodes_values_as_tensor", listTensor(elemDouble, f.Nodes(), 8, func(s *stream) {
			eachNode(f, func(_ int, t *forest.Tree, i int32) { s.double(threshold(t, i)) })
		})))
	} else {
		attrs = append(attrs, floatsAttr("nodes_values", f.Nodes(), func(put func(float32)) {
			eachNode(f, func(_ int, t *forest.Tree, i int32) { put(float32(threshold(t, i))) })
		}))
	}
	if routesMissing(f) {
		attrs = append(attrs, nodeInts("nodes_missing_value_tracks_true", f, inner(func(t *forest.Tree, i int32) int {
			if t.MissingLeft(i) {
				return 1
			}
			return 0
		})))
	}
	return attrs
}

// leafWeights are the attributes that say what each leaf adds to which output: one entry for each leaf and output.
func leafWeights(f *forest.Forest, prefix string) []*message {
	eachWeight := func(do func(k int, i int32, output int, weight float64)) {
		eachNode(f, func(k int, t *forest.Tree, i int32) {
			if !t.IsLeaf(i) {
				return
			}
			if t.Output != forest.AllOutputs {
				do(k, i, int(t.Output), t.Value[t.Left[i]])
				return
			}
			for j, v := range t.Row(i, f.Outputs) {
				do(k, i, j, v)
			}
		})
	}
	n := 0
	eachWeight(func(int, int32, int, float64) { n++ })
	ints := func(name string, of func(k int, i int32, output int) int) *message {
		return intsAttr(prefix+"_"+name, func(put func(uint64)) {
			eachWeight(func(k int, i int32, output int, _ float64) { put(uint64(of(k, i, output))) })
		})
	}
	attrs := []*message{
		ints("treeids", func(k int, _ int32, _ int) int { return k }),
		ints("nodeids", func(_ int, i int32, _ int) int { return int(i) }),
		ints("ids", func(_ int, _ int32, output int) int { return output }),
	}
	// With thresholds in float64 onnxruntime wants every list of numbers as a float64 tensor.
	if f.Input == forest.Float64 {
		return append(attrs, tensorAttr(prefix+"_weights_as_tensor", listTensor(elemDouble, n, 8, func(s *stream) {
			eachWeight(func(_ int, _ int32, _ int, weight float64) { s.double(weight) })
		})))
	}
	return append(attrs, floatsAttr(prefix+"_weights", n, func(put func(float32)) {
		eachWeight(func(_ int, _ int32, _ int, weight float64) { put(float32(weight)) })
	}))
}
