package main

// forest writes sklearn.ensemble.RandomForestClassifier with one tree for each item of splits.
func (p *pickler) forest(splits []int, classes int, walks func(tree int) walk) {
	p.op(proto, 4)
	samples := walks(0).splits + 1
	p.object("sklearn.ensemble._forest", "RandomForestClassifier", append(parameters("sqrt", 0),
		"estimator", func() {
			p.object("sklearn.tree._classes", "DecisionTreeClassifier", append(parameters(nil, nil), "splitter", "best")...)
		},
		"n_estimators", len(splits), "bootstrap", true, "oob_score", false, "n_jobs", nil, "verbose", 0, "warm_start", false, "max_samples", nil,
		"estimator_params", func() {
			p.tuple("criterion", "max_depth", "min_samples_split", "min_samples_leaf", "min_weight_fraction_leaf", "max_features",
				"max_leaf_nodes", "min_impurity_decrease", "random_state", "ccp_alpha", "monotonic_cst")
		},
		"n_features_in_", features, "_n_samples", samples, "_n_samples_bootstrap", samples, "n_outputs_", 1, "n_classes_", classes,
		"classes_", func() {
			p.array(func() { p.dtype("i8") }, 8, func() {
				for c := range classes {
					p.word(uint64(c))
				}
			}, classes)
		},
		"estimators_", func() {
			p.op(emptyList, mark)
			for i := range splits {
				p.estimator(walks(i), classes, i)
			}
			p.op(appends)
		})...)
	p.op(stop)
}

// parameters are those of every tree and forest, and the release.
func parameters(maxFeatures, randomState any) []any {
	return []any{"criterion", "gini", "max_depth", nil, "min_samples_split", 2, "min_samples_leaf", 1, "min_weight_fraction_leaf", 0.0,
		"max_features", maxFeatures, "max_leaf_nodes", nil, "random_state", randomState, "min_impurity_decrease", 0.0, "class_weight", nil,
		"ccp_alpha", 0.0, "monotonic_cst", nil, "_sklearn_version", "1.7.2"}
}

func (p *pickler) estimator(w walk, classes, number int) {
	p.object("sklearn.tree._classes", "DecisionTreeClassifier", append(parameters("sqrt", number),
		"splitter", "best", "n_features_in_", features, "n_outputs_", 1, "max_features_", 4, "n_classes_", classes,
		"classes_", func() {
			p.array(func() { p.dtype("f8") }, 8, func() {
				for c := range classes {
					p.float(float64(c))
				}
			}, classes)
		},
		"tree_", func() { p.tree(w, classes) })...)
}

// tree writes sklearn.tree._tree.Tree: its nodes, then its values, each in a walk of its own.
func (p *pickler) tree(w walk, classes int) {
	depth := 0
	p.global("sklearn.tree._tree", "Tree")
	p.tuple(features, func() { p.array(func() { p.dtype("i8") }, 8, func() { p.word(uint64(classes)) }, 1) }, 1)
	p.op(reduce, emptyDict)
	p.items("node_count", w.nodes(),
		"nodes", func() {
			p.array(p.nodeType, 64, func() {
				w.each(func(n node) {
					depth = max(depth, n.depth)
					p.word(uint64(n.left))
					p.word(uint64(n.right))
					p.word(uint64(n.feature))
					p.float(n.threshold)
					impurity := 0.0
					if n.leaves > 1 {
						impurity = 0.5
					}
					p.float(impurity)
					p.word(uint64(n.leaves))
					p.float(float64(n.leaves))
					p.word(0) // missing_go_to_left, and what fills the record up
				})
			}, w.nodes())
		},
		"values", func() {
			p.array(func() { p.dtype("f8") }, 8, func() {
				w.each(func(n node) {
					for c := range classes {
						switch {
						case n.leaves > 1:
							p.float(1 / float64(classes))
						case int(n.class%uint32(classes)) == c:
							p.float(1)
						default:
							p.float(0)
						}
					}
				})
			}, w.nodes(), 1, classes)
		},
		"max_depth", func() { p.value(depth) })
	p.op(build)
}

// nodeType is the dtype of a node's record.
func (p *pickler) nodeType() {
	p.once("dtype V64", func() {
		fields := []any{"left_child", "i8", "right_child", "i8", "feature", "i8", "threshold", "f8", "impurity", "f8",
			"n_node_samples", "i8", "weighted_n_node_samples", "f8", "missing_go_to_left", "u1"}
		var names, types []any
		for i := 0; i < len(fields); i += 2 {
			names = append(names, fields[i])
			types = append(types, fields[i], func() { p.tuple(func() { p.dtype(fields[i+1].(string)) }, 4*i) })
		}
		p.global("numpy", "dtype")
		p.tuple("V64", false, true)
		p.op(reduce)
		p.tuple(3, "|", nil, func() { p.tuple(names...) }, func() { p.op(emptyDict); p.items(types...) }, 64, 1, 16)
		p.op(build)
	})
}
