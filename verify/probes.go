package verify

import (
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

const (
	// DefaultRows is how many probe rows are made where nobody chose.
	DefaultRows = 1000
	// maxProbeCells bounds the probes of a model with very many columns: 128 MiB.
	maxProbeCells = 1 << 24
	// perNode is about how many rows a node gets.
	perNode = 8
)

// Probes makes rows from a model's own splits, about as many as asked for (0: DefaultRows): one tensor per input, of the
// input's kind.
//
//   - For nodes spread evenly over all trees: a row that reaches the node, with the node's feature set to the threshold,
//     to the float32 nearest to it and that one's neighbours, to the float64 neighbours, to the middle between two
//     float32 numbers, and to NaN where the model takes NaN.
//   - The same where steps stand in front of a forest: the two neighbouring numbers of the input's column between which a
//     feature crosses the threshold (see edges). Columns of text and of categories get those that the model knows, an
//     unknown one, and a missing one.
//   - Rows that stand nowhere in particular, where these are few.
//   - Rows of infinities, zeros, -0, 1e-40, 1e30, -1e30 and NaN, whole and in one column.
//   - Rows in which the largest probability is there twice, where a search finds some.
//
// They depend on nothing but the model. The time is bounded by the depth of the trees, not by their size.
func Probes(m *model.Model, rows int) ([]*model.Tensor, error) {
	if rows <= 0 {
		rows = DefaultRows
	}
	all, from, err := forests(m)
	if err != nil {
		return nil, err
	}
	p := newProber(m, all, from, rows)
	if err := p.edges(); err != nil {
		return nil, err
	}
	p.special()
	p.splits(p.limit - p.limit/10)
	p.anywhere(p.limit / 2)
	if err := p.ties(p.limit - len(p.rows)); err != nil {
		return nil, err
	}
	return p.tensors(), nil
}

type prober struct {
	m     *model.Model
	all   []probed
	width int         // columns of all inputs
	limit int         // rows that may be made
	rows  [][]float64 // made so far
	nan   bool        // the model takes NaN
	// finite is set where the model refuses what is infinite once it is rounded.
	finite  bool
	rounded forest.Precision
	wide    bool        // some input is float64
	pool    [][]float64 // per column: thresholds to choose from where a row may have any value
	crossed [][]float64 // per column: numbers at which a feature behind some steps crosses a threshold
	// edgeRows are whole rows at such crossings, since a feature may hang on other columns too.
	edgeRows [][]float64
	words    [][]string // per column of text: what it may be; a row holds the place
	fixed    []bool     // columns that take nothing but what is in their pool
	rand     uint64
}

func newProber(m *model.Model, all []probed, from [][]origin, rows int) *prober {
	p := &prober{m: m, all: all, nan: !m.RefusesNaN(), rand: 1}
	for _, in := range m.Inputs {
		p.width += in.Width
		p.wide = p.wide || in.Kind == model.Float64
	}
	p.limit = max(1, min(rows, maxProbeCells/max(p.width, 1)))
	p.pool = make([][]float64, p.width)
	p.crossed = make([][]float64, p.width)
	p.words = make([][]string, p.width)
	p.fixed = make([]bool, p.width)
	for _, f := range all {
		if f.forest.RefusesInf && slices.ContainsFunc(f.features, func(o origin) bool { return o.asIs }) {
			p.finite, p.rounded = true, f.forest.Input
		}
	}
	for _, op := range m.Ops {
		if f, ok := op.(*model.Finite); ok && slices.ContainsFunc(from[f.X], func(o origin) bool { return o.asIs }) {
			p.finite = true
		}
	}
	p.categories(from)
	p.fill()
	for c := range p.pool {
		if len(p.pool[c]) == 0 {
			p.pool[c] = anyhow
		}
	}
	return p
}

// anyhow is what a column holds of which no threshold is known: positive numbers, which norms and powers take.
var anyhow = []float64{0.25, 0.5, 1, 2, 3, 7}

// next is a pseudo-random number below n (xorshift64*), the same in every run.
func (p *prober) next(n int) int {
	p.rand ^= p.rand >> 12
	p.rand ^= p.rand << 25
	p.rand ^= p.rand >> 27
	return int((p.rand * 2685821657736338717 >> 33) % uint64(n))
}

// fill collects thresholds for the pool: nodes by stride, from every tree.
func (p *prober) fill() {
	const samples, deepest = 1 << 12, 64
	for _, f := range p.all {
		stride := max(1, f.forest.Nodes()/samples)
		for k := range f.forest.Trees {
			t := &f.forest.Trees[k]
			for i := 0; i < t.Len(); i += stride {
				if t.IsLeaf(int32(i)) {
					continue
				}
				o := f.features[t.Feature[i]]
				if !o.asIs || p.fixed[o.column] {
					continue
				}
				values := []float64{t.Threshold[i]}
				if set := t.Set(int32(i)); set != nil {
					values = aroundSet(set)
				}
				for _, v := range values {
					c := o.column
					if math.IsInf(v, 0) {
						continue
					}
					if len(p.pool[c]) < deepest {
						p.pool[c] = append(p.pool[c], v)
					} else if at := p.next(i + deepest); at < deepest {
						p.pool[c][at] = v
					}
				}
			}
		}
	}
}

// background is a row of values near thresholds, so that it wanders through all trees.
func (p *prober) background() []float64 {
	row := make([]float64, p.width)
	for c, pool := range p.pool {
		if len(pool) == 0 {
			continue // no tree asks for it
		}
		a, b := pool[p.next(len(pool))], pool[p.next(len(pool))]
		row[c] = a
		if !p.fixed[c] {
			row[c] = a/2 + b/2
		}
	}
	return row
}

func (p *prober) add(row []float64) {
	if len(p.rows) < p.limit && !p.infinite(row) {
		p.rows = append(p.rows, row)
	}
}

// infinite tells whether the model refuses a row for a value that is infinite once rounded.
func (p *prober) infinite(row []float64) bool {
	return p.finite && slices.ContainsFunc(row, func(v float64) bool { return math.IsInf(p.rounded.Round(v), 0) })
}

// with is row with another value in column c.
func with(row []float64, c int, v float64) []float64 {
	changed := make([]float64, len(row))
	copy(changed, row)
	changed[c] = v
	return changed
}

var specials = []float64{0, math.Copysign(0, -1), 1e-40, -1e-40, 1e30, -1e30, math.Inf(1), math.Inf(-1)}

func (p *prober) special() {
	values := specials
	if p.nan {
		values = append(values[:len(values):len(values)], math.NaN())
	}
	for _, v := range values {
		row := p.background()
		for c := range row {
			if !p.fixed[c] {
				row[c] = v
			}
		}
		p.add(row)
	}
	// One column at a time, at most a tenth of all rows.
	for n := p.limit / 10; n > 0 && p.width > 1; n-- {
		c, v := p.next(p.width), values[p.next(len(values))]
		if !p.fixed[c] {
			p.add(with(p.background(), c, v))
		}
	}
	p.atCategories(p.limit / 10)
	p.atEdges(p.limit / 4)
}

// anywhere fills up with rows that stand nowhere in particular, until there are limit rows: where steps stand in front of the
// forests, few are made at splits.
func (p *prober) anywhere(limit int) {
	for n := limit - len(p.rows); n > 0; n-- {
		p.add(p.background())
	}
}

// splits makes rows at the splits, until there are limit rows.
func (p *prober) splits(limit int) {
	total := 0
	for _, f := range p.all {
		total += f.forest.Nodes()
	}
	const passes = 4 // nodes that no row reaches leave room for others
	for pass := 0; pass < passes && len(p.rows) < limit; pass++ {
		stride := max(1, total*perNode/(limit-len(p.rows)))
		at := p.next(stride)
		for _, f := range p.all {
			way := newPather(f.forest)
			for k := range f.forest.Trees {
				t := &f.forest.Trees[k]
				for ; at < t.Len() && len(p.rows) < limit; at += stride {
					if way.to(t, int32(at)) {
						p.node(f, way)
					}
				}
				at -= t.Len()
			}
		}
	}
}

// node makes rows for the last split on the path; of a leaf that is its parent.
func (p *prober) node(f probed, way *pather) {
	node := way.path[len(way.path)-1]
	if way.tree.IsLeaf(node) {
		if len(way.path) == 1 {
			return // a tree that is one leaf
		}
		way.path = way.path[:len(way.path)-1]
		node = way.path[len(way.path)-1]
	}
	way.bounds()
	row := p.background()
	for _, feature := range way.touched {
		o := f.features[feature]
		c := o.column
		if !o.asIs || way.allows(feature, row[c]) {
			continue // behind steps: the background may lead to the node, or not
		}
		v, ok := way.choose(feature)
		if !ok {
			return // no row reaches the node
		}
		row[c] = v
	}
	feature := way.tree.Feature[node]
	if !f.features[feature].asIs {
		return
	}
	c := f.features[feature].column
	values := p.around(way.tree.Threshold[node])
	if set := way.tree.Set(node); set != nil {
		values = aroundSet(set)
	}
	for _, v := range values {
		if way.allows(feature, v) {
			p.add(with(row, c, v))
		}
	}
	if p.nan && way.allows(feature, math.NaN()) {
		p.add(with(row, c, math.NaN()))
	}
}

// around lists the values at and beside a threshold, each once.
func (p *prober) around(t float64) []float64 {
	near := float32(t)
	up, down := math.Nextafter32(near, float32(math.Inf(1))), math.Nextafter32(near, float32(math.Inf(-1)))
	values := []float64{float64(near), float64(up), float64(down)}
	if p.wide {
		// Where a float64 lies halfway between two float32 numbers, rounding goes to the even one.
		low := floor32(t)
		high := float64(math.Nextafter32(float32(low), float32(math.Inf(1))))
		middle := low + (high-low)/2
		values = append(values, t, math.Nextafter(t, math.Inf(1)), math.Nextafter(t, math.Inf(-1)),
			middle, math.Nextafter(middle, math.Inf(1)), math.Nextafter(middle, math.Inf(-1)))
	}
	var once []float64
	for _, v := range values {
		if v == v && !contains(once, v) {
			once = append(once, v)
		}
	}
	return once
}

func contains(values []float64, v float64) bool {
	for _, w := range values {
		if w == v {
			return true
		}
	}
	return false
}

// tensors are the rows as the model's inputs take them.
func (p *prober) tensors() []*model.Tensor { return p.feed(p.rows) }

func (p *prober) feed(rows [][]float64) []*model.Tensor {
	var all []*model.Tensor
	at := 0
	for _, in := range p.m.Inputs {
		t := model.NewTensor(model.Type{Kind: in.Kind, Row: []int{in.Width}}, len(rows))
		for i, row := range rows {
			for j := range in.Width {
				if in.Kind == model.String {
					t.Text[i*in.Width+j] = p.words[at+j][int(row[at+j])]
					continue
				}
				put(t, i*in.Width+j, row[at+j])
			}
		}
		at += in.Width
		all = append(all, t)
	}
	return all
}

// put writes a number into a tensor of any kind.
func put(t *model.Tensor, at int, v float64) {
	switch {
	case t.Kind == model.Float32:
		t.Float[at] = float64(float32(v))
	case t.Kind == model.Float64:
		t.Float[at] = v
	case t.Kind == model.Int64 && v == v && math.Abs(v) < 1<<62:
		t.Int[at] = int64(v)
	case t.Kind == model.Bool && v > 0:
		t.Int[at] = 1
	}
}
