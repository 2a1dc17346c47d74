package table

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// Inputs makes the tensors that a model takes, one per input.
//
// Where both the table and the model have names (a matrix' Columns, or inputs one column wide), columns are taken by name,
// in any order, and other columns are left out. Else they are taken by position, and their number must be the model's.
// Numbers become what the input is: floats are rounded to nearest for a float32 input, missing ones are NaN. Where the model
// takes text, the fields of a csv file are the text they are written as, and missing ones are model.MissingText.
//
// The error is a *fault.Mismatch that lists what is missing, or a *fault.Unsupported for a column that can't be converted.
func (t *Table) Inputs(m *model.Model) ([]*model.Tensor, error) {
	columns, err := t.choose(m)
	if err != nil {
		return nil, err
	}
	tensors := make([]*model.Tensor, len(m.Inputs))
	for i, in := range m.Inputs {
		tensor := model.NewTensor(model.Type{Kind: in.Kind, Row: []int{in.Width}}, t.rows)
		for j := range in.Width {
			if err := columns[j].into(tensor, j, in.Width); err != nil {
				return nil, err
			}
		}
		columns = columns[in.Width:]
		tensors[i] = tensor
	}
	return tensors, nil
}

// choose lists the columns that the model's inputs take, in their order.
func (t *Table) choose(m *model.Model) ([]*Column, error) {
	names, total := wanted(m)
	if names == nil && total == 1 && t.has(m.Inputs[0].Name) {
		names = []string{m.Inputs[0].Name} // the only one that is read of columns given by name
	}
	first := 0
	if len(m.Inputs) == 1 {
		first = 1 // a matrix' columns are called x1, x2, ... in PMML
	}
	invented := m.Origin.Get(model.KeyColumns) == model.NumberedColumns
	if places := t.numbered(names, first); invented && places != nil && (first == 0 || len(names) == len(t.Columns)) {
		all := make([]*Column, total)
		for i, j := range places {
			all[i] = &t.Columns[j]
		}
		return all, nil
	}
	if !t.Named || names == nil {
		if len(t.Columns) != total {
			hint := ""
			if t.Named && t.Columns[0].Name == "" {
				hint = "; the first column has no name, is it an index?"
			}
			return nil, fault.Mismatchf(fault.Where{}, "the table has %d columns, the model takes %d%s", len(t.Columns), total, hint)
		}
		all := make([]*Column, total)
		for j := range all {
			all[j] = &t.Columns[j]
		}
		return all, nil
	}
	byName, twice := t.byName()
	var missing []string
	all := make([]*Column, len(names))
	for i, name := range names {
		if twice[name] {
			return nil, fault.Mismatchf(fault.Where{}, "the table has two columns %q", name)
		}
		if all[i] = byName[name]; all[i] == nil {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return nil, fault.Mismatchf(fault.Where{}, "the table has no column %s", strings.Join(missing, ", "))
	}
	return all, nil
}

// byName are the columns by their names, and the names that two of them have. A name with blanks is also known with underscores
// in their place, as LightGBM writes it (Dataset::set_feature_names), unless another column is called so.
func (t *Table) byName() (columns map[string]*Column, twice map[string]bool) {
	columns, twice = make(map[string]*Column, len(t.Columns)), map[string]bool{}
	add := func(name string, c *Column) {
		twice[name] = columns[name] != nil
		columns[name] = c
	}
	for j := range t.Columns {
		add(t.Columns[j].Name, &t.Columns[j])
	}
	exact := maps.Clone(columns)
	for j := range t.Columns {
		if name := strings.ReplaceAll(t.Columns[j].Name, " ", "_"); exact[name] == nil {
			add(name, &t.Columns[j])
		}
	}
	return columns, twice
}

// wanted are the names of the columns that a model takes, nil if it knows none, and their number.
func wanted(m *model.Model) (names []string, total int) {
	known := true
	for _, in := range m.Inputs {
		total += in.Width
		switch {
		case len(in.Columns) == in.Width:
			names = append(names, in.Columns...)
		case len(m.Inputs) > 1 && in.Width == 1:
			names = append(names, in.Name)
		default:
			known = false
		}
	}
	if !known {
		names = nil
	}
	return names, total
}

// has tells whether a column has this name.
func (t *Table) has(name string) bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// numbered are the places of the columns where the names are but their numbers, x0, x1, ... (from first on), as readers call
// what has no name; nil where they are not, or are names of the table's.
func (t *Table) numbered(names []string, first int) []int {
	var places []int
	for _, name := range names {
		digits, ok := strings.CutPrefix(name, "x")
		j, err := strconv.Atoi(digits)
		if j -= first; !ok || err != nil || j < 0 || j >= len(t.Columns) || t.has(name) {
			return nil
		}
		places = append(places, j)
	}
	return places
}

// into writes the column to column j of a matrix that is width wide.
func (c *Column) into(to *model.Tensor, j, width int) error {
	where := fault.Where{Path: "a column without a name"}
	if c.Name != "" {
		where = fault.In("column " + c.Name)
	}
	if to.Kind == model.String && c.Kind != model.String {
		text, ok := c.asText()
		if !ok {
			return fault.Unsupportedf(where, "it holds %v, the model takes text", c.Kind)
		}
		c = text
	}
	if c.Kind == model.String && to.Kind != model.String {
		i := c.firstWord()
		if i < 0 {
			return fault.Unsupportedf(where, "it holds text, the model takes numbers")
		}
		return fault.Unsupportedf(where, "row %d has the text %s, the model takes numbers", i, fault.Printable(strconv.Quote(c.Text[i]), 60))
	}
	if c.Kind.IsFloat() && !to.Kind.IsFloat() {
		return fault.Unsupportedf(where, "it holds %v, the model takes %v", c.Kind, to.Kind)
	}
	for i := range c.Len() {
		at := i*width + j
		if to.Kind.IsFloat() {
			v := math.NaN()
			switch {
			case c.IsMissing(i):
			case c.Kind.IsFloat():
				v = c.Float[i]
			default:
				v = float64(c.Int[i])
			}
			if to.Kind == model.Float32 {
				v = float64(float32(v))
			}
			to.Float[at] = v
			continue
		}
		if c.IsMissing(i) && to.Kind == model.String {
			to.Text[at] = model.MissingText
			continue
		}
		if c.IsMissing(i) {
			return fault.Unsupportedf(where, "row %d has no value, and %v has no way to say so", i, to.Kind)
		}
		switch to.Kind {
		case model.String:
			to.Text[at] = c.Text[i]
		default:
			to.Int[at] = c.Int[i]
			if to.Kind == model.Bool && c.Int[i] != 0 {
				to.Int[at] = 1
			}
		}
	}
	return nil
}

// asText is the column as text: of a csv file what is written there, of one that holds nothing at all nothing.
func (c *Column) asText() (*Column, bool) {
	text := &Column{Name: c.Name, Kind: model.String, Text: c.fields, Missing: make([]bool, c.Len())}
	present := false
	for i := range text.Missing {
		text.Missing[i] = c.IsMissing(i)
		present = present || !text.Missing[i]
	}
	if c.fields == nil {
		text.Text = make([]string, c.Len())
	}
	return text, c.fields != nil || !present
}

// firstWord is the first item of a column of text that is no number; -1: none.
func (c *Column) firstWord() int {
	for i, s := range c.Text {
		if _, isNumber := parseFloat(strings.TrimSpace(s)); !isNumber && !c.IsMissing(i) {
			return i
		}
	}
	return -1
}
