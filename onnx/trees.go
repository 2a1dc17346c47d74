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
	written := splits{Forest: f, mirrored: e.o.Profile == Exact && mirrors(f)}
	if written.mirrored {
		in[0] = e.doubled(op.X)
	}
	if e.o.MLOpset == 5 {
		for k := range f.Trees {
			if f.Trees[k].Output == forest.AllOutputs {
				return 0, fmt.Errorf("leaves with several values, which TreeEnsemble does not have")
			}
		}
		e.node(mlOpset, "TreeEnsemble", in, []string{out}, treeEnsemble5(written)...)
		return 0, nil
	}
	attrs := treeNodes(written, e.o.MLOpset)
	if e.o.Profile == Classifier {
		if labels, scores, steps := e.labelled(i); labels != nil {
			attrs = append(attrs, leafWeights(f, "class")...)
			switch labels.Kind {
			case model.Int64:
				attrs = append(attrs, signedInts("classlabels_int64s", labels.Int))
			case model.String:
				attrs = append(attrs, stringsAttr("classlabels_strings", labels.Text))
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

// routesMissing tells whether a NaN goes left anywhere; where not, the attribute is left out, as its default is right.
func routesMissing(f *forest.Forest) bool {
	for k := range f.Trees {
		t := &f.Trees[k]
		for i := range t.Flags {
			if !t.IsLeaf(int32(i)) && t.MissingLeft(int32(i)) {
				return true
			}
		}
	}
	return false
}

// treeNodes are the node attributes of TreeEnsembleRegressor and TreeEnsembleClassifier. Nodes keep the numbers they have
// in the model. Thresholds in float64 need ai.onnx.ml 3.
func treeNodes(f splits, version int) []*message {
	all := runsOf(f.Forest)
	// ints is a list of one number per node, of leaves 0.
	ints := func(name string, of func(t *forest.Tree, i int32) int32) *message {
		return intsAttr(name, all.render(func(r run, b []byte) []byte {
			t := &f.Trees[r.tree]
			for i := r.from; i < r.to; i++ {
				if t.IsLeaf(i) {
					b = append(b, 0)
				} else {
					b = appendVarint(b, uint64(of(t, i)))
				}
			}
			return b
		}))
	}
	thresholds := func(put func(b []byte, v float64) []byte) pieces {
		return all.render(func(r run, b []byte) []byte {
			t := &f.Trees[r.tree]
			for i := r.from; i < r.to; i++ {
				if t.IsLeaf(i) {
					b = put(b, 0)
				} else {
					b = put(b, f.threshold(t, i))
				}
			}
			return b
		})
	}
	attrs := []*message{
		intsAttr("nodes_treeids", all.render(func(r run, b []byte) []byte {
			for range r.to - r.from {
				b = appendVarint(b, uint64(r.tree))
			}
			return b
		})),
		intsAttr("nodes_nodeids", all.render(func(r run, b []byte) []byte {
			for i := r.from; i < r.to; i++ {
				b = appendVarint(b, uint64(i))
			}
			return b
		})),
		ints("nodes_featureids", f.feature),
		stringPieces("nodes_modes", all.render(func(r run, b []byte) []byte {
			t := &f.Trees[r.tree]
			for i := r.from; i < r.to; i++ {
				if t.IsLeaf(i) {
					b = appendString(b, "LEAF")
				} else {
					b = appendString(b, "BRANCH_LEQ")
				}
			}
			return b
		})),
		ints("nodes_truenodeids", f.whenTrue),
		ints("nodes_falsenodeids", f.whenFalse),
	}
	if f.Input == forest.Float64 && version >= 3 {
		attrs = append(attrs, tensorAttr("nodes_values_as_tensor", listTensor(elemDouble, f.Nodes(), 8, thresholds(appendDouble))))
	} else {
		attrs = append(attrs, floatsAttr("nodes_values", f.Nodes(), thresholds(appendFloat)))
	}
	if !f.mirrored && routesMissing(f.Forest) {
		attrs = append(attrs, ints("nodes_missing_value_tracks_true", missingLeft))
	}
	return attrs
}

// missingLeft is 1 where a NaN goes left.
func missingLeft(t *forest.Tree, i int32) int32 {
	if t.MissingLeft(i) {
		return 1
	}
	return 0
}

// leafWeights are the attributes that say what each leaf adds to which output: one entry for each leaf and output.
func leafWeights(f *forest.Forest, prefix string) []*message {
	all := runsOf(f)
	// weights are pieces of one item per leaf and output.
	weights := func(put func(b []byte, tree int, leaf, output int32, weight float64) []byte) pieces {
		return all.render(func(r run, b []byte) []byte {
			t := &f.Trees[r.tree]
			for i := r.from; i < r.to; i++ {
				switch {
				case !t.IsLeaf(i):
				case t.Output != forest.AllOutputs:
					b = put(b, r.tree, i, t.Output, t.Value[t.Left[i]])
				default:
					for j, v := range t.Row(i, f.Outputs) {
						b = put(b, r.tree, i, int32(j), v)
					}
				}
			}
			return b
		})
	}
	n := 0
	for k := range f.Trees {
		n += f.Trees[k].Leaves() * f.RowWidth(&f.Trees[k])
	}
	attrs := []*message{
		intsAttr(prefix+"_treeids", weights(func(b []byte, k int, _, _ int32, _ float64) []byte { return appendVarint(b, uint64(k)) })),
		intsAttr(prefix+"_nodeids", weights(func(b []byte, _ int, i, _ int32, _ float64) []byte { return appendVarint(b, uint64(i)) })),
		intsAttr(prefix+"_ids", weights(func(b []byte, _ int, _, j int32, _ float64) []byte { return appendVarint(b, uint64(j)) })),
	}
	// With thresholds in float64 onnxruntime wants every list of numbers as a float64 tensor.
	if f.Input == forest.Float64 {
		return append(attrs, tensorAttr(prefix+"_weights_as_tensor", listTensor(elemDouble, n, 8,
			weights(func(b []byte, _ int, _, _ int32, v float64) []byte { return appendDouble(b, v) }))))
	}
	return append(attrs, floatsAttr(prefix+"_weights", n, weights(func(b []byte, _ int, _, _ int32, v float64) []byte { return appendFloat(b, v) })))
}
