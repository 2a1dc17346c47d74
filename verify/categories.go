package verify

import (
	"math"

	"github.com/seed-2867d59c/treeport/model"
)

// unknownWord is a text that no model knows.
const unknownWord = "\u2205 unknown"

// mostCategories is how many categories of a column are asked about.
const mostCategories = 256

// categories finds out what columns may hold that are looked up: text, and numbers that are categories. Where the original
// refuses unknown ones, a column holds nothing else.
func (p *prober) categories(from [][]origin) {
	at := 0
	for _, in := range p.m.Inputs {
		for j := range in.Width {
			if in.Kind == model.String {
				p.fixed[at+j] = true
			}
		}
		at += in.Width
	}
	refuses := make([]bool, p.width)
	for _, op := range p.m.Ops {
		index, ok := op.(*model.Index)
		if !ok {
			continue
		}
		for _, o := range from[index.X] {
			if o.column < 0 {
				continue
			}
			c, n := o.column, min(index.Keys.Len(), mostCategories)
			refuses[c] = refuses[c] || index.Refuses
			if index.Keys.Kind == model.String {
				p.words[c] = append(p.words[c], index.Keys.Text[:n]...)
				continue
			}
			for i := range n {
				v := 0.0
				if index.Keys.Kind.IsFloat() {
					v = index.Keys.Float[i]
				} else {
					v = float64(index.Keys.Int[i])
				}
				if v == v {
					p.pool[c] = append(p.pool[c], v)
				}
			}
			p.fixed[c] = p.fixed[c] || index.Refuses
		}
	}
	at = 0
	for _, in := range p.m.Inputs {
		for c := at; c < at+in.Width && in.Kind == model.String; c++ {
			if !refuses[c] || len(p.words[c]) == 0 {
				p.words[c] = append(p.words[c], unknownWord, model.MissingText)
			}
			p.words[c] = unique(p.words[c])
			p.pool[c] = nil
			for k := range p.words[c] {
				p.pool[c] = append(p.pool[c], float64(k))
			}
		}
		at += in.Width
	}
}

// atCategories makes rows with each category of each column, at most n.
func (p *prober) atCategories(n int) {
	for c := range p.width {
		if p.words[c] == nil && !p.fixed[c] {
			continue
		}
		for _, v := range p.pool[c] {
			if n--; n < 0 {
				return
			}
			p.add(with(p.background(), c, v))
		}
	}
}

// aroundSet lists categories of a set, their neighbours, and values that are none.
func aroundSet(set []float64) []float64 {
	values := []float64{-1, 0.5, 1e6}
	for i, v := range set {
		if i == 8 {
			break
		}
		values = append(values, v, v+1, math.Nextafter(v, math.Inf(1)))
	}
	var once []float64
	for _, v := range values {
		if !contains(once, v) {
			once = append(once, v)
		}
	}
	return once
}
