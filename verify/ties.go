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
	// Where a quarter of them holds no draw, the rest will hardly: sums that no two classes share.
	some := max(len(rows)/4, 1)
	for room := n; len(rows) > 0 && n > 0; rows = rows[some:] {
		some = min(some, len(rows))
		answers, kept, _, err := Evaluate(m, p.feed(rows[:some]))
		if err != nil {
			return err
		}
		for i, k := range kept {
			drawn := slices.ContainsFunc(answers, func(t *model.Tensor) bool {
				return t.Kind.IsFloat() && tied(t.Float[i*t.RowLen():(i+1)*t.RowLen()])
			})
			if drawn && n > 0 {
				p.add(rows[k])
				n--
			}
		}
		if n == room {
			break
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
