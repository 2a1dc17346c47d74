package sklearn

import (
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Column transformers: sklearn/compose/_column_transformer.py from 0.20 on. transformers_ lists (name, transformer, columns)
// in the order in which what they make stands side by side; the columns are names, numbers, slices or masks as the user gave
// them, callables already asked.

// part is a transformer and the numbers of the columns that it gets.
type part struct {
	step
	columns []int
}

func columnParts(e *object) (parts []part, in inputs, err error) {
	if in, err = columnCount(e); err != nil {
		return nil, in, err
	}
	if in.features > mostColumns {
		return nil, in, fault.TooBigf(e.where(), "", "%d columns", in.features)
	}
	steps, columns, err := e.steps("transformers_", "drop")
	if err != nil {
		return nil, in, err
	}
	if len(columns) != len(steps) {
		return nil, in, e.broken("transformers_ without columns")
	}
	for i, s := range steps {
		p := part{step: s}
		if s.word == "drop" {
			continue
		}
		if p.columns, err = resolveColumns(e, columns[i], in); err != nil {
			return nil, in, err
		}
		if len(p.columns) > 0 {
			parts = append(parts, p)
		}
	}
	return parts, in, nil
}

// columnCount is how many columns the rows have, and their names: feature_names_in_ from 1.0 on, _feature_names_in in 0.23 and
// 0.24, _df_columns from 0.20.3 on where some were given by name (in Python 2 by byte strings).
func columnCount(e *object) (in inputs, err error) {
	if in, ok := columnsGiven(e); ok {
		return in, nil
	}
	if !e.has("n_features_in_") && !e.has("_n_features") && e.has("transformers_") {
		return in, e.unsupported("columns by name and by number, where the file does not say what columns there were")
	}
	if in.features, err = e.count("n_features_in_", "_n_features"); err != nil {
		return in, err
	}
	if in.names, err = featureNames(e, in.features); err != nil || in.names != nil {
		return in, err
	}
	for _, attr := range []string{"_feature_names_in", "_df_columns"} {
		v, _ := e.Attr(attr)
		if index, ok := v.(*pickle.Object); ok {
			v = indexData(index)
		}
		a, ok := v.(*pickle.NDArray)
		if !ok {
			continue
		}
		if in.names, err = a.Strings(); err != nil {
			in.names = nil // columns that have numbers for names
			continue
		}
		if len(in.names) != in.features {
			return in, e.broken("%d column names for %d columns", len(in.names), in.features)
		}
		return in, nil
	}
	return in, nil
}

// columnsGiven finds the columns in what was given where the file does not count or name them, in 0.20: transformers_ lists them
// all, since what remains is there too, as numbers. Columns that were given by name are inputs of their own, as nobody knows
// where they stand; then what remains must be dropped.
func columnsGiven(e *object) (in inputs, ok bool) {
	counted := e.has("n_features_in_") || e.has("_n_features")
	if e.has("feature_names_in_") || e.has("_feature_names_in") || e.has("_df_columns") {
		return in, false
	}
	steps, columns, err := e.steps("transformers_", "drop")
	if err != nil || len(columns) != len(steps) {
		return in, false
	}
	numbers := false
	for i, s := range steps {
		items, known := givenItems(columns[i])
		if !known {
			return in, false
		}
		for j, item := range items {
			name, isName := pickle.AsString(item)
			number, isNumber := asInt(item)
			switch _, mask := item.(bool); {
			case isName && !slices.Contains(in.names, name):
				in.names = append(in.names, name)
			case isName || s.word == "drop" && s.name == "remainder" && in.names != nil:
			case mask:
				in.features, numbers = max(in.features, j+1), true
			case isNumber && number >= 0 && number < math.MaxInt32:
				in.features, numbers = max(in.features, number+1), true
			default:
				return in, false
			}
		}
	}
	if in.names == nil {
		return in, in.features > 0 && !counted
	}
	in.features, in.unused = len(in.names), make([]bool, len(in.names))
	return in, !numbers
}

// givenItems are the names, numbers or truth values that columns were given by; of a slice the last number.
func givenItems(v pickle.Value) (items []pickle.Value, ok bool) {
	switch v := v.(type) {
	case *pickle.NDArray:
		for i := range v.Len() {
			item, err := v.At(i)
			if err != nil {
				return nil, false
			}
			items = append(items, item)
		}
		return items, true
	case *pickle.Object:
		if v.Class.Name != "slice" || len(v.Args) != 3 {
			return nil, false
		}
		stop, isNumber := asInt(v.Args[1])
		return []pickle.Value{int64(stop - 1)}, isNumber && stop > 0
	}
	if items, ok = asItems(v); ok {
		return items, true
	}
	return []pickle.Value{v}, true
}

// indexData is the array in a pandas Index: _new_Index(class, {"data": array, "name": None}).
func indexData(o *pickle.Object) pickle.Value {
	for _, arg := range o.Args {
		if d, ok := arg.(*pickle.Dict); ok {
			v, _ := d.Get("data")
			return v
		}
	}
	return nil
}

// resolveColumns finds the numbers of columns, as sklearn.utils._get_column_indices does.
func resolveColumns(e *object, v pickle.Value, in inputs) ([]int, error) {
	switch v := v.(type) {
	case *pickle.Object:
		switch v.Class.Name {
		case "slice":
			return sliceColumns(e, v, in)
		case "_RemainderColsList": // sklearn/compose/_column_transformer.py of 1.5 and 1.6: a list that warns
			if data, ok := v.Attr("data"); ok {
				return resolveColumns(e, data, in)
			}
			return resolveColumns(e, &pickle.List{Items: v.Items}, in)
		}
		return nil, e.unsupported("columns given by %v", v.Class)
	case *pickle.NDArray:
		items := make([]pickle.Value, v.Len())
		for i := range items {
			var err error
			if items[i], err = v.At(i); err != nil {
				return nil, e.unsupported("columns: %v", err)
			}
		}
		return listedColumns(e, items, in)
	}
	if items, ok := asItems(v); ok {
		return listedColumns(e, items, in)
	}
	return listedColumns(e, []pickle.Value{v}, in)
}

// listedColumns resolves names, numbers (from the end where negative), or a mask.
func listedColumns(e *object, items []pickle.Value, in inputs) ([]int, error) {
	if len(items) > 0 {
		if _, mask := items[0].(bool); mask && len(items) != in.features {
			return nil, e.broken("a mask of %d columns for %d", len(items), in.features)
		}
	}
	columns := make([]int, 0, len(items))
	for i, item := range items {
		if b, mask := item.(bool); mask {
			if b {
				columns = append(columns, i)
			}
			continue
		}
		j, ok := asInt(item)
		if ok && j < 0 {
			j += in.features
		}
		if name, text := pickle.AsString(item); text {
			if in.names == nil { // Python 2 kept them only where some were given as byte strings
				return nil, e.unsupported("the column %q, where the file does not say what columns there were", name)
			}
			j, ok = slices.Index(in.names, name), true
		}
		if !ok || j < 0 || j >= in.features {
			return nil, e.unsupported("a column %s of %d", pickle.Repr(item, 40), in.features)
		}
		columns = append(columns, j)
	}
	return columns, nil
}

// sliceColumns resolves a slice of numbers, or of names, which includes its end.
func sliceColumns(e *object, o *pickle.Object, in inputs) ([]int, error) {
	if len(o.Args) != 3 {
		return nil, e.broken("a slice of %d arguments", len(o.Args))
	}
	bounds := [3]int{0, in.features, 1}
	for i, arg := range o.Args {
		if _, none := arg.(pickle.None); none {
			continue
		}
		if name, text := pickle.AsString(arg); text && i < 2 {
			at := slices.Index(in.names, name)
			if at < 0 {
				return nil, e.broken("no column %q", name)
			}
			bounds[i] = at + i
			continue
		}
		n, ok := asInt(arg)
		if !ok || i == 2 && n < 1 {
			return nil, e.unsupported("columns by %s", pickle.Repr(o, 40))
		}
		if n < 0 {
			n = max(0, n+in.features)
		}
		bounds[i] = n
	}
	var columns []int
	for j := bounds[0]; j < min(bounds[1], in.features); j += bounds[2] {
		columns = append(columns, j)
	}
	return columns, nil
}

func transformColumns(b *builder, e *object, x rows) (rows, error) {
	parts, in, err := columnParts(e)
	if err != nil {
		return rows{}, err
	}
	if in.features != x.width {
		return rows{}, e.broken("%d columns for %d", x.width, in.features)
	}
	var made []rows
	for _, p := range parts {
		y := b.take(x, p.columns)
		if p.word == "" {
			if y, err = b.transform(p.object, y); err != nil {
				return rows{}, err
			}
		}
		if y, err = b.weighted(e, p.step, y); err != nil {
			return rows{}, err
		}
		made = append(made, y)
	}
	return b.joined(e, made)
}

func columnInputs(e *object) (inputs, error) {
	parts, in, err := columnParts(e)
	if err != nil {
		return in, err
	}
	used := make([]bool, in.features)
	for _, p := range parts {
		var of inputs
		if p.word == "" {
			if known := find(p.Class); known != nil && known.inputs != nil {
				if of, err = inputsOf(p.object); err != nil {
					return in, err
				}
				if of.features != len(p.columns) {
					return in, p.broken("%d columns for %d", len(p.columns), of.features)
				}
			}
		}
		in.takeText(of.text, p.columns)
		for i, j := range p.columns {
			used[j] = used[j] || of.unused == nil || !of.unused[i]
		}
	}
	for j, is := range used {
		if !is {
			if in.unused == nil {
				in.unused = make([]bool, in.features)
			}
			in.unused[j] = true
		}
	}
	return in, nil
}
