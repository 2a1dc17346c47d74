package forest

// Predictor answers rows to the bit as Forest.Predict does, many at once and without allocating once it has seen as many before. It is for
// one goroutine at a time; Clone makes one for another.
type Predictor struct {
	f *Forest
	blocks
}

// NewPredictor makes a Predictor of a checked forest, which must not change from then on. rows is about how many rows will be
// asked for, 0 for very many: where it is worth it, the trees are first compiled into a form that is read faster, of 16 bytes a
// split (24 where the forest compares in float64).
func NewPredictor(f *Forest, rows int) *Predictor {
	return &Predictor{f, newBlocks(f, rows, endRow)}
}

// Clone is a Predictor that shares the compiled trees.
func (p *Predictor) Clone() *Predictor { return &Predictor{p.f, p.blocks.clone()} }

// Predict answers rows of Features values each, which stand one after another in x: Outputs values for each of them in out,
// which must be as long.
func (p *Predictor) Predict(x, out []float64) {
	width := p.f.Outputs
	p.each(x, len(out)/width, func(row, rows int) {
		out := out[row*width : (row+rows)*width]
		if len(p.f.Base) == 0 {
			clear(out)
		}
		for at := 0; at < len(out) && len(p.f.Base) > 0; at += width {
			copy(out[at:], p.f.Base)
		}
		p.trees(rows, func(k int, ends []int32) { p.f.addTree(k, ends, out) })
		if p.f.Combine == Mean {
			n := float64(len(p.f.Trees))
			for j := range out {
				out[j] = p.f.Acc.Round(out[j] / n)
			}
		}
	})
}

// addTree adds to each row of out the leaf row at which it ends in tree k.
func (f *Forest) addTree(k int, ends []int32, out []float64) {
	t, width := &f.Trees[k], f.Outputs
	switch {
	case t.Output != AllOutputs && f.Acc == Float64:
		at := int(t.Output)
		for _, row := range ends {
			out[at] += t.Value[row]
			at += width
		}
	case t.Output != AllOutputs:
		at := int(t.Output)
		for _, row := range ends {
			out[at] = float64(float32(out[at] + t.Value[row]))
			at += width
		}
	case k == 0 && len(f.Base) == 0:
		for i, row := range ends {
			copy(out[i*width:(i+1)*width], t.Value[int(row)*width:])
		}
	case f.Acc == Float32:
		for i, row := range ends {
			values := t.Value[int(row)*width:][:width]
			for j, v := range out[i*width:][:width] {
				out[i*width+j] = float64(float32(v + values[j]))
			}
		}
	case width == 1:
		for i, row := range ends {
			out[i] += t.Value[row]
		}
	default:
		for i, row := range ends {
			sums := out[i*width:][:width]
			for j, v := range t.Value[int(row)*width:][:width] {
				sums[j] += v
			}
		}
	}
}

// Finder answers rows with their leaves as Forest.Apply does, under the same terms as a Predictor.
type Finder struct {
	f *Forest
	blocks
}

// NewFinder makes a Finder of a checked forest, as NewPredictor makes a Predictor.
func NewFinder(f *Forest, rows int) *Finder {
	return &Finder{f, newBlocks(f, rows, endLeaf)}
}

// Clone is a Finder that shares the compiled trees.
func (p *Finder) Clone() *Finder { return &Finder{p.f, p.blocks.clone()} }

// Apply answers rows of Features values each, which stand one after another in x and may be of any precision: for each of them the number
// of its leaf in every tree.
func (p *Finder) Apply(x []float64, out []int64) {
	width := len(p.f.Trees)
	p.each(x, len(out)/width, func(row, rows int) {
		p.trees(rows, func(k int, ends []int32) {
			for i, leaf := range ends {
				out[(row+i)*width+k] = int64(leaf)
			}
		})
	})
}

const (
	blockRows  = 256     // rows that go down a tree before the next tree's turn, which then is in a near cache
	blockCells = 1 << 14 // but no more numbers than that
	blockEnds  = 1 << 12 // ends of rows in trees that are kept at once
)

// blocks takes rows through the trees in blocks.
type blocks struct {
	walker
	features, count int // columns of a row; trees
	block           int // rows
	ends            []int32
}

func newBlocks(f *Forest, rows int, end end) blocks {
	return blocks{walker: newWalker(f, rows, end), features: f.Features, count: len(f.Trees),
		block: min(max(blockCells/max(f.Features, 1), 8), blockRows)}
}

func (b *blocks) clone() blocks {
	c := *b
	c.walker, c.ends = b.walker.clone(), nil
	return c
}

// each calls do for each block of rows once it is loaded.
func (b *blocks) each(x []float64, rows int, do func(row, rows int)) {
	for row := 0; row < rows; row += b.block {
		n := min(b.block, rows-row)
		b.load(x[row*b.features:(row+n)*b.features], n)
		do(row, n)
	}
}

// trees calls do for each tree in turn with the ends of the loaded rows in it.
func (b *blocks) trees(rows int, do func(k int, ends []int32)) {
	most := max(blockEnds/rows, 1) // trees at once
	if need := min(most, b.count) * rows; len(b.ends) < need {
		b.ends = make([]int32, need)
	}
	for from := 0; from < b.count; from += most {
		to := min(from+most, b.count)
		b.walk(from, to, b.ends)
		for k := from; k < to; k++ {
			do(k, b.ends[(k-from)*rows:(k-from+1)*rows])
		}
	}
}

func newWalker(f *Forest, rows int, end end) walker {
	if rows == 0 || worthwhile(f, rows) {
		if f.Input == Float32 {
			if p := compile(f, narrow, end); p != nil {
				return &compiled[int32]{program: p}
			}
		} else if p := compile(f, wide, end); p != nil {
			return &compiled[int64]{program: p}
		}
	}
	if f.Input == Float32 {
		return newParted(f, narrow, end)
	}
	return newParted(f, wide, end)
}

// worthwhile tells whether rows take so many steps down the trees that compiling these pays. Through small trees, of which rows share
// the nodes, they go faster together; of large ones a node takes about as long to compile as four rows save.
func worthwhile(f *Forest, rows int) bool {
	const small, fewest, perRow = 300, 1000, 4
	nodes := f.Nodes() / max(len(f.Trees), 1)
	return nodes > small && rows >= max(fewest, nodes/perRow)
}
