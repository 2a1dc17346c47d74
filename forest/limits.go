package forest

import (
	"math"
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/fault"
)

// Limits bound what one model may be, whatever file it comes from. A field that is zero has its default; a refusal is a
// *fault.TooBig that names the limit as its flag does (Nodes: max-nodes).
type Limits struct {
	Nodes    int // of all trees; default 2^30
	Trees    int // of all ensembles; default 2^24
	Features int // columns of the model's input; default 2^24
	Classes  int // of one target; default 2^20
}

// Unlimited is for files that nobody else wrote, and for what was counted before.
var Unlimited = Limits{Nodes: math.MaxInt, Trees: math.MaxInt, Features: math.MaxInt, Classes: math.MaxInt}

// orDefault is l with the defaults in the place of zeros.
func (l Limits) orDefault() Limits {
	set := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&l.Nodes, 1<<30)
	set(&l.Trees, 1<<24)
	set(&l.Features, 1<<24)
	set(&l.Classes, 1<<20)
	return l
}

// Budget counts what is read of one model against its limits, before it is read. Several goroutines may ask it.
type Budget struct {
	lim          Limits
	nodes, trees atomic.Int64
}

// Budget begins to count.
func (l Limits) Budget() *Budget { return &Budget{lim: l.orDefault()} }

// Limits are what it counts against, defaults filled in.
func (b *Budget) Limits() Limits { return b.lim }

// Or is b, or where it is nil a budget of the default limits.
func (b *Budget) Or() *Budget {
	if b == nil {
		return Limits{}.Budget()
	}
	return b
}

// Nodes refuses n more nodes that are too many.
func (b *Budget) Nodes(w fault.Where, n int) error {
	return count(&b.nodes, w, n, b.lim.Nodes, "nodes")
}

// Trees refuses n more trees that are too many.
func (b *Budget) Trees(w fault.Where, n int) error {
	return count(&b.trees, w, n, b.lim.Trees, "trees")
}

// Features refuses an input of too many columns.
func (b *Budget) Features(w fault.Where, n int) error {
	return within(w, n, b.lim.Features, "features")
}

// Classes refuses a target of too many classes.
func (b *Budget) Classes(w fault.Where, n int) error { return within(w, n, b.lim.Classes, "classes") }

// mostAtOnce keeps sums from overflowing: nothing that there is so much of is within any limit.
const mostAtOnce = 1 << 40

func count(so *atomic.Int64, w fault.Where, n, limit int, what string) error {
	return within(w, int(so.Add(int64(min(n, mostAtOnce)))), limit, what)
}

func within(w fault.Where, n, limit int, what string) error {
	if n > limit {
		return fault.TooBigf(w, "max-"+what, "a model of %d %s or more, at most %d", n, what, limit)
	}
	return nil
}
