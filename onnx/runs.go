package onnx

import "github.com/seed-2867d59c/treeport/forest"

// run is a run of nodes of one tree: those from (included) to (not included).
type run struct {
	tree     int
	from, to int32
}

// runs are all nodes of a forest in order, in pieces of about as many nodes: of one large tree, or of many small ones.
type runs [][]run

func runsOf(f *forest.Forest) runs {
	var all runs
	room := 0 // nodes that the last piece still takes
	for k := range f.Trees {
		for from, n := 0, f.Trees[k].Len(); from < n; {
			if room == 0 {
				all = append(all, nil)
				room = itemsPerPiece
			}
			to := min(n, from+room)
			last := &all[len(all)-1]
			*last = append(*last, run{k, int32(from), int32(to)})
			room -= to - from
			from = to
		}
	}
	return all
}

// render makes a list of what is rendered of each run.
func (all runs) render(one func(r run, b []byte) []byte) pieces {
	return pieces{n: len(all), render: func(i int, b []byte) []byte {
		for _, r := range all[i] {
			b = one(r, b)
		}
		return b
	}}
}
