package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-2867d59c/treeport/convert"
	"github.com/seed-2867d59c/treeport/model"
)

// TestForest holds what treeport reads from a pickle against the walks of which the pickle was made.
func TestForest(t *testing.T) {
	for name, c := range map[string]struct {
		nodes, classes int
		deep           bool
	}{
		"one small tree": {nodes: 3, classes: 2},
		"many trees":     {nodes: 50_000, classes: 3},
		"chain":          {nodes: 20_001, classes: 2, deep: true},
	} {
		t.Run(name, func(t *testing.T) {
			splits := shape(c.nodes, c.deep)
			file := filepath.Join(t.TempDir(), "forest.pkl")
			if err := write(file, splits, c.classes, 1, c.deep); err != nil {
				t.Fatal(err)
			}
			m, err := convert.Load(file, "", convert.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if m, err = m.Select([]string{model.PredictProba}); err != nil {
				t.Fatal(err)
			}
			const rows = 200
			x := model.NewTensor(model.Type{Kind: m.Inputs[0].Kind, Row: []int{features}}, rows)
			rng := rand.New(rand.NewPCG(2, 0))
			for i := range x.Float {
				x.Float[i] = float64(float32(rng.NormFloat64()))
				if c.deep {
					x.Float[i] = float64(rng.IntN(c.nodes / 2))
				}
			}
			answers, err := m.Run([]*model.Tensor{x})
			if err != nil {
				t.Fatal(err)
			}
			for r := range rows {
				votes := make([]float64, c.classes)
				for i, s := range splits {
					votes[class(walk{s, 1 + uint64(i), c.deep}, x.Float[r*features:])%uint32(c.classes)]++
				}
				for k, v := range votes {
					if got := answers[0].Float[r*c.classes+k]; got != v/float64(len(splits)) {
						t.Fatalf("row %d, class %d: %v, %v of %d trees vote for it", r, k, got, v, len(splits))
					}
				}
			}
		})
	}
}

// class follows a row through a tree, node by node in the order in which they come.
func class(w walk, row []float64) (found uint32) {
	at, next := 0, 0
	w.each(func(n node) {
		switch {
		case at != next:
		case n.left < 0:
			found = n.class
		case row[n.feature] <= n.threshold:
			next = n.left
		default:
			next = n.right
		}
		at++
	})
	return found
}

func TestShape(t *testing.T) {
	for _, nodes := range []int{3, 10_000, 1_000_000, 10_000_000, 50_000_000} {
		sum := 0
		for _, splits := range shape(nodes, false) {
			sum += 2*splits + 1
		}
		if sum < nodes*99/100 || sum > nodes*101/100 {
			t.Errorf("%d nodes asked for, %d made", nodes, sum)
		}
	}
}

// TestSameBytes makes a forest twice.
func TestSameBytes(t *testing.T) {
	var files [2][]byte
	for i := range files {
		name := filepath.Join(t.TempDir(), "forest.pkl")
		err := write(name, shape(30_000, false), 2, 7, false)
		if err != nil {
			t.Fatal(err)
		}
		if files[i], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("two forests of one seed differ")
	}
}
