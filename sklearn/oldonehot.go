package sklearn

import (
	"slices"

	"github.com/seed-2867d59c/treeport/model"
)

// OneHotEncoder until 0.19, and later in its legacy mode: sklearn/preprocessing/data.py. Columns hold integers from 0 on;
// n_values_ says how many of each, active_features_ which of them all were seen; columns that are none of the
// categorical_features stand behind.

func transformOldOneHot(b *builder, e *object, x rows) (rows, error) {
	prefix := ""
	if e.has("_feature_indices_") {
		prefix = "_"
	}
	sizes, err := e.ints(prefix + "n_values_")
	if err != nil {
		return rows{}, err
	}
	starts, err := e.ints(prefix + "feature_indices_")
	if err != nil {
		return rows{}, err
	}
	encoded, err := chosenColumns(e, prefix+"categorical_features", x.width)
	if err != nil {
		return rows{}, err
	}
	if len(encoded) != len(sizes) || len(starts) != len(sizes)+1 {
		return rows{}, e.broken("%d columns of categories, sizes of %d", len(encoded), len(sizes))
	}
	if total := starts[len(starts)-1]; total < 0 || total > 1<<20 {
		return rows{}, e.broken("%d values of all columns", total)
	}
	var active []int
	if e.has(prefix + "active_features_") {
		if active, err = e.ints(prefix + "active_features_"); err != nil {
			return rows{}, err
		}
	} else {
		for k := range starts[len(starts)-1] {
			active = append(active, k)
		}
	}
	matrix, err := b.matrix(x)
	if err != nil {
		return rows{}, e.unsupported("%v", err)
	}
	whole := b.numbers(b.unary(model.Trunc, b.add(&model.Finite{X: b.toFloat64(matrix)})))
	var parts []rows
	for i, j := range encoded {
		if sizes[i] < 1 || sizes[i] > 1<<20 || starts[i+1]-starts[i] != sizes[i] {
			return rows{}, e.broken("%d values from %d to %d", sizes[i], starts[i], starts[i+1])
		}
		keys := &model.Tensor{Kind: model.Float64, Shape: []int{sizes[i]}}
		table := make([][]float64, sizes[i]+1)
		seen := 0
		for _, at := range active {
			if at >= starts[i] && at < starts[i+1] {
				seen++
			}
		}
		if seen == 0 {
			continue
		}
		if err := tableFits(e, len(table), seen); err != nil {
			return rows{}, err
		}
		for k := range table {
			table[k] = make([]float64, seen)
		}
		seen = 0
		for _, at := range active {
			if at >= starts[i] && at < starts[i+1] {
				table[at-starts[i]][seen] = 1
				seen++
			}
		}
		for k := range sizes[i] {
			keys.Float = append(keys.Float, float64(k))
		}
		index := b.add(&model.Index{X: b.column(whole, j), Keys: keys, Unknown: int64(sizes[i]), Refuses: e.text("handle_unknown") != "ignore"})
		parts = append(parts, b.numbers(b.add(&model.Lookup{X: b.asVector(index), Table: tableOf(table)})))
	}
	var others []int
	for j := range x.width {
		if !slices.Contains(encoded, j) {
			others = append(others, j)
		}
	}
	if len(others) > 0 {
		parts = append(parts, b.take(x, others))
	}
	return b.joined(e, parts)
}

// chosenColumns reads a parameter that is 'all', a mask, or numbers of columns.
func chosenColumns(e *object, attr string, width int) ([]int, error) {
	if s := e.text(attr); s == "all" || !e.has(attr) {
		all := make([]int, width)
		for j := range all {
			all[j] = j
		}
		return all, nil
	}
	v, _ := e.Attr(attr)
	columns, err := resolveColumns(e, v, inputs{features: width})
	slices.Sort(columns) // _transform_selected makes a mask of them
	return slices.Compact(columns), err
}

// oneHotTakes is estimator.takes: the columns that are encoded become as many as there are active features.
func oneHotTakes(e *object, makes int) (int, error) {
	prefix := ""
	if e.has("_feature_indices_") {
		prefix = "_"
	}
	sizes, err := e.ints(prefix + "n_values_")
	if err != nil {
		return 0, err
	}
	encoded := sum(sizes)
	if e.has(prefix + "active_features_") {
		active, err := e.ints(prefix + "active_features_")
		if err != nil {
			return 0, err
		}
		encoded = len(active)
	}
	if makes < encoded {
		return 0, e.broken("%d columns made, %d of them of categories", makes, encoded)
	}
	return makes - encoded + len(sizes), nil
}
