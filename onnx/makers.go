package onnx

import "slices"

// makers are the nodes of a file by what they make: some steps are written as several operators, which are found from the last
// one backward.
type makers map[string]*node

func makersOf(nodes []*node) makers {
	g := makers{}
	for _, n := range nodes {
		for _, out := range n.outputs {
			g[out] = n
		}
	}
	return g
}

// before is the node that makes a node's input, if it is one of these operators.
func (g makers) before(n *node, input int, ops ...string) *node {
	if n == nil || input >= len(n.inputs) {
		return nil
	}
	if m := g[n.inputs[input]]; m != nil && slices.Contains(ops, m.op) {
		return m
	}
	return nil
}

// readers count who reads each value: nodes, but those of some operators, and outputs.
func (f *file) readers(but ...string) map[string]int {
	readers := map[string]int{}
	for _, n := range f.nodes {
		if !slices.Contains(but, n.op) {
			for _, in := range n.inputs {
				readers[in]++
			}
		}
	}
	for _, out := range f.outputs {
		readers[out.name]++
	}
	return readers
}

// parts are the steps of a file that are written as several operators.
type parts struct {
	sums map[*node]*rowSumNodes // by the last operator
	// doubled says of columns that stand beside the same columns negated which columns they are.
	doubled map[string]string
	inner   map[*node]bool // the operators before the last one
}

func partsOf(f *file) parts {
	p := parts{sums: map[*node]*rowSumNodes{}, inner: map[*node]bool{}}
	g := makersOf(f.nodes)
	for _, n := range f.nodes {
		if s := g.rowSumBefore(n, f.consts); s != nil {
			p.sums[n] = s
			for _, part := range []*node{s.cast, s.turn, s.flat, s.repeated, s.values, s.turns, s.running, s.last} {
				p.inner[part] = part != n
			}
		}
	}
	p.doubled = g.doubledColumns(f, p.inner)
	return p
}
