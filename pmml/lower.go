package pmml

import (
	"fmt"
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
//   - of a forest of one class the first tree stays;
//   - columns without names are called x1, x2, ...
//
// Slices are shared with m where nothing changes. The error is a *fault.Unsupported that names what PMML can't say, or
// a *fault.Broken where m contradicts itself. Forests must have been checked (forest.Check).
func Lower(m *model.Model, o Options) (*model.Model, error) {
	p, err := planOf(m, o)
	if err != nil {
		return nil, err
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
	if err := source.Check("ensemble"); err != nil {
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
		if err := f.Check("ensemble"); err != nil {
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

// lowerForest is the forest in PMML's terms; moved tells whether that changes probabilities.
func lowerForest(f *forest.Forest, t *target) (_ *forest.Forest, moved bool, _ error) {
	lowered := *f
	lowered.Trees = append([]forest.Tree{}, f.Trees...)
	if err := lowerBase(&lowered); err != nil {
		return nil, false, err
	}
	if t.classes() == 1 && !t.scored {
		lowered.Trees = lowered.Trees[:1] // JPMML-Evaluator refuses forests of one class; all trees answer 1
	}
	if len(lowered.Trees) == 1 {
		lowered.Combine = forest.Sum // a mean of one: PMML has no word for it
	}
	if t.labels != nil && lowered.Combine == forest.Sum && len(lowered.Trees) > 1 {
		return nil, false, fault.Unsupportedf(fault.In("output "+t.name), "probabilities that are a sum over trees in PMML")
	}
	if f.Acc == forest.Float32 {
		if len(lowered.Trees) > 1 {
			return nil, false, fault.Unsupportedf(fault.In("output "+t.name), "sums in float32 in PMML")
		}
		lowered.Acc = forest.Float64 // nothing is added
	}
	for i := range lowered.Trees {
		tree := &lowered.Trees[i]
		tree.Output = forest.AllOutputs
		lowerSplits(tree, &lowered)
		some, err := lowerLeaves(tree, t)
		if err != nil {
			return nil, false, fault.Unsupportedf(fault.In(fmt.Sprintf("trees[%d]", i)), "%v", err)
		}
		moved = moved || some
	}
	return &lowered, moved, nil
}

// lowerBase puts base values into a first tree. Where they are zero there is none: starting with the first tree's own
// values answers the same but for the sign of a zero, and engines start with a positive zero.
func lowerBase(f *forest.Forest) error {
	zero := true
	for _, v := range f.Base {
		zero = zero && v == 0 && !math.Signbit(v)
	}
	base := f.Base
	f.Base = nil
	f.RefusesInf = false // an engine has no errors to raise
	switch {
	case base == nil:
	case zero:
		for i := range f.Trees {
			f.Trees[i].Value = positiveZeros(f.Trees[i].Value)
		}
	case f.Combine == forest.Mean:
		return fault.Unsupportedf(fault.Where{}, "base values %v in a mean over trees in PMML", base)
	default:
		leaf := forest.Tree{Feature: []int32{forest.Leaf}, Left: []int32{0}, Right: []int32{0}, Threshold: []float64{0}, Value: base, Output: forest.AllOutputs}
		f.Trees = append([]forest.Tree{leaf}, f.Trees...)
	}
	return nil
}

// positiveZeros is values without negative zeros.
func positiveZeros(values []float64) []float64 {
	for i, v := range values {
		if v == 0 && math.Signbit(v) {
			changed := append([]float64{}, values...)
			for j := i; j < len(changed); j++ {
				changed[j] += 0
			}
			return changed
		}
	}
	return values
}

// lowerSplits rounds the thresholds. A NaN that is refused is sent to the larger subtree, which makes the Nodes of a tree
// of n leaves at most log2(n) deep (see split).
func lowerSplits(t *forest.Tree, f *forest.Forest) {
	thresholds := make([]float64, len(t.Threshold))
	for i, v := range t.Threshold {
		switch {
		case t.Feature[i] < 0:
		case f.Input == forest.Float32:
			thresholds[i] = shorten(v)
		default:
			thresholds[i] = v + 0 // no negative zero
		}
	}
	t.Threshold = thresholds
	if f.RefusesNaN {
		t.Flags = toLarger(t)
	}
}

// toLarger sends NaN to the larger subtree of every split.
func toLarger(t *forest.Tree) []uint8 {
	order := make([]int32, 1, t.Len())
	for at := 0; at < len(order); at++ {
		if i := order[at]; !t.IsLeaf(i) {
			order = append(order, t.Left[i], t.Right[i])
		}
	}
	size := make([]int32, t.Len())
	flags := make([]uint8, t.Len())
	for at := len(order) - 1; at >= 0; at-- {
		i := order[at]
		size[i] = 1
		if !t.IsLeaf(i) {
			left, right := size[t.Left[i]], size[t.Right[i]]
			size[i] += left + right
			if left > right && !math.IsInf(t.Threshold[i], 1) {
				flags[i] = forest.MissingLeft
			}
		}
	}
	return flags
}

// lowerLeaves makes leaf rows what an engine will make of their text; moved tells whether that changes some.
func lowerLeaves(t *forest.Tree, to *target) (moved bool, _ error) {
	k := to.classes()
	if k == 0 {
		for _, v := range t.Value {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return false, fmt.Errorf("PMML can't hold the leaf value %v", v)
			}
		}
		return false, nil
	}
	width := k
	if to.scored {
		width++
	}
	c := make([]float64, k)
	for at := 0; at < len(t.Value); at += width {
		p := t.Value[at : at+k]
		if err := checkProbabilities(p); err != nil {
			return false, err
		}
		if to.scored {
			if class := t.Value[at+k]; !(class >= 0 && class < float64(k) && class == math.Trunc(class)) {
				return false, fmt.Errorf("leaf label %v of %d", class, k)
			}
		}
		if counts(p, c) {
			continue
		}
		if !moved {
			t.Value, moved = append([]float64{}, t.Value...), true
		}
		if !settle(t.Value[at:at+k], c) {
			return false, fmt.Errorf("no counts found that stand for the probabilities of a leaf")
		}
	}
	return moved, nil
}

// checkProbabilities finds rows that an engine would change by more than rounding.
func checkProbabilities(p []float64) error {
	sum := 0.0
	for _, v := range p {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("leaf value %v is no probability, and PMML holds only those for classes", v)
		}
		sum += v
	}
	if math.Abs(sum-1) > 1e-12 {
		return fmt.Errorf("the probabilities of a leaf add up to %v, and PMML engines would make that 1", sum)
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
