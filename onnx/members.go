package onnx

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// members are the splits by categories of a forest, lowered. Each set of a feature becomes a column of its own behind X,
// looked up in a table: -1 where the feature's value is a member, 0 where it is not, NaN where it is missing. A split then
// asks whether that column is at most -0.5, which every version of the tree operators can ask, and routes NaN as before.
type members struct {
	*lowering
	f *forest.Forest
	x model.Ref // what the forest compares, without the columns
	// keys are all categories of each feature, in rising order; places say where among them its value stands, once that is made.
	keys   map[int32][]float64
	places map[int32]model.Ref
}

func (l *lowering) membersOf(f *forest.Forest, x model.Ref) *members {
	m := &members{lowering: l, f: f, x: x, keys: map[int32][]float64{}, places: map[int32]model.Ref{}}
	kind := l.to.types[x].Kind
	for k := range f.Trees {
		t := &f.Trees[k]
		for i := range t.Category {
			if t.IsLeaf(int32(i)) {
				continue
			}
			keys := m.keys[t.Feature[i]]
			for _, v := range t.Set(int32(i)) {
				if kind != model.Float32 || float64(float32(v)) == v { // else no x equals it
					keys = append(keys, v+0) // -0 is 0
				}
			}
			if len(keys) > 1<<16 {
				keys = distinct(keys)
			}
			m.keys[t.Feature[i]] = keys
		}
	}
	for feature, keys := range m.keys {
		m.keys[feature] = distinct(keys)
	}
	return m
}

func distinct(values []float64) []float64 {
	slices.Sort(values)
	return slices.Compact(values)
}

// memberColumns are the columns that stand behind X for some trees, by feature and set.
type memberColumns map[string]int32

func setKey(feature int32, set []float64) string {
	key := binary.LittleEndian.AppendUint32(nil, uint32(feature))
	for _, v := range set {
		key = binary.LittleEndian.AppendUint64(key, math.Float64bits(v))
	}
	return string(key)
}

// eachSet calls do for each split by categories of a tree.
func eachSet(t *forest.Tree, do func(node int32, key string, set []float64)) {
	for i := range t.Category {
		if i := int32(i); !t.IsLeaf(i) && t.Set(i) != nil {
			do(i, setKey(t.Feature[i], t.Set(i)), t.Set(i))
		}
	}
}

// columns adds the columns for some trees; wide is X with them.
func (m *members) columns(trees []int) (wide model.Ref, columns memberColumns, err error) {
	columns = memberColumns{}
	sets, keys := map[int32][][]float64{}, map[int32][]string{}
	for _, k := range trees {
		t := &m.f.Trees[k]
		eachSet(t, func(i int32, key string, set []float64) {
			if _, known := columns[key]; known {
				return
			}
			feature := t.Feature[i]
			columns[key] = 0
			sets[feature], keys[feature] = append(sets[feature], set), append(keys[feature], key)
		})
	}
	parts := []model.Ref{m.x}
	width := m.f.Features
	for _, feature := range slices.Sorted(maps.Keys(sets)) {
		all := sets[feature]
		for i, key := range keys[feature] {
			columns[key] = int32(width + i)
		}
		width += len(all)
		part, err := m.looked(feature, all)
		if err != nil {
			return 0, nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 1 {
		return m.x, columns, nil
	}
	return m.to.add(&model.Concat{Xs: parts}), columns, nil
}

// largestMembers is the most items of a table of members: as many float64 as a file can hold.
const largestMembers = math.MaxInt32 / 8

// looked looks up which of the sets the value of a feature is a member of.
func (m *members) looked(feature int32, sets [][]float64) (model.Ref, error) {
	kind := m.to.types[m.x].Kind
	missing := float64(float32(math.NaN())) // the same bits in either precision
	keys := m.keys[feature]
	n, width := len(keys)+1, len(sets)
	if n >= largestMembers/width {
		return 0, fault.TooBigf(fault.Where{}, "", "%d sets of %d categories for feature %d", width, n-1, feature)
	}
	place, made := m.places[feature]
	if !made {
		column := m.to.add(&model.Slice{X: m.x, From: int(feature), To: int(feature) + 1})
		at := m.found(column, &model.Tensor{Kind: kind, Shape: []int{n}, Float: append(slices.Clip(keys), missing)})
		place = m.to.add(&model.Reshape{X: at, Row: []int{}})
		m.places[feature] = place
	}
	// The first row is that of what is no category, the last that of what is missing.
	rows := &model.Tensor{Kind: kind, Shape: []int{n + 1, width}, Float: make([]float64, (n+1)*width)}
	for j, set := range sets {
		for _, v := range set {
			if at, ok := slices.BinarySearch(keys, v); ok {
				rows.Float[(at+1)*width+j] = -1
			}
		}
		rows.Float[n*width+j] = missing
	}
	return m.to.add(&model.Lookup{X: place, Table: rows}), nil
}

// lower puts comparisons in the place of the splits by categories.
func (columns memberColumns) lower(from, to *forest.Tree) {
	if from.Category == nil {
		return
	}
	to.Feature, to.Threshold = slices.Clone(from.Feature), slices.Clone(to.Threshold)
	eachSet(from, func(i int32, key string, _ []float64) {
		to.Feature[i], to.Threshold[i] = columns[key], -0.5
	})
}
