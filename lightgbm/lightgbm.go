// Package lightgbm turns the text of a model of LightGBM into a forest and what comes after it: bytes -> meaning, as
// LightGBM's own predictor has it (src/boosting/gbdt_prediction.cpp, include/LightGBM/tree.h; releases 2.1 to 4.6).
//
// A file, in the words of src/boosting/gbdt_model_text.cpp:
//
//	model   = "tree" {header} blank {tree} rest
//	header  = key "=" value | flag                          one to a line
//	tree    = "Tree=" number {key "=" values} blank         one to a line, values apart by a blank
//	rest    = importances, parameters, "pandas_categorical:" JSON
//
// Inner nodes are numbered from 0, the root; as a child, a leaf is the complement of its own number, ~0, ~1, ...
package lightgbm

import (
	"bytes"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Booster is a model of LightGBM.
type Booster struct {
	Version  string   // of the format: v2 (releases 2.1 and 2.2), v3 (2.3 to 3.3), v4
	Features int      // columns of X
	Names    []string // of the columns; nil where they are LightGBM's own, Column_0, Column_1, ...
	// Outputs is how many scores a row gets: one tree for each in every iteration.
	Outputs int
	Trees   int // as the head counts them; 0 where it does not
	// Objective is what the scores were trained for, which decides what predict makes of them.
	Objective Objective
	// Average is set where predict divides the scores by the number of iterations (boosting rf); raw scores stay sums.
	Average bool
	// Forest answers the raw scores of a row, but for linear models in its leaves. In a tree of n leaves, leaf k is node
	// n-1+k.
	Forest *forest.Forest
	// Truncated and Zeroed are the features that stand in a row once more, behind the Features themselves: cut off toward
	// zero, as splits by categories see them, and with NaN for zero, as splits do that take zero for missing.
	Truncated, Zeroed []int
	// Categories are, of each column of X that was a DataFrame's of dtype category, what it may hold, text or float64 numbers:
	// Code replaces it by its place. Of other columns it is nil, and nil as a whole where there is no such column.
	Categories []*model.Tensor

	linear []*linearTree // one for each tree, nil for one without; nil: no tree has linear models
}

// Limits bound what a model may be. The zero value means the defaults.
type Limits struct {
	Cells int            // numbers in the tables of linear models; default 1<<22, or 16 for each byte of the text
	Model *forest.Budget // of the model that this is, or is a part of; nil: the default limits
}

func (l Limits) orDefault(size int) Limits {
	if l.Cells == 0 {
		l.Cells = max(1<<22, 16*size)
	}
	l.Model = l.Model.Or()
	return l
}

// sniffed is how many bytes Sniff looks at.
const sniffed = 16

// Sniff tells whether data is a model of LightGBM in text.
func Sniff(data []byte) bool {
	for _, line := range []string{"tree\n", "tree\r\n"} {
		if rest, ok := bytes.CutPrefix(data, []byte(line)); ok {
			return bytes.HasPrefix(rest, []byte("version=")) || bytes.HasPrefix(rest, []byte("num_class="))
		}
	}
	return false
}

// Iterations is how many times trees were added.
func (b *Booster) Iterations() int { return len(b.Forest.Trees) / b.Outputs }

// Limit drops what follows the first iterations, as predict does with best_iteration; 0 or less drops nothing.
func (b *Booster) Limit(iterations int) {
	if iterations > 0 && iterations < b.Iterations() {
		n := iterations * b.Outputs
		b.Forest.Trees = b.Forest.Trees[:n]
		if b.linear != nil {
			b.linear = b.linear[:n]
		}
	}
}
