package sklearn

import (
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Encoders of categories: sklearn/preprocessing/_encoders.py from 0.20 on, _target_encoder.py from 1.3 on. Each is a table
// for each column: the place of a value among the categories finds a row of it; the last row is for what is none of them.

// categories are those of one column, as keys of its kind: text or float64.
type categories struct {
	keys    *model.Tensor
	missing int // place of the missing value, or -1
}

// columnCategories reads categories_: one array per column.
func columnCategories(e *object) ([]categories, error) {
	v, err := e.attr("categories_")
	if err != nil {
		return nil, err
	}
	items, ok := asItems(v)
	if !ok || len(items) == 0 {
		return nil, e.broken("categories_ is no list of arrays")
	}
	all := make([]categories, len(items))
	for i, item := range items {
		a, ok := item.(*pickle.NDArray)
		if !ok || len(a.Shape) != 1 || a.Len() == 0 {
			return nil, e.unsupported("categories_[%d] is no vector", i)
		}
		if all[i], err = categoriesOf(a); err != nil {
			return nil, e.unsupported("categories_[%d]: %v", i, err)
		}
	}
	return all, nil
}

// categoryInputs says which columns an encoder takes as text.
func categoryInputs(e *object) (in inputs, err error) {
	all, err := columnCategories(e)
	if err != nil {
		return in, err
	}
	in.features = len(all)
	text := make([]bool, len(all))
	for i, c := range all {
		text[i] = c.keys.Kind == model.String
	}
	in.takeText(text, nil)
	in.names, err = featureNames(e, in.features)
	return in, err
}

// encoded looks each column's values up: row k of table(i) is what stands for category k of column i, the row behind them
// for values that are none. Where refuses is set, those are an error.
func (b *builder) encoded(e *object, x rows, all []categories, refuses bool, table func(column int) (*model.Tensor, error)) (rows, error) {
	if x.width != len(all) {
		return rows{}, e.broken("%d columns, categories of %d", x.width, len(all))
	}
	var parts []rows
	for i, c := range all {
		t, err := table(i)
		if err != nil {
			return rows{}, err
		}
		if t.RowLen() == 0 {
			continue
		}
		index, err := b.categoryIndex(e, x, i, c, refuses)
		if err != nil {
			return rows{}, err
		}
		parts = append(parts, b.numbers(b.add(&model.Lookup{X: b.asVector(index), Table: t})))
	}
	return b.joined(e, parts)
}

// categoryIndex is the place of column i's values among its categories; of others it is the number of categories.
func (b *builder) categoryIndex(e *object, x rows, i int, c categories, refuses bool) (model.Ref, error) {
	column := b.column(x, i)
	text := b.kind(column) == model.String
	if text != (c.keys.Kind == model.String) {
		return 0, e.unsupported("column %s is %v, its categories are %v", x.columnName(i), b.kind(column), c.keys.Kind)
	}
	if !text {
		column = b.add(&model.Finite{X: b.toFloat64(column), NaN: e.rel.has(nanCategories)})
	}
	return b.add(&model.Index{X: column, Keys: c.keys, Unknown: int64(c.keys.Len()), Refuses: refuses}), nil
}

// mostCells bounds a table, which may be as wide as it is long.
const mostCells = 1 << 26

func tableFits(e *object, length, width int) error {
	if width > mostCells/length {
		return fault.TooBigf(e.where(), "", "a table of %d categories by %d columns", length, width)
	}
	return nil
}

// tableOf makes a table of rows that are equally long.
func tableOf(rows [][]float64) *model.Tensor {
	t := &model.Tensor{Kind: model.Float64, Shape: []int{len(rows), len(rows[0])}}
	for _, row := range rows {
		t.Float = append(t.Float, row...)
	}
	return t
}

// OneHotEncoder.

func transformOneHot(b *builder, e *object, x rows) (rows, error) {
	if legacy, _ := e.Attr("_legacy_mode"); legacy == true || e.has("feature_indices_") {
		return transformOldOneHot(b, e, x)
	}
	all, err := columnCategories(e)
	if err != nil {
		return rows{}, err
	}
	infrequent, err := infrequentCodes(e, all)
	if err != nil {
		return rows{}, err
	}
	drop, err := droppedCodes(e, len(all))
	if err != nil {
		return rows{}, err
	}
	unknown := e.text("handle_unknown")
	switch unknown {
	case "error", "ignore", "infrequent_if_exist", "warn":
	default:
		return rows{}, e.unsupported("handle_unknown %q", unknown)
	}
	if unknown == "warn" {
		unknown = "infrequent_if_exist"
	}
	return b.encoded(e, x, all, unknown == "error", func(i int) (*model.Tensor, error) {
		n := all[i].keys.Len()
		codes := infrequent[i] // of each category, then of what is none
		if codes == nil {
			for k := range n {
				codes = append(codes, k)
			}
			codes = append(codes, -1)
		} else if unknown != "infrequent_if_exist" {
			codes[n] = -1
		}
		width := slices.Max(codes) + 1
		if drop[i] >= width {
			return nil, e.broken("category %d of %d is dropped", drop[i], width)
		}
		if drop[i] >= 0 {
			width--
		}
		if err := tableFits(e, n+1, width); err != nil {
			return nil, err
		}
		table := make([][]float64, n+1)
		for k, code := range codes {
			table[k] = make([]float64, width)
			if drop[i] >= 0 && code > drop[i] {
				code--
			} else if code == drop[i] {
				continue
			}
			if code >= 0 {
				table[k][code] = 1
			}
		}
		return tableOf(table), nil
	})
}

// infrequentCodes are the codes of the categories of each column that groups infrequent ones together, and, last, that of the
// group, which unknown ones may join (_default_to_infrequent_mappings, from 1.1 on); nil for the other columns. A missing
// category may stand outside of the mapping, behind it (OrdinalEncoder); then its code is its place.
func infrequentCodes(e *object, all []categories) ([][]int, error) {
	codes := make([][]int, len(all))
	if !e.has("_default_to_infrequent_mappings") {
		return codes, nil
	}
	if enabled, ok := e.Attr("_infrequent_enabled"); ok && enabled != true {
		return codes, nil
	}
	v, _ := e.Attr("_default_to_infrequent_mappings")
	mappings, ok := asItems(v)
	if !ok || len(mappings) != len(all) {
		return nil, e.broken("_default_to_infrequent_mappings is no list for %d columns", len(all))
	}
	for i, item := range mappings {
		if _, none := item.(pickle.None); none {
			continue
		}
		a, ok := item.(*pickle.NDArray)
		n := all[i].keys.Len()
		if !ok || a.Len() == 0 || a.Len() != n && (a.Len() != n-1 || all[i].missing != n-1) {
			return nil, e.broken("_default_to_infrequent_mappings[%d] is no array of %d codes", i, n)
		}
		mapping, err := a.Int64s()
		if err != nil {
			return nil, e.broken("_default_to_infrequent_mappings[%d]: %v", i, err)
		}
		group := slices.Max(mapping)
		for _, code := range mapping {
			if code < 0 || code >= int64(n) {
				return nil, e.broken("_default_to_infrequent_mappings[%d] has code %d", i, code)
			}
			codes[i] = append(codes[i], int(code))
		}
		if len(mapping) < n {
			codes[i] = append(codes[i], n-1)
		}
		codes[i] = append(codes[i], int(group))
	}
	return codes, nil
}

// droppedCodes are the codes that drop takes out of each column, or -1: _drop_idx_after_grouping from 1.2 on, drop_idx_ before;
// an array of integers, or of objects with None.
func droppedCodes(e *object, columns int) ([]int, error) {
	drop := make([]int, columns)
	for i := range drop {
		drop[i] = -1
	}
	attr := "_drop_idx_after_grouping"
	if _, ok := e.Attr(attr); !ok {
		attr = "drop_idx_"
	}
	if !e.has(attr) {
		return drop, nil
	}
	a, ok := attrArray(e, attr)
	if !ok || a.Len() != columns {
		return nil, e.broken("%s is no array for %d columns", attr, columns)
	}
	for i := range drop {
		v, err := a.At(i)
		if err != nil {
			return nil, e.broken("%s: %v", attr, err)
		}
		if _, none := v.(pickle.None); none {
			continue
		}
		n, ok := asInt(v)
		if !ok || n < 0 {
			return nil, e.broken("%s[%d] is no index", attr, i)
		}
		drop[i] = n
	}
	return drop, nil
}

// OrdinalEncoder.

func transformOrdinal(b *builder, e *object, x rows) (rows, error) {
	all, err := columnCategories(e)
	if err != nil {
		return rows{}, err
	}
	infrequent, err := infrequentCodes(e, all)
	if err != nil {
		return rows{}, err
	}
	unknown := math.NaN()
	refuses := true
	switch mode := e.text("handle_unknown"); mode {
	case "error", "": // 0.20 to 0.23 have no such parameter
	case "use_encoded_value":
		refuses = false
		v, _ := e.Attr("unknown_value")
		var ok bool
		if unknown, ok = asFloat(v); !ok {
			return rows{}, e.broken("unknown_value is no number")
		}
	default:
		return rows{}, e.unsupported("handle_unknown %q", mode)
	}
	missing := math.NaN() // before 1.1, which has a parameter
	if e.has("encoded_missing_value") {
		v, _ := e.Attr("encoded_missing_value")
		var ok bool
		if missing, ok = asFloat(v); !ok {
			return rows{}, e.broken("encoded_missing_value is no number")
		}
	}
	return b.encoded(e, x, all, refuses, func(i int) (*model.Tensor, error) {
		n := all[i].keys.Len()
		table := make([][]float64, n+1)
		for k := range n {
			code := float64(k)
			if infrequent[i] != nil {
				code = float64(infrequent[i][k])
			}
			if k == all[i].missing && e.rel.has(missingOrdinals) {
				code = missing
			}
			table[k] = []float64{code}
		}
		table[n] = []float64{unknown}
		return tableOf(table), nil
	})
}

// TargetEncoder.

func transformTarget(b *builder, e *object, x rows) (rows, error) {
	all, err := columnCategories(e)
	if err != nil {
		return rows{}, err
	}
	infrequent, err := infrequentCodes(e, all)
	if err != nil {
		return rows{}, err
	}
	means, err := e.floats("target_mean_")
	if err != nil {
		return rows{}, err
	}
	v, err := e.attr("encodings_")
	if err != nil {
		return rows{}, err
	}
	encodings, ok := asItems(v)
	classes := len(means) // of several classes, each column has an encoding for each class
	if !ok || classes == 0 || len(encodings) != len(all)*classes {
		return rows{}, e.broken("encodings_ for %d columns and %d means", len(all), classes)
	}
	return b.encoded(e, x, all, false, func(i int) (*model.Tensor, error) {
		n := all[i].keys.Len()
		table := make([][]float64, n+1)
		for j := range classes {
			a, ok := encodings[i*classes+j].(*pickle.NDArray)
			if !ok || a.Len() != n || infrequent[i] != nil {
				return nil, e.broken("encodings_[%d] is no array of %d", i*classes+j, n)
			}
			values, err := a.Float64s()
			if err != nil {
				return nil, e.broken("encodings_[%d]: %v", i*classes+j, err)
			}
			for k, v := range values {
				table[k] = append(table[k], v)
			}
			table[n] = append(table[n], means[j])
		}
		return tableOf(table), nil
	})
}

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

// oneHotInputs counts the columns; the old encoder of some of the columns does not know how many there are.
func oneHotInputs(e *object) (inputs, error) {
	if e.has("categories_") && !e.has("_feature_indices_") {
		return categoryInputs(e)
	}
	prefix := ""
	if e.has("_feature_indices_") {
		prefix = "_"
	}
	sizes, err := e.ints(prefix + "n_values_")
	if err != nil {
		return inputs{}, err
	}
	if s := e.text(prefix + "categorical_features"); s != "all" && e.has(prefix+"categorical_features") {
		return inputs{}, e.unsupported("categorical_features of an unknown number of columns")
	}
	return inputs{features: len(sizes)}, nil
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
