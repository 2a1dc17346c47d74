// Package xgboost turns the bytes of a model of XGBoost into a forest and what comes after it: bytes -> meaning, as
// XGBoost's own predictor on the CPU has it (src/predictor/cpu_predictor.cc, src/gbm/gbtree.cc, src/objective; releases 1.0
// to 3.4).
//
// A model is one tree of values, in JSON (save_model to .json, and pickles of 1.3 to 1.5) or in UBJSON (.ubj, and pickles
// from 1.6 on; there below "Model", beside "Config"). src/learner.cc, src/gbm/gbtree_model.cc and src/tree/tree_model.cc
// say what stands in it:
//
//	version                                   three numbers
//	learner
//	    attributes                            texts: best_iteration, ...
//	    feature_names, feature_types          empty, or as many as there are features
//	    learner_model_param                   texts: num_feature, num_class, num_target, base_score
//	    objective.name
//	    gradient_booster
//	        name                              gbtree; dart, which has a gbtree and weight_drop; gblinear
//	        model
//	            gbtree_model_param            texts: num_trees, num_parallel_tree
//	            tree_info                     of each tree, the output that it adds to
//	            iteration_indptr              from 2.0 on: the trees at which iterations begin
//	            trees                         arrays, an entry for each node
package xgboost

import (
	"bytes"
	"fmt"
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/forest"
)

// Booster is a model of XGBoost.
type Booster struct {
	Version  Version
	Features int      // columns of X
	Names    []string // of the columns; nil where the model has none
	Types    []string // of the columns: float, int, i (indicator), q (quantity), c (categories); nil where the model has none
	// Outputs is how many margins a row gets: one for each class or target.
	Outputs int
	Trees   int // as the head counts them
	Classes int // num_class: 0 but where the objective is of several classes
	// Objective is what the margins were trained for, which decides what predict makes of them.
	Objective Objective
	Dart      bool // whether its booster is dart, where trees have weights
	// BestIteration is the iteration (from 0) that early stopping chose, after which XGBModel.predict stops; -1: none.
	BestIteration int
	// Forest answers the margins of a row of columns as Categorical says, or all of them but the sum that begins them where
	// BaseLast is set. In it leaves have numbers of its own; Leaf has XGBoost's.
	Forest *forest.Forest
	// Base is the margin that every row begins with. It is the forest's Base too, unless BaseLast is set: until 1.2 (dart:
	// 1.3) it was added to the sum of the trees, afterwards the trees are added to it.
	Base     []float32
	BaseLast bool
	// Leaf says of each tree which number XGBoost gives to each node of the forest's tree; nil: the same. Nodes that pruning
	// took out stay in XGBoost's numbers.
	Leaf [][]int64
	// Categorical are the features with categories. They stand in a row of the forest once more, behind the Features
	// themselves, as whole numbers.
	Categorical []int

	by      asked
	budget  *forest.Budget
	applied *forest.Forest // for pred_leaf, where it is another than Forest
	spare   atomic.Int64   // bytes that may still be allocated
}

// Version is the release that wrote a model.
type Version struct{ Major, Minor, Patch int }

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// newest is the newest release whose sources this package follows. What another may answer otherwise nobody here knows.
var newest = Version{Major: 3, Minor: 4}

// Before tells whether v is older than the release major.minor.
func (v Version) Before(major, minor int) bool {
	return v.Major < major || v.Major == major && v.Minor < minor
}

// Limits bound what reading a model may cost. The zero value means the defaults.
type Limits struct {
	Memory int64          // bytes allocated for values, roughly; default 16 GiB
	Model  *forest.Budget // of the model that this is, or is a part of; nil: the default limits
}

// Sniff tells whether data is a model of XGBoost in JSON, in UBJSON or in the binary format of before 1.0, which Parse refuses.
func Sniff(data []byte) bool { return format(data) != unknown }

type encoding uint8

const (
	unknown encoding = iota
	ubjson
	inJSON
	binary // of dmlc streams: save_model until 3.0 to a name without an extension, pickles until 1.2
)

// format tells a model's encoding by its first bytes: a model's first key is Config, Model, learner or version.
func format(data []byte) encoding {
	for _, start := range []string{"binf", "CONFIG-offset:"} {
		if bytes.HasPrefix(data, []byte(start)) {
			return binary
		}
	}
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{"))
	if !ok {
		return unknown
	}
	kind := inJSON
	if sized, ok := bytes.CutPrefix(rest, []byte("L\x00\x00\x00\x00\x00\x00\x00")); ok && len(sized) > 0 {
		kind, rest = ubjson, sized[1:]
	} else {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		if rest, ok = bytes.CutPrefix(rest, []byte(`"`)); !ok {
			return unknown
		}
	}
	for _, key := range []string{"Config", "Model", "learner", "version"} {
		after, ok := bytes.CutPrefix(rest, []byte(key))
		switch {
		case !ok:
		case kind == ubjson && len(after) > 0 && (after[0] == '{' || after[0] == '['):
			return kind
		case kind == inJSON && bytes.HasPrefix(after, []byte(`"`)) && bytes.HasPrefix(bytes.TrimLeft(after[1:], " \t\r\n"), []byte(":")):
			return kind
		}
	}
	return unknown
}
