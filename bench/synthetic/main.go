// Command synthetic writes the pickle of a random forest of any size, as scikit-learn 1.7.2 would save it by pickle.dump in
// protocol 4: models that nobody could train for a benchmark. The same flags give the same bytes.
//
//	synthetic [-nodes N] [-deep] [-classes K] [-seed S] OUTPUT
//
// Trees have about 10,000 nodes, in forests of more than 10 million up to 500,000; every split can send rows to both sides.
// With -deep the forest is one tree, a chain of splits half as deep as it has nodes. Nothing is held in memory.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
)

const (
	features  = 20
	small     = 10_000 // nodes of a tree
	large     = 500_000
	mostTrees = 1_000 // that are small
)

func main() {
	nodes := flag.Int("nodes", 10_000, "nodes of the forest")
	deep := flag.Bool("deep", false, "one tree that is a chain")
	classes := flag.Int("classes", 2, "number of classes")
	seed := flag.Uint64("seed", 1, "seed of what is random")
	flag.Parse()
	if flag.NArg() != 1 || *nodes < 3 || *classes < 2 {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(flag.Arg(0), shape(*nodes, *deep), *classes, *seed, *deep); err != nil {
		fmt.Fprintln(os.Stderr, "synthetic:", err)
		os.Exit(1)
	}
}

// shape answers how many splits each tree has.
func shape(nodes int, deep bool) []int {
	trees := max(1, nodes/small)
	switch {
	case deep:
		trees = 1
	case trees > mostTrees:
		trees = (nodes + large - 1) / large
	}
	splits := make([]int, trees)
	for i := range splits {
		splits[i] = max(1, nodes/trees/2)
	}
	return splits
}

func write(name string, splits []int, classes int, seed uint64, deep bool) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	p := &pickler{Writer: w, memo: map[string]int{}}
	p.forest(splits, classes, func(tree int) walk { return walk{splits[tree], seed + uint64(tree), deep} })
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
