package sklearn

import "github.com/seed-2867d59c/treeport/pickle"

// boostingLayout narrows down which release wrote an estimator, of which its trees say r, by the boosting inside it: the
// records of histogram trees (see histTree), the modules of the losses, the default estimators of 0.17 to 0.20.
func boostingLayout(e *object, r Release) Release {
	latest := r
	before := func(c change, last Release) {
		if latest.has(c) {
			latest = last
		}
	}
	eachObject(e.Object, e.path, func(w *objectWalk, o *pickle.Object) {
		part := e.at(o, w.path())
		if o.Class.Name == "TreePredictor" {
			nodes, _ := attrArray(part, "nodes")
			switch {
			case nodes == nil:
			case nodes.DType.Size == 46:
				before(nanInHistograms, Release{0, 21})
			case nodes.DType.Size == 47:
				before(change{Release{0, 24}}, Release{0, 23})
			case nodes.DType.Size == 52:
				before(change{Release{1, 3}}, Release{1, 2})
			}
		}
		_, mapper := o.Attr("_bin_mapper")
		if _, encodes := o.Attr("_preprocessor"); mapper && !encodes {
			before(boostedLinks, Release{1, 3})
		}
		switch o.Class.Module {
		case "sklearn.ensemble._hist_gradient_boosting.loss":
			before(histLinks, Release{1, 0})
		case "sklearn.ensemble._gb_losses":
			before(boostedLinks, Release{1, 3})
		case "sklearn.ensemble.gradient_boosting":
			if losses[o.Class.Name] != "" {
				before(boostedProbabilities, Release{0, 20})
			}
		}
	})
	return latest
}
