package sklearn

import (
	"strings"

	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// KBinsDiscretizer: sklearn/preprocessing/_discretization.py from 0.20 on.

// binEdges are the edges of each column's bins, n_bins_ + 1 of them.
func binEdges(e *object) ([][]float64, error) {
	v, err := e.attr("bin_edges_")
	if err != nil {
		return nil, err
	}
	items, ok := asItems(v)
	if a, isArray := v.(*pickle.NDArray); isArray && !ok && len(a.Shape) == 2 { // all of one length
		flat, err := a.Float64s()
		if err != nil || a.Shape[1] < 2 {
			return nil, e.broken("bin_edges_ of shape %v", a.Shape)
		}
		var all [][]float64
		for at := 0; at < len(flat); at += a.Shape[1] {
			all = append(all, flat[at:at+a.Shape[1]])
		}
		return all, nil
	}
	all := make([][]float64, len(items))
	for j, item := range items {
		a, isArray := item.(*pickle.NDArray)
		if !ok || !isArray || a.Len() < 2 {
			return nil, e.broken("bin_edges_[%d] is no array of edges", j)
		}
		if all[j], err = a.Float64s(); err != nil {
			return nil, e.broken("bin_edges_[%d]: %v", j, err)
		}
	}
	return all, nil
}

func transformBins(b *builder, e *object, x rows) (rows, error) {
	edges, err := binEdges(e)
	if err != nil {
		return rows{}, err
	}
	if len(edges) != x.width {
		return rows{}, e.broken("%d columns, bin edges of %d", x.width, len(edges))
	}
	encode := e.text("encode")
	if encode != "ordinal" && !strings.HasPrefix(encode, "onehot") {
		return rows{}, e.unsupported("encode %q", encode)
	}
	matrix, err := b.matrix(x)
	if err != nil {
		return rows{}, e.unsupported("%v", err)
	}
	matrix = b.add(&model.Finite{X: b.toFloat64(matrix)})
	if dtype, _ := e.Attr("dtype"); isFloat32(dtype) {
		matrix = b.toFloat64(b.add(&model.Cast{X: matrix, To: model.Float32}))
	}
	if !e.rel.has(exactBins) {
		// Values close to an edge count as beyond it, by numpy.isclose's tolerances.
		tolerance := b.binary(model.Mul, model.Scalar(1e-5), model.Value(b.unary(model.Abs, matrix)))
		matrix = b.binary(model.Add, model.Value(matrix), model.Value(b.binary(model.Add, model.Scalar(1e-8), model.Value(tolerance))))
	}
	checked := b.numbers(matrix)
	parts := make([]rows, len(edges))
	for j, edge := range edges {
		bins := len(edge) - 1
		inner := edge[1:bins] // what lies beyond the last edge belongs to the last bin
		bin := b.add(&model.Search{X: b.column(checked, j), Edges: inner, Right: true})
		if encode == "ordinal" {
			parts[j] = b.numbers(b.add(&model.Cast{X: bin, To: model.Float64}))
			continue
		}
		if err := tableFits(e, bins, bins); err != nil {
			return rows{}, err
		}
		table := make([][]float64, bins)
		for k := range table {
			table[k] = make([]float64, bins)
			table[k][k] = 1
		}
		parts[j] = b.numbers(b.add(&model.Lookup{X: b.asVector(bin), Table: tableOf(table)}))
	}
	return b.joined(e, parts)
}

func isFloat32(v pickle.Value) bool {
	switch v := v.(type) {
	case pickle.Global:
		return v.Name == "float32"
	case *pickle.DType:
		return v.Kind == 'f' && v.Size == 4
	}
	s, _ := pickle.AsString(v)
	return s == "float32"
}

func binInputs(e *object) (in inputs, err error) {
	edges, err := binEdges(e)
	if err != nil {
		return in, err
	}
	in.features = len(edges)
	if in.features == 0 {
		return in, e.broken("bin_edges_ of no column")
	}
	in.names, err = featureNames(e, in.features)
	return in, err
}
