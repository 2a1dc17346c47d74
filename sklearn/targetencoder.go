package sklearn

import (
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

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
