package forest

import "slices"

// walker finds the leaves of some rows in some trees.
type walker interface {
	// load takes the rows that are asked about next, one after another.
	load(x []float64, rows int)
	// walk writes the end of each row in the trees from to to-1: first those of all rows in the first tree.
	walk(from, to int, ends []int32)
	// clone is the same with buffers of its own.
	clone() walker
}

// compiled walks a program.
type compiled[K key] struct {
	*program[K]
	keys []K // of the rows that were loaded, columns for each
	rows int
}

func (c *compiled[K]) clone() walker { return &compiled[K]{program: c.program} }

func (c *compiled[K]) load(x []float64, rows int) {
	c.rows = rows
	if need := rows * c.columns; cap(c.keys) < need {
		c.keys = make([]K, need)
	}
	c.keys = c.keys[:rows*c.columns]
	for i := range rows {
		keys := c.keys[i*c.columns : (i+1)*c.columns]
		nan := c.row(x[i*c.features:(i+1)*c.features], keys)
		if len(keys) == c.features {
			continue
		}
		second := keys[c.features:]
		copy(second, keys)
		for j, k := range second {
			if nan && k == c.last {
				second[j] = c.first
			}
		}
	}
}

// walk goes four ways at once, since each step waits for memory: four rows down a tree, or one row down four trees.
func (w *compiled[K]) walk(from, to int, ends []int32) {
	tree, row := from, 0
	next := func() (at int32, keys []K) {
		at, keys = w.roots[tree], w.keys[row*w.columns:(row+1)*w.columns]
		if row++; row == w.rows {
			row, tree = 0, tree+1
		}
		return at, keys
	}
	splits := w.splits
	ends = ends[:(to-from)*w.rows]
	for ; len(ends) >= 4; ends = ends[4:] {
		i, a := next()
		j, b := next()
		k, c := next()
		l, d := next()
		for i&j&k&l >= 0 {
			i = step(splits, a, i)
			j = step(splits, b, j)
			k = step(splits, c, k)
			l = step(splits, d, l)
		}
		ends[0], ends[1], ends[2], ends[3] = ^i, ^j, ^k, ^l
	}
	for n := range ends {
		i, keys := next()
		for i >= 0 {
			i = step(splits, keys, i)
		}
		ends[n] = ^i
	}
}

// step is the child of split i that a row goes to; it stays where it is at a leaf.
func step[K key](splits []split[K], keys []K, i int32) int32 {
	s := &splits[max(i, 0)]
	side := 0
	if keys[s.column] > s.limit {
		side = 1
	}
	next := s.child[side]
	if i < 0 {
		next = i
	}
	return next
}

// parted takes all rows down a tree together and parts them at each split, so that every node is read once. Nothing has to be made first.
type parted[K key] struct {
	f *Forest
	keying[K]
	end   end
	keys  []K // of the rows that were loaded: those of the first column, of the second, ...
	rows  int
	row1  []K       // room for a row's
	sets  bool      // some split asks for categories
	x     []float64 // the rows as numbers then, rounded
	order []int32   // the rows, so that those at a node stand together
	stack []rowsAt
	walks *Walks  // may be nil
	known *walked // of the rows; may be nil
}

// rowsAt are the rows from order[from] to order[to-1], which have come to a node.
type rowsAt struct{ node, from, to int32 }

func (p *parted[K]) clone() walker {
	c := newParted(p.f, p.keying, p.end)
	c.walks = p.walks
	return c
}

func newParted[K key](f *Forest, as keying[K], end end) *parted[K] {
	sets := slices.ContainsFunc(f.Trees, func(t Tree) bool { return t.Category != nil })
	return &parted[K]{f: f, keying: as, end: end, sets: sets}
}

