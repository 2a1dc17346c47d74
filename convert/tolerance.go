package convert

import (
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/verify"
)

// float32Sums is the tolerance of ONNX: none, but for an artifact that adds leaf values in float32. There each of n trees'
// values is rounded once and each of n sums once more, so that a sum of probabilities is off by at most n+1 roundings, and
// the largest of two that are that close may be the other one.
func float32Sums(artifact *model.Model) verify.Tolerance {
	var t verify.Tolerance
	for _, op := range artifact.Ops {
		e, ok := op.(*model.Ensemble)
		if !ok || e.Forest.Acc != forest.Float32 || !answers(artifact, e) {
			continue
		}
		t.MaxULP = max(t.MaxULP, uint64(len(e.Forest.Trees)+1))
		t.Ties = true
	}
	return t
}

// answers tells whether an ensemble's sums are themselves an answer, and not row numbers.
func answers(m *model.Model, e *model.Ensemble) bool {
	for _, out := range m.Outputs {
		if m.Op(out.Value) == model.Op(e) {
			return true
		}
	}
	return false
}

// nearProbabilities is the tolerance of PMML: none, but for probabilities that no record counts give to the bit, which may
// be 4 ulp off.
func nearProbabilities(artifact *model.Model) verify.Tolerance {
	for _, out := range artifact.Outputs {
		if out.Method == model.PredictProba {
			return verify.Tolerance{MaxULP: 4}
		}
	}
	return verify.Tolerance{}
}
