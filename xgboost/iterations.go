package xgboost

// stop drops the trees that follow the best iteration, as XGBModel.predict does. Until 1.3 apply takes all trees nevertheless.
func (b *Booster) stop(learner, config node) error {
	booster := learner.get("gradient_booster")
	if booster.has("gbtree") { // of dart
		booster = booster.get("gbtree")
	}
	trees, err := b.treesOf(b.BestIteration+1, booster.get("model"), learner.get("attributes"), config)
	if err != nil {
		return err
	}
	if trees < 1 || trees > len(b.Forest.Trees) {
		return learner.get("attributes").broken("the best iteration, %d, ends with tree %d of %d", b.BestIteration, trees, len(b.Forest.Trees))
	}
	if b.Version.Before(1, 4) {
		all := *b.Forest
		b.applied = &all
	}
	b.Forest.Trees = b.Forest.Trees[:trees]
	return nil
}

// treesOf is how many trees the first iterations added: iteration_indptr says it from 2.0 on; before that, each added
// num_parallel_tree trees for each output.
func (b *Booster) treesOf(iterations int, ensemble, attributes, config node) (int, error) {
	if n := ensemble.get("iteration_indptr"); n.len() > 0 {
		starts, err := array(n, -1, asInt)
		if err != nil {
			return 0, err
		}
		if iterations >= len(starts) || starts[iterations] > int64(len(b.Forest.Trees)) {
			return 0, n.broken("%d iterations, the best is %d", len(starts)-1, b.BestIteration)
		}
		return int(starts[iterations]), nil
	}
	parallel, err := parallelTrees(iterations, ensemble, attributes, config)
	if err != nil {
		return 0, err
	}
	if iterations > len(b.Forest.Trees) || parallel > len(b.Forest.Trees) {
		return 0, attributes.broken("the best iteration is %d, there are %d trees", b.BestIteration, len(b.Forest.Trees))
	}
	return iterations * parallel * b.Outputs, nil
}

// parallelTrees is num_parallel_tree: from 1.6 on it stands in the model, before that in the configuration beside it. What files
// without one have in 1.4 and 1.5 is best_ntree_limit, the trees of the best iterations for each output.
func parallelTrees(iterations int, ensemble, attributes, config node) (int, error) {
	trained := config.get("learner").get("gradient_booster")
	if trained.has("gbtree") {
		trained = trained.get("gbtree")
	}
	for _, params := range []node{ensemble.get("gbtree_model_param"), trained.get("gbtree_train_param")} {
		if params.has("num_parallel_tree") {
			return decimal(params.get("num_parallel_tree"))
		}
	}
	limit := attributes.get("best_ntree_limit")
	if limit.v == nil {
		return 0, attributes.unsupported("a best iteration without num_parallel_tree")
	}
	n, err := decimal(limit)
	if err != nil {
		return 0, err
	}
	if n%iterations != 0 {
		return 0, limit.broken("%d trees in %d iterations", n, iterations)
	}
	return n / iterations, nil
}
