package pmml

import (
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/internal/parallel"
	"github.com/seed-2867d59c/treeport/model"
)

// plan is a program in PMML's terms: features, and for each target trees with a prediction. A program of steps that PMML
// can say is one plan, and a plan is one program (see program), which is what Lower returns and Read makes.
type plan struct {
	columns        []string
	targets        []target
	predict, proba bool    // what is answered
	choice         *target // where targets are the classes' probabilities: what they are the classes of
	origin         model.Origin
}

// target is what is predicted for one target.
type target struct {
	forest *forest.Forest // as wide as labels has rows; one wide for a regression
	labels *model.Tensor  // nil for a regression
	// scored says that the forest is one tree whose last column holds the number of each leaf's label, which then is not
	// always that of the largest probability. The forest is one column wider.
	scored bool
	// apart holds, instead of forest, a forest of one number for each class, where no record counts stand for the
	// probabilities.
	apart []*forest.Forest
	name  string // of the output field that answers predict
}

func (t *target) classes() int {
	if t.labels == nil {
		return 0
	}
	return t.labels.Rows()
}

// parts is the plan as it is written: where a target is taken apart, its classes' probabilities are the targets.
func (p *plan) parts() (*plan, error) {
	for i := range p.targets {
		if p.targets[i].apart != nil && (len(p.targets) > 1 || !p.targets[i].choosable()) {
			return nil, fault.Unsupportedf(fault.In("output "+p.targets[i].name), "a forest for each class, and more beside them")
		}
	}
	if p.targets[0].apart == nil {
		return p, nil
	}
	parts := *p
	parts.choice, parts.targets = &p.targets[0], nil
	for _, f := range p.targets[0].apart {
		parts.targets = append(parts.targets, target{forest: f, name: p.targets[0].name})
	}
	return &parts, nil
}

// probaName is the name of predict_proba's output: PMML names only its columns. Those of several targets are numbered.
const probaName = "probability"

func (p *plan) probaName(target int) string {
	if len(p.targets) > 1 {
		return numbered(probaName, target)
	}
	return probaName
}

// program is the plan as steps of model.
func (p *plan) program() *model.Model {
	m := &model.Model{
		Inputs: []model.Input{{Name: inputName, Kind: model.Float64, Width: len(p.columns), Columns: p.columns}},
		Origin: p.origin,
	}
	if p.targets[0].labels == nil {
		var values []model.Ref
		for i := range p.targets {
			values = append(values, m.Add(&model.Ensemble{Forest: p.targets[i].forest}))
		}
		value := values[0]
		if len(values) > 1 {
			value = m.Add(&model.Concat{Xs: values})
		}
		m.Outputs = append(m.Outputs, model.Output{Name: p.targets[0].name, Value: value, Method: model.Predict})
		return m
	}
	for i := range p.targets {
		t := &p.targets[i]
		var proba, class model.Ref
		if t.apart != nil {
			concat := &model.Concat{}
			for _, f := range t.apart {
				concat.Xs = append(concat.Xs, m.Add(&model.Ensemble{Forest: f}))
			}
			proba = m.Add(concat)
			class = m.Add(&model.ArgMax{X: proba})
		} else if ensemble := m.Add(&model.Ensemble{Forest: t.forest}); t.scored {
			k := t.classes()
			proba = m.Add(&model.Slice{X: ensemble, From: 0, To: k})
			class = m.Add(&model.Cast{X: m.Add(&model.Pick{X: ensemble, Index: k}), To: model.Int64})
		} else {
			proba, class = ensemble, m.Add(&model.ArgMax{X: ensemble})
		}
		label := m.Add(&model.Lookup{X: class, Table: t.labels})
		if p.predict {
			m.Outputs = append(m.Outputs, model.Output{Name: t.name, Value: label, Method: model.Predict, Target: i})
		}
		if p.proba {
			m.Outputs = append(m.Outputs, model.Output{Name: p.probaName(i), Value: proba, Method: model.PredictProba, Target: i})
		}
	}
	return m
}

// project is the forest that answers the columns alone.
func (c columns) project() (*forest.Forest, error) {
	f := c.forest
	if whole := len(c.index) == f.Outputs && slices.IsSorted(c.index); whole && !single(f) {
		return f, nil
	}
	p := *f
	p.Outputs, p.Trees, p.Base = len(c.index), nil, nil
	for _, j := range c.index {
		if f.Base != nil {
			p.Base = append(p.Base, f.Base[j])
		}
	}
	values := make([][]float64, len(f.Trees))
	_ = parallel.Each(len(f.Trees), func(i int) error {
		values[i] = c.values(&f.Trees[i])
		return nil
	})
	for i := range f.Trees {
		t := f.Trees[i]
		t.Value = values[i]
		switch {
		case t.Output == forest.AllOutputs:
		case len(c.index) > 1:
			return nil, fault.Unsupportedf(fault.In(fmt.Sprintf("trees[%d]", i)), "trees of single classes in PMML")
		case int(t.Output) != c.index[0]:
			if f.Combine == forest.Mean {
				return nil, fault.Unsupportedf(fault.In(fmt.Sprintf("trees[%d]", i)), "a mean over trees of single outputs in PMML")
			}
			continue
		}
		t.Output = forest.AllOutputs
		p.Trees = append(p.Trees, t)
	}
	return &p, nil
}

// values are the columns of a tree's leaf rows; all of them where the tree adds to one only.
func (c columns) values(t *forest.Tree) []float64 {
	if t.Output != forest.AllOutputs {
		return t.Value
	}
	list := make([]float64, 0, len(t.Value)/c.forest.Outputs*len(c.index))
	for row := 0; row+c.forest.Outputs <= len(t.Value); row += c.forest.Outputs {
		for _, j := range c.index {
			list = append(list, t.Value[row+j])
		}
	}
	return list
}

// single tells whether a tree adds to one column only.
func single(f *forest.Forest) bool {
	for i := range f.Trees {
		if f.Trees[i].Output != forest.AllOutputs {
			return true
		}
	}
	return false
}
