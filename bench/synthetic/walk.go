package main

import "math/rand/v2"

// walk is a tree that is not there: all of it follows from these, again and again in the same way.
type walk struct {
	splits int
	seed   uint64
	deep   bool
}

// node is a node as scikit-learn numbers them: a split, its left side, its right side.
type node struct {
	left, right int // numbers of the children, -1 in a leaf
	feature     int
	threshold   float64
	leaves      int // below it
	depth       int
	class       uint32 // of a leaf, to be taken modulo the number of classes
}

func (w walk) nodes() int { return 2*w.splits + 1 }

// box is where the rows of a subtree lie.
type box [features]struct{ low, high float64 }

// each visits the nodes in their order. The sides that are still to come are the only memory it takes.
func (w walk) each(visit func(node)) {
	type side struct {
		splits, depth int
		box           box
	}
	rng := rand.New(rand.NewPCG(w.seed, 0))
	all := box{}
	for i := range all {
		all[i].low, all[i].high = -3, 3
	}
	waiting := []side{{w.splits, 0, all}}
	for at := 0; len(waiting) > 0; at++ {
		s := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		n := node{left: -1, right: -1, feature: -2, threshold: -2, leaves: s.splits + 1, depth: s.depth}
		if s.splits == 0 {
			n.class = rng.Uint32()
			visit(n)
			continue
		}
		left, right := s, s
		left.depth, right.depth = s.depth+1, s.depth+1
		if w.deep {
			left.splits, n.feature, n.threshold = 0, 0, float64(s.depth)+0.5
		} else {
			left.splits = int((0.2 + 0.6*rng.Float64()) * float64(s.splits))
			n.feature = rng.IntN(features)
			b := s.box[n.feature]
			n.threshold = b.low + (b.high-b.low)*(0.2+0.6*rng.Float64())
			left.box[n.feature].high, right.box[n.feature].low = n.threshold, n.threshold
		}
		right.splits = s.splits - 1 - left.splits
		n.left, n.right = at+1, at+2+2*left.splits
		visit(n)
		waiting = append(waiting, right, left)
	}
}
