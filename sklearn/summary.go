package sklearn

import (
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Summary is what an estimator says of itself without its nodes being read: it costs the same for any size.
type Summary struct {
	Class      string
	Release    string // _sklearn_version; empty if the file names none
	TakenFor   string // the release whose behaviour is assumed, where Release is empty or unknown
	Parameters []model.Property
	Features   int
	Names      []string        // of the features; nil if the file has none
	Classes    []*model.Tensor // labels of each target; nil in a regressor
	Targets    int
	Trees      int
	Nodes      int // of all trees
	Depth      int // of the deepest tree as the file has it; -1 if it does not (0.17)
}

// Summarise reads the head of an estimator and of its trees. The error is what Read would answer of them.
func Summarise(obj *pickle.Object, path string) (*Summary, error) {
	e, text, known, err := open(obj, path)
	if err != nil {
		return nil, err
	}
	s := &Summary{Class: obj.Class.String(), Release: text, Parameters: Parameters(obj)}
	if !known {
		s.TakenFor = e.rel.String()
	}
	in, err := inputsOf(e)
	if err != nil {
		return nil, err
	}
	s.Names, s.Features = in.names, in.features
	var trees []*tree
	if e.has("tree_") {
		t, err := readTree(e)
		if err != nil {
			return nil, err
		}
		trees = []*tree{t}
	} else if trees, err = readTrees(e); err != nil {
		return nil, err
	}
	for _, t := range trees {
		s.Trees++
		s.Nodes += t.count
		depth, ok := t.Attr("max_depth")
		if n, isInt := asInt(depth); ok && isInt && s.Depth >= 0 {
			s.Depth = max(s.Depth, n)
		} else {
			s.Depth = -1
		}
	}
	sizes := trees[0].classes
	s.Targets = len(sizes)
	if e.isClassifier() {
		if s.Classes, err = targetLabels(e, sizes); err != nil {
			return nil, err
		}
	}
	return s, nil
}
