package onnx

import (
	"math/bits"
	"slices"
)

// memberSet is a set of categories, as bits that say which of the feature's keys are in it.
type memberSet struct {
	key  string
	bits []uint64
	size int
}

func (m *members) setOf(feature int32, key string, set []float64) memberSet {
	s := memberSet{key: key, bits: make([]uint64, (len(m.keys[feature])+63)/64)}
	for _, v := range set {
		if at, ok := slices.BinarySearch(m.keys[feature], v); ok {
			s.bits[at/64] |= 1 << (at % 64)
		}
	}
	for _, word := range s.bits {
		s.size += bits.OnesCount64(word)
	}
	return s
}

// within tells whether all members are those of another set too.
func (s memberSet) within(other memberSet) bool {
	for i, word := range s.bits {
		if word&^other.bits[i] != 0 {
			return false
		}
	}
	return true
}

// mostChains is how many chains are looked at for one that a set continues.
const mostChains = 1024

// chainsOf makes chains of sets, each of which lies in the next, from the smallest to the largest. Each set continues the chain whose last set
// is the largest that lies in it. That takes few more chains than the least there could be: in a histogram boosting with 20 categories 727 for
// 1966 sets, against 702.
func chainsOf(sets []memberSet) [][]memberSet {
	slices.SortStableFunc(sets, func(a, b memberSet) int { return a.size - b.size })
	var chains [][]memberSet // by the size of the last set
	for _, set := range sets {
		at, lowest := len(chains)-1, max(0, len(chains)-mostChains)
		for at >= lowest && !last(chains[at]).within(set) {
			at--
		}
		chain := []memberSet{set}
		if at >= lowest {
			chain = append(chains[at], set)
			chains = slices.Delete(chains, at, at+1)
		}
		chains = append(chains, chain)
	}
	return chains
}

func last[T any](list []T) T { return list[len(list)-1] }
