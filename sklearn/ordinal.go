package sklearn

import (
	"math"

	"github.com/seed-2867d59c/treeport/model"
)

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
