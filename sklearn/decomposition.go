package sklearn

import (
	"math"

	"github.com/seed-2867d59c/treeport/model"
)

// Projections: sklearn/decomposition/_base.py (base.py until 0.21; in 0.17 pca.py too), _BasePCA.transform, and
// _truncated_svd.py. How the products are added up is BLAS's business.

// components are components_ as the matrix to multiply with: a column for each component.
func components(e *object, width int) (*model.Tensor, error) {
	a, ok := attrArray(e, "components_")
	if !ok || len(a.Shape) != 2 || a.Len() == 0 {
		return nil, e.broken("components_ is no matrix (is it fitted?)")
	}
	if a.Shape[1] != width {
		return nil, e.broken("components_ of %d columns for %d", a.Shape[1], width)
	}
	values, err := a.Float64s()
	if err != nil {
		return nil, e.broken("components_: %v", err)
	}
	n := a.Shape[0]
	w := &model.Tensor{Kind: model.Float64, Shape: []int{width, n}, Float: make([]float64, len(values))}
	for i, v := range values {
		w.Float[i%width*n+i/width] = v
	}
	return w, nil
}

// project adds the product of rows, less the mean if there is one, and components_.
func (b *builder) project(e *object, x rows, centred bool) (model.Ref, error) {
	matrix, err := b.matrix(x)
	if err != nil {
		return 0, e.unsupported("%v", err)
	}
	matrix = b.add(&model.Finite{X: b.toFloat64(matrix)})
	w, err := components(e, x.width)
	if err != nil {
		return 0, err
	}
	if !centred || !e.has("mean_") {
		return b.add(&model.MatMul{X: matrix, W: w}), nil
	}
	mean, err := b.vector(e, "mean_", matrix)
	if err != nil {
		return 0, err
	}
	if !e.rel.has(projectedMeans) {
		matrix = b.binary(model.Sub, model.Value(matrix), mean)
		return b.add(&model.MatMul{X: matrix, W: w}), nil
	}
	if isSingle(e, "components_") {
		return 0, e.unsupported("components_ of float32, whose product with mean_ is one")
	}
	offset, err := model.Eval(&model.MatMul{W: w}, []*model.Tensor{mean.Row})
	if err != nil {
		return 0, e.broken("%v", err)
	}
	return b.binary(model.Sub, model.Value(b.add(&model.MatMul{X: matrix, W: w})), model.Operand{Row: offset}), nil
}

// isSingle tells whether an attribute is an array of float32.
func isSingle(e *object, attr string) bool {
	a, ok := attrArray(e, attr)
	return ok && a.DType.Kind == 'f' && a.DType.Size == 4
}

func transformPCA(b *builder, e *object, x rows) (rows, error) {
	y, err := b.project(e, x, true)
	if whiten, _ := e.Attr("whiten"); err != nil || whiten != true && whiten != int64(1) {
		return b.numbers(y), err
	}
	if e.name() == "RandomizedPCA" { // its components_ are whitened
		return b.numbers(y), nil
	}
	scale, err := b.vector(e, "explained_variance_", y)
	if err != nil {
		return rows{}, err
	}
	single := isSingle(e, "explained_variance_")
	least := 0.0
	if e.rel.has(projectedMeans) {
		least = 0x1p-52
	}
	for i, v := range scale.Row.Float {
		v = math.Sqrt(v)
		if single {
			v = float64(float32(v))
		}
		if v < least {
			v = least
		}
		scale.Row.Float[i] = v
	}
	return b.numbers(b.binary(model.Quotient, model.Value(y), scale)), nil
}

func transformSVD(b *builder, e *object, x rows) (rows, error) {
	y, err := b.project(e, x, false)
	return b.numbers(y), err
}

// componentInputs counts the columns of components_, since releases before 0.23 do not.
func componentInputs(e *object) (in inputs, err error) {
	a, ok := attrArray(e, "components_")
	if !ok || len(a.Shape) != 2 || a.Shape[1] == 0 {
		return in, e.broken("components_ is no matrix (is it fitted?)")
	}
	in.features = a.Shape[1]
	in.names, err = featureNames(e, in.features)
	return in, err
}
