package convert

import (
	"math"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

// float32Sums is the tolerance of ONNX: that of the arithmetic, but for an artifact that adds leaf values in float32. There each of n trees'
// values is rounded once and each of n sums once more, so that an answer is off by at most n+1 roundings of the largest sum
// there can be, and the largest of two probabilities that are that close may be the other one.
func float32Sums(artifact *model.Model) verify.Tolerance {
	t := verify.Arithmetic(artifact)
	for _, op := range artifact.Ops {
		e, ok := op.(*model.Ensemble)
		if !ok || e.Forest.Acc != forest.Float32 || !answers(artifact, e) {
			continue
		}
		roundings := len(e.Forest.Trees) + 1
		t.MaxULP = max(t.MaxULP, uint64(roundings))
		t.MaxAbs = max(t.MaxAbs, float64(roundings)*0x1p-24*largestSum(e.Forest))
		t.Ties = true
	}
	return t
}

// largestSum is what an answer of a forest can't exceed: the sum of each tree's largest leaf value.
func largestSum(f *forest.Forest) float64 {
	sum := 0.0
	for k := range f.Trees {
		largest := 0.0
		for _, v := range f.Trees[k].Value {
			largest = max(largest, math.Abs(v))
		}
		sum += largest
	}
	if f.Combine == forest.Mean {
		sum /= float64(len(f.Trees))
	}
	return sum
}

// answers tells whether an ensemble's sums are themselves an answer, and not row numbers.
func answers(m *model.Model, e *model.Ensemble) bool {
	for _, out := range m.Outputs {
		op := m.Op(out.Value)
		if c, ok := op.(*model.Complement); ok {
			op = m.Op(c.X)
		}
		if op == model.Op(e) {
			return true
		}
	}
	return false
}

// nearProbabilities is the tolerance of PMML: that of the arithmetic, but for probabilities that no record counts give to the bit, which may
// be 4 ulp off.
func nearProbabilities(artifact *model.Model) verify.Tolerance {
	for _, out := range artifact.Outputs {
		if out.Method == model.PredictProba {
			return verify.Tolerance{MaxULP: 4}
		}
	}
	return verify.Arithmetic(artifact)
}
