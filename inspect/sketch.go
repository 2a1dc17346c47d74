package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Sketch is what pictures of a model are drawn of: small, whatever the model's size.
type Sketch struct {
	Splits        int
	Depths        []Bin        // trees by depth; a tree of one leaf has depth 0
	Leaves        []Bin        // trees by leaves
	Features      []Share      // that most splits ask for, those with most first
	OtherFeatures int          // more that splits ask for
	OtherSplits   int          // splits by these
	Tree          []SketchNode // the first tree down to a depth, the root first
}

// Bin counts what is Least to Most.
type Bin struct{ Least, Most, Count int }

// Share is how many splits ask for a feature. Forests hold neither impurities nor weights of samples, from which scikit-learn computes
// feature_importances_.
type Share struct {
	Feature string
	Splits  int
}

// SketchNode is a node of the drawn tree.
type SketchNode struct {
	Depth    int
	Children [2]int    // places of those for yes and no; 0: it has none, or they are not drawn
	Feature  string    // empty: a leaf
	Test     string    // of the feature, such as <= 0.5
	Values   []float64 // of a leaf, the first few
	More     int       // values of the leaf that are not listed
	Below    int       // nodes below it that are not drawn
}

const (
	mostBins     = 12
	mostFeatures = 20
	mostDrawn    = 4 // depth of the drawn tree
	mostListed   = 3 // values of a leaf, categories of a split
	longestName  = 80
	transformed  = " (transformed)" // of columns whose numbers are changed before trees see them
)

// SketchOf looks at every node of a model's trees once.
func SketchOf(m *model.Model) *Sketch {
	s := &Sketch{}
	types, err := m.Types()
	if err != nil {
		return s
	}
	names := &columnNames{m, types}
	splits := map[string]int{}
	seen := map[*forest.Forest]bool{}
	var depths, leaves []int
	for _, op := range m.Ops {
		e, ok := op.(*model.Ensemble)
		if !ok || seen[e.Forest] {
			continue
		}
		if len(seen) == 0 && len(e.Forest.Trees) > 0 {
			s.draw(e, names)
		}
		seen[e.Forest] = true
		asked := make([]int, e.Forest.Features)
		for k := range e.Forest.Trees {
			t := &e.Forest.Trees[k]
			depths = append(depths, depthOf(t))
			inner := 0
			for _, f := range t.Feature {
				if f >= 0 {
					asked[f]++
					inner++
				}
			}
			leaves = append(leaves, inner+1)
		}
		for j, n := range asked {
			if n > 0 {
				splits[names.of(e.X, j)] += n
				s.Splits += n
			}
		}
	}
	s.Depths, s.Leaves = bins(depths), bins(leaves)
	for name, n := range splits {
		s.Features = append(s.Features, Share{name, n})
	}
	slices.SortFunc(s.Features, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Splits, a.Splits), strings.Compare(a.Feature, b.Feature))
	})
	if len(s.Features) > mostFeatures {
		for _, other := range s.Features[mostFeatures:] {
			s.OtherFeatures++
			s.OtherSplits += other.Splits
		}
		s.Features = slices.Clone(s.Features[:mostFeatures])
	}
	return s
}

// depthOf is how many splits the longest way through a tree has.
func depthOf(t *forest.Tree) int {
	type place struct {
		node  int32
		depth int
	}
	deepest := 0
	for stack := []place{{0, 0}}; len(stack) > 0; {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if t.IsLeaf(p.node) {
			deepest = max(deepest, p.depth)
			continue
		}
		stack = append(stack, place{t.Right[p.node], p.depth + 1}, place{t.Left[p.node], p.depth + 1})
	}
	return deepest
}

// bins counts values in bins of equal width, none outside of the smallest and the largest value.
func bins(values []int) []Bin {
	if len(values) == 0 {
		return nil
	}
	least, most := slices.Min(values), slices.Max(values)
	width := (most-least)/mostBins + 1
	var all []Bin
	for from := least; from <= most; from += width {
		all = append(all, Bin{Least: from, Most: min(from+width-1, most)})
	}
	for _, v := range values {
		all[(v-least)/width].Count++
	}
	return all
}

// draw keeps the first tree of an ensemble.
func (s *Sketch) draw(e *model.Ensemble, names *columnNames) {
	t := &e.Forest.Trees[0]
	width := e.Forest.RowWidth(t)
	numbers := []int32{0} // of the tree's nodes that are drawn
	s.Tree = []SketchNode{{}}
	for i := 0; i < len(numbers); i++ {
		at := numbers[i]
		node := &s.Tree[i]
		if t.IsLeaf(at) {
			row := t.Row(at, width)
			shown := min(len(row), mostListed)
			node.Values, node.More = slices.Clone(row[:shown]), len(row)-shown
			continue
		}
		node.Feature, node.Test = names.of(e.X, int(t.Feature[at])), testOf(t, at)
		if node.Depth == mostDrawn {
			node.Below = nodesBelow(t, at)
			continue
		}
		node.Children = [2]int{len(s.Tree), len(s.Tree) + 1}
		depth := node.Depth + 1
		numbers = append(numbers, t.Left[at], t.Right[at])
		s.Tree = append(s.Tree, SketchNode{Depth: depth}, SketchNode{Depth: depth})
	}
}

