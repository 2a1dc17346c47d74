package sklearn

import (
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
)

// Summary is what an estimator says of itself. Of scikit-learn's trees and forests no nodes are read for it: it costs the same
// for any size.
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

// Summarise reads the head of an estimator and of the trees inside it. The error is what Read would answer of them.
func Summarise(obj *pickle.Object, path string) (*Summary, error) {
	e, text, known, err := open(obj, path)
	if err != nil {
		return nil, err
	}
	s := &Summary{Class: obj.Class.String(), Release: text, Parameters: Parameters(obj), Targets: 1}
	if !known {
		s.TakenFor = e.rel.String()
	}
	in, err := inputsOf(e)
	if err != nil {
		return nil, err
	}
	s.Names, s.Features = in.names, in.features
	if err := s.countTrees(e); err != nil {
		return nil, err
	}
	return s, s.describeTargets(e)
}

// countTrees counts the trees inside an estimator and their nodes.
func (s *Summary) countTrees(e *object) (err error) {
	w := &foreignWalk{seen: map[any]bool{}}
	w.visit = func(o *pickle.Object, path string) {
		holder := &object{o, path, e.rel}
		switch {
		case err != nil:
		case holder.has("tree_"):
			var t *tree
			if t, err = readTree(holder); err != nil {
				return
			}
			depth, ok := t.Attr("max_depth")
			n, isInt := asInt(depth)
			s.addTree(t.count, n, ok && isInt)
		case holder.name() == "TreePredictor": // of histogram boosting
			if nodes, ok := attrArray(holder, "nodes"); ok && len(nodes.Shape) == 1 {
				s.addTree(nodes.Shape[0], 0, false)
			}
		}
	}
	w.object(e.Object, e.path, 0)
	if s.Trees == 0 {
		s.Depth = -1
	}
	return err
}

func (s *Summary) addTree(nodes, depth int, known bool) {
	s.Trees++
	s.Nodes += nodes
	if known && s.Depth >= 0 {
		s.Depth = max(s.Depth, depth)
	} else {
		s.Depth = -1
	}
}

// describeTargets finds how many targets there are, and of a classifier their labels.
func (s *Summary) describeTargets(e *object) error {
	if n, err := e.count("n_outputs_"); err == nil {
		s.Targets = n
	}
	if !e.isClassifier() {
		return nil
	}
	if v, _ := e.Attr("classes_"); s.Targets > 1 {
		items, _ := asItems(v)
		for _, item := range items {
			t, err := labels(item)
			if err != nil {
				return e.unsupported("%v", err)
			}
			s.Classes = append(s.Classes, t)
		}
		return nil
	}
	if classes, err := classesOf(e); err == nil {
		s.Classes = []*model.Tensor{classes}
	}
	return nil
}

// take counts what is in a model.
func (s *Summary) take(m *model.Model) {
	seen := map[*forest.Forest]bool{}
	for _, op := range m.Ops {
		ensemble, ok := op.(*model.Ensemble)
		if !ok || seen[ensemble.Forest] {
			continue
		}
		seen[ensemble.Forest] = true
		for i := range ensemble.Forest.Trees {
			t := &ensemble.Forest.Trees[i]
			s.Trees++
			s.Nodes += t.Len()
			s.Depth = max(s.Depth, t.Depth())
		}
	}
	for _, out := range m.Outputs {
		if out.Method != model.Predict {
			continue
		}
		s.Targets = max(s.Targets, out.Target+1)
		if labels, ok := m.Op(out.Value).(*model.Lookup); ok {
			s.Classes = append(s.Classes, labels.Table)
		}
	}
}
