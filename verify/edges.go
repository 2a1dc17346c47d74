package verify

import (
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/model"
)

// Where steps stand between an input and a forest (a scaler, say), the numbers of the input's column at which a feature
// crosses a threshold are searched: first on a coarse grid, then by halves, down to two neighbouring numbers.

const (
	// edgesPerFeature is how many thresholds of a feature are searched for.
	edgesPerFeature = 12
	// mostEdges is how many are in all.
	mostEdges = 512
)

// edge is a threshold and the column that it is searched in.
type edge struct {
	x       model.Ref
	feature int
	round   func(float64) float64
	t       float64
	column  int
	row     []float64 // what the other columns hold
	lo, hi  float64   // the feature is at most t at one of them, and above t at the other
	below   bool      // it is at lo
}

// edges fills crossed, and the pool of columns that have none yet.
func (p *prober) edges() error {
	var all []*edge
	for _, f := range p.all {
		if !slices.ContainsFunc(f.features, func(o origin) bool { return !o.asIs }) {
			continue
		}
		found := make([]int, f.forest.Features)
		for k := range f.forest.Trees {
			t := &f.forest.Trees[k]
			for i := range t.Len() {
				if t.IsLeaf(int32(i)) || math.IsInf(t.Threshold[i], 0) || len(all) == mostEdges {
					continue
				}
				j := t.Feature[i]
				o := f.features[j]
				c := o.column
				if c == several { // a projection, a norm: along any column
					c = p.next(p.width)
				}
				if o.asIs || c < 0 || p.words[c] != nil || p.fixed[c] || found[j] >= edgesPerFeature {
					continue
				}
				found[j]++
				if set := t.Set(int32(i)); set != nil { // of numbers whose fractions were cut off, as boosters do
					found[j] += edgesPerFeature / 4
					p.crossed[c] = append(p.crossed[c], aroundSet(set)...)
					p.pool[c] = append(p.pool[c], set[:min(len(set), edgesPerFeature)]...)
					continue
				}
				all = append(all, &edge{x: f.x, feature: int(j), round: f.forest.Input.Round, t: t.Threshold[i], column: c})
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	for _, e := range all {
		e.row = p.background()
	}
	p.bracket(all)
	all = slices.DeleteFunc(all, func(e *edge) bool { return e.lo == e.hi })
	for range 64 {
		middles := make([]float64, len(all))
		for i, e := range all {
			middles[i] = between(e.lo, e.hi)
		}
		for i, above := range p.above(all, middles) {
			if e := all[i]; (above == no) == e.below {
				e.lo = middles[i]
			} else {
				e.hi = middles[i]
			}
		}
	}
	for _, e := range all {
		c := e.column
		p.edgeRows = append(p.edgeRows, with(e.row, c, e.lo), with(e.row, c, e.hi))
		p.crossed[c] = append(p.crossed[c], e.lo, e.hi)
		if len(p.pool[c]) < edgesPerFeature {
			p.pool[c] = append(p.pool[c], e.lo)
		}
	}
	return nil
}

// bracket finds for each edge two numbers of a coarse grid between which it lies; lo stays hi where there are none.
func (p *prober) bracket(all []*edge) {
	grid := []float64{0}
	for k := -12; k <= 40; k += 2 {
		grid = append(grid, math.Ldexp(1, k), -math.Ldexp(1, k))
	}
	for k := 3; k < 40; k += 2 { // small odd numbers: counts, codes, years
		grid = append(grid, float64(k))
	}
	slices.Sort(grid)
	var last []answer
	for g, v := range grid {
		at := p.above(all, slices.Repeat([]float64{v}, len(all)))
		for i, e := range all {
			if last != nil && e.lo == e.hi && last[i] != unanswered && at[i] != unanswered && last[i] != at[i] {
				e.lo, e.hi, e.below = grid[g-1], v, last[i] == no
			}
		}
		last = at
	}
}

// answer is whether a feature is above its threshold.
type answer uint8

const (
	unanswered answer = iota
	no
	yes
)

// above asks for each edge whether its feature is above the threshold where its column holds the number.
func (p *prober) above(all []*edge, numbers []float64) []answer {
	rows := make([][]float64, len(all))
	for i, e := range all {
		rows[i] = with(e.row, e.column, numbers[i])
	}
	answers := make([]answer, len(all))
	byRef := map[model.Ref][]int{}
	for i, e := range all {
		byRef[e.x] = append(byRef[e.x], i)
	}
	for x, which := range byRef {
		m := &model.Model{Inputs: p.m.Inputs, Ops: p.m.Ops, Outputs: []model.Output{{Name: "x", Method: "x", Value: x}}}
		m, err := m.Select([]string{"x"})
		if err != nil {
			continue
		}
		var some [][]float64
		for _, i := range which {
			some = append(some, rows[i])
		}
		out, kept, _, err := Evaluate(m, p.feed(some))
		if err != nil {
			continue
		}
		width := out[0].RowLen()
		for at, k := range kept {
			e := all[which[k]]
			v := e.round(out[0].Float[at*width+e.feature])
			switch {
			case v != v:
			case v > e.t:
				answers[which[k]] = yes
			default:
				answers[which[k]] = no
			}
		}
	}
	return answers
}

// between is the number in the middle of two, counted in float64 numbers: after 64 halvings they are neighbours.
func between(lo, hi float64) float64 {
	a, b := place(lo), place(hi)
	return atPlace(a + (b-a)/2)
}

// place counts the float64 numbers from 0 to v; atPlace undoes it.
func place(v float64) int64 {
	bits := int64(math.Float64bits(v))
	if bits < 0 {
		return math.MinInt64 - bits
	}
	return bits
}

func atPlace(place int64) float64 {
	if place < 0 {
		return math.Float64frombits(uint64(math.MinInt64 - place))
	}
	return math.Float64frombits(uint64(place))
}

// atEdges makes rows at the crossings, at most n.
func (p *prober) atEdges(n int) {
	some := p.edgeRows[:min(n/2, len(p.edgeRows))]
	for _, row := range some {
		p.add(row)
	}
	n -= len(some)
	for c, values := range p.crossed {
		for _, v := range values {
			if n--; n < 0 {
				return
			}
			p.add(with(p.background(), c, v))
		}
	}
}
