package verify

import (
	"slices"

	"github.com/seed-2867d59c/treeport/model"
)

// maxTieWalks bounds the search for ties, in trees walked.
const maxTieWalks = 1 << 20

// ties adds rows in which the largest probability is there twice, at most n. On the way from one row to another, column
// by column, a vote that turns passes through a draw, if it can be drawn at all.
func (p *prober) ties(n int) error {
	m, err := p.m.Select([]string{model.PredictProba})
	if err != nil || len(p.rows) < 2 || n == 0 {
		return nil // not a classifier
	}
	trees := 1
	for _, f := range p.all {
		trees += len(f.forest.Trees)
	}
	tries := min(p.limit*2, maxTieWalks/trees)
	if p.width > 0 {
		tries = min(tries, maxProbeCells/p.width)
	}
	var rows [][]float64
	for len(rows) < tries {
		from, to := p.rows[p.next(len(p.rows))], p.rows[p.next(len(p.rows))]
		// Rows of many columns get there in strides.
		stride := 1 + p.width/16
		for c := 0; c < p.width && len(rows) < tries; c += stride {
			row := slices.Clone(from)
			copy(row[:min(c+stride, p.width)], to)
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	answers, kept, _, err := Evaluate(m, p.feed(rows))
	if err != nil {
		return err
	}
	for i, k := range kept {
		row := rows[k]
		for _, t := range answers {
			if t.Kind.IsFloat() && tied(t.Float[i*t.RowLen():(i+1)*t.RowLen()]) && n > 0 {
				p.add(row)
				n--
				break
			}
		}
	}
	return nil
}

// tied tells whether the largest value is there twice.
func tied(row []float64) bool {
	if len(row) < 2 {
		return false
	}
	best, count := row[0], 1
	for _, v := range row[1:] {
		switch {
		case v > best:
			best, count = v, 1
		case v == best:
			count++
		}
	}
	return count > 1
}
