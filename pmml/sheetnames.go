package pmml

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// name settles the names of the columns.
func (s *sheet) name(inputs []model.Input) error {
	taken := names{}
	matrix := len(inputs) == 1 && inputs[0].Kind.IsFloat()
	at := 0
	for _, in := range inputs {
		columns := make([]string, in.Width)
		for j := range columns {
			switch {
			case in.Columns != nil:
				columns[j] = in.Columns[j]
			case in.Width == 1 && len(inputs) > 1:
				columns[j] = in.Name
			default:
				columns[j] = defaultColumn(at)
			}
			switch c := columns[j]; {
			case !holds(c):
				return fault.Unsupportedf(fault.Where{}, "XML can't hold the feature name %q", c)
			case taken[c] || c == "":
				return fault.Unsupportedf(fault.Where{}, "two features called %q, or one without a name", c)
			}
			taken[columns[j]] = true
			at++
			if !matrix {
				s.inputs = append(s.inputs, model.Input{Name: columns[j], Kind: in.Kind, Width: 1})
			}
		}
		if matrix {
			in.Columns = columns
			s.inputs = append(s.inputs, in)
		}
	}
	for i := range s.answers {
		if a := &s.answers[i]; !holds(a.Name) || !holds(a.Method) {
			return fault.Unsupportedf(fault.Where{}, "XML can't hold the output name %q", a.Name)
		}
	}
	return nil
}

// outputNames are the names of the output fields of an answer, column by column.
func (s *sheet) outputNames(i int, taken names) []string {
	a := &s.answers[i]
	target := ""
	if a.Method == model.PredictProba && s.targets() > 1 {
		target = fmt.Sprintf("y%d,", a.Target+1)
	}
	labels := s.labels(a.Target)
	var list []string
	for j := range a.columns {
		switch {
		case a.Method != model.PredictProba && len(a.columns) == 1:
			list = append(list, taken.free(a.Name))
		case a.Method != model.PredictProba:
			list = append(list, taken.free(numbered(a.Name, j)))
		case len(labels) == len(a.columns):
			list = append(list, taken.free(probaName+"("+target+labels[j]+")"))
		default:
			list = append(list, taken.free(fmt.Sprintf("%s(%s%d)", probaName, target, j)))
		}
	}
	return list
}

// targets is how many targets the answers have.
func (s *sheet) targets() int {
	n := 1
	for _, a := range s.answers {
		n = max(n, a.Target+1)
	}
	return n
}

// labels are the texts of the labels of a target that predict can answer, in order; nil where they can't be listed.
func (s *sheet) labels(target int) []string {
	for _, a := range s.answers {
		if a.Method == model.Predict && a.Target == target && a.label {
			return s.possible(a.columns[0])
		}
	}
	return nil
}

// maxChoices bounds the labels of a choice; those of a table are as many as it has.
const maxChoices = 64

// possible lists the texts that a term can be; nil where that is anything. Those of a choice are in rising order, as
// scikit-learn's classes are.
func (ts *terms) possible(t *term) []string {
	switch op := t.step.(type) {
	case nil:
		if t.value != nil {
			return itemsOf(t.value)
		}
	case *model.Lookup:
		return itemsOf(op.Table)
	case *model.Where:
		list, ok := ts.choices[t]
		if !ok {
			list = union(t.kind, ts.possible(t.args[1]), ts.possible(t.args[2]))
			ts.choices[t] = list
		}
		return list
	}
	return nil
}

// union is the texts of both lists; nil where one is, or where they are many.
func union(kind model.Kind, a, b []string) []string {
	if a == nil || b == nil || len(a)+len(b) > maxChoices {
		return nil
	}
	list := append(slices.Clone(a), b...)
	slices.SortFunc(list, func(a, b string) int {
		if kind == model.String || kind == model.Bool {
			return cmp.Compare(a, b)
		}
		x, _ := number([]byte(a), 64)
		y, _ := number([]byte(b), 64)
		return cmp.Compare(x, y)
	})
	return slices.Compact(list)
}

// itemsOf are the texts of a tensor's items, each once.
func itemsOf(t *model.Tensor) []string {
	list := []string{}
	seen := map[string]bool{"": true}
	for i := range t.Len() {
		if text := string(appendItem(nil, t, i)); !seen[text] {
			seen[text] = true
			list = append(list, text)
		}
	}
	return list
}