func (p *parted[K]) load(x []float64, rows int) {
	width := p.f.Features
	if need := rows * width; cap(p.keys) < need {
		p.keys = make([]K, need)
	}
	p.keys, p.rows = p.keys[:rows*width], rows
	if cap(p.row1) < width {
		p.row1 = make([]K, width)
	}
	for i := range rows {
		p.row(x[i*width:(i+1)*width], p.row1[:width])
		for c, k := range p.row1[:width] {
			p.keys[c*rows+i] = k
		}
	}
	if p.sets {
		p.x = p.x[:0]
		for _, v := range x {
			p.x = append(p.x, p.f.Input.Round(v))
		}
	}
	if cap(p.order) < rows {
		p.order = make([]int32, rows)
	}
	p.order = p.order[:rows]
	for i := range p.order {
		p.order[i] = int32(i)
	}
	p.known = rowsOf(p.walks, p.keys, rows, len(p.f.Trees))
}

func (p *parted[K]) walk(from, to int, ends []int32) {
	for k := from; k < to; k++ {
		t, ends := &p.f.Trees[k], ends[(k-from)*p.rows:(k-from+1)*p.rows]
		if p.known != nil {
			p.known.ends(t, ends, p.tree)
		} else {
			p.tree(t, ends)
		}
	}
}

// tree writes the end of each row. The rows stand in any order before and after.
func (p *parted[K]) tree(t *Tree, ends []int32) {
	p.stack = append(p.stack[:0], rowsAt{0, 0, int32(p.rows)})
	for len(p.stack) > 0 {
		g := p.stack[len(p.stack)-1]
		p.stack = p.stack[:len(p.stack)-1]
		for t.Feature[g.node] >= 0 {
			if g.to-g.from == 1 && t.Category == nil {
				g.node = p.alone(t, g.node, p.order[g.from])
				break
			}
			middle := g.from + p.part(t, g.node, p.order[g.from:g.to])
			left, right := t.Left[g.node], t.Right[g.node]
			switch middle {
			case g.from:
				g.node = right
			case g.to:
				g.node = left
			default:
				p.stack = append(p.stack, rowsAt{right, middle, g.to})
				g.node, g.to = left, middle
			}
		}
		end := p.end(t, g.node)
		for _, row := range p.order[g.from:g.to] {
			ends[row] = end
		}
	}
}

// alone is the leaf that a row comes to from a node on.
func (p *parted[K]) alone(t *Tree, node, row int32) int32 {
	for t.Feature[node] >= 0 {
		next := t.Left[node]
		limit, turn := p.split(t, node)
		if p.keys[int(t.Feature[node])*p.rows+int(row)]+turn > limit {
			next = t.Right[node]
		}
		node = next
	}
	return node
}

// split says what a split compares: a row goes left where its key and turn are not above limit. Where NaN goes left, keys are
// turned by one, so that the largest becomes the smallest.
func (p *parted[K]) split(t *Tree, node int32) (limit, turn K) {
	if t.MissingLeft(node) {
		turn = 1
	}
	return p.limit(t.Threshold[node]) + turn, turn
}

// part brings the rows that go left at a split before the others, and counts them.
func (p *parted[K]) part(t *Tree, node int32, rows []int32) int32 {
	if set := t.Set(node); set != nil {
		return p.partBySet(t, node, set, rows)
	}
	column, left := int(t.Feature[node]), 0
	keys := p.keys[column*p.rows : (column+1)*p.rows]
	limit, turn := p.split(t, node)
	for i, row := range rows {
		rows[i], rows[left] = rows[left], row
		step := 0 // without a branch, which would be guessed wrongly every other time
		if keys[row]+turn <= limit {
			step = 1
		}
		left += step
	}
	return int32(left)
}

// partBySet is part where the rows of some categories go left.
func (p *parted[K]) partBySet(t *Tree, node int32, set []float64, rows []int32) int32 {
	column, left := int(t.Feature[node]), int32(0)
	for i, row := range rows {
		v := p.x[int(row)*p.f.Features+column]
		if Member(set, v) || v != v && t.MissingLeft(node) {
			rows[i], rows[left] = rows[left], row
			left++
		}
	}
	return left
}
