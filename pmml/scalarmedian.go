package pmml

import (
	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// ranked is an item that is sorted, with its weight and its place, by which equal items keep their order.
type ranked struct{ item, weight, place *term }

// median is a weighted median: items sorted by Batcher's network (odd-even merges), weights added up in that order, and
// the first item where they reach half of their sum. PMML's own weightedMedian does not say in which order it adds.
func (t *taker) median(items []*term, weights []float64) (*term, error) {
	list := make([]ranked, len(items))
	for i, x := range items {
		if x.span.nan {
			return nil, fault.Unsupportedf(t.at, "PMML has no place for a weighted median of what may be missing")
		}
		list[i] = ranked{x, t.number(weights[i]), t.number(float64(i))}
	}
	n := len(list)
	for p := 1; p < n; p *= 2 {
		for k := p; k >= 1; k /= 2 {
			for j := k % p; j+k < n; j += 2 * k {
				for i := j; i < j+k && i+k < n; i++ {
					if i/(2*p) == (i+k)/(2*p) {
						list[i], list[i+k] = t.sorted(list[i], list[i+k])
					}
				}
			}
		}
	}
	running := make([]*term, n)
	for i, r := range list {
		running[i] = r.weight
		if i > 0 {
			running[i] = t.binary(model.Add, running[i-1], r.weight)
		}
	}
	half := t.binary(model.Mul, t.number(0.5), running[n-1])
	answer := list[n-1].item
	for i := n - 2; i >= 0; i-- {
		answer = t.where(t.binary(model.GreaterOrEqual, running[i], half), list[i].item, answer)
	}
	return answer, nil
}

// sorted are two items in rising order.
func (t *taker) sorted(a, b ranked) (ranked, ranked) {
	later := t.binary(model.And, t.binary(model.Equals, a.item, b.item), t.binary(model.Greater, a.place, b.place))
	swap := t.binary(model.Or, t.binary(model.Greater, a.item, b.item), later)
	pick := func(a, b *term) (*term, *term) { return t.where(swap, b, a), t.where(swap, a, b) }
	var low, high ranked
	low.item, high.item = pick(a.item, b.item)
	low.weight, high.weight = pick(a.weight, b.weight)
	low.place, high.place = pick(a.place, b.place)
	return low, high
}
