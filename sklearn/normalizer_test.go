package sklearn

import (
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

// TestSquareSum holds the sums against numpy.einsum("ij,ij->i", x, x) of the first 3, 7, 8 and 11 numbers, as numpy 1.20.3 (met
// by scikit-learn 0.24.2) and 1.21.6 (by 1.0.2) answered.
func TestSquareSum(t *testing.T) {
	row := []float64{0.7285071915957256, 0.6016142123702133, 0.9521806674060137, 0.14317344772103047, 0.8073591298701648, 0.36321459652102894, 0.18655681228931587, 0.25915123828794717, 0.6297623426119493, 0.03256092153892931, 0.9472320731772604}
	for release, want := range map[Release][]float64{
		{0, 24}: {1.799310412114285, 2.638366100168806, 2.705525464474983, 4.0004348867142285},
		{1, 0}:  {1.7993104121142849, 2.6383661001688066, 2.7055254644749827, 4.000434886714228},
	} {
		for i, width := range []int{3, 7, 8, 11} {
			b, x := newBuilder(inputs{features: width})
			b.m.Outputs = answers{output(model.Transform, 0, b.squareSum(&object{rel: release}, x.matrix))}
			got, err := b.m.Run([]*model.Tensor{{Kind: model.Float64, Shape: []int{1, width}, Float: row[:width]}})
			if err != nil {
				t.Fatal(err)
			}
			if got[0].Float[0] != want[i] {
				t.Errorf("%v: the squares of %d numbers add up to %v, want %v", release, width, got[0].Float[0], want[i])
			}
		}
	}
}
