package sklearn

import (
	"slices"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// OneHotEncoder from 0.20 on; the old one is in oldonehot.go.

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
