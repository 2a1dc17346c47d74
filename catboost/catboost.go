// Package catboost turns the bytes of a model of CatBoost into a forest and what comes after it: bytes -> meaning, as CatBoost's
// own evaluator on the CPU has it (catboost/libs/model; releases 0.24 to 1.2).
//
// A .cbm file is "CBM1", the length of the core, and the core: a table of flatbuffers as catboost/libs/model/flatbuffers
// says (model.fbs, features.fbs). Parts for categories and texts may follow it.
//
//	TModelCore   0 FormatVersion text, 1 ModelTrees, 2 InfoMap [TKeyValue], 3 ModelPartIds [text]
//	TModelTrees  0 ApproxDimension i32, 1 TreeSplits [i32], 2 TreeSizes [i32], 3 TreeStartOffsets [i32], 4 CatFeatures,
//	             5 FloatFeatures [TFloatFeature], 6 OneHotFeatures, 7 CtrFeatures, 8 LeafValues [f64], 9 LeafWeights,
//	             10 NonSymmetricStepNodes [u16 u16], 11 NonSymmetricNodeIdToLeafId [u32], 12 TextFeatures,
//	             13 EstimatedFeatures, 14 Scale f64, 15 Bias f64, 16 MultiBias [f64], 17 RepackedBins, 18 EmbeddingFeatures
//	TFloatFeature 0 HasNans bool, 1 Index i32, 2 FlatIndex i32, 3 Borders [f32], 4 FeatureId text, 5 NanValueTreatment i8
//	TKeyValue    0 Key text, 1 Value text
//
// A tree is symmetric (the same split on each level; split k is bit k of the leaf's number) or a list of nodes, each with the
// distances to its children. What is greater than a border goes right.
package catboost

import (
	"bytes"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Booster is a model of CatBoost.
type Booster struct {
	Features int      // columns of X
	Names    []string // of the columns; nil where the model has none
	// Outputs is how many values the raw formula has.
	Outputs int
	Trees   int // as the head counts them
	// Loss is what the model was trained for, which decides what predict makes of the raw values.
	Loss Loss
	// Classes are the labels of a classifier, in the order of its probabilities; else nil.
	Classes *model.Tensor
	// Forest answers the sums of the trees. Scale and Bias come after it.
	Forest *forest.Forest
	Scale  float64
	Bias   []float64 // of each output
	// Threshold is the raw value that the second of two classes must exceed: 0, or as set_probability_threshold says.
	Threshold float64
	// Release is the text that names the release, or "".
	Release string
}

// Limits bound what a model may be. The zero value means the defaults.
type Limits struct {
	Model *forest.Budget // of the model that this is, or is a part of; nil: the default limits
}

// mark begins every file.
var mark = []byte("CBM1")

// Sniff tells whether data is a model of CatBoost.
func Sniff(data []byte) bool { return bytes.HasPrefix(data, mark) }
