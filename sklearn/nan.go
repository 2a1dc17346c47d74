package sklearn

// routesNaN tells whether predict sends a NaN down the trees; where it does not, the original raises an error.
// Sources: _support_missing_values and the tags of the four tree classes in sklearn/tree/_classes.py of 1.3 to 1.9, and
// _validate_X_predict in sklearn/ensemble/_forest.py, which asks the first tree.
func routesNaN(e *object) bool {
	tree, first := e, nanInTrees
	if members, err := e.children("estimators_"); err == nil && len(members) > 0 {
		tree, first = members[0], nanInForests
	}
	rel := e.rel
	if !rel.has(first) {
		return false
	}
	splitter := tree.text("splitter")
	random := splitter == "random" && rel.has(nanInRandomSplits)
	best := splitter == "best"
	switch tree.name() {
	case "ExtraTreeClassifier":
		best = best && !rel.has(nanInRandomSplits)
	case "ExtraTreeRegressor":
		// 1.6 annotates the tag instead of assigning it, so that the decision tree's rule holds once more.
		best = best && !rel.has(nanExtraRegressor)
	}
	if rel.has(nanEverywhere) {
		return best || random || tree.name() == "DecisionTreeClassifier" || tree.name() == "DecisionTreeRegressor"
	}
	switch tree.text("criterion") {
	case "gini", "log_loss", "entropy", "squared_error", "friedman_mse", "poisson":
		return (best || random) && !tree.has("monotonic_cst")
	}
	return false
}
