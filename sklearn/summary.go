package sklearn

import (
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/catboost"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/lightgbm"
	"github.com/seed-2867d59c/treeport/model"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/xgboost"
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
	Text       []TextColumn    // which features are text
	Apart      bool            // each feature is an input of its own
	Classes    []*model.Tensor // labels of each target; nil in a regressor
	Targets    int
	Steps      int      // of a pipeline
	Parts      []string // classes of the estimators inside, each once
	Boosters   []Booster
	Trees      int
	Nodes      int // of all trees; 0 where only Complete knows
	Depth      int // of the deepest tree as the file has it; -1 if it does not (0.17, boosters)
}

// TextColumn is a feature that is text.
type TextColumn struct {
	Name       string
	Categories int // that are told apart; 0 where only Complete knows
}

// Booster is what a booster of another library says of itself.
type Booster struct {
	Library string // xgboost, lightgbm, catboost
	Release string // that wrote it; empty if it does not say
	Format  string // of LightGBM, which names no release: v2, v3, v4
	trees   int
}

// Summarise reads the head of an estimator and of the trees inside it. The error is what Read would answer of them.
func Summarise(obj *pickle.Object, path string) (*Summary, error) {
	return SummariseWith(obj, path, Options{})
}

// SummariseWith is Summarise within limits.
func SummariseWith(obj *pickle.Object, path string, o Options) (*Summary, error) {
	e, text, known, err := open(obj, path, o)
	if err != nil {
		return nil, err
	}
	s := &Summary{Class: obj.Class.String(), Release: text, Parameters: Parameters(obj), Targets: 1}
	if !known {
		s.TakenFor = e.rel.String()
	}
	in, err := wholeInputs(e)
	if err != nil {
		return nil, err
	}
	s.Names, s.Features, s.Apart = in.names, in.features, in.apart()
	for j, text := range in.text {
		if text {
			s.Text = append(s.Text, TextColumn{Name: in.columnName(j)})
		}
	}
	s.Parts = Inside(obj)[1:]
	if v, ok := obj.Attr("steps"); ok {
		steps, _ := asItems(v)
		s.Steps = len(steps)
	}
	if err := s.countTrees(e); err != nil {
		return nil, err
	}
	return s, s.describeTargets(e)
}

// countTrees counts the trees inside an estimator and their nodes.
func (s *Summary) countTrees(e *object) (err error) {
	eachObject(e.Object, e.path, func(w *objectWalk, o *pickle.Object) {
		holder := e.at(o, w.path())
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
				if err = holder.countTree(nodes.Shape[0]); err != nil {
					return
				}
				s.addTree(nodes.Shape[0], 0, false)
			}
		default:
			var b *Booster
			if b, err = boosterHead(holder); b != nil {
				s.Trees, s.Depth = s.Trees+b.trees, -1
				if b.trees = 0; !slices.Contains(s.Boosters, *b) {
					s.Boosters = append(s.Boosters, *b)
				}
			}
		}
	})
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
			t, err := e.labels(item)
			if err != nil {
				return err
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

// boosterHead is what an object that is a booster says of itself; nil where it is none.
func boosterHead(o *object) (*Booster, error) {
	library, _, _ := strings.Cut(o.Class.Module, ".")
	switch {
	case o.Class.Name == "Booster" && library == "xgboost":
		_, data, err := xgboostBytes(o)
		if err != nil {
			return nil, err
		}
		b, err := xgboost.ParseHead(data, o.file.xgboostLimits(nil))
		if err != nil {
			return nil, within(err, o)
		}
		return &Booster{Library: library, Release: b.Version.String(), trees: b.Trees}, nil
	case o.Class.Name == "Booster" && library == "lightgbm":
		_, text, err := lightgbmText(o)
		if err != nil {
			return nil, err
		}
		b, err := lightgbm.ParseHead(text, lightgbm.Limits{Model: o.file.budget})
		if err != nil {
			return nil, within(err, o)
		}
		return &Booster{Library: library, Format: b.Version, trees: b.Trees}, nil
	case o.has(catboostModel):
		data, err := catboostBytes(o)
		if err != nil {
			return nil, err
		}
		b, err := catboost.ParseHead(data, catboost.Limits{Model: o.file.budget})
		if err != nil {
			return nil, within(err, o)
		}
		return &Booster{Library: "catboost", Release: b.Release, trees: b.Trees}, nil
	}
	return nil, nil
}

// Complete takes from the estimator's model what its head does not tell: sizes of boosters, labels of what hands its rows on,
// how many words a column of text may be.
func (s *Summary) Complete(m *model.Model) {
	if s.Nodes == 0 {
		s.countForests(m)
	}
	if s.Classes == nil {
		for _, out := range m.Outputs {
			if labels, ok := m.Op(out.Value).(*model.Lookup); ok && out.Method == model.Predict {
				s.Targets = max(s.Targets, out.Target+1)
				s.Classes = append(s.Classes, labels.Table)
			}
		}
	}
	for i := range s.Text {
		s.Text[i].Categories = wordsTold(m, s.Text[i].Name)
	}
}

func (s *Summary) countForests(m *model.Model) {
	s.Trees, s.Depth = 0, 0
	seen := map[*forest.Forest]bool{}
	for _, op := range m.Ops {
		ensemble, ok := op.(*model.Ensemble)
		if !ok || seen[ensemble.Forest] {
			continue
		}
		seen[ensemble.Forest] = true
		for i := range ensemble.Forest.Trees {
			t := &ensemble.Forest.Trees[i]
			s.addTree(t.Len(), t.Depth(), true)
		}
	}
	if s.Trees == 0 {
		s.Depth = -1
	}
}

// wordsTold is how many words an input of text is compared with: those of the longest list it is looked up in.
func wordsTold(m *model.Model, name string) (most int) {
	from := make([]bool, len(m.Inputs)+len(m.Ops)) // values made of that input while they are text
	for i, in := range m.Inputs {
		from[i] = in.Name == name
	}
	for i, op := range m.Ops {
		for _, r := range op.Reads() {
			if !from[r] {
				continue
			}
			switch op := op.(type) {
			case *model.Index:
				most = max(most, op.Keys.Len())
			case *model.Where, *model.Reshape:
				from[len(m.Inputs)+i] = true
			}
		}
	}
	return most
}