// testOf is what a split asks of its feature.
func testOf(t *forest.Tree, i int32) string {
	set := t.Set(i)
	if set == nil {
		return "≤ " + number(t.Threshold[i])
	}
	var texts []string
	for _, v := range set[:min(len(set), mostListed)] {
		texts = append(texts, number(v))
	}
	if len(set) > mostListed {
		texts = append(texts, fmt.Sprintf("… %d more", len(set)-mostListed))
	}
	return "in {" + strings.Join(texts, ", ") + "}"
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) }

// nodesBelow counts the nodes below a node.
func nodesBelow(t *forest.Tree, i int32) int {
	n := -1
	for stack := []int32{i}; len(stack) > 0; n++ {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !t.IsLeaf(at) {
			stack = append(stack, t.Left[at], t.Right[at])
		}
	}
	return n
}

// columnNames says where the columns of a program's values come from.
type columnNames struct {
	m     *model.Model
	types []model.Type
}

// of is the name of column j of a value: that of the input's column it is, with a mark if its numbers were changed on the way; of a column
// of a category, which one; else what step made it.
func (c *columnNames) of(r model.Ref, j int) string {
	changed := false
	for {
		width := c.width(r)
		switch op := c.m.Op(r).(type) {
		case nil:
			name := c.input(r, j)
			if changed {
				name += transformed
			}
			return fault.Printable(name, longestName)
		case *model.Cast:
			r = op.X
			continue
		case *model.Finite:
			r = op.X
			continue
		case *model.Slice:
			r, j = op.X, op.From+j
			continue
		case *model.Reshape: // of columns that stand alone
			if c.width(op.X) == width {
				r = op.X
				continue
			}
		case *model.Pick:
			if c.width(op.X) > 0 {
				r, j = op.X, op.Index
				continue
			}
		case *model.Lookup:
			if c.width(op.X) == 1 {
				return fault.Printable(strings.TrimSuffix(c.of(op.X, 0), transformed)+c.category(op, j), longestName)
			}
		case *model.Take:
			if j < len(op.Columns) {
				r, j = op.X, op.Columns[j]
				continue
			}
		case *model.Concat:
			for _, x := range op.Xs {
				if j < c.width(x) {
					r = x
					break
				}
				j -= c.width(x)
			}
			continue
		default:
			if x, ok := c.only(op, width); ok {
				r, changed = x, true
				continue
			}
		}
		return fmt.Sprintf("%s, column %d", c.m.Op(r).Name(), j)
	}
}

// only is the one input of a step that has as many columns as it makes, if the step does something with each number.
func (c *columnNames) only(op model.Op, width int) (model.Ref, bool) {
	var x model.Ref
	switch op := op.(type) {
	case *model.Unary:
		x = op.X
	case *model.Div:
		x = op.X
	case *model.Index:
		x = op.X
	case *model.Binary:
		if (op.A.Row == nil) == (op.B.Row == nil) {
			return 0, false
		}
		if x = op.A.Ref; op.A.Row != nil {
			x = op.B.Ref
		}
	case *model.Where: // what is missing is replaced
		if (op.A.Row == nil) == (op.B.Row == nil) {
			return 0, false
		}
		if x = op.A.Ref; op.A.Row != nil {
			x = op.B.Ref
		}
	default:
		return 0, false
	}
	return x, c.width(x) == width
}

// category says what column j of a table tells of the indices that look it up: that they are of one category, if no other has a number there.
func (c *columnNames) category(o *model.Lookup, j int) string {
	other := fmt.Sprintf(", column %d", j)
	if !o.Table.Kind.IsFloat() {
		return other
	}
	is, width := -1, o.Table.RowLen()
	for i := range o.Table.Rows() {
		if o.Table.Float[i*width+j] != 0 {
			if is >= 0 {
				return other
			}
			is = i
		}
	}
	x := o.X
	for {
		switch op := c.m.Op(x).(type) {
		case *model.Reshape:
			x = op.X
			continue
		case *model.Index:
			if is >= 0 && is < op.Keys.Len() {
				return " = " + op.Keys.Item(is)
			}
		}
		return other
	}
}

// width is how many columns a value has; 0: it is no matrix.
func (c *columnNames) width(r model.Ref) int {
	switch row := c.types[r].Row; len(row) {
	case 0:
		return 1
	case 1:
		return row[0]
	}
	return 0
}

// input is the name of a column of an input.
func (c *columnNames) input(r model.Ref, j int) string {
	in := c.m.Inputs[r]
	switch {
	case j < len(in.Columns) && in.Columns[j] != "":
		return in.Columns[j]
	case in.Width == 1 && len(c.m.Inputs) > 1:
		return in.Name
	case len(c.m.Inputs) > 1:
		return fmt.Sprintf("%s[%d]", in.Name, j)
	}
	return fmt.Sprintf("feature %d", j)
}
