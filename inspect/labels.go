package inspect

import (
	"math"
	"strconv"

	"github.com/seed-2867d59c/treeport/model"
)

// plain turns labels into values that encoding/json can write: it refuses numbers that are not finite, so those are text.
func plain(t *model.Tensor) []any {
	all := make([]any, t.Rows())
	for i := range all {
		switch {
		case t.Kind == model.String:
			all[i] = t.Text[i]
		case t.Kind == model.Bool:
			all[i] = t.Int[i] != 0
		case t.Kind == model.Int64:
			all[i] = t.Int[i]
		case math.IsNaN(t.Float[i]) || math.IsInf(t.Float[i], 0):
			all[i] = strconv.FormatFloat(t.Float[i], 'g', -1, 64)
		default:
			all[i] = t.Float[i]
		}
	}
	return all
}
