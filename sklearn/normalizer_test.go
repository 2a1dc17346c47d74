package sklearn

import (
	"testing"

	"github.com/seed-2867d59c/treeport/model"
)

// TestSquareSum holds the sums against numpy.einsum("ij,ij->i", x, x) of the first 3, 7, 8 and 11 numbers, as numpy 1.20.3 (met
// by scikit-learn 0.24.2) and 1.21.6 (by 1.0.2) answered.
func TestSquareSum(t *testing.T) {
	row := []float64{0.5507979025745755, 0.7081478226181048, 0.2909047389129443, 0.510827605197663, 0.8929469543476547, 0.8962930889334381, 0.12558531046383625, 0.20724287813818676, 0.05146720330082988, 0.44080984365063647, 0.029876210878566956}
	for release, want := range map[Release][]float64{
		{0, 24}: {0.8894772352813227, 2.766889312266197, 2.809838922805196, 3.007693702056564},
		{1, 0}:  {0.8894772352813227, 2.766889312266197, 2.809838922805196, 3.007693702056564},
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
