package pmml

import (
	"math"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Lower rewrites a model into what PMML can say:
//
//   - every target has an ensemble of its own; trees with several targets are repeated for each;
//   - thresholds of float32 comparisons become the value of their shortest decimal (see threshold.go);
//   - probabilities become the quotients that an engine makes of the counts that are written (see counts.go);
//   - base values become a first tree of a single leaf;
//   - forests of two classes and pure leaves become sums (see twoclasses.go);
//   - of a forest of one class the first tree stays;
//   - labels that are integers beyond 32 bits become floats;
//   - columns without names are called x1, x2, ...
//
// A program that is more than forests becomes steps on single columns, see sheet.go.
//
// Slices are shared with m where nothing changes. The error is a *fault.Unsupported that names what PMML can't say, or
// a *fault.Broken where m contradicts itself. Forests must have been checked (forest.Check).
func Lower(m *model.Model, o Options) (*model.Model, error) {
	m = withinIntegers(m)
	p, err := planOf(m, o)
	if err != nil {
		return lowerSheet(m, o, err)
	}
	if p.narrow() {
		return lowerSheet(m, o, fault.Unsupportedf(fault.Where{}, "sums in float32 in PMML"))
	}
	if two := twoClasses(m, p); two != nil {
		if lowered, err := lowerSheet(two, o, nil); err == nil {
			return lowered, nil
		} // labels with blanks around them, say, are no text for an expression
	}
	if err := p.name(m.Inputs[0].Width); err != nil {
		return nil, err
	}
	for i := range p.targets {
		t := &p.targets[i]
		if t.labels != nil {
			if err := checkLabels(t.labels, t.name); err != nil {
				return nil, err
			}
		}
		if err := t.lower(len(p.targets) == 1 && !o.Near); err != nil {
			return nil, err
		}
	}
	return p.program(), nil
}

// narrow tells whether some trees are added in float32.
func (p *plan) narrow() bool {
	for i := range p.targets {
		for _, f := range append(p.targets[i].apart, p.targets[i].forest) {
			if f != nil && f.Acc == forest.Float32 && len(f.Trees) > 1 {
				return true
			}
		}
	}
	return false
}

// lower rewrites the target's forest. Where no record counts stand for some probabilities, exact asks for a forest for each
// class, if the label can be told from them.
func (t *target) lower(exact bool) error {
	if t.apart != nil {
		if !t.choosable() {
			return fault.Unsupportedf(fault.In("output "+t.name), "labels of %d forests in PMML", len(t.apart))
		}
		return t.lowerApart()
	}
	source, scored := t.forest, t.scored
	if err := check(source); err != nil {
		return err
	}
	if t.labels != nil && !t.scored && len(t.forest.Trees) == 1 {
		t.keepScores()
	}
	var err error
	var moved bool
	if t.forest, moved, err = lowerForest(t.forest, t); err != nil {
		return err
	}
	if t.scored {
		t.dropScores()
	}
	if !moved || !exact || !t.choosable() || scored && !votesAgree(source, t.classes()) {
		return nil
	}
	for j := range t.classes() {
		f, err := columns{forest: source, index: []int{j}}.project()
		if err != nil {
			return err
		}
		t.apart = append(t.apart, f)
	}
	t.forest, t.scored = nil, false
	return t.lowerApart()
}

func (t *target) lowerApart() error {
	for j, f := range t.apart {
		if err := check(f); err != nil {
			return err
		}
		var err error
		if t.apart[j], _, err = lowerForest(f, &target{name: t.name}); err != nil {
			return err
		}
	}
	return nil
}

// votesAgree tells whether the labels in the last column of a lone tree are those of the largest probabilities.
func votesAgree(f *forest.Forest, k int) bool {
	value := f.Trees[0].Value
	for at := 0; at < len(value); at += k + 1 {
		if model.Largest(value[at:at+k]) != int(value[at+k]) {
			return false
		}
	}
	return true
}

// name settles all names of the file.
func (p *plan) name(width int) error {
	taken := names{}
	for _, c := range p.columns {
		switch {
		case !holds(c):
			return fault.Unsupportedf(fault.Where{}, "XML can't hold the feature name %q", c)
		case taken[c] || c == "":
			return fault.Unsupportedf(fault.Where{}, "two features called %q, or one without a name", c)
		}
		taken[c] = true
	}
	if p.columns == nil {
		for i := range width {
			p.columns = append(p.columns, taken.free(defaultColumn(i)))
		}
	}
	for i := range p.targets {
		t := &p.targets[i]
		if t.name == "" {
			t.name = model.Predict
		}
		if !holds(t.name) {
			return fault.Unsupportedf(fault.Where{}, "XML can't hold the output name %q", t.name)
		}
		if t.labels != nil {
			t.name = taken.free(t.name)
		}
	}
	if t := &p.targets[0]; t.labels == nil {
		// The targets of a regression share the name of the output; the file numbers them.
		t.name = taken.free(t.name)
		for i := range p.targets {
			p.targets[i].name = t.name
		}
	}
	origin := make(model.Origin, 0, len(p.origin))
	for _, property := range p.origin {
		origin = append(origin, model.Property{Key: visible(property.Key), Value: visible(property.Value)})
	}
	p.origin = origin
	return nil
}

// checkLabels finds labels that XML can't hold, or that can't be told apart.
func checkLabels(labels *model.Tensor, name string) error {
	seen := map[string]bool{}
	for i := range labels.Len() {
		text := string(appendLabel(nil, labels, i))
		switch {
		case !holds(text):
			return fault.Unsupportedf(fault.In("output "+name), "XML can't hold the label %q", text)
		case labels.Kind.IsFloat() && (math.IsNaN(labels.Float[i]) || math.IsInf(labels.Float[i], 0)):
			return fault.Unsupportedf(fault.In("output "+name), "the label %v in PMML", labels.Float[i])
		case seen[text]:
			return fault.Unsupportedf(fault.In("output "+name), "two labels are %q", text)
		}
		seen[text] = true
	}
	return nil
}

// keepScores puts the label of each leaf of a lone tree behind its probabilities, so that it stays what it is where those
// are moved. dropScores takes it away again.
func (t *target) keepScores() {
	tree, k := t.forest.Trees[0], t.classes()
	value := make([]float64, 0, len(tree.Value)/k*(k+1))
	for at := 0; at < len(tree.Value); at += k {
		row := tree.Value[at : at+k]
		value = append(append(value, row...), float64(model.Largest(row)))
	}
	tree.Value = value
	f := *t.forest
	f.Outputs, f.Trees = k+1, []forest.Tree{tree}
	if f.Base != nil {
		f.Base = append(append([]float64{}, f.Base...), 0)
	}
	t.forest, t.scored = &f, true
}

// dropScores turns a target whose labels stand in the leaves into a plain one, where all of them are those of the
// largest probabilities.
func (t *target) dropScores() {
	tree, k := t.forest.Trees[0], t.classes()
	for at := 0; at < len(tree.Value); at += k + 1 {
		if row := tree.Value[at : at+k]; model.Largest(row) != int(tree.Value[at+k]) {
			return
		}
	}
	value := make([]float64, 0, len(tree.Value))
	for at := 0; at < len(tree.Value); at += k + 1 {
		value = append(value, tree.Value[at:at+k]...)
	}
	tree.Value = value
	f := *t.forest
	f.Outputs, f.Trees = k, []forest.Tree{tree}
	t.forest, t.scored = &f, false
}
