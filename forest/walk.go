package forest

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

// plain walks the trees as they are, for which nothing has to be made first.
type plain struct {
	f    *Forest
	end  end
	x    []float64 // rounded rows
	rows int
}

func (p *plain) clone() walker { return &plain{f: p.f, end: p.end} }

func (p *plain) load(x []float64, rows int) {
	p.x, p.rows = p.x[:0], rows
	for _, v := range x {
		p.x = append(p.x, p.f.Input.Round(v))
	}
}

func (p *plain) walk(from, to int, ends []int32) {
	for k := from; k < to; k++ {
		t := &p.f.Trees[k]
		for i := range p.rows {
			leaf := t.Leaf(p.x[i*p.f.Features : (i+1)*p.f.Features])
			ends[(k-from)*p.rows+i] = p.end(t, leaf)
		}
	}
}
