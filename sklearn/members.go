package sklearn

import (
	"fmt"

	"github.com/seed-2867d59c/treeport/model"
)

// What ensembles of any estimators have in common.

// memberInputs are the inputs of an ensemble that hands the same rows to all estimators in a list: a column is text where
// one of them takes it as text, and unused where none of them reads it.
func memberInputs(attr string) func(e *object) (inputs, error) {
	return func(e *object) (inputs, error) {
		all, err := e.children(attr)
		if err != nil {
			return inputs{}, err
		}
		return sharedInputs(e, all)
	}
}

func sharedInputs(e *object, members []*object) (in inputs, err error) {
	counted := false
	for _, m := range members {
		one, err := inputsOf(m)
		if err != nil && isDummy(m) {
			continue // most releases' dummies count nothing
		}
		if err != nil {
			return in, err
		}
		switch {
		case !counted:
			in, counted = one, true
			continue
		case one.features != in.features:
			return in, m.broken("%d features, the first member has %d", one.features, in.features)
		}
		in.takeText(one.text, nil)
		for j := range in.unused {
			in.unused[j] = in.unused[j] && one.unused != nil && one.unused[j]
		}
	}
	if !counted {
		return in, e.unsupported("no member that counted its features")
	}
	if names, err := featureNames(e, in.features); err != nil || names != nil {
		in.names = names
		return in, err
	}
	return in, nil
}

func isDummy(e *object) bool { return find(e.Class) != nil && find(e.Class).pkg == "sklearn.dummy" }

// finite refuses rows with NaN or infinity, as the original does where it validates its input; columns of text pass.
func (b *builder) finite(x rows) rows {
	if x.columns == nil {
		x.matrix = b.add(&model.Finite{X: x.matrix})
		return x
	}
	columns := make([]model.Ref, len(x.columns))
	for j, c := range x.columns {
		if columns[j] = c; b.kind(c).IsFloat() {
			columns[j] = b.add(&model.Finite{X: c})
		}
	}
	x.columns = columns
	return x
}

// asMatrix is a value per row as a matrix of one column; a matrix stays what it is.
func (b *builder) asMatrix(x model.Ref) model.Ref {
	if len(b.types[x].Row) == 0 {
		return b.asColumn(x)
	}
	return x
}

// predicted is the label that an estimator predicts as an index into its labels, one per row.
func (b *builder) predicted(e *object, a answers) (index model.Ref, labels *model.Tensor, err error) {
	value, ok := a.of(model.Predict)
	if !ok || a.targets(model.Predict) != 1 {
		return 0, nil, e.unsupported("a member that does not predict one label")
	}
	lookup, ok := b.m.Op(value).(*model.Lookup)
	if !ok || len(lookup.Table.Shape) != 1 || len(b.types[value].Row) != 0 {
		return 0, nil, e.unsupported("a member whose predictions are no labels")
	}
	return lookup.X, lookup.Table, nil
}

// places are the places of labels among classes, -1 where one is not there. Labels are equal as Python has it: 1, 1.0 and True
// are.
func places(labels, classes *model.Tensor) []int {
	known := map[any]int{}
	for j := range classes.Len() {
		known[labelKey(classes, j)] = j
	}
	all := make([]int, labels.Len())
	for i := range all {
		at, ok := known[labelKey(labels, i)]
		if all[i] = at; !ok {
			all[i] = -1
		}
	}
	return all
}

// labelKey is what equal labels have in common.
func labelKey(t *model.Tensor, i int) any {
	switch {
	case t.Kind == model.String:
		return t.Text[i]
	case t.Kind.IsFloat():
		return t.Float[i]
	}
	return float64(t.Int[i])
}

// mostVotes is how large a table of votes may be: it is as wide as there are classes, and as long.
const mostVotes = 1 << 22

// votes answers each row with the row of the table that belongs to the predicted label: weight in the column of its class,
// rest in the others.
func (b *builder) votes(index model.Ref, place []int, classes int, weight, rest float64) model.Ref {
	if len(place)*classes > mostVotes {
		b.err = fmt.Errorf("votes for %d classes", classes)
		return index
	}
	t := &model.Tensor{Kind: model.Float64, Shape: []int{len(place), classes}}
	for _, at := range place {
		t.Float = append(t.Float, vote(at, classes, weight, rest)...)
	}
	return b.add(&model.Lookup{X: index, Table: t})
}

func vote(place, classes int, weight, rest float64) []float64 {
	row := make([]float64, classes)
	for j := range row {
		if row[j] = rest; j == place {
			row[j] = weight
		}
	}
	return row
}

// spread makes the columns of a matrix, column i of which belongs to place[i], a matrix of all classes; the others are 0.
func (b *builder) spread(x model.Ref, place []int, classes int) model.Ref {
	if isAll(place, classes) {
		return x
	}
	zero := &model.Tensor{Kind: b.kind(x), Shape: []int{1, 1}, Float: []float64{0}}
	both := b.add(&model.Concat{Xs: []model.Ref{x, b.add(&model.Repeat{Like: x, Row: zero})}})
	columns := make([]int, classes)
	for j := range columns {
		columns[j] = len(place)
	}
	for i, at := range place {
		columns[at] = i
	}
	return b.add(&model.Take{X: both, Columns: columns})
}

// sumOf adds values from the first to the last.
func (b *builder) sumOf(values []model.Ref) model.Ref {
	total := values[0]
	for _, v := range values[1:] {
		total = b.binary(model.Add, model.Value(total), model.Value(v))
	}
	return total
}

// dividedBy divides every item by a number.
func (b *builder) dividedBy(x model.Ref, n float64) model.Ref {
	return b.add(&model.Div{X: x, By: n})
}

// isTree tells whether an estimator is a lone tree of one target, that may be merged with others.
func (o *object) isTree() bool {
	switch o.name() {
	case "DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor":
		return find(o.Class) != nil && o.has("tree_")
	}
	return false
}

func allTrees(members []*object) bool {
	for _, m := range members {
		if !m.isTree() {
			return false
		}
	}
	return true
}
